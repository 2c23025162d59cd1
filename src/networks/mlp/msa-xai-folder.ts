import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../../errors.js";
import { isText } from "../../kinds.js";
import type { CheckpointName } from "./checkpoints.js";
import { regularisers } from "./regulariser.js";

/** One of the networks that the paper's authors published. */
export interface PublishedNetwork extends CheckpointName {
  /** A PyTorch file of a whole module. */
  readonly path: string;
}

/**
 * The published networks in a copy of the authors' MSA-XAI folder, as they lie there:
 * `MLP/models/<l1|l2|none> regularization/<width>/trial_<k>.pt`; sorted by regulariser, width and trial.
 *
 * @throws FileError where there are none
 */
export function publishedNetworks(folder: string): PublishedNetwork[] {
  isText("folder", folder, "the path of a folder");
  const models = join(folder, "MLP", "models");
  const found: PublishedNetwork[] = [];
  for (const regulariser of regularisers) {
    const ofRegulariser = join(models, `${regulariser} regularization`);
    for (const width of numbersIn(ofRegulariser, /^(\d+)$/)) {
      for (const trial of numbersIn(join(ofRegulariser, String(width)), /^trial_(\d+)\.pt$/)) {
        found.push({ regulariser, width, trial, path: join(ofRegulariser, String(width), `trial_${trial}.pt`) });
      }
    }
  }
  if (found.length === 0) {
    throw new FileError(folder, "holds no published networks (MLP/models/l1 regularization/50/trial_0.pt and so on)");
  }
  return found;
}

/** The numbers in the names of a folder that match, ascending. */
function numbersIn(folder: string, pattern: RegExp): number[] {
  if (!existsSync(folder)) return [];
  const matches = readdirSync(folder).map((name) => pattern.exec(name)?.[1]);
  return matches
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}
