import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { FileError, invalid, MissingPartError } from "../../errors.js";
import { isText } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { packageRoot } from "../../package.js";
import { loadMlp } from "./file.js";
import type { Mlp } from "./mlp.js";
import type { Regulariser } from "./regulariser.js";

/** Which of the networks of an experiment: width n, regulariser, and the number of the trial, which is its seed. */
export interface CheckpointName {
  readonly width: number;
  readonly regulariser: Regulariser;
  readonly trial: number;
}

/** The names of `CheckpointName`. */
export const checkpointNameKeys: OptionNames<CheckpointName> = { width: true, regulariser: true, trial: true };

/** What metrics.json says of one network. */
export interface CheckpointMetrics {
  readonly width: number;
  readonly regulariser: Regulariser;
  readonly seed: number;
  readonly epochs: number;
  /** Mean cross-entropy of the last epoch as it was trained, nats per image, without the penalty. */
  readonly finalTrainingLoss: number;
  /** On all 10,000 test images, with the weights as they are in the file (rounded to float16). */
  readonly testAccuracy: number;
  readonly file: string;
  readonly sha256: string;
  readonly backend: string;
  readonly packageVersion: string;
}

/** The whole of metrics.json. */
export interface CheckpointRegister {
  readonly recipe: Readonly<Record<string, string | number>>;
  /** By key: `l1-50-0`. */
  readonly networks: Readonly<Record<string, CheckpointMetrics>>;
}

/** Folder of the networks that were trained for this package. */
export const checkpointFolder: string = join(packageRoot, "data", "checkpoints", "mlp");

/** The key of a network in metrics.json, and the name of its file before the dot: `<regulariser>-<width>-<trial>`. */
export function checkpointKey({ width, regulariser, trial }: CheckpointName): string {
  return `${regulariser}-${width}-${trial}`;
}

/** Metrics of the networks in a folder, by regulariser, width and trial. Empty where nothing has been trained. */
export function listCheckpoints(folder: string = checkpointFolder): CheckpointMetrics[] {
  isText("folder", folder, "the path of a folder");
  return Object.values(readRegister(folder)?.networks ?? {}).sort(
    (a, b) => a.regulariser.localeCompare(b.regulariser) || a.width - b.width || a.seed - b.seed,
  );
}

/**
 * Loads one of the networks trained for this package.
 *
 * @param folder default `checkpointFolder`
 * @throws RangeError where there is no such network; MissingPartError where it is not installed; FileError where its
 *   file is absent or not the registered one
 */
export async function checkpoint(name: CheckpointName, folder: string = checkpointFolder): Promise<Mlp> {
  knownOptions("checkpoint", name, checkpointNameKeys);
  const metrics = readRegister(folder)?.networks[checkpointKey(name)];
  if (!metrics) {
    const known = listCheckpoints(folder);
    const unique = (values: readonly (string | number)[]) => [...new Set(values)].join(", ") || "none";
    const rule = `regularisers ${unique(known.map((k) => k.regulariser))}; widths ${unique(known.map((k) => k.width))}; trials ${unique(known.map((k) => k.seed))}`;
    throw invalid("checkpoint", `one of those in ${folder} (${rule})`, checkpointKey(name));
  }
  const path = checkpointFile(name, folder);
  const mlp = await loadMlp(path);
  if (mlp.sha256 !== metrics.sha256) {
    throw new FileError(path, `has sha256 ${mlp.sha256}; metrics.json expects ${metrics.sha256}`);
  }
  return mlp;
}

/**
 * The file of one of the networks, which need not be there in a folder of one's own. An installed package has those of
 * trial 0 and widths 10, 50, 105 and 200; all come with a clone of the project, or with the package that its folder
 * `data/checkpoints/mlp` is.
 *
 * @throws MissingPartError where this package has it not
 */
export function checkpointFile(name: CheckpointName, folder: string = checkpointFolder): string {
  const key = checkpointKey(name);
  const path = join(folder, `${key}.safetensors`);
  if (folder !== checkpointFolder || existsSync(path)) return path;
  try {
    return createRequire(import.meta.url).resolve(`shapley-modes-networks/${key}.safetensors`);
  } catch (cause) {
    const remedy = "the networks of all widths are a package of their own: npm install PROJECT/data/checkpoints/mlp";
    throw new MissingPartError(`the network ${key}`, `${remedy}, where PROJECT is a clone of the project`, { cause });
  }
}

/** The register of a folder of checkpoints; undefined where there is none yet. */
export function readRegister(folder: string): CheckpointRegister | undefined {
  const path = join(folder, "metrics.json");
  if (!existsSync(path)) return undefined;
  try {
    const register = JSON.parse(readFileSync(path, "utf8")) as Partial<CheckpointRegister>;
    if (register === null || typeof register.networks !== "object") throw new Error("no networks");
    return register as CheckpointRegister;
  } catch (cause) {
    throw new FileError(path, `is not a register of checkpoints (${(cause as Error).message})`, { cause });
  }
}
