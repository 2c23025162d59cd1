import { FileError } from "../../errors.js";
import { readBytes } from "../../files.js";
import { parseSafetensors } from "../../formats/safetensors.js";
import type { NamedTensors } from "../../formats/tensor.js";
import { parseTorch } from "../../formats/torch.js";
import type { Module } from "../../formats/torch-classes.js";

/** What a file of weights says. */
export interface Weights {
  readonly bytes: Uint8Array;
  /** In the order of the file. */
  readonly tensors: NamedTensors;
  /** The whole module that a PyTorch file holds; undefined for a state dict and for safetensors. */
  readonly module: Module | undefined;
  /** Slopes below 0 of the activations that the metadata of a safetensors file say; undefined where they do not. */
  readonly negativeSlopes: readonly number[] | undefined;
}

/**
 * Reads a PyTorch .pt file (a whole module or a state dict) or a .safetensors file, whose metadata may say the slopes
 * as `negative_slope`, numbers with commas between them. Nothing in the file is executed.
 *
 * @param classes module classes that a .pt file may be made of besides the known ones
 * @throws FileError for a file that is absent, damaged or of another kind
 */
export async function readWeights(path: string, classes: readonly string[] = []): Promise<Weights> {
  const bytes = readBytes(path);
  if (!path.endsWith(".safetensors")) {
    return { bytes, negativeSlopes: undefined, ...(await parseTorch(bytes, path, { classes })) };
  }
  const { tensors, metadata } = parseSafetensors(bytes, path);
  const text = metadata.negative_slope;
  const slopes = text?.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (slopes && !slopes.every(Number.isFinite)) {
    throw new FileError(path, `says negative_slope ${JSON.stringify(text.slice(0, 80))}; a number was expected`);
  }
  return { bytes, tensors, module: undefined, negativeSlopes: slopes };
}
