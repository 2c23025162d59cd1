import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Decoder } from "../../decoders/decoder.js";
import { loadDecoder } from "../../decoders/load-decoder.js";
import type { DecoderRecipe } from "../../decoders/training/recipe.js";
import type { DecoderTrainingPoint } from "../../decoders/training/state-file.js";
import { FileError, invalid } from "../../errors.js";
import { readRegular } from "../../files.js";
import { isText } from "../../kinds.js";
import { packageRoot } from "../../package.js";
import type { ExamResult } from "./exam.js";

/** What metrics.json says of one decoder. */
export interface DecoderMetrics {
  /** Its folder, beside metrics.json. */
  readonly folder: string;
  /** Of model.safetensors. */
  readonly sha256: string;
  readonly recipe: DecoderRecipe;
  readonly seed: number;
  /** Losses while it learned. */
  readonly curves: readonly DecoderTrainingPoint[];
  /** What it knows, with its weights as they are in the file (rounded to float16). */
  readonly exam: ExamResult;
  /** Paragraphs and bytes of each language, and the checksum of the text. */
  readonly corpus: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
  /** Checksums of the Debian packages that the text is from. */
  readonly packages: Readonly<Record<string, string>>;
  readonly packageVersion: string;
}

/** Folder of the decoders that were trained for this package. */
export const decoderFolder: string = join(packageRoot, "data", "checkpoints", "experts");

/**
 * Metrics of the decoders in a folder, by name; empty where nothing has been trained. @throws FileError for another
 * metrics.json
 */
export function listDecoders(folder: string = decoderFolder): Readonly<Record<string, DecoderMetrics>> {
  isText("folder", folder, "the path of a folder");
  const path = join(folder, "metrics.json");
  if (!existsSync(path)) return {};
  try {
    const { decoders } = JSON.parse(readRegular(path).toString("utf8")) as {
      decoders?: Record<string, DecoderMetrics>;
    };
    if (decoders === undefined) throw new Error("no decoders");
    return decoders;
  } catch (cause) {
    throw new FileError(path, `is not a register of decoders (${(cause as Error).message})`, { cause });
  }
}

/**
 * Loads one of the small decoders of bytes that scripts/train-decoder.mjs trained for this project: `experts-1`, with
 * eight experts a layer in Mixtral's layout, or `dense-1`, with one feed-forward network that is as wide as two. They
 * come with a clone of the project.
 *
 * @param folder default `decoderFolder`
 * @throws RangeError where there is no such decoder; FileError where its files are absent or not the registered ones
 */
export async function decoderCheckpoint(name = "experts-1", folder: string = decoderFolder): Promise<Decoder> {
  const known = listDecoders(folder);
  const metrics = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!metrics)
    throw invalid("checkpoint", `one of those in ${folder}: ${Object.keys(known).join(", ") || "none"}`, name);
  const path = join(folder, metrics.folder);
  const decoder = await loadDecoder(path);
  const found = decoder.sha256();
  if (found !== metrics.sha256)
    throw new FileError(path, `has sha256 ${found}; metrics.json expects ${metrics.sha256}`);
  return decoder;
}
