import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileError, invalid } from "../../errors.js";
import { readRegular } from "../../files.js";
import { isText } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { packageRoot } from "../../package.js";
import { loadNetwork } from "../load-network.js";
import type { Regulariser } from "../mlp/regulariser.js";
import type { Network } from "../network.js";

/** Which of the convolution networks: its regulariser, and the number of the trial, which is its seed. */
export interface ResidualName {
  readonly regulariser: Regulariser;
  readonly trial: number;
}

/** The names of `ResidualName`. */
export const residualNameKeys: OptionNames<ResidualName> = { regulariser: true, trial: true };

/** What metrics.json says of one network. */
export interface ResidualMetrics {
  readonly regulariser: Regulariser;
  readonly seed: number;
  readonly epochs: number;
  /** Mean cross-entropy of the last epoch as it was trained, nats per image, without the penalty. */
  readonly finalTrainingLoss: number;
  /** The same, averaged over every 50 steps. */
  readonly curve: readonly { readonly step: number; readonly loss: number }[];
  /** On 2000 scenes held out, with the weights as they are in the file (rounded to float16). */
  readonly testAccuracy: number;
  readonly file: string;
  readonly sha256: string;
  readonly backend: string;
  readonly processorSeconds: number;
  readonly packageVersion: string;
}

/** Folder of the convolution networks that were trained for this package. */
export const residualFolder: string = join(packageRoot, "data", "checkpoints", "residual");

/** The key of a network in metrics.json, and the name of its file before the dot: `<regulariser>-<trial>`. */
export function residualKey({ regulariser, trial }: ResidualName): string {
  return `${regulariser}-${trial}`;
}

/**
 * Metrics of the networks in a folder, by key; empty where nothing has been trained.
 *
 * @throws FileError for another metrics.json
 */
export function listResiduals(folder: string = residualFolder): Readonly<Record<string, ResidualMetrics>> {
  isText("folder", folder, "the path of a folder");
  const path = join(folder, "metrics.json");
  if (!existsSync(path)) return {};
  try {
    const { networks } = JSON.parse(readRegular(path).toString("utf8")) as {
      networks?: Record<string, ResidualMetrics>;
    };
    if (networks === undefined) throw new Error("no networks");
    return networks;
  } catch (cause) {
    throw new FileError(path, `is not a register of networks (${(cause as Error).message})`, { cause });
  }
}

/**
 * Loads one of the convolution networks that scripts/train-residual.mjs trained for this project: an ONNX network whose
 * sites `block1` to `block5` have 248 channels.
 *
 * @param folder default `residualFolder`
 * @throws RangeError where there is no such network; FileError where its file is absent or not the registered one;
 *   MissingPartError where onnxruntime-node is absent
 */
export async function residualCheckpoint(name: ResidualName, folder: string = residualFolder): Promise<Network> {
  knownOptions("residualCheckpoint", name, residualNameKeys);
  const known = listResiduals(folder);
  const key = residualKey(name);
  if (!Object.hasOwn(known, key)) {
    throw invalid("checkpoint", `one of those in ${folder}: ${Object.keys(known).join(", ") || "none"}`, key);
  }
  const path = join(folder, known[key].file);
  const network = await loadNetwork(path);
  if (network.sha256 !== known[key].sha256) {
    throw new FileError(path, `has sha256 ${network.sha256}; metrics.json expects ${known[key].sha256}`);
  }
  return network;
}
