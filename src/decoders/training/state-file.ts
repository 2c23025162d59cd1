import { existsSync } from "node:fs";
import { FileError } from "../../errors.js";
import { readRegular, writeWhole } from "../../files.js";
import { formatSafetensors, parseSafetensors } from "../../formats/safetensors.js";
import { canonicalJson, type JsonObject } from "../../json.js";

/** Losses, averaged over a stretch of steps. */
export interface DecoderTrainingPoint {
  /** Steps done at the end of the stretch. */
  readonly step: number;
  /** The mean surprise of the targets by their weights, in natural units. */
  readonly surprise: number;
  /** The experts' balance, times its weight: that is 1 a layer where all are equally asked. */
  readonly balance: number;
  /** The mean surprise of each kind of sequence, by its name; of those that the stretch had. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** A decoder's training on its way. */
export interface StoredDecoderTraining {
  readonly steps: number;
  readonly curves: readonly DecoderTrainingPoint[];
  /** Weights, and AdamW's means of gradients and of their squares: `[size]` each. */
  readonly weights: Float32Array;
  readonly means: Float32Array;
  readonly squares: Float32Array;
}

const groups = ["weights", "means", "squares"] as const;

/**
 * Writes a training on its way, whole or not at all, single precision.
 *
 * @param about what has to be equal for the training to go on: recipe, seed, data
 */
export function saveDecoderTraining(path: string, stored: StoredDecoderTraining, about: JsonObject): void {
  const tensors = new Map(groups.map((name) => [name, { shape: [stored[name].length], data: stored[name] }]));
  const metadata = {
    about: canonicalJson(about, 0),
    curves: JSON.stringify(stored.curves),
    steps: String(stored.steps),
  };
  writeWhole(path, formatSafetensors(tensors, { metadata }));
}

/**
 * Reads a training on its way; undefined where there is no such file.
 *
 * @throws FileError for a file that holds something else, or a training with another recipe, seed or data
 */
export function loadDecoderTraining(path: string, size: number, about: JsonObject): StoredDecoderTraining | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = parseSafetensors(readRegular(path), path);
  const { about: held, steps, curves } = metadata;
  if (held === undefined || steps === undefined || curves === undefined) {
    throw new FileError(path, "is not a training that can go on");
  }
  const wanted = canonicalJson(about, 0);
  if (held !== wanted) throw new FileError(path, `holds another training (${held}); ${wanted} was asked for`);
  const [weights, means, squares] = groups.map((name) => {
    const tensor = tensors.get(name);
    if (tensor?.data.length !== size) {
      throw new FileError(path, `holds ${tensor?.data.length ?? "no"} numbers as ${name}; ${size} were expected`);
    }
    return tensor.data;
  });
  return { steps: Number(steps), curves: JSON.parse(curves) as DecoderTrainingPoint[], weights, means, squares };
}
