import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { coalitionsOf } from "../coalitions/coalition.js";
import { randomOrdering } from "../coalitions/random.js";
import { randomStream, streamVersion } from "../coalitions/random-streams.js";
import type { EstimatorChoice } from "../engine/runs/auto.js";
import { withEstimator } from "../engine/runs/auto.js";
import { measuredCosts } from "../engine/runs/costs.js";
import { Run } from "../engine/runs/run.js";
import { type Settings, settingsOf } from "../engine/runs/settings.js";
import { FileError, invalid, notNegative, positiveInteger, wrongKind } from "../errors.js";
import { nameOf } from "../estimators/chosen-estimator.js";
import type { EstimatorName } from "../estimators/registry.js";
import type { Until } from "../estimators/stopping/until.js";
import { checkWritable } from "../files.js";
import type { Game } from "../games/game.js";
import { knownOptions, type OptionNames } from "../options.js";
import { packageVersion } from "../version.js";
import { sizeText } from "../words.js";
import { codeFiles, jobFile, locatedSpec } from "./code-files.js";
import { base64Of, type JobPlan, writePlan } from "./job-plan.js";
import { mostChunks, planPath } from "./layout.js";

/** Options of {@link planJob}. Those of the estimate mean what they do for `shapley`. */
export interface PlanJobOptions {
  /** The folder of the job: it is made, or empty. Where machines share the work, on a disk that all of them see. */
  readonly folder: string;
  readonly estimator?: EstimatorChoice;
  readonly orderings?: number;
  readonly evaluations?: number;
  /** Ends the job once the result is as precise as this says; `seconds` is not a rule of jobs. */
  readonly until?: Until;
  readonly seed?: number;
  /**
   * Into how many chunks the work is cut; default so many that each takes about `chunkSeconds`. At most one for each
   * independent block.
   */
  readonly chunks?: number;
  /** About how long a chunk is to take, in seconds, by a measurement of half a second here; default 180. */
  readonly chunkSeconds?: number;
  /**
   * Files that the game reads, where its spec does not hold their checksums (`gameFromFiles` does): no chunk is done
   * with others. Default none.
   */
  readonly files?: readonly string[];
  readonly signal?: AbortSignal;
}

const planJobOptionNames: OptionNames<PlanJobOptions> = {
  folder: true,
  estimator: true,
  orderings: true,
  evaluations: true,
  until: true,
  seed: true,
  chunks: true,
  chunkSeconds: true,
  files: true,
  signal: true,
};

/** A job that can be begun. */
export interface PlannedJob {
  readonly folder: string;
  readonly plan: JobPlan;
  /** SHA-256 of the plan: what the files of its chunks carry. */
  readonly hash: string;
}

/**
 * About how long a chunk takes unless another time is asked for, in seconds: start-up is then little of it, and so is
 * what a lost node loses.
 */
const usualSeconds = 180;

/**
 * Plans the computing of Shapley Modes by any number of processes on any number of machines: writes `plan.json` to the
 * job's folder. Its result has the bytes of `shapley(game, ...)` with the same options, whoever does which chunk, when,
 * and how often.
 *
 * @param game one that another process can make: of `gameFromFiles` or `gameFromSpec`
 * @throws RangeError, TypeError for options out of range, and for a game that can not be sent; FileError where the
 *   folder holds something, or its disk has too little room; GameError where the game fails
 * @example
 * const game = await gameFromSpec({ module: "./glove.mjs", export: "glove", arguments: [5] });
 * await planJob(game, { folder: "runs/glove", orderings: 3000, chunks: 100 });
 * // then on any machine: shapley-modes job chunk --folder runs/glove --index 0, and so on to 99
 * const { modes } = await reduceJob("runs/glove");
 */
