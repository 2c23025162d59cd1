import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FileError, invalid } from "../../errors.js";
import { isText } from "../../kinds.js";
import { packageRoot } from "../../package.js";
import { loadGenerator } from "./file.js";
import type { Generator } from "./generator.js";
import type { DcganRecipe } from "./recipes.js";
import type { TrainingPoint } from "./state-file.js";

/** What metrics.json says of one generator. */
export interface GeneratorMetrics {
  readonly file: string;
  readonly sha256: string;
  /** What it learned from, and the checksum of that. */
  readonly data: string;
  readonly dataSha256: string;
  readonly recipe: DcganRecipe;
  readonly seed: number;
  /** Losses while it learned. */
  readonly curves: readonly TrainingPoint[];
  readonly backend: string;
  readonly packageVersion: string;
}

/** Folder of the generators that were trained for this package. */
export const generatorFolder: string = join(packageRoot, "data", "checkpoints", "gan");

/** Metrics of the generators in a folder, by name; empty where nothing has been trained. */
export function listGenerators(folder: string = generatorFolder): Readonly<Record<string, GeneratorMetrics>> {
  isText("folder", folder, "the path of a folder");
  const path = join(folder, "metrics.json");
  if (!existsSync(path)) return {};
  try {
    const { generators } = JSON.parse(readFileSync(path, "utf8")) as { generators?: Record<string, GeneratorMetrics> };
    if (generators === undefined) throw new Error("no generators");
    return generators;
  } catch (cause) {
    throw new FileError(path, `is not a register of generators (${(cause as Error).message})`, { cause });
  }
}

/**
 * Loads one of the generators trained for this package by scripts/train-gan.mjs: `faces-16` makes drawn faces of 64
 * pixels, with 16 filters in its last layer but one.
 *
 * @param folder default `generatorFolder`
 * @throws RangeError where there is no such generator; FileError where its file is absent or not the registered one
 */
export async function generatorCheckpoint(name = "faces-16", folder: string = generatorFolder): Promise<Generator> {
  const known = listGenerators(folder);
  const metrics = known[name];
  if (!metrics) throw invalid("checkpoint", `one of ${Object.keys(known).join(", ") || "none"}`, name);
  const path = join(folder, metrics.file);
  const generator = await loadGenerator(path, { size: metrics.recipe });
  if (generator.sha256 !== metrics.sha256) {
    throw new FileError(path, `has sha256 ${generator.sha256}; metrics.json expects ${metrics.sha256}`);
  }
  return generator;
}
