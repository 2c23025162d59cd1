// Checkpoints of random numbers: config.json and weights in the layout that Hugging Face's have.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatSafetensors } from "../../src/formats/safetensors.js";
import { type DenseTensor, type Dtype, decodeNumbers, encodeNumbers } from "../../src/formats/tensor.js";
import { fc } from "../helpers/properties.js";

/** A config.json. */
export type Config = Record<string, unknown> & {
  model_type: string;
  vocab_size: number;
  hidden_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  intermediate_size: number;
};

/** Weights by name: what the file holds, as it is read again. */
export type Tensors = Map<string, DenseTensor>;

/** Which layers have experts. */
export function isSparse(config: Config, layer: number): boolean {
  if (["llama", "qwen3"].includes(config.model_type)) return false;
  if (["mixtral", "olmoe"].includes(config.model_type)) return true;
  const dense = (config.mlp_only_layers ?? []) as number[];
  return !dense.includes(layer) && (layer + 1) % ((config.decoder_sparse_step ?? 1) as number) === 0;
}

export function headWidth(config: Config): number {
  return (config.head_dim as number | undefined) ?? config.hidden_size / config.num_attention_heads;
}

export function expertCount(config: Config): number {
  return (config.num_local_experts ?? config.num_experts) as number;
}

/** Names and shapes of all tensors. */
export function shapesOf(config: Config): [name: string, shape: number[]][] {
  const { model_type: kind, hidden_size: d, vocab_size: v } = config;
  const [all, some] = [config.num_attention_heads, config.num_key_value_heads].map(
    (heads) => heads * headWidth(config),
  );
  const shapes: [string, number[]][] = [["model.embed_tokens.weight", [v, d]]];
  const linear = (name: string, to: number, from: number, bias: unknown) => {
    shapes.push([`${name}.weight`, [to, from]]);
    if (bias) shapes.push([`${name}.bias`, [to]]);
  };
  const swiglu = (name: string, hidden: number, bias?: unknown) => {
    linear(`${name}.gate_proj`, hidden, d, bias);
    linear(`${name}.up_proj`, hidden, d, bias);
    linear(`${name}.down_proj`, d, hidden, bias);
  };
  for (let l = 0; l < config.num_hidden_layers; l++) {
    const layer = `model.layers.${l}`;
    const [attention, mlp] = [`${layer}.self_attn`, `${layer}.mlp`];
    const bias = kind === "qwen2_moe" ? (config.qkv_bias ?? true) : config.attention_bias;
    linear(`${attention}.q_proj`, all, d, bias);
    linear(`${attention}.k_proj`, some, d, bias);
    linear(`${attention}.v_proj`, some, d, bias);
    linear(`${attention}.o_proj`, d, all, kind !== "qwen2_moe" && bias);
    if (kind.startsWith("qwen3"))
      for (const n of ["q", "k"]) shapes.push([`${attention}.${n}_norm.weight`, [headWidth(config)]]);
    if (kind === "olmoe") shapes.push([`${attention}.q_norm.weight`, [all]], [`${attention}.k_norm.weight`, [some]]);
    for (const n of ["input", "post_attention"]) shapes.push([`${layer}.${n}_layernorm.weight`, [d]]);
    if (!isSparse(config, l)) swiglu(mlp, config.intermediate_size, config.mlp_bias);
    else if (kind === "mixtral") {
      const moe = `${layer}.block_sparse_moe`;
      shapes.push([`${moe}.gate.weight`, [expertCount(config), d]]);
      for (let e = 0; e < expertCount(config); e++) {
        const f = config.intermediate_size;
        for (const [n, shape] of Object.entries({ w1: [f, d], w2: [d, f], w3: [f, d] })) {
          shapes.push([`${moe}.experts.${e}.${n}.weight`, shape]);
        }
      }
    } else {
      shapes.push([`${mlp}.gate.weight`, [expertCount(config), d]]);
      for (let e = 0; e < expertCount(config); e++) {
        swiglu(`${mlp}.experts.${e}`, (config.moe_intermediate_size ?? config.intermediate_size) as number);
      }
      if (kind === "qwen2_moe") {
        swiglu(`${mlp}.shared_expert`, config.shared_expert_intermediate_size as number);
        shapes.push([`${mlp}.shared_expert_gate.weight`, [1, d]]);
      }
    }
  }
  shapes.push(["model.norm.weight", [d]]);
  if (!config.tie_word_embeddings) shapes.push(["lm_head.weight", [v, d]]);
  return shapes;
}

/** Numbers of a seed, about normal: norms about 1, products about as large as what they are of. */
export function randomTensors(config: Config, seed: number, dtype: Dtype = "F32"): Tensors {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => uniform() + uniform() + uniform() + uniform() + uniform() + uniform() - 3; // variance 1/2
  return new Map(
    shapesOf(config).map(([name, shape]) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const scale = shape.length === 1 ? 0.2 : 2 / Math.sqrt(shape[1]);
      const centre = name.includes("norm") ? 1 : 0;
      const data = Float32Array.from({ length: size }, () => centre + scale * normal());
      return [name, { shape, data: decodeNumbers(encodeNumbers(data, dtype), dtype) }];
    }),
  );
}

