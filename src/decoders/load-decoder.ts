import { existsSync } from "node:fs";
import { freemem } from "node:os";
import { join, resolve } from "node:path";
import { FileError, oneOf, wrongKind } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { sizeText } from "../words.js";
import { isByteVocabulary } from "./byte-tokenizer.js";
import { openCheckpoint } from "./checkpoint.js";
import { readConfig } from "./config.js";
import { type Decoder, decoderFrom } from "./decoder.js";
import type { Products } from "./products.js";
import { type TurnRounding, turnRoundings } from "./rotation.js";
import { wasmProducts } from "./wasm-products.js";
import { readDecoderWeights } from "./weights.js";

/** Options of `loadDecoder`. */
export interface LoadDecoderOptions {
  /** How the turns of a position are rounded; default `float32`. `bfloat16` is for comparisons with a network that was cast in memory. */
  readonly turns?: TurnRounding;
}

/** The names of `LoadDecoderOptions`. */
const loadDecoderOptionNames: OptionNames<LoadDecoderOptions> = { turns: true };

/**
 * Reads a folder of a Hugging Face checkpoint: config.json, and model.safetensors or the shards that model.safetensors.index.json names. Kinds
 * (`model_type`): Mixtral, Qwen3-MoE, Qwen2-MoE and OLMoE with experts, Llama and Qwen3 without; F32, F16 and BF16, computed in float32. Nothing in
 * the folder is executed. What is not implemented, such as quantised weights or another scaling of positions, is an error that names it.
 *
 * @throws FileError that names the file: for a folder without these files, a setting that is absent, out of range or not implemented, a shard that is missing,
 *   cut short or damaged, a tensor that is missing, of another shape, of another format, or none of such a decoder; for more weights than there is
 *   memory
 * @example
 * const decoder = await loadDecoder("checkpoint");
 * const prompt = [72, 101, 108, 108, 111];
 * const [logits] = await decoder.logits([prompt], { lesioned: ["L1/E3"], lesion: "silence" });
 * const [tokens] = await decoder.generate([prompt], { newTokens: 3 });
 */
export async function loadDecoder(folder: string, options: LoadDecoderOptions = {}): Promise<Decoder> {
  knownOptions("loadDecoder", options, loadDecoderOptionNames);
  return openDecoder(folder, wasmProducts(), options);
}

/** `loadDecoder`, with what multiplies, and the bytes of memory that there are. */
export function openDecoder(
  folder: string,
  products: Products,
  { turns = "float32" }: LoadDecoderOptions = {},
  memory = availableMemory(),
): Decoder {
  oneOf("turns", turnRoundings, turns);
  if (typeof folder !== "string") throw wrongKind("folder", "the path of a checkpoint's folder", folder);
  if (!existsSync(folder)) throw new FileError(folder, "no such folder");
  const config = readConfig(folder);
  const checkpoint = openCheckpoint(folder);
  if (checkpoint.bytes > memory) {
    throw new FileError(
      folder,
      `has ${sizeText(checkpoint.bytes)} of weights, which are kept in memory; ${sizeText(memory)} of it are there`,
    );
  }
  const weights = readDecoderWeights(config, checkpoint, products);
  const bytes = isByteVocabulary(config.vocabulary) && !existsSync(join(folder, "tokenizer.json"));
  return decoderFrom(
    { config, weights, products },
    { bytes, source: { folder: resolve(folder), turns }, sha256: checkpoint.sha256 },
  );
}

/** Bytes of memory that this process can still have. */
function availableMemory(): number {
  return process.availableMemory?.() ?? freemem();
}
