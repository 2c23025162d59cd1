import { allIntact, noneIntact } from "../../coalitions/coalition.js";
import { GameError, positiveInteger } from "../../errors.js";
import type { Ends, Estimate } from "../../estimators/estimator.js";
import { evaluateFinite } from "../../estimators/walk.js";
import type { Game } from "../../games/game.js";
import type { JsonObject } from "../../json.js";
import { Interactions } from "../../modes/interactions.js";
import { sameInAll } from "../../modes/same-in-all.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { packageVersion } from "../../version.js";
import { counted, thousands } from "../../words.js";
import { Meter } from "../progress/progress.js";
import { openReporter } from "../progress/reporter.js";
import { type Checkpoints, checkResumeFolder, openCheckpoints } from "../runs/checkpoint.js";
import { InterruptedError, interruption } from "../runs/interruption.js";
import { pacesOf } from "../runs/settings.js";
import { closureRemark, concurrencyRemark, gameWork } from "../threads/play.js";
import { playExact } from "./exact.js";
import { type InteractionsOptions, interactionsOptionNames } from "./options.js";
import { drawPairs, playPairs } from "./pairs.js";
import type { Played, Playing } from "./playing.js";
import { identityOfInteractions } from "./resume.js";
import { type InteractionsRequest, interactionsRequest } from "./settings.js";
import { firstDraw, playWalks } from "./walks.js";

/**
 * How units of a game interact: what sets of them do together beyond what the parts of the set do, for every number
 * that the game returns. `memoised` keeps what a slow game was asked. docs/interactions.md has the formulas.
 *
 * @throws RangeError or TypeError before any evaluation for options out of range or that do not go together: an order
 *   beyond the units, more units than the estimator can do, fewer evaluations than the interactions need (the message
 *   says how many)
 * @throws GameError where the game throws or returns NaN, infinity or another shape; names the coalition and the seed
 * @throws InterruptedError where the signal, or interrupting the cell, stopped it
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 2 : 0) + (intact.has("c") ? 1 : 0));
 * const found = await interactions(game);
 * found.pair("a", "b").values[0]; // 2
 * found.pair("a", "c").values[0]; // 0
 */