/** Writes a checkpoint, of several shards where more than one is asked for. */
export function writeCheckpoint(
  folder: string,
  config: Config,
  tensors: Tensors,
  { dtype = "F32" as Dtype, shards = 1 } = {},
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  if (shards === 1) {
    writeFileSync(join(folder, "model.safetensors"), formatSafetensors(tensors, { dtype }));
    return;
  }
  const names = [...tensors.keys()];
  const weight_map: Record<string, string> = {};
  for (let s = 0; s < shards; s++) {
    const own = names.filter((_, i) => i % shards === s);
    const file = `model-${String(s + 1).padStart(5, "0")}-of-${String(shards).padStart(5, "0")}.safetensors`;
    for (const name of own) weight_map[name] = file;
    writeFileSync(
      join(folder, file),
      formatSafetensors(new Map(own.map((name) => [name, tensors.get(name)!])), { dtype }),
    );
  }
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map }));
}

/** What most kinds have, small. */
export function tinyConfig(kind: string, more: Record<string, unknown> = {}): Config {
  const qwen = kind === "qwen2_moe" || kind === "qwen3_moe";
  const experts = ["llama", "qwen3"].includes(kind)
    ? {}
    : {
        [kind === "mixtral" ? "num_local_experts" : "num_experts"]: 4,
        num_experts_per_tok: 2,
        ...(qwen && { moe_intermediate_size: 5 }),
      };
  return {
    model_type: kind,
    vocab_size: 11,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: kind === "olmoe" ? 4 : 2,
    intermediate_size: 6,
    hidden_act: "silu",
    max_position_embeddings: 64,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    ...(kind.startsWith("qwen3") && { head_dim: 2 }),
    ...(kind === "qwen2_moe" && { shared_expert_intermediate_size: 7 }),
    ...experts,
    ...more,
  };
}

const rotations = fc.oneof(
  fc.constant({ rope_theta: 10000 }),
  fc.constant({ rope_parameters: { rope_type: "default", rope_theta: 500 } }),
  fc.constant({ rope_theta: 100, rope_scaling: { type: "linear", factor: 2.5 } }),
  fc.constant({
    rope_theta: 100,
    rope_scaling: {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 16,
    },
  }),
);

/** Decoders of all kinds, of many shapes. */
export const configs: fc.Arbitrary<Config> = fc
  .record({
    kind: fc.constantFrom("mixtral", "qwen3_moe", "qwen2_moe", "olmoe", "llama", "qwen3"),
    layers: fc.integer({ min: 1, max: 3 }),
    keyHeads: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 3 }),
    half: fc.integer({ min: 1, max: 3 }),
    width: fc.integer({ min: 3, max: 13 }),
    vocabulary: fc.integer({ min: 2, max: 9 }),
    hidden: fc.integer({ min: 1, max: 9 }),
    experts: fc.integer({ min: 1, max: 5 }),
    perToken: fc.integer({ min: 1, max: 5 }),
    window: fc.option(fc.integer({ min: 1, max: 6 })),
    sliding: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    flags: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    step: fc.integer({ min: 1, max: 2 }),
    rotation: rotations,
  })
  .map(
    ({
      kind,
      layers,
      keyHeads,
      group,
      half,
      width,
      vocabulary,
      hidden,
      experts,
      perToken,
      window,
      sliding,
      flags,
      step,
      rotation,
    }) => {
      const heads = keyHeads * group;
      const ofHeads = kind === "olmoe" || kind === "qwen2_moe";
      const types = sliding.slice(0, layers).map((slides) => (slides ? "sliding_attention" : "full_attention"));
      const { rope_theta: _, ...config } = tinyConfig(kind, {
        num_hidden_layers: layers,
        num_attention_heads: heads,
        num_key_value_heads: keyHeads,
        hidden_size: ofHeads ? heads * 2 * half : width,
        ...(!ofHeads && { head_dim: 2 * half }),
        vocab_size: vocabulary,
        intermediate_size: hidden,
        tie_word_embeddings: flags[0],
        ...rotation,
      });
      const { num_local_experts: __, num_experts: ___, ...rest } = config;
      const sparse = !["llama", "qwen3"].includes(kind);
      return {
        ...rest,
        ...(rotation as { rope_theta?: number }),
        ...(sparse && {
          [flags[1] && kind !== "mixtral" ? "num_experts" : "num_local_experts"]: experts,
          num_experts_per_tok: Math.min(perToken, experts),
          ...(kind !== "mixtral" && { norm_topk_prob: flags[2] }),
        }),
        ...(kind === "qwen2_moe" && { qkv_bias: flags[3] }),
        ...(["qwen2_moe", "qwen3_moe"].includes(kind) && {
          decoder_sparse_step: step,
          mlp_only_layers: flags[1] ? [0] : [],
        }),
        ...(["qwen3_moe", "olmoe", "llama", "qwen3"].includes(kind) && { attention_bias: flags[3] }),
        ...(kind === "llama" && { mlp_bias: flags[1] }),
        ...(kind === "olmoe" && { clip_qkv: flags[1] ? 0.5 : null }),
        ...(kind === "mixtral" && { sliding_window: window }),
        ...(kind === "qwen3_moe" && { use_sliding_window: window !== null, sliding_window: window }),
        ...(["qwen2_moe", "qwen3"].includes(kind) &&
          window !== null && { use_sliding_window: true, sliding_window: window, layer_types: types }),
      } as Config;
    },
  );
