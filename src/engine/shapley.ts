import { tmpdir } from "node:os";
import { GameError, invalid } from "../errors.js";
import { nameOf, planOf } from "../estimators/chosen-estimator.js";
import type { Accumulator, Estimator } from "../estimators/estimator.js";
import { orderingsPerChunk } from "../estimators/ordering-chunks.js";
import { RowFile } from "../estimators/row-file.js";
import type { Until } from "../estimators/stopping/until.js";
import { checkRoom } from "../files.js";
import type { Game } from "../games/game.js";
import type { JsonObject } from "../json.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { remarkOnce } from "../remark.js";
import { counted, sizeText, thousands } from "../words.js";
import { Meter } from "./progress/progress.js";
import { openReporter } from "./progress/reporter.js";
import { type EstimatorChoice, withEstimator } from "./runs/auto.js";
import { type Checkpoints, checkResumeFolder, openCheckpoints, savedEstimator } from "./runs/checkpoint.js";
import { chunksAtOnce, chunksTogether } from "./runs/chunks-together.js";
import { identityOfRun } from "./runs/identity.js";
import { InterruptedError, interruption, noteFinished, noteUnfinished } from "./runs/interruption.js";
import { Run } from "./runs/run.js";
import { type RunOptions, runOptionNames } from "./runs/run-options.js";
import { diskOf, memoryOf, orderingsRemark, pacesOf, settingsOf } from "./runs/settings.js";
import { Stopping } from "./runs/stopping.js";
import { checkFit, usualMemory } from "./runs/usual-memory.js";
import { closureRemark, concurrencyRemark, playInThreads } from "./threads/play.js";

/** Options of {@link shapley}. */
export interface ShapleyOptions extends RunOptions {
  /**
   * How Shapley values are computed. "permutation" is the paper's; "antithetic" plays each ordering forwards and
   * backwards; "leverage" is a regression on coalitions and their complements, several times as precise for as many
   * evaluations; "exact" plays all 2^n coalitions, to 24 units. "auto" takes the one of the last three with the least
   * variance per second; the provenance says which, why, and what was measured. Or an {@link Estimator} of your own,
   * which is played in this thread. Default "auto", but "permutation" where `orderings` are asked for. What "auto"
   * takes for a game with a walk is a matter of time: name the estimator for the same bytes each time.
   */
  readonly estimator?: EstimatorChoice;
  /**
   * Orderings to play, with `until` at most; default 1000, as in the paper, where they are played; no use for "exact".
   * A positive integer, even for "antithetic".
   */
  readonly orderings?: number;
  /**
   * Evaluations of v to make at most, instead of `orderings`: so many orderings as they are enough for, or for
   * "leverage" so many coalitions. Default `orderings`, each of which is as many evaluations as there are units; for
   * "leverage" by way of "auto" 120 for each unit. A positive integer.
   */
  readonly evaluations?: number;
  /**
   * Stops once the result is as precise as this says, or a budget is used up; default: all orderings are played.
   * `orderings` or `evaluations` are then the most that is played: default 10,000 orderings, for "leverage" 1000
   * evaluations for each unit. The provenance's `until` says what was asked for, what every look saw, what was missed,
   * and why the run stopped.
   */
  readonly until?: Until;
  /**
   * Keeps the means of so many independent blocks of orderings (`modes.blocks`), which sign-flip tests, the bootstrap
   * and intervals of indices take: 20 to 100 are enough. Memory is that of the modes times their number. Default none;
   * the modes are the same with and without. At least 2, at most one for each chunk of orderings (4, of large outputs
   * 16). Only for "permutation" and "antithetic", which is the default where no orderings are asked for.
   */
  readonly blocks?: number;
  /**
   * Bytes that what "leverage" keeps of each pair may take in memory, beside the modes; what is more goes to a
   * temporary file, which needs room in the system's temporary folder. Default 1 GB, or half of what is free where that
   * is less. The result's bytes do not depend on it. A positive number; others than "leverage" keep nothing
   * of each pair.
   */
  readonly memory?: number;
  /**
   * A folder for what is done so far, of this run alone; default none. Called again after an interruption or a crash,
   * with the same game and options, the run goes on from there, and its bytes are those of a run that nothing
   * disturbed. More `orderings` than last time add to those that are there. A function that was edited is another game
   * and refused; what it uses from outside is only seen where it changes v of nobody, of everybody, or of half of the
   * units.
   */
  readonly resume?: string;
}

