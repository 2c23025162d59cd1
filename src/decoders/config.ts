import { join } from "node:path";
import { ConfigFields, readJson } from "./config-fields.js";
import { type Rotation, readRotation } from "./rotation.js";

/** The kinds of decoders that are read, as `model_type` in config.json names them. */
export const decoderKinds = ["mixtral", "qwen3_moe", "qwen2_moe", "olmoe", "llama", "qwen3"] as const;
/** One of `decoderKinds`. */
export type DecoderKind = (typeof decoderKinds)[number];

/** The experts of the layers that have any. */
export interface ExpertsConfig {
  /** How many a layer has. */
  readonly count: number;
  /** How many of them the router picks for a token. */
  readonly perToken: number;
  /** Hidden width of one. */
  readonly width: number;
  /** Whether the gates of those that are picked are rescaled to add up to 1 (`norm_topk_prob`). */
  readonly normalised: boolean;
  /** Hidden width of the expert that every token goes through beside them; undefined where there is none. */
  readonly sharedWidth: number | undefined;
}

/** What a decoder computes: its config.json, checked. */
export interface DecoderConfig {
  readonly kind: DecoderKind;
  /** Tokens in the vocabulary. */
  readonly vocabulary: number;
  /** Length of a token's vector. */
  readonly width: number;
  readonly layers: number;
  /** Query heads of a layer. */
  readonly heads: number;
  /** Heads of keys and values of a layer: each serves `heads / keyHeads` query heads in a row. */
  readonly keyHeads: number;
  readonly headWidth: number;
  /** Hidden width of a dense layer. */
  readonly denseWidth: number;
  /** Undefined in a dense network. */
  readonly experts: ExpertsConfig | undefined;
  /** For every layer whether it has experts. */
  readonly sparse: readonly boolean[];
  /** For every layer how many tokens a query sees, its own included; undefined: all before it. */
  readonly windows: readonly (number | undefined)[];
  /** Most tokens that a sequence may have. */
  readonly positions: number;
  readonly rotation: Rotation;
  /** What is added to a mean square before its root is taken. */
  readonly epsilon: number;
  /** Whether the logits are products with the embeddings themselves. */
  readonly tied: boolean;
  /** Which products have biases. */
  readonly biases: { readonly queries: boolean; readonly output: boolean; readonly dense: boolean };
  /** Whether queries and keys are normalised: head by head, all heads together, or not. */
  readonly headNorms: "each" | "together" | "none";
  /** Queries, keys and values are limited to minus and plus this; undefined: they are not. */
  readonly clip: number | undefined;
  /** The token that begins a text; undefined where config.json names none. */
  readonly begin: number | undefined;
  /** The tokens that end a text. */
  readonly ends: readonly number[];
}

/** More layers than any decoder has: a list is made of them before a file of weights tells that they are not there. */
const mostLayers = 10_000;

const architectures: Readonly<Record<DecoderKind, string>> = {
  mixtral: "MixtralForCausalLM",
  qwen3_moe: "Qwen3MoeForCausalLM",
  qwen2_moe: "Qwen2MoeForCausalLM",
  olmoe: "OlmoeForCausalLM",
  llama: "LlamaForCausalLM",
  qwen3: "Qwen3ForCausalLM",
};

/**
 * Reads config.json of a folder, and the tokens that end a text from generation_config.json where that is there.
 *
 * @throws FileError that names the value, where one is absent, out of range, or of something that is not implemented
 */
