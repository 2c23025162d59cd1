import { createHash } from "node:crypto";
import { allIntact, type Coalitions, coalitionsOf, noneIntact } from "../../coalitions/coalition.js";
import { randomOrdering } from "../../coalitions/random.js";
import { randomStream, streamVersion } from "../../coalitions/random-streams.js";
import { codeSha256 } from "../../code-checksum.js";
import { nameOf } from "../../estimators/chosen-estimator.js";
import type { Estimator, Plan, Request } from "../../estimators/estimator.js";
import { gatesOf } from "../../estimators/gates.js";
import type { Game } from "../../games/game.js";
import type { JsonObject } from "../../json.js";
import { packageVersion } from "../../version.js";
import type { Run } from "./run.js";

/** What tells one run from another, but for the values of its game. */
export interface Identified {
  readonly game: Game;
  readonly units: readonly string[];
  readonly estimator: Estimator;
  readonly request: Request;
  readonly plan: Plan;
}

/**
 * Coalitions whose values stand for a game: what a closure computes has no checksum. Nobody, everybody, and one half of
 * the units.
 */
export function probes(units: number): [none: Coalitions, all: Coalitions, half: Coalitions] {
  const half = randomOrdering(randomStream(0), units).subarray(0, Math.ceil(units / 2));
  return [noneIntact(units), allIntact(units), coalitionsOf(units, [half])];
}

/** Checksums of the values of the {@link probes}, each fed in as many parts as there are. */
export class ProbeSums {
  readonly #sums = [createHash("sha256"), createHash("sha256"), createHash("sha256")];

  add(probe: number, values: ArrayLike<number>): void {
    this.#sums[probe].update(Buffer.from(Float64Array.from(values).buffer));
  }

  /** Ends the sums. */
  digests(): string[] {
    return this.#sums.map((sum) => sum.digest("hex"));
  }
}

/**
 * What tells a run from others: a run goes on from, and is taken for, another one only where all of it is the same.
 *
 * @param values checksums of the values of the {@link probes}
 * @param provenance of the game; default what it says of itself
 */
export function runIdentity(
  { game, units, estimator, request, plan }: Identified,
  values: readonly string[],
  provenance: JsonObject | null = game.provenance ?? null,
): JsonObject {
  const { wholeOutputs } = request;
  return {
    ...(request.blocks !== undefined && { blocks: request.blocks }),
    code: game.code ?? null,
    estimator: estimator.name,
    game: provenance,
    // What sums mean: gates are averaged over, and chunks of a large game have more orderings, be it of a part of it.
    ...((game.gates ?? []).length > 0 && { gates: gatesOf(game).map(({ unit, outputs }) => ({ unit, outputs })) }),
    ...(wholeOutputs !== undefined && wholeOutputs !== request.outputs && { whole_outputs: wholeOutputs }),
    output_shape: [...game.outputShape],
    seed: estimator.unitOfIndependence === "none" ? null : request.seed,
    streams: streamVersion,
    units: [...units],
    values: [...values],
    version: packageVersion,
    walks: game.walk !== undefined,
    // An own estimator that was edited is another one, as far as its text tells.
    ...(nameOf(estimator) ? {} : { estimator_code: codeSha256(estimator.plan) }),
    ...plan.identity,
  };
}

/**
 * What tells a run from others whose values are in memory, for its checkpoints: one evaluation, which the result does
 * not count.
 */
export async function identityOfRun(run: Run, signal: AbortSignal | undefined): Promise<JsonObject> {
  const sums = new ProbeSums();
  const [, , half] = probes(run.units.length);
  const { none, all } = run.ends ?? (await run.measureEnds(signal));
  for (const [probe, values] of [none, all, await run.value(half, signal)].entries()) sums.add(probe, values);
  return runIdentity(run, sums.digests());
}