/** The names of `ShapleyOptions`. */
export const shapleyOptionNames: OptionNames<ShapleyOptions> = {
  ...runOptionNames,
  estimator: true,
  orderings: true,
  evaluations: true,
  until: true,
  blocks: true,
  memory: true,
  resume: true,
};

/**
 * The Shapley Modes of a game: what each unit contributes to every number that the game returns.
 *
 * @throws RangeError or TypeError for options out of range, before any evaluation, and where `resume` is the folder of
 *   another run
 * @throws GameError where the game throws or returns NaN, infinity or another shape; names the coalition and the seed
 * @throws InterruptedError where the signal, or interrupting the cell, stopped it; its `partial` has the modes so far
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => intact.size ** 2);
 * const modes = await shapley(game, { orderings: 100, seed: 1 });
 * modes.unit("a").values[0]; // about 3
 */
export async function shapley(game: Game, given: ShapleyOptions = {}): Promise<ShapleyModes> {
  knownOptions("shapley", given, shapleyOptionNames);
  const earlier = typeof given.resume === "string" ? savedEstimator(given.resume) : undefined;
  const { options, provenance: said } = await withEstimator(game, given, () => interruption(given.signal), earlier);
  const { estimator, request, workers, units, plan, until } = settingsOf(game, { memory: usualMemory(), ...options });
  const { seed } = request;
  const { concurrency, checkpointSeconds } = pacesOf(options);
  const together = concurrency > 1 ? game.concurrently?.(concurrency) : undefined;
  const atOnce = together ? chunksAtOnce(concurrency, units.length) : workers;
  const resume = options.resume === undefined ? undefined : checkResumeFolder(options.resume);
  const remark = options.onRemark ?? remarkOnce;
  const unused = orderingsRemark(given);
  if (unused) remark(unused);
  if (!until) checkFit(plan, request);
  const memory = memoryOf(estimator, request, atOnce) + (plan.fitBytes ?? 0);
  const free = process.availableMemory();
  if (memory > free) remark(memoryRemark(memory, free, plan.fitBytes ?? 0, until !== undefined));
  const disk = diskOf(estimator, request);
  if (disk > 0) {
    // Of a run that may stop early nobody knows how much it will be.
    RowFile.open()?.close();
    if (!until) checkRoom(tmpdir(), disk);
    remark(diskRemark(disk, tmpdir(), until !== undefined));
  }
  const name = nameOf(estimator);
  if (workers > 1 && !game.forThreads && !game.spec) remark(closureRemark);
  else if (workers > 1 && !name) remark(ownEstimatorRemark);
  if (concurrency > 1 && !together) remark(concurrencyRemark);
  const signal = interruption(options.signal);
  const reporter = openReporter(counted(units.length, "unit"), "evaluations", options.progress);
  const meter = new Meter(plan.evaluations + 2, request, options.onProgress, reporter);
  const stopMeter = () => meter.stop();
  const run = new Run(game, units, estimator, request, plan, said);
  const { tally } = run;
  const stopping = until && new Stopping(run, { until, remark, rate: () => meter.rate() });
  if (stopping) {
    run.stopping = stopping;
    meter.goals = () => stopping.goals();
    meter.mostSeconds = until?.seconds ?? Number.POSITIVE_INFINITY;
  }
  let checkpoints: Checkpoints | undefined;
  let opened: Checkpoints | undefined;
  noteUnfinished(run);
  signal?.addEventListener("abort", stopMeter, { once: true });

  /** Only what a run of more orderings could go on from is written. */
  const save = () => {
    const { chunks } = tally;
    const sums = tally.pack();
    if (!sums || chunks > plan.reusable) return;
    checkpoints?.save({ chunks, sums, stopping: stopping?.toJson() });
  };

  try {
    signal?.throwIfAborted();
    opened = resume === undefined ? undefined : openCheckpoints(resume, checkpointSeconds, remark, signal);
    const ends = await run.measureEnds(signal);
    meter.evaluated(2);
    if (opened && resume !== undefined) {
      restore(run, stopping, opened, await identityOfRun(run, signal), resume, remark);
      checkpoints = opened; // a folder that is refused stays as it is
      meter.resumed(plan.extent(tally.chunks).evaluations);
    }
    await stopping?.look(signal);
    const restored = tally.chunks;
    const reporting = {
      from: restored,
      signal,
      evaluated: (count: number) => meter.evaluated(count, tally.sums),
      async done(sums: Accumulator) {
        stopping?.take(sums);
        const spare = tally.add(sums);
        await stopping?.look(signal);
        if (checkpoints && (tally.chunks === plan.reusable || stopping?.enough || checkpoints.due())) save();
        return spare;
      },
      enough: () => stopping?.enough ?? false,
    };
    if (together) await chunksTogether(() => planOf(estimator, request, game), together, ends, atOnce, reporting);
    else await playInThreads(plan, { game, units, estimator: name, request, ends }, workers, reporting);
    await run.settle(signal);
    meter.finish(plan.extent(tally.chunks).evaluations + 2);
    noteFinished(run);
    return run.modes(remark);
  } catch (error) {
    noteUnfinished(run);
    meter.stop();
    try {
      save();
    } catch (problem) {
      remark(`what was done could not be saved: ${(problem as Error).message}`);
    }
    if (signal?.aborted) throw interrupted(run, error, resume);
    throw error instanceof GameError ? error.withSeed(seed) : error;
  } finally {
    run.release();
    opened?.close();
    signal?.removeEventListener("abort", stopMeter);
  }
}

