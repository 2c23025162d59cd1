import { FileError } from "../errors.js";
import { bytesPerNumber, decodeNumbers } from "../formats/tensor.js";
import type { Checkpoint, TensorOnDisk } from "./checkpoint.js";
import type { DecoderConfig, DecoderKind } from "./config.js";
import type { Matrix, Products } from "./products.js";

/** A product with weights, and perhaps something added to it. */
export interface Linear {
  readonly weights: Matrix;
  /** `[outputs]` */
  readonly bias: Float32Array | undefined;
}

/** SwiGLU: down(silu(gate(x)) * up(x)). */
export interface FeedForward {
  readonly gate: Linear;
  readonly up: Linear;
  readonly down: Linear;
}

/** Attention of a layer. */
export interface Attention {
  readonly queries: Linear;
  readonly keys: Linear;
  readonly values: Linear;
  readonly output: Linear;
  /** Scales of the norms of queries and keys: of one head, or of all heads together. */
  readonly queryNorm: Float32Array | undefined;
  readonly keyNorm: Float32Array | undefined;
}

/** Experts of a layer. */
export interface Experts {
  readonly router: Matrix;
  readonly experts: readonly FeedForward[];
  /** The expert that every token goes through, and what its gate's logit is a product with. */
  readonly shared: { readonly expert: FeedForward; readonly gate: Matrix } | undefined;
}

/** The weights of a layer; of `experts` and `dense` it has one. */
export interface Layer {
  readonly attentionNorm: Float32Array;
  readonly attention: Attention;
  readonly feedForwardNorm: Float32Array;
  readonly experts: Experts | undefined;
  readonly dense: FeedForward | undefined;
}

/** All weights of a decoder. */
export interface Weights {
  /** The vectors of some tokens in front of the first layer, `[tokens, width]`. */
  embeddings(tokens: readonly number[]): Float32Array;
  readonly layers: readonly Layer[];
  readonly norm: Float32Array;
  /** From a vector to the logits of the vocabulary. */
  readonly head: Matrix;
}

/** How files name the three products of an expert, and what the experts are in. */
export const expertNames: Readonly<
  Record<DecoderKind, { readonly within: string; readonly parts: readonly [string, string, string] }>
> = {
  mixtral: { within: "block_sparse_moe", parts: ["w1", "w3", "w2"] },
  ...{ qwen3_moe: inMlp(), qwen2_moe: inMlp(), olmoe: inMlp(), llama: inMlp(), qwen3: inMlp() },
};

function inMlp() {
  return { within: "mlp", parts: ["gate_proj", "up_proj", "down_proj"] } as const;
}

/**
 * What becomes of the tensors that are multiplied with, and of the embeddings: they are kept in memory, or stay on the
 * disk.
 */
export interface WeightKeeper {
  matrix(tensor: TensorOnDisk): Matrix;
  /** What gives the vectors of tokens. */
  embeddings(tensor: TensorOnDisk): Weights["embeddings"];
}

/** Weights that are all read now. */
export function keptInMemory(products: Products): WeightKeeper {
  return {
    matrix: (tensor) => products.keep({ ...tensor, bytes: bytesOf(tensor) }),
    embeddings(tensor) {
      const bytes = bytesOf(tensor);
      const row = tensor.size / tensor.shape[0];
      return vectorsFrom(tensor, (token) => bytes.subarray(token * row, (token + 1) * row));
    },
  };
}

/** The vectors of tokens, from what gives the bytes of one. */
export function vectorsFrom(
  { shape: [, width], dtype }: TensorOnDisk,
  bytesOfToken: (token: number) => Uint8Array,
): Weights["embeddings"] {
  return (tokens) => {
    const vectors = new Float32Array(tokens.length * width);
    tokens.forEach((token, i) => {
      vectors.set(decodeNumbers(bytesOfToken(token), dtype), i * width);
    });
    return vectors;
  };
}

function bytesOf({ size, read }: TensorOnDisk): Uint8Array {
  const bytes = new Uint8Array(size);
  read(0, bytes);
  return bytes;
}

