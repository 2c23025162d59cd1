import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { sha256, writeWhole } from "../../files.js";
import { formatSafetensors } from "../../formats/safetensors.js";
import type { NamedTensors } from "../../formats/tensor.js";
import { canonicalJson, type JsonObject } from "../../json.js";
import { configJson, type TrainableShape } from "./shape.js";

/**
 * Writes a trained decoder as a folder that `loadDecoder` reads: config.json and model.safetensors in the layout of
 * Mixtral, or of Llama where it has no experts, float16.
 *
 * @param positions most tokens of a sequence: as many as it was trained with
 * @param begin the token that begins a text
 * @returns SHA-256 of the weights' file
 */
export function saveDecoder(
  folder: string,
  shape: TrainableShape,
  tensors: NamedTensors,
  options: { readonly positions: number; readonly begin: number | undefined },
): string {
  mkdirSync(folder, { recursive: true });
  const bytes = formatSafetensors(tensors, { dtype: "F16", metadata: { format: "pt" } });
  writeWhole(join(folder, "model.safetensors"), bytes);
  writeWhole(join(folder, "config.json"), `${canonicalJson(configJson(shape, options) as JsonObject, 1)}\n`);
  return sha256(bytes);
}
