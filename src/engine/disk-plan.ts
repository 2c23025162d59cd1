import { invalid } from "../errors.js";
import type { Request } from "../estimators/estimator.js";
import type { Until } from "../estimators/stopping/until.js";
import type { Game } from "../games/game.js";
import { storeBytes } from "../modes/modes-writer.js";
import { knownOptions, type OptionNames } from "../options.js";
import { sizeText } from "../words.js";
import { estimatorOfParts } from "./runs/auto.js";
import { diskOf, memoryOf, positiveBytes, type Settings, settingsOf } from "./runs/settings.js";
import { checkFit, usualMemory } from "./runs/usual-memory.js";
import type { ShapleyOptions } from "./shapley.js";

/** Options of `shapleyToDisk`. */
export interface ShapleyToDiskOptions extends Omit<ShapleyOptions, "resume" | "blocks" | "memory"> {
  /**
   * As {@link ShapleyOptions.until}, where all of the output is played at once: parts that are played one after the
   * other would stop at different places.
   */
  readonly until?: Until;
  /**
   * Most bytes that the sums may take; default 1 GB, or half of what is free where that is less. What "leverage" keeps
   * of each pair goes to a temporary file where it does not fit.
   */
  readonly memory?: number;
}

/** The names of `ShapleyToDiskOptions`. */
export const shapleyToDiskOptionNames: OptionNames<ShapleyToDiskOptions> = {
  seed: true,
  signal: true,
  estimator: true,
  orderings: true,
  evaluations: true,
  until: true,
  workers: true,
  concurrency: true,
  checkpointSeconds: true,
  progress: true,
  onProgress: true,
  onRemark: true,
  memory: true,
};

/** What `shapleyToDisk` will do and need, known before it starts. */
export interface DiskPlan {
  /** Rows of the output (its first indices: of images, the images) that are played at a time. */
  readonly rows: number;
  /** How often the orderings are played, for some rows after the other. */
  readonly parts: number;
  /** Bytes that the sums take at their peak, beside the network and Node itself. */
  readonly memory: number;
  /**
   * Bytes on disk while it runs: the store, and the checkpoints and temporary files of the part that is being played.
   */
  readonly disk: number;
  /** Evaluations of v for each part. */
  readonly evaluations: number;
}

/** What `shapleyToDisk` would do and need, without doing it. */
export function planToDisk(game: Game, options: ShapleyToDiskOptions = {}): DiskPlan {
  knownOptions("planToDisk", options, shapleyToDiskOptionNames);
  return diskPlanOf(game, settingsOfParts(game, options), options.memory);
}

export function settingsOfParts(game: Game, options: ShapleyToDiskOptions): Settings {
  const { name, budget } = estimatorOfParts(game, options);
  return settingsOf(game, { ...options, ...budget, estimator: name });
}

/** @param rows played at a time before, by a run that was stopped: its checkpoints are of these */
export function diskPlanOf(
  game: Game,
  { estimator, request, workers, plan, until }: Settings,
  memory?: number,
  earlierRows = Number.POSITIVE_INFINITY,
): DiskPlan {
  const [images] = game.outputShape;
  if (images === undefined) throw invalid("output shape", "at least one dimension", game.outputShape);
  if (!until) checkFit(plan, request);
  const most = mostMemory(memory);
  const ofRows = (rows: number, within: number): Request => ({
    ...request,
    outputs: (request.outputs / images) * rows,
    memory: memoryBesideModes(within),
  });
  const needed = (rows: number, within = most) => memoryOf(estimator, ofRows(rows, within), workers);
  if (needed(1) > most) {
    const who = `for a part of the output with ${workers === 1 ? "one worker" : `${workers} workers`}`;
    const usual =
      memory === undefined ? " (what it takes unless told otherwise: half of what is free, at most 1 GB)" : "";
    throw invalid(
      "memory",
      `at least ${leastMemory(most, (within) => needed(1, within))} bytes, ${who}${usual}`,
      Math.floor(most),
    );
  }
  if (until && needed(images) > most) {
    const least = leastMemory(most, (within) => needed(images, within));
    const why = "parts that are played one after the other would stop at different places";
    throw invalid(
      "memory",
      `at least ${least} bytes with until, for all of the output at once: ${why}`,
      Math.floor(most),
    );
  }
  let [rows, tooMany] = [1, Math.min(images, earlierRows) + 1];
  while (tooMany - rows > 1) {
    const middle = (rows + tooMany) >> 1;
    if (needed(middle) <= most) rows = middle;
    else tooMany = middle;
  }
  const part = ofRows(rows, most);
  const { sums, packed = sums } = estimator.held(part);
  return {
    rows,
    parts: Math.ceil(images / rows),
    memory: Math.ceil(needed(rows)),
    // A checkpoint is written before the one before the last is removed.
    disk:
      storeBytes(request.units, request.outputs) +
      3 * Math.round(packed * part.outputs * request.units) * Float64Array.BYTES_PER_ELEMENT +
      diskOf(estimator, part),
    evaluations: plan.evaluations + 2,
  };
}

/** Bytes that all of the sums may take. */
export function mostMemory(memory: number | undefined): number {
  return memory === undefined ? usualMemory() : positiveBytes("memory", memory);
}

/** Of these, what may be taken beside the modes. */
export function memoryBesideModes(most: number): number {
  return most / 2;
}

/** The least bytes of which no more are needed: where there is more, more is kept in memory. */
function leastMemory(given: number, needed: (within: number) => number): number {
  let least = given;
  while (needed(least) > least) least = Math.ceil(needed(least));
  return least;
}

export function planText(plan: DiskPlan, parts: number, images: number): string {
  if (parts === 0) return `all ${images} rows of the output are there`;
  return (
    `all samples are played ${parts === 1 ? "once" : `${parts} times`}, for up to ${plan.rows} of the output's ${images} rows at a time: ` +
    `about ${sizeText(plan.memory)} of memory beside the network, ${sizeText(plan.disk)} on disk`
  );
}