export async function interactions(game: Game, options: InteractionsOptions = {}): Promise<Interactions> {
  knownOptions("interactions", options, interactionsOptionNames);
  const request = interactionsRequest(game, options);
  const workers = positiveInteger("workers", options.workers ?? 1);
  const { concurrency, checkpointSeconds } = pacesOf(options);
  const resume = options.resume === undefined ? undefined : checkResumeFolder(options.resume);
  const together = concurrency > 1 ? game.concurrently?.(concurrency) : undefined;
  const played = together ?? game;
  const { units, outputs, seed, estimator } = request;
  const remark = options.onRemark ?? remarkOnce;
  if (workers > 1 && !game.forThreads && !game.spec) remark(closureRemark);
  if (concurrency > 1 && !together) remark(concurrencyRemark);
  const draws = estimator === "walks" ? firstDraw(request) : undefined;
  const planned = draws
    ? (request.evaluations ?? (draws.first.coalitions.count * request.orderings) / 2 + 2)
    : request.evaluations;
  const signal = interruption(options.signal);
  const reporter = openReporter(`interactions of ${counted(units.length, "unit")}`, "evaluations", options.progress);
  const meter = new Meter(planned ?? 0, { units: units.length, outputs }, options.onProgress, reporter);
  const stopMeter = () => meter.stop();
  signal?.addEventListener("abort", stopMeter, { once: true });
  let checkpoints: Checkpoints | undefined;
  try {
    signal?.throwIfAborted();
    checkpoints = resume === undefined ? undefined : openCheckpoints(resume, checkpointSeconds, remark, signal);
    const regression = estimator === "pairs" ? await drawPairs(request, signal) : undefined;
    const value = async (coalition: Parameters<Game["evaluate"]>[0]) =>
      Float64Array.from(await evaluateFinite(played, coalition, outputs, signal));
    const ends = { none: await value(noneIntact(units.length)), all: await value(allIntact(units.length)) };
    meter.evaluated(2);
    const again = workers > 1 ? gameWork(game, units, { units: units.length, outputs }, ends) : undefined;
    const threads = again && { work: again, workers };
    const found = checkpoints?.restore(await identityOfInteractions(game, request, ends, value));
    const saved = checkpoints && resume !== undefined ? { folder: resume, checkpoints, found, remark } : undefined;
    const playing: Playing = {
      game: played,
      outputs,
      ends,
      signal,
      threads,
      saved,
      evaluated: (count) => meter.evaluated(count),
      resumed: (count) => meter.resumed(count),
    };
    let result: Interactions;
    if (regression) {
      const { modes, provenance, ...found } = await playPairs(request, regression, playing);
      const facts = { evaluations: meter.evaluations, orderings: null, seed, standard_error_over: "pair" };
      const whole = modesOf(game, ends, modes, { estimator: "leverage", ...facts, ...modes.provenance });
      const exact = [whole.provenance.fitted_exactly, provenance.fitted_exactly].filter((said) => said !== undefined);
      const said = exact.length === 0 ? {} : { fitted_exactly: exact.join(". ") };
      if (said.fitted_exactly) remark(said.fitted_exactly);
      result = resultOf(request, game, ends, found, { ...facts, ...provenance, ...said }, whole);
    } else if (draws) {
      const { orderings, evaluations, ...found } = await playWalks(request, draws, playing);
      const facts = { evaluations: evaluations + 2, orderings, seed, standard_error_over: "pair" };
      const alike = sameInAll(found.values, found.standardErrors, ends, orderings / 2, "pair", "interactions");
      if (alike.same_in_all) remark(String(alike.same_in_all));
      result = resultOf(request, game, ends, found, { ...facts, ...alike }, undefined);
    } else {
      const { modes, ...found } = await playExact(request, playing);
      const facts = { evaluations: 2 ** units.length, orderings: null, seed: null, standard_error_over: "none" };
      const estimate = {
        values: modes,
        standardErrors: new Float64Array(modes.length),
        meanStandardErrors: new Float64Array(units.length),
      };
      const whole = modesOf(game, ends, estimate, { estimator: "exact", ...facts });
      result = resultOf(request, game, ends, found, facts, whole);
    }
    meter.finish(meter.evaluations);
    return result;
  } catch (error) {
    meter.stop();
    if (signal?.aborted) {
      const progress = `after ${thousands(meter.evaluations)} evaluations`;
      const advice =
        resume === undefined
          ? 'nothing of it can be used; with { resume: "folder" } a run can go on where it was stopped'
          : `run again to go on from ${resume}`;
      throw new InterruptedError(progress, advice, { cause: error });
    }
    throw error instanceof GameError ? error.withSeed(seed) : error;
  } finally {
    checkpoints?.close();
    signal?.removeEventListener("abort", stopMeter);
  }
}

function modesOf(game: Game, ends: Ends, estimate: Estimate, facts: JsonObject): ShapleyModes {
  const { values, standardErrors, meanStandardErrors } = estimate;
  return new ShapleyModes({
    units: game.units,
    outputShape: game.outputShape,
    values,
    standardErrors,
    meanStandardErrors,
    vAll: ends.all,
    vNone: ends.none,
    provenance: { game: game.provenance ?? null, version: packageVersion, ...facts },
  });
}

function resultOf(
  { index, order, units, estimator }: InteractionsRequest,
  game: Game,
  ends: Ends,
  played: Played,
  facts: JsonObject,
  modes: ShapleyModes | undefined,
): Interactions {
  return new Interactions({
    ...played,
    index,
    order,
    units,
    outputShape: game.outputShape,
    vAll: ends.all,
    vNone: ends.none,
    modes,
    provenance: { index, order, estimator, game: game.provenance ?? null, version: packageVersion, ...facts },
  });
}
