import { invalid, positiveInteger } from "../../errors.js";

/**
 * The size of a decoder that is trained here: of Mixtral's kind, or of Llama's where it has no experts. The embeddings
 * are the head too.
 */
export interface TrainableShape {
  /** Tokens in the vocabulary; a multiple of four. */
  readonly vocabulary: number;
  /** Length of a token's vector; a multiple of four. */
  readonly width: number;
  readonly layers: number;
  /** Query heads; `width / heads`, a head's width, is a multiple of eight. */
  readonly heads: number;
  /** Heads of keys and values; a divisor of `heads`. */
  readonly keyHeads: number;
  /** Hidden width of an expert, or of the feed-forward network; a multiple of four. */
  readonly hidden: number;
  /** How many experts a layer has, and how many a token goes to; undefined for none. */
  readonly experts: { readonly count: number; readonly perToken: number } | undefined;
  /** Base of the rotary positions. */
  readonly base: number;
  /** What is added to a mean square before its root is taken. */
  readonly epsilon: number;
}

/** A tensor of weights: as Hugging Face names it, matrices as `[outputs, inputs]`. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of its first numbers; undefined for scales of norms, which begin as 1. */
  readonly deviation: number | undefined;
}

/** @throws TypeError, RangeError for a shape that the kernels do not compute */
export function checkShape(shape: TrainableShape): void {
  for (const name of ["vocabulary", "width", "layers", "heads", "keyHeads", "hidden"] as const)
    positiveInteger(name, shape[name]);
  for (const name of ["vocabulary", "width", "hidden"] as const) {
    if (shape[name] % 4 !== 0) throw invalid(name, "a multiple of 4", shape[name]);
  }
  const { width, heads, keyHeads, experts } = shape;
  if (width % (8 * heads) !== 0)
    throw invalid("heads", `such that a head's width of ${width} is a multiple of 8`, heads);
  if (heads % keyHeads !== 0) throw invalid("keyHeads", `a divisor of ${heads}`, keyHeads);
  if (!experts) return;
  positiveInteger("experts.count", experts.count);
  if (positiveInteger("experts.perToken", experts.perToken) > experts.count) {
    throw invalid("experts.perToken", `at most ${experts.count}`, experts.perToken);
  }
}

/**
 * All weights in the order in which a file has them. First numbers are normal: of a product with n inputs 0.7 /
 * sqrt(n), of the router 0.5 / sqrt(n); what is added to a token's vector is smaller by sqrt(2 layers), of experts 1.4
 * times that, since gates add up to 1; embeddings 0.05.
 */
export function weightShapes(shape: TrainableShape): WeightShape[] {
  const { vocabulary, width, layers, heads, keyHeads, hidden, experts } = shape;
  const keys = (width / heads) * keyHeads;
  const added = Math.sqrt(2 * layers);
  const matrix = (name: string, outputs: number, inputs: number, factor = 0.7): WeightShape => ({
    name: `${name}.weight`,
    shape: [outputs, inputs],
    deviation: factor / Math.sqrt(inputs),
  });
  const norm = (name: string): WeightShape => ({ name: `${name}.weight`, shape: [width], deviation: undefined });
  const feedForward = (name: string, [gate, up, down]: readonly [string, string, string], factor: number) => [
    matrix(`${name}.${gate}`, hidden, width),
    matrix(`${name}.${up}`, hidden, width),
    matrix(`${name}.${down}`, width, hidden, factor / added),
  ];
  return [
    { name: "model.embed_tokens.weight", shape: [vocabulary, width], deviation: 0.05 },
    ...Array.from({ length: layers }, (_, l) => {
      const layer = `model.layers.${l}`;
      const moe = `${layer}.block_sparse_moe`;
      return [
        norm(`${layer}.input_layernorm`),
        matrix(`${layer}.self_attn.q_proj`, width, width),
        matrix(`${layer}.self_attn.k_proj`, keys, width),
        matrix(`${layer}.self_attn.v_proj`, keys, width),
        matrix(`${layer}.self_attn.o_proj`, width, width, 0.7 / added),
        norm(`${layer}.post_attention_layernorm`),
        ...(experts
          ? [
              matrix(`${moe}.gate`, experts.count, width, 0.5),
              ...Array.from({ length: experts.count }, (_, e) =>
                feedForward(`${moe}.experts.${e}`, ["w1", "w3", "w2"], 0.7 * 1.4),
              ).flat(),
            ]
          : feedForward(`${layer}.mlp`, ["gate_proj", "up_proj", "down_proj"], 0.7)),
      ];
    }).flat(),
    norm("model.norm"),
  ];
}

/** The config.json of a decoder that was trained with such a shape. */
export function configJson(
  shape: TrainableShape,
  { positions, begin }: { readonly positions: number; readonly begin: number | undefined },
) {
  const { vocabulary, width, layers, heads, keyHeads, hidden, experts, base, epsilon } = shape;
  return {
    architectures: [experts ? "MixtralForCausalLM" : "LlamaForCausalLM"],
    ...(begin !== undefined && { bos_token_id: begin }),
    eos_token_id: null,
    hidden_act: "silu",
    hidden_size: width,
    intermediate_size: hidden,
    max_position_embeddings: positions,
    model_type: experts ? "mixtral" : "llama",
    num_attention_heads: heads,
    num_hidden_layers: layers,
    num_key_value_heads: keyHeads,
    ...(experts && {
      num_experts_per_tok: experts.perToken,
      num_local_experts: experts.count,
      sliding_window: null,
    }),
    rms_norm_eps: epsilon,
    rope_theta: base,
    tie_word_embeddings: true,
    torch_dtype: "float16",
    vocab_size: vocabulary,
  };
}