export function readConfig(folder: string): DecoderConfig {
  const path = join(folder, "config.json");
  const fields = new ConfigFields(path, readJson(path));
  const kind = kindOf(fields);
  const width = fields.count("hidden_size");
  const layers = fields.count("num_hidden_layers", mostLayers);
  const heads = fields.count("num_attention_heads");
  const keyHeads =
    kind === "llama" || kind === "olmoe"
      ? (fields.optionalCount("num_key_value_heads") ?? heads)
      : fields.count("num_key_value_heads");
  if (heads % keyHeads !== 0)
    fields.refuse("num_key_value_heads", `a divisor of num_attention_heads, which is ${heads}`);
  const headWidth = headWidthOf(fields, kind, width, heads);
  const vocabulary = fields.count("vocab_size");
  const positions = fields.count("max_position_embeddings");
  if (!["silu", "swish"].includes(fields.text("hidden_act"))) fields.refuse("hidden_act", "silu");
  const sparse = sparseLayers(fields, kind, layers);
  const config: DecoderConfig = {
    kind,
    vocabulary,
    width,
    layers,
    heads,
    keyHeads,
    headWidth,
    denseWidth: fields.count("intermediate_size"),
    experts: expertsOf(fields, kind),
    sparse,
    windows: windowsOf(fields, kind, layers),
    positions,
    rotation: readRotation(fields, kind === "llama" ? 10_000 : undefined),
    epsilon: fields.positive("rms_norm_eps"),
    tied: fields.flag("tie_word_embeddings", false),
    biases: biasesOf(fields, kind),
    headNorms: kind === "olmoe" ? "together" : kind === "qwen3" || kind === "qwen3_moe" ? "each" : "none",
    clip: kind === "olmoe" && fields.has("clip_qkv") ? fields.positive("clip_qkv") : undefined,
    begin: fields.tokens("bos_token_id", vocabulary)[0],
    ends: endsOf(folder, fields, vocabulary),
  };
  // Settings of relatives, which say here what the kind has anyway.
  if (kind === "qwen3_moe" && fields.values.shared_expert_intermediate_size === 0)
    fields.take("shared_expert_intermediate_size");
  if (config.headNorms === "each" && fields.values.use_qk_norm === true) fields.take("use_qk_norm");
  fields.checkRest();
  return config;
}

function kindOf(fields: ConfigFields): DecoderKind {
  const kind = fields.text("model_type");
  if (!decoderKinds.includes(kind as DecoderKind)) fields.refuse("model_type", `one of ${decoderKinds.join(", ")}`);
  if (fields.has("quantization_config")) {
    fields.refuse("quantization_config", "none: weights in F32, F16 or BF16, not quantised ones");
  }
  const named = fields.take("architectures");
  const wanted = architectures[kind as DecoderKind];
  if (named !== undefined && !(Array.isArray(named) && named.length === 1 && named[0] === wanted)) {
    fields.refuse("architectures", `["${wanted}"]`);
  }
  return kind as DecoderKind;
}

function headWidthOf(fields: ConfigFields, kind: DecoderKind, width: number, heads: number): number {
  const said = fields.optionalCount("head_dim");
  if (said === undefined && width % heads !== 0)
    fields.refuse("num_attention_heads", `a divisor of hidden_size, which is ${width}`);
  if (said === undefined && kind === "qwen3") fields.refuse("head_dim", "the width of a head");
  const headWidth = said ?? width / heads;
  if ((kind === "olmoe" || kind === "qwen2_moe") && headWidth * heads !== width) {
    fields.refuse("head_dim", `hidden_size / num_attention_heads, which is ${width / heads}`);
  }
  if (headWidth % 2 !== 0) fields.refuse("head_dim", "an even number: rotations turn pairs");
  return headWidth;
}

function expertsOf(fields: ConfigFields, kind: DecoderKind): ExpertsConfig | undefined {
  if (kind === "llama" || kind === "qwen3") return undefined;
  const count = fields.countOf("num_local_experts", "num_experts");
  const perToken = fields.count("num_experts_per_tok");
  if (perToken > count) fields.refuse("num_experts_per_tok", `at most the number of experts, which is ${count}`);
  const qwen = kind === "qwen2_moe" || kind === "qwen3_moe";
  return {
    count,
    perToken,
    width: fields.count(qwen ? "moe_intermediate_size" : "intermediate_size"),
    normalised: kind === "mixtral" || fields.flag("norm_topk_prob", false),
    sharedWidth: kind === "qwen2_moe" ? fields.count("shared_expert_intermediate_size") : undefined,
  };
}