/** Takes what an earlier run left in the folder. */
function restore(
  { tally, plan, request }: Run,
  stopping: Stopping | undefined,
  checkpoints: Checkpoints,
  identity: JsonObject,
  folder: string,
  remark: (text: string) => void,
): void {
  const found = checkpoints.restore(identity, stopping && plan.sharedWith ? budgetNames : []);
  if (!found) return;
  const { chunks: saved, sums } = found;
  const sameBudget = budgetNames.every((name) => found.identity[name] === identity[name]);
  const chunks = sameBudget ? saved : (plan.sharedWith?.(found.identity, saved) ?? 0);
  if (chunks === 0) {
    const why = `what it holds was drawn for ${found.identity.evaluations} evaluations in all, and a run of ${identity.evaluations} begins with other coalitions: choose another folder`;
    throw invalid("resume", `a folder of a run that this one begins with (${why})`, folder);
  }
  const { orderings, evaluations } = plan.extent(chunks);
  if (chunks > plan.reusable) {
    const held = chunks * orderingsPerChunk(request);
    const asked = request.evaluations;
    if (asked === undefined)
      throw invalid("orderings", `at least the ${held} that ${folder} already holds`, request.orderings);
    const least = 2 + (held * plan.evaluations) / request.orderings;
    throw invalid("evaluations", `at least ${least}, for the ${held} orderings that ${folder} already holds`, asked);
  }
  tally.restore(chunks === saved ? sums : (plan.firstOf?.(sums, chunks) ?? sums), chunks);
  stopping?.restore(chunks, found.stopping);
  const most = stopping ? "at most " : "";
  const part = sameBudget
    ? "part of the coalitions"
    : `the first ${thousands(evaluations + 2)} evaluations, which do not depend on how many there may be,`;
  const what = orderings === null ? part : `${orderings} of ${most}${request.orderings} orderings`;
  remark(`going on from ${folder}: ${what} are there`);
  if (!sameBudget) {
    const there = tally.pack();
    if (there) checkpoints.saveAlone({ chunks, sums: there, stopping: stopping?.toJson() });
  }
}

/** What identities say of the budget. */
const budgetNames = ["evaluations"] as const;

function interrupted(run: Run, cause: unknown, folder: string | undefined): InterruptedError {
  const partial = run.partial();
  const advice = [
    partial ? "lastPartial() has the modes so far" : "nothing of it can be used yet",
    folder === undefined
      ? 'with { resume: "folder" } a run can go on where it was stopped'
      : `run again to go on from ${folder}`,
  ];
  return new InterruptedError(run.progress(), advice.join("; "), { partial, cause });
}

function memoryRemark(needed: number, free: number, fit: number, most: boolean): string {
  const less =
    fit > needed / 2
      ? "most of it for the fit of leverage: fewer evaluations take less, and antithetic has no fit"
      : "shapleyToDisk takes as little as you say";
  return `this takes ${most ? "at most" : "about"} ${sizeText(needed)} of memory and ${sizeText(free)} are free: ${less}`;
}

function diskRemark(bytes: number, folder: string, most: boolean): string {
  return `differences of pairs take ${most ? "at most" : "about"} ${sizeText(bytes)} in a temporary file in ${folder}: more than \`memory\` has room for`;
}

const ownEstimatorRemark = "one worker is used: an estimator of one's own can not be sent to worker threads";
