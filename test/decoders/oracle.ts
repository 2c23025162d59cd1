// A second decoder, slow and plain, in double precision: one token after the other, one number after the other,
// everything looked at anew each time.
import { type Config, expertCount, headWidth, isSparse, type Tensors } from "./tiny-checkpoint.js";

export interface OracleLesions {
  readonly lesioned?: readonly string[];
  readonly lesion?: "silence" | "reroute" | "renormalise";
}

type Vector = number[];

const sum = (numbers: Vector) => numbers.reduce((a, b) => a + b, 0);
const plus = (a: Vector, b: Vector) => a.map((x, i) => x + b[i]);
const silu = (x: number) => x / (1 + Math.exp(-x));

/**
 * Logits of every position of a sequence, and the least by which a router preferred an expert that it picked to one
 * that it did not.
 */
export function oracle(
  config: Config,
  tensors: Tensors,
  tokens: readonly number[],
  { lesioned = [], lesion = "silence" }: OracleLesions = {},
): { logits: Vector[]; margin: number } {
  const { model_type: kind, hidden_size: d, num_attention_heads: heads, num_key_value_heads: keyHeads } = config;
  const width = headWidth(config);
  let margin = Number.POSITIVE_INFINITY;

  const vector = (name: string) => [...tensors.get(name)!.data];
  const row = (name: string, i: number) => {
    const { shape, data } = tensors.get(name)!;
    return [...data.subarray(i * shape[1], (i + 1) * shape[1])];
  };
  const times = (name: string, x: Vector) =>
    Array.from({ length: tensors.get(name)!.shape[0] }, (_, i) => sum(row(name, i).map((w, j) => w * x[j])));
  const linear = (name: string, x: Vector) => {
    const y = times(`${name}.weight`, x);
    return tensors.has(`${name}.bias`) ? plus(y, vector(`${name}.bias`)) : y;
  };
  const norm = (x: Vector, scales: Vector) => {
    const root = Math.sqrt(sum(x.map((value) => value * value)) / x.length + (config.rms_norm_eps as number));
    return x.map((value, i) => (value / root) * scales[i]);
  };
  const split = (x: Vector, parts: number) =>
    Array.from({ length: parts }, (_, p) => x.slice(p * width, (p + 1) * width));
  const clip = (x: Vector) => {
    const limit = config.clip_qkv as number | null | undefined;
    return typeof limit === "number" ? x.map((value) => Math.max(-limit, Math.min(limit, value))) : x;
  };

  function frequency(pair: number): number {
    const rope = {
      ...((config.rope_scaling ?? {}) as object),
      ...((config.rope_parameters ?? {}) as object),
    } as Record<string, number | string>;
    const theta = (rope.rope_theta ?? config.rope_theta) as number;
    const f = 1 / theta ** ((2 * pair) / width);
    const type = rope.rope_type ?? rope.type ?? "default";
    if (type === "default") return f;
    const factor = rope.factor as number;
    if (type === "linear") return f / factor;
    const wave = (2 * Math.PI) / f;
    const old = rope.original_max_position_embeddings as number;
    const [low, high] = [rope.low_freq_factor as number, rope.high_freq_factor as number];
    if (wave < old / high) return f;
    if (wave > old / low) return f / factor;
    const smooth = (old / wave - low) / (high - low);
    return ((1 - smooth) * f) / factor + smooth * f;
  }

  function turned(x: Vector, position: number): Vector {
    const half = width / 2;
    return x.map((value, i) => {
      const angle = position * frequency(i % half);
      const other = i < half ? -x[i + half] : x[i - half];
      return value * Math.cos(angle) + other * Math.sin(angle);
    });
  }

  function windowOf(layer: number): number {
    const none = Number.POSITIVE_INFINITY;
    const window = config.sliding_window as number | null | undefined;
    if (typeof window !== "number") return none;
    if (kind === "mixtral" || (kind === "qwen3_moe" && config.use_sliding_window)) return window;
    const types = config.layer_types as string[] | undefined;
    return config.use_sliding_window && types?.[layer] === "sliding_attention" ? window : none;
  }

  function attention(layer: number, xs: Vector[]): Vector[] {
    const name = `model.layers.${layer}.self_attn`;
    const made = (part: "q" | "k" | "v", count: number) =>
      xs.map((x, position) => {
        let y = linear(`${name}.${part}_proj`, x);
        if (part !== "v" && kind === "olmoe") y = norm(y, vector(`${name}.${part}_norm.weight`));
        let parts = split(clip(y), count);
        if (part !== "v" && kind.startsWith("qwen3"))
          parts = parts.map((head) => norm(head, vector(`${name}.${part}_norm.weight`)));
        return part === "v" ? parts : parts.map((head) => turned(head, position));
      });
    const [q, k, v] = [made("q", heads), made("k", keyHeads), made("v", keyHeads)];
    return xs.map((_, i) => {
      const out = Array.from({ length: heads }, (_, head) => {
        if (lesioned.includes(`L${layer}/H${head}`)) return Array.from({ length: width }, () => 0);
        const own = Math.floor(head / (heads / keyHeads));
        const visible = xs.map((_, j) => j).filter((j) => j <= i && i - j < windowOf(layer));
        const scores = visible.map((j) => sum(q[i][head].map((value, n) => value * k[j][own][n])) / Math.sqrt(width));
        const terms = scores.map((score) => Math.exp(score - Math.max(...scores)));
        return Array.from({ length: width }, (_, n) =>
          sum(visible.map((j, at) => (terms[at] / sum(terms)) * v[j][own][n])),
        );
      });
      return linear(`${name}.o_proj`, out.flat());
    });
  }

  function swiglu(gate: string, up: string, down: string, x: Vector): Vector {
    const u = linear(up, x);
    return linear(
      down,
      linear(gate, x).map((value, i) => silu(value) * u[i]),
    );
  }

  function feedForward(layer: number, x: Vector): Vector {
    const mlp = `model.layers.${layer}.${kind === "mixtral" ? "block_sparse_moe" : "mlp"}`;
    const names = kind === "mixtral" ? ["w1", "w3", "w2"] : ["gate_proj", "up_proj", "down_proj"];
    const ofExpert = (expert: string) =>
      swiglu(`${expert}.${names[0]}`, `${expert}.${names[1]}`, `${expert}.${names[2]}`, x);
    const nothing = x.map(() => 0);
    if (!isSparse(config, layer)) return lesioned.includes(`L${layer}/dense`) ? nothing : ofExpert(mlp);
    const out = (e: number) => lesioned.includes(`L${layer}/E${e}`);
    let candidates = times(`${mlp}.gate.weight`, x).map((logit, e) => ({ e, logit }));
    if (lesion === "reroute") candidates = candidates.filter(({ e }) => !out(e));
    const most = Math.max(...candidates.map(({ logit }) => logit));
    const whole = sum(candidates.map(({ logit }) => Math.exp(logit - most)));
    const ranked = candidates
      .map(({ e, logit }) => ({ e, logit, gate: Math.exp(logit - most) / whole }))
      .sort((a, b) => b.logit - a.logit);
    let picked = ranked.slice(0, config.num_experts_per_tok as number);
    if (picked.length < ranked.length)
      margin = Math.min(margin, picked[picked.length - 1].logit - ranked[picked.length].logit);
    const total = sum(picked.map(({ gate }) => gate));
    if (kind === "mixtral" || config.norm_topk_prob)
      picked = picked.map((each) => ({ ...each, gate: each.gate / total }));
    const left = picked.filter(({ e }) => !out(e));
    const rest = sum(left.map(({ gate }) => gate));
    const scale = lesion === "renormalise" && left.length < picked.length ? 1 / rest : 1;
    let y = nothing;
    for (const { e, gate } of left)
      y = plus(
        y,
        ofExpert(`${mlp}.experts.${e}`).map((value) => gate * scale * value),
      );
    if (kind === "qwen2_moe" && !lesioned.includes(`L${layer}/shared`)) {
      const [logit] = times(`${mlp}.shared_expert_gate.weight`, x);
      y = plus(
        y,
        ofExpert(`${mlp}.shared_expert`).map((value) => value / (1 + Math.exp(-logit))),
      );
    }
    return y;
  }

  let xs = tokens.map((token) => row("model.embed_tokens.weight", token));
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    if (lesioned.includes(`L${layer}`)) continue;
    const name = `model.layers.${layer}`;
    const added = attention(
      layer,
      xs.map((x) => norm(x, vector(`${name}.input_layernorm.weight`))),
    );
    xs = xs.map((x, i) => plus(x, added[i]));
    xs = xs.map((x) => plus(x, feedForward(layer, norm(x, vector(`${name}.post_attention_layernorm.weight`)))));
  }
  const head = config.tie_word_embeddings ? "model.embed_tokens.weight" : "lm_head.weight";
  const logits = xs.map((x) => times(head, norm(x, vector("model.norm.weight"))));
  if (logits[0].length !== config.vocab_size || xs[0].length !== d || expertCount(config) === 0)
    throw new Error("the oracle is wrong");
  return { logits, margin };
}
