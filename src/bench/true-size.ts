import { closeSync, mkdirSync, openSync, statfsSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../errors.js";
import type { JsonObject } from "../json.js";
import { shapeSize } from "../shape-size.js";
import { sizeText } from "../words.js";

/** Mixtral-8x7B's dimensions. */
export const trueSize = {
  width: 4096,
  hidden: 14_336,
  heads: 32,
  keyHeads: 8,
  headWidth: 128,
  experts: 8,
  layers: 32,
  vocabulary: 32_000,
} as const;

/** Tokens in the vocabulary of the checkpoint that is written. */
const vocabulary = 256;

/** Names and shapes of the tensors of one layer of Mixtral at its true size, and what is around it. */
function tensors(): [name: string, shape: number[]][] {
  const { width, hidden, heads, keyHeads, headWidth, experts } = trueSize;
  const layer = "model.layers.0";
  const some = keyHeads * headWidth;
  return [
    ["model.embed_tokens.weight", [vocabulary, width]],
    [`${layer}.input_layernorm.weight`, [width]],
    [`${layer}.self_attn.q_proj.weight`, [heads * headWidth, width]],
    [`${layer}.self_attn.k_proj.weight`, [some, width]],
    [`${layer}.self_attn.v_proj.weight`, [some, width]],
    [`${layer}.self_attn.o_proj.weight`, [width, heads * headWidth]],
    [`${layer}.post_attention_layernorm.weight`, [width]],
    [`${layer}.block_sparse_moe.gate.weight`, [experts, width]],
    ...Array.from({ length: experts }, (_, e) => `${layer}.block_sparse_moe.experts.${e}`).flatMap(
      (expert): [string, number[]][] => [
        [`${expert}.w1.weight`, [hidden, width]],
        [`${expert}.w2.weight`, [width, hidden]],
        [`${expert}.w3.weight`, [hidden, width]],
      ],
    ),
    ["model.norm.weight", [width]],
    ["lm_head.weight", [vocabulary, width]],
  ];
}

/** Bytes that are written at a time. */
const blockBytes = 2 ** 24;

/**
 * Writes a checkpoint of one layer with Mixtral's true dimensions in bfloat16, weights by lot, some 2.9 GB. Products
 * have standard deviations near 1.
 *
 * @returns bytes of weights
 * @throws FileError where the disk has no room for it
 */
export function writeTrueSize(folder: string): number {
  mkdirSync(folder, { recursive: true });
  let end = 0;
  const entries = tensors().map(([name, shape]) => {
    const from = end;
    end += 2 * shapeSize(shape);
    return { name, shape, offsets: [from, end] };
  });
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < 1.05 * end) {
    throw new FileError(folder, `has ${sizeText(bavail * bsize)} of disk left; ${sizeText(1.05 * end)} are needed`);
  }
  const header = Buffer.from(
    JSON.stringify(
      Object.fromEntries(
        entries.map(({ name, shape, offsets }) => [name, { dtype: "BF16", shape, data_offsets: offsets }]),
      ),
    ),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(join(folder, "model.safetensors"), "w");
  try {
    writeSync(file, length);
    writeSync(file, header);
    const next = bitsByLot(1);
    for (const { name, shape } of entries) {
      const scale = shape.length === 1 ? 0 : name.includes("embed") ? 1.7 : Math.sqrt(3 / shape[1]);
      let left = shapeSize(shape);
      while (left > 0) {
        const block = new Uint16Array(Math.min(left, blockBytes / 2));
        next(block, scale);
        writeSync(file, new Uint8Array(block.buffer));
        left -= block.length;
      }
    }
  } finally {
    closeSync(file);
  }
  writeFileSync(join(folder, "config.json"), JSON.stringify(config()));
  return end;
}

/** Fills arrays with bfloat16 numbers that are spread evenly from minus to plus a scale; ones where it is 0. */
function bitsByLot(seed: number): (into: Uint16Array, scale: number) => void {
  let state = seed;
  const number = new Float32Array(1);
  const bits = new Uint32Array(number.buffer);
  return (into, scale) => {
    for (let i = 0; i < into.length; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      number[0] = scale === 0 ? 1 : (state / 2 ** 31) * scale;
      into[i] = bits[0] >>> 16;
    }
  };
}

function config(): JsonObject {
  const { width, hidden, heads, keyHeads, experts } = trueSize;
  return {
    model_type: "mixtral",
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: hidden,
    num_hidden_layers: 1,
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    num_local_experts: experts,
    num_experts_per_tok: 2,
    hidden_act: "silu",
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-5,
    rope_theta: 1_000_000,
  };
}