export async function planJob(game: Game, given: PlanJobOptions): Promise<PlannedJob> {
  knownOptions("planJob", given, planJobOptionNames);
  const { folder, chunks, chunkSeconds, files = [], signal, ...wanted } = given;
  checkFolder(folder);
  if (chunks !== undefined) {
    positiveInteger("chunks", chunks);
    if (chunkSeconds !== undefined) throw invalid("chunkSeconds", "chunks or chunkSeconds, not both", chunkSeconds);
  }
  const seconds = notNegative("chunkSeconds", chunkSeconds ?? usualSeconds);
  if (given.until?.seconds !== undefined) {
    throw invalid(
      "seconds of until",
      "none for a job, whose result may not depend on how fast it is",
      given.until.seconds,
    );
  }
  const { options, provenance: said = {} } = await withEstimator(game, wanted, () => signal);
  const settings = settingsOf(game, options);
  const name = nameOf(settings.estimator);
  if (name === undefined) {
    throw invalid(
      "estimator",
      "one of this package: another process can not be given one's own",
      settings.estimator.name,
    );
  }
  if (!game.spec) {
    throw invalid(
      "game",
      "one that another process can make, of gameFromFiles or gameFromSpec: a closure or a model in memory can not be sent",
      game.provenance ?? null,
    );
  }
  const { estimator, request, units, plan: blocks, until } = settings;
  const run = new Run(game, units, estimator, request, blocks, said);
  const ends = await run.measureEnds(signal);
  const perBlock = chunks === undefined ? await secondsPerBlock(game, settings, name, signal) : null;
  const spec = locatedSpec(game.spec);
  const bytes = bytesOf(settings);
  const plan: JobPlan = {
    version: packageVersion,
    streams: streamVersion,
    estimator: name,
    request,
    until: until ?? null,
    said,
    units: [...units],
    output_shape: [...game.outputShape],
    game: { spec, provenance: game.provenance ?? null, gates: game.gates ?? [], walks: game.walk !== undefined },
    ends: { all: base64Of(ends.all), none: base64Of(ends.none) },
    blocks: blocks.chunks,
    chunks:
      chunks === undefined ? chunksOf(blocks.chunks, perBlock ?? 0, seconds) : checkedChunks(chunks, blocks.chunks),
    files: [...codeFiles(spec), ...files.map((path) => jobFile(resolve(path), "data"))],
    seconds_per_block: perBlock === null ? null : Number(perBlock.toPrecision(3)),
    bytes,
  };
  checkRoom(folder, bytes);
  return { folder, plan, hash: writePlan(folder, plan) };
}

/** @throws FileError for a folder that holds something, or can not be written */
function checkFolder(folder: unknown): asserts folder is string {
  if (typeof folder !== "string") throw wrongKind("folder", "the name of a folder", folder);
  if (folder.trim() === "") throw invalid("folder", "the name of a folder", folder);
  if (existsSync(planPath(folder))) {
    throw new FileError(folder, "holds a job already; `job status` tells of it; plan another one in another folder");
  }
  checkWritable(planPath(folder));
}

function checkedChunks(chunks: number, blocks: number): number {
  if (chunks > blocks) throw invalid("chunks", `at most ${blocks}: so many blocks of the work are independent`, chunks);
  if (chunks > mostChunks) throw invalid("chunks", `at most ${mostChunks}`, chunks);
  return chunks;
}

function chunksOf(blocks: number, perBlock: number, seconds: number): number {
  const together = Math.max(1, Math.floor(seconds / Math.max(perBlock, 1e-9)));
  return Math.min(mostChunks, Math.max(1, Math.ceil(blocks / together)));
}

/**
 * How long a block takes here: its evaluations, by the time of a step of a walk where it plays orderings, else of a
 * coalition.
 */
async function secondsPerBlock(
  game: Game,
  { estimator, request, plan }: Settings,
  name: EstimatorName,
  signal: AbortSignal | undefined,
): Promise<number> {
  const random = randomStream(0);
  const ordering = () => randomOrdering(random, request.units);
  const half = Math.ceil(request.units / 2);
  const sets = Array.from({ length: 8 }, () => ordering().subarray(0, half));
  const { step, coalition } = await measuredCosts(game, ordering(), coalitionsOf(request.units, sets), signal);
  const walks = game.walk && estimator.budget === "orderings" && name !== "exact";
  return (plan.evaluations / plan.chunks) * (walks ? step : coalition);
}

/** Bytes of the sums of all blocks. */
function bytesOf({ estimator, request, plan }: Settings): number {
  const { units, outputs } = request;
  return Math.ceil(plan.chunks * estimator.held(request).chunk * units * outputs * Float64Array.BYTES_PER_ELEMENT);
}

/** @throws FileError where the disk has too little room for the files of all chunks */
function checkRoom(folder: string, bytes: number): void {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  if (bytes <= free) return;
  throw new FileError(
    folder,
    `its disk has too little room: the files of all chunks take ${sizeText(bytes)}, ${sizeText(free)} are free; make room, choose a folder on another disk, or play fewer orderings`,
  );
}
