import { existsSync } from "node:fs";
import { freemem } from "node:os";
import { join, resolve } from "node:path";
import { FileError, invalid, oneOf, positiveInteger } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type BackendName, backendLabel, loadTensorflow } from "../tensors/backend.js";
import { sizeText } from "../words.js";
import { checkedFolder } from "./checked-path.js";
import { openCheckpoint } from "./checkpoint.js";
import { readConfig } from "./config.js";
import { type Decoder, decoderFrom } from "./decoder.js";
import { openTokenizer, type TokenizerOf } from "./file-tokenizer.js";
import type { Products } from "./products.js";
import { type TurnRounding, turnRoundings } from "./rotation.js";
import { streamedWeights } from "./streamed-weights.js";
import { roomNumbers, streamingOf } from "./streaming.js";
import { tensorProducts } from "./tensor-products.js";
import { byteTokenizer, isByteVocabulary } from "./tokenizer.js";
import { wasmProducts } from "./wasm-products.js";
import { keptInMemory, readDecoderWeights } from "./weights.js";

/** Options of `loadDecoder`. */
export interface LoadDecoderOptions {
  /**
   * How the turns of a position are rounded; default `float32`. `bfloat16` is for comparisons with a network that was
   * cast in memory.
   */
  readonly turns?: TurnRounding;
  /**
   * Bytes of memory that weights, hidden states and what is computed with them may take. With it the weights stay on
   * the disk, and are read a part at a time: attention of a layer, a router, an expert, the head; each once for as many
   * coalitions and prompts as fit. Default: all weights are kept in memory.
   */
  readonly memory?: number;
  /**
   * What multiplies with the weights: a backend of TensorFlow.js, for a graphics card `tfjs-node-gpu`. Weights are
   * there in float32; what is between products, and attention's products of rows, stays here. Default: this package's
   * kernel in WebAssembly, which needs no TensorFlow.js, and is the fastest of what runs on a processor without native
   * libraries.
   */
  readonly backend?: BackendName;
}

/** The names of `LoadDecoderOptions`. */
const loadDecoderOptionNames: OptionNames<LoadDecoderOptions> = { turns: true, memory: true, backend: true };

/**
 * Reads a folder of a Hugging Face checkpoint: config.json, and model.safetensors or the shards that
 * model.safetensors.index.json names. Kinds (`model_type`): Mixtral, Qwen3-MoE, Qwen2-MoE and OLMoE with experts, Llama
 * and Qwen3 without; F32, F16 and BF16, computed in float32. Nothing in the folder is executed. What is not
 * implemented, such as quantised weights or another scaling of positions, is an error that names it.
 *
 * Weights that are larger than the memory stay on the disk with the option `memory`.
 *
 * @throws RangeError for `memory` that is not there, or less than the largest part of the weights needs; FileError that
 *   names the file: for a folder without these files, a setting that is absent, out of range or not implemented, a
 *   shard that is missing, cut short or damaged, a tensor that is missing, of another shape, of another format, or none
 *   of such a decoder; for more weights than there is memory; a tokenizer that can not be read, or has tokens that the
 *   decoder has not; MissingPartError for a backend that is not installed or does not compute
 * @example
 * const decoder = await loadDecoder("checkpoint");
 * const prompt = [72, 101, 108, 108, 111];
 * const [logits] = await decoder.logits([prompt], { lesioned: ["L1/E3"], lesion: "silence" });
 * const [tokens] = await decoder.generate([prompt], { newTokens: 3 });
 */
export async function loadDecoder(folder: string, options: LoadDecoderOptions = {}): Promise<Decoder> {
  knownOptions("loadDecoder", options, loadDecoderOptionNames);
  checkedFolder("folder", folder);
  const { backend, ...own } = options;
  const kernel = own.memory === undefined ? wasmProducts() : wasmProducts(roomNumbers);
  const tensors = backend === undefined ? undefined : await loadTensorflow(backend);
  const products = tensors ? tensorProducts(tensors.tf, kernel) : kernel;
  const computing = tensors && { backend: tensors.backend, label: backendLabel(tensors) };
  return openDecoder(folder, products, own, availableMemory(), await openTokenizer(folder), computing);
}

/**
 * `loadDecoder`, with what multiplies, the bytes of memory that there are, and the folder's tokenizer; default none but
 * that of bytes.
 */
export function openDecoder(
  folder: string,
  products: Products,
  { turns = "float32", memory }: Omit<LoadDecoderOptions, "backend"> = {},
  available = availableMemory(),
  tokenizerOf?: TokenizerOf,
  computing?: Decoder["source"]["computing"],
): Decoder {
  oneOf("turns", turnRoundings, turns);
  checkedFolder("folder", folder);
  if (memory !== undefined && positiveInteger("memory", memory) > available) {
    throw invalid("memory", `at most ${sizeText(available)}, which are there`, sizeText(memory));
  }
  const config = readConfig(folder);
  const checkpoint = openCheckpoint(folder);
  if (memory === undefined && checkpoint.bytes > available) {
    throw new FileError(
      folder,
      `has ${sizeText(checkpoint.bytes)} of weights, which are kept in memory; ${sizeText(available)} of it are there; the option memory leaves them on the disk`,
    );
  }
  const bytes = isByteVocabulary(config.vocabulary) && !existsSync(join(folder, "tokenizer.json"));
  const tokenizer = tokenizerOf?.(config.vocabulary) ?? (bytes ? byteTokenizer(config, folder) : undefined);
  const streamed = memory === undefined ? undefined : streamedWeights(products);
  const weights = readDecoderWeights(config, checkpoint, streamed?.keeper ?? keptInMemory(products));
  const streaming = streamed && streamingOf(config, streamed, memory as number);
  return decoderFrom(
    { config, weights, products: streamed?.products ?? products, streaming },
    {
      tokenizer,
      source: {
        folder: resolve(folder),
        turns,
        ...(memory !== undefined && { memory }),
        ...(computing && { computing }),
      },
      sha256: checkpoint.sha256,
    },
  );
}

/** Bytes of memory that this process can still have. */
function availableMemory(): number {
  return process.availableMemory?.() ?? freemem();
}
