import type { Coalitions } from "../../coalitions/coalition.js";
import { streamVersion } from "../../coalitions/random-streams.js";
import { invalid } from "../../errors.js";
import type { Ends, PackedParts } from "../../estimators/estimator.js";
import type { Game } from "../../games/game.js";
import type { JsonObject } from "../../json.js";
import { packageVersion } from "../../version.js";
import { thousands } from "../../words.js";
import type { Checkpoints } from "../runs/checkpoint.js";
import type { Checkpoint } from "../runs/checkpoint-file.js";
import { ProbeSums, probes } from "../runs/identity.js";
import type { InteractionsRequest } from "./settings.js";

/** What the tasks of a run come to, so that another run can go on after some of them. */
export interface Kept {
  /** Numbers of the first tasks, one array after the other. */
  pack(tasks: number): readonly Float64Array[];
  /** Takes over what {@link pack} gave, in one array. */
  restore(numbers: Float64Array): void;
  /** Passes over a task that was done already. */
  skipped(): void;
}

/** The folder of a run, and what an earlier one left there. */
export interface Saved {
  readonly folder: string;
  readonly checkpoints: Checkpoints;
  readonly found: Checkpoint | undefined;
  remark(text: string): void;
}

/**
 * What tells one run from others. Of all coalitions, and of pairs, values are kept, from which every index follows;
 * walks keep the interactions themselves, of any number of orderings.
 *
 * @param value v of a coalition
 */
export async function identityOfInteractions(
  game: Game,
  { estimator, units, seed, evaluations, index, order, subsets }: InteractionsRequest,
  { none, all }: Ends,
  value: (coalition: Coalitions) => Promise<Float64Array>,
): Promise<JsonObject> {
  const sums = new ProbeSums();
  const [, , half] = probes(units.length);
  for (const [probe, values] of [none, all, await value(half)].entries()) sums.add(probe, values);
  return {
    code: game.code ?? null,
    game: game.provenance ?? null,
    interactions: estimator,
    output_shape: [...game.outputShape],
    streams: streamVersion,
    units: [...units],
    values: sums.digests(),
    version: packageVersion,
    ...(estimator !== "exact" && { seed }),
    ...(estimator === "pairs" && { evaluations: evaluations ?? null }),
    ...(estimator === "walks" && { index, order, subsets: subsets?.map((set) => set.join()) ?? null }),
  };
}

/**
 * Goes on after the tasks that an earlier run has done.
 *
 * @param tasks of the run, from the first on: those that are done are taken off
 * @returns how many tasks, and how many evaluations they were
 * @throws RangeError where more are done than the run has
 */
export function goOn(
  { found, folder, remark }: Saved,
  tasks: Iterator<Coalitions>,
  kept: Kept,
): { readonly tasks: number; readonly evaluations: number } {
  if (!found) return { tasks: 0, evaluations: 0 };
  let evaluations = 0;
  for (let task = 0; task < found.chunks; task++) {
    const { value, done } = tasks.next();
    if (done) {
      throw invalid(
        "resume",
        "a folder that holds no more than this run: give as many orderings or evaluations",
        folder,
      );
    }
    evaluations += value.count;
    kept.skipped();
  }
  const numbers = new Float64Array(found.sums.length);
  let at = 0;
  for (const part of found.sums.parts()) {
    numbers.set(part, at);
    at += part.length;
  }
  kept.restore(numbers);
  remark(`going on from ${folder}: ${thousands(evaluations + 2)} evaluations are there`);
  return { tasks: found.chunks, evaluations };
}

/** Arrays as the numbers of a checkpoint. */
export function partsOf(arrays: readonly Float64Array[]): PackedParts {
  return { length: arrays.reduce((sum, { length }) => sum + length, 0), parts: () => arrays };
}
