import { existsSync } from "node:fs";
import { FileError } from "../../errors.js";
import { readRegular, writeWhole } from "../../files.js";
import { formatSafetensors, parseSafetensors } from "../../formats/safetensors.js";
import type { DenseTensor } from "../../formats/tensor.js";
import { canonicalJson, type JsonObject } from "../../json.js";
import { stateGroups, type TrainingState } from "./training-state.js";
import type { StepLosses } from "./training-step.js";

/** A training on its way. */
export interface StoredTraining {
  readonly state: TrainingState;
  /** Steps done. */
  readonly steps: number;
  /** Losses so far, averaged over stretches of steps. */
  readonly curves: readonly TrainingPoint[];
}

/** Losses averaged over a stretch of steps. */
export interface TrainingPoint extends StepLosses {
  /** Images seen at the end of the stretch. */
  readonly images: number;
}

/**
 * Writes a training on its way, whole or not at all, single precision.
 *
 * @param about what has to be equal for the training to go on: recipe, seed, images
 */
export function saveTraining(path: string, { state, steps, curves }: StoredTraining, about: JsonObject): void {
  const tensors = new Map<string, DenseTensor>();
  for (const group of stateGroups) {
    for (const { name, shape, data } of state[group]) tensors.set(`${group}/${name}`, { shape, data });
  }
  const metadata = { about: canonicalJson(about, 0), curves: JSON.stringify(curves), steps: String(steps) };
  writeWhole(path, formatSafetensors(tensors, { metadata }));
}

/**
 * Reads a training on its way; undefined where there is no such file.
 *
 * @param like a state of the same networks: names and shapes
 * @throws FileError for a file that holds something else, or a training with another recipe, seed or images
 */
export function loadTraining(path: string, like: TrainingState, about: JsonObject): StoredTraining | undefined {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = parseSafetensors(readRegular(path), path);
  if (metadata.about === undefined || metadata.steps === undefined || metadata.curves === undefined) {
    throw new FileError(path, "is not a training that can go on");
  }
  const wanted = canonicalJson(about, 0);
  if (metadata.about !== wanted) {
    throw new FileError(path, `holds another training (${metadata.about}); ${wanted} was asked for`);
  }
  const group = (name: (typeof stateGroups)[number]) =>
    like[name].map((parameter) => {
      const tensor = tensors.get(`${name}/${parameter.name}`);
      if (tensor?.shape.join() !== parameter.shape.join()) {
        const held = tensor ? `[${tensor.shape.join(", ")}]` : "nothing";
        throw new FileError(
          path,
          `holds ${held} as ${name}/${parameter.name}; [${parameter.shape.join(", ")}] was expected`,
        );
      }
      return { ...parameter, data: tensor.data };
    });
  return {
    state: Object.fromEntries(stateGroups.map((name) => [name, group(name)])) as unknown as TrainingState,
    steps: Number(metadata.steps),
    curves: JSON.parse(metadata.curves) as TrainingPoint[],
  };
}