/** The names of the tensors that a decoder has, with their shapes, in the order in which they are read. */
export function readDecoderWeights(config: DecoderConfig, checkpoint: Checkpoint, keeper: WeightKeeper): Weights {
  const { width, vocabulary, biases } = config;
  const keep = (name: string, outputs: number, inputs: number) =>
    keeper.matrix(checkpoint.onDisk(name, [outputs, inputs]));
  const scales = (name: string, length: number) => checkpoint.numbers(name, [length]);
  const linear = (name: string, outputs: number, inputs: number, biased: boolean): Linear => ({
    weights: keep(`${name}.weight`, outputs, inputs),
    bias: biased ? scales(`${name}.bias`, outputs) : undefined,
  });
  const feedForward = (within: string, parts: readonly [string, string, string], hidden: number, biased: boolean) => {
    const [gate, up, down] = parts.map((part) => `${within}.${part}`);
    return {
      gate: linear(gate, hidden, width, biased),
      up: linear(up, hidden, width, biased),
      down: linear(down, width, hidden, biased),
    };
  };

  function attentionOf(name: string): Attention {
    const { heads, keyHeads, headWidth, headNorms } = config;
    const [all, some] = [heads * headWidth, keyHeads * headWidth];
    const norms = headNorms === "each" ? [headWidth, headWidth] : [all, some];
    const normed = headNorms !== "none";
    return {
      queries: linear(`${name}.q_proj`, all, width, biases.queries),
      keys: linear(`${name}.k_proj`, some, width, biases.queries),
      values: linear(`${name}.v_proj`, some, width, biases.queries),
      output: linear(`${name}.o_proj`, width, all, biases.output),
      queryNorm: normed ? scales(`${name}.q_norm.weight`, norms[0]) : undefined,
      keyNorm: normed ? scales(`${name}.k_norm.weight`, norms[1]) : undefined,
    };
  }

  function expertsOf(name: string): Experts {
    const { count, width: hidden, sharedWidth } = config.experts as NonNullable<DecoderConfig["experts"]>;
    const { within, parts } = expertNames[config.kind];
    const block = `${name}.${within}`;
    return {
      router: keep(`${block}.gate.weight`, count, width),
      experts: Array.from({ length: count }, (_, e) => feedForward(`${block}.experts.${e}`, parts, hidden, false)),
      shared:
        sharedWidth === undefined
          ? undefined
          : {
              expert: feedForward(`${block}.shared_expert`, parts, sharedWidth, false),
              gate: keep(`${block}.shared_expert_gate.weight`, 1, width),
            },
    };
  }

  const embeddings = checkpoint.onDisk("model.embed_tokens.weight", [vocabulary, width]);
  const vectors = keeper.embeddings(embeddings);
  const layers = config.sparse.map((sparse, l) => {
    const name = `model.layers.${l}`;
    return {
      attentionNorm: scales(`${name}.input_layernorm.weight`, width),
      attention: attentionOf(`${name}.self_attn`),
      feedForwardNorm: scales(`${name}.post_attention_layernorm.weight`, width),
      experts: sparse ? expertsOf(name) : undefined,
      dense: sparse ? undefined : feedForward(`${name}.mlp`, inMlp().parts, config.denseWidth, biases.dense),
    };
  });
  const weights: Weights = {
    embeddings: vectors,
    layers,
    norm: scales("model.norm.weight", width),
    head: keeper.matrix(headOf(config, checkpoint, embeddings)),
  };
  checkpoint.checkAllUsed();
  return weights;
}

/** What makes logits: tied, the embeddings; a file that has a head all the same must have the same numbers there. */
function headOf(
  { tied, vocabulary, width }: DecoderConfig,
  checkpoint: Checkpoint,
  embeddings: TensorOnDisk,
): TensorOnDisk {
  const name = "lm_head.weight";
  if (!tied) return checkpoint.onDisk(name, [vocabulary, width]);
  const path = checkpoint.pathOf(name);
  if (path !== undefined && !sameNumbers(checkpoint.onDisk(name, [vocabulary, width]), embeddings)) {
    throw new FileError(path, `has a tensor "${name}" other than the embeddings, which tie_word_embeddings says it is`);
  }
  return embeddings;
}

/** Numbers that are compared at a time. */
const comparedAtOnce = 2 ** 20;

function sameNumbers(a: TensorOnDisk, b: TensorOnDisk): boolean {
  const count = a.size / bytesPerNumber(a.dtype);
  for (let from = 0; from < count; from += comparedAtOnce) {
    const [own, other] = [a, b].map(({ dtype, read }) => {
      const each = bytesPerNumber(dtype);
      const bytes = new Uint8Array(Math.min(comparedAtOnce, count - from) * each);
      read(from * each, bytes);
      return decodeNumbers(bytes, dtype);
    });
    if (!own.every((value, i) => value === other[i])) return false;
  }
  return true;
}