/** Every `decoder_sparse_step`-th layer has experts, but those of `mlp_only_layers`. */
function sparseLayers(fields: ConfigFields, kind: DecoderKind, layers: number): boolean[] {
  const every = (sparse: boolean) => Array.from({ length: layers }, () => sparse);
  if (kind === "llama" || kind === "qwen3") return every(false);
  if (kind === "mixtral" || kind === "olmoe") return every(true);
  const step = fields.optionalCount("decoder_sparse_step") ?? 1;
  const dense = fields.has("mlp_only_layers") ? fields.take("mlp_only_layers") : [];
  if (!Array.isArray(dense) || !dense.every((layer) => Number.isInteger(layer) && layer >= 0 && layer < layers)) {
    return fields.refuse("mlp_only_layers", `a list of layers, from 0 to ${layers - 1}`);
  }
  return every(true).map((_, layer) => (layer + 1) % step === 0 && !dense.includes(layer));
}

/** Which layers have a window: all of Mixtral and Qwen3-MoE, else those that `layer_types` says. */
function windowsOf(fields: ConfigFields, kind: DecoderKind, layers: number): (number | undefined)[] {
  const every = (window: number | undefined) => Array.from({ length: layers }, () => window);
  const types = fields.has("layer_types") ? fields.take("layer_types") : undefined;
  const known = ["full_attention", "sliding_attention"];
  if (
    types !== undefined &&
    !(Array.isArray(types) && types.length === layers && types.every((type) => known.includes(type)))
  ) {
    fields.refuse("layer_types", `one of ${known.join(", ")} for each of ${layers} layers`);
  }
  const sliding = (types as string[] | undefined)?.map((type) => type === "sliding_attention");
  if (kind === "llama" || kind === "olmoe") {
    if (sliding?.includes(true)) fields.refuse("layer_types", `full_attention alone in a decoder of the kind ${kind}`);
    return every(undefined);
  }
  if (kind !== "mixtral") {
    fields.take("max_window_layers"); // what became of it is in layer_types
    if (!fields.flag("use_sliding_window", false)) {
      fields.take("sliding_window");
      if (sliding?.includes(true))
        fields.refuse("layer_types", "full_attention alone where use_sliding_window is false");
      return every(undefined);
    }
  }
  if (kind !== "mixtral" && !Object.hasOwn(fields.values, "sliding_window"))
    fields.refuse("sliding_window", "the tokens that a query sees, or null, since use_sliding_window is true");
  const window = fields.optionalCount("sliding_window");
  if (window === undefined) {
    if (sliding?.includes(true))
      fields.refuse("sliding_window", "the tokens that a query sees, since layer_types has sliding ones");
    return every(undefined);
  }
  if (kind === "mixtral" || kind === "qwen3_moe") {
    if (sliding?.includes(false))
      fields.refuse("layer_types", "sliding_attention alone where there is a sliding_window");
    return every(window);
  }
  if (!sliding) {
    return fields.refuse("layer_types", "the kind of attention of each layer, since use_sliding_window is true");
  }
  return sliding.map((slides) => (slides ? window : undefined));
}

function biasesOf(fields: ConfigFields, kind: DecoderKind): DecoderConfig["biases"] {
  if (kind === "mixtral") return { queries: false, output: false, dense: false };
  if (kind === "qwen2_moe") return { queries: fields.flag("qkv_bias", true), output: false, dense: false };
  const attention = fields.flag("attention_bias", false);
  return { queries: attention, output: attention, dense: kind === "llama" && fields.flag("mlp_bias", false) };
}

/** The tokens at which generation stops: those of generation_config.json where it names any, else of config.json. */
function endsOf(folder: string, fields: ConfigFields, vocabulary: number): number[] {
  const own = fields.tokens("eos_token_id", vocabulary);
  const path = join(folder, "generation_config.json");
  const other = readJson(path, { optional: true });
  const ends = other && new ConfigFields(path, other).tokens("eos_token_id", vocabulary);
  return ends && ends.length > 0 ? ends : own;
}
