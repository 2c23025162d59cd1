import { existsSync, rmSync, statfsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { allIntact } from "../coalitions/coalition.js";
import { FileError, invalid, wrongKind } from "../errors.js";
import { evaluateFinite } from "../estimators/walk.js";
import { checkWritable, sha256 } from "../files.js";
import { type Game, outputSize } from "../games/game.js";
import { partOf } from "../games/part.js";
import { canonicalJson, type Json, type JsonObject } from "../json.js";
import { storeBytes, writeModes } from "../modes/modes-writer.js";
import { openModes, type StoredModes } from "../modes/stored-modes.js";
import { packageVersion } from "../package.js";
import { collectGarbage } from "./collect-garbage.js";
import type { Progress } from "./progress.js";
import { remarkOnce } from "./remark.js";
import { memoryOf, type Settings, settingsOf, sizeText } from "./settings.js";
import { type ShapleyOptions, shapley } from "./shapley.js";

/** Options of {@link shapleyToDisk}. */
export interface ShapleyToDiskOptions extends Omit<ShapleyOptions, "resume"> {
  /** Most bytes that the sums may take; default 1 GB, or half of what is free where that is less. */
  readonly memory?: number;
}

/** What {@link shapleyToDisk} will do and need, known before it starts. */
export interface DiskPlan {
  /** Images (first indices of the output) that are played at a time. */
  readonly rows: number;
  /** How often the orderings are played, for one part of the images after the other. */
  readonly parts: number;
  /** Bytes that the sums take at their peak, beside the network and Node itself. */
  readonly memory: number;
  /** Bytes on disk while it runs: the store, and the checkpoints of the part that is being played. */
  readonly disk: number;
  /** Evaluations of v for each part. */
  readonly evaluations: number;
}

/**
 * Shapley Modes that are too large for memory, written to disk image by image: the outputs are cut along their first index into
 * parts that fit, each is played through all orderings, and its modes are written as float32 (`openModes` says how). The numbers
 * do not depend on how much memory it may take, and are those of {@link shapley}, rounded to float32.
 *
 * Stopped or killed, it goes on where it was when it is called again with the same game and options; when all is there it is not
 * played again. Under its name there is nothing before all is there.
 *
 * @param path of the store, a folder; by custom its name ends in .zarr. One that is there is replaced at the end
 * @throws RangeError where a single image needs more memory than it may take; FileError where the disk has less room than
 *   needed; both before anything is played. All that `shapley` throws
 * @example
 * const stored = await shapleyToDisk(generatorGame(generator, { faces: 32 }), "results/modes.zarr", { orderings: 3000 });
 * const modes = await stored.slice(0);
 */
export async function shapleyToDisk(
  game: Game,
  path: string,
  options: ShapleyToDiskOptions = {},
): Promise<StoredModes> {
  const { memory: _, onRemark: remark = remarkOnce, onProgress, progress: shown, ...rest } = options;
  const settings = settingsOf(game, options);
  checkPath(path);
  const plan = diskPlanOf(game, settings, options.memory);
  const { units } = settings;
  const known = existsSync(path) ? await openModes(path).catch(() => undefined) : undefined;
  if (!known) checkRoom(path, plan.disk);
  const identity = await identityOf(game, settings, options.signal);
  if (known && canonicalJson(known.identity) === canonicalJson(identity)) {
    remark(`${path} is there already, of the same game and options`);
    return known;
  }
  if (known) checkRoom(path, plan.disk);
  const writer = await writeModes(path, units, game.outputShape, identity);
  const [images] = game.outputShape;
  const left = Array.from({ length: images }, (_, row) => row).filter((row) => !writer.written.has(row));
  const parts = partsOf(left, plan.rows);
  remark(planText(plan, parts.length, images));
  let before = 0;
  /** What it takes is no longer used when it is done. */
  async function playPart(from: number, to: number): Promise<void> {
    const resume = join(writer.folder, `part-${from}-${to}`);
    const title = `${units.length} units, ${from + 1} to ${to} of ${images}`;
    const part = await shapley(partOf(game, from, to), {
      ...rest,
      resume,
      onRemark: remark,
      ...(shown === undefined ? {} : { progress: shown && { title, ...(shown === true ? {} : shown) } }),
      onProgress: (progress) =>
        onProgress?.({
          ...withoutGetters(progress),
          evaluations: before + progress.evaluations,
          total: parts.length * plan.evaluations,
          get largestStandardError() {
            return progress.largestStandardError;
          },
          done: progress.done && to === parts.at(-1)?.[1],
        }),
    });
    await writer.write(from, part);
    rmSync(resume, { recursive: true, force: true });
  }

  for (const [from, to] of parts) {
    await playPart(from, to);
    before += plan.evaluations;
    collectGarbage();
  }
  writer.finish((parts) => ({ ...parts, game: wholeProvenance(game.provenance, parts.game) }));
  return openModes(path);
}

/** What the whole game says of itself; what it does not know before it is played itself (null), a part of it does. */
function wholeProvenance(whole: JsonObject | undefined, part: Json | undefined): JsonObject | null {
  if (!whole) return null;
  const played = (part ?? {}) as JsonObject;
  return Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, value ?? played[name] ?? null]));
}

/** What {@link shapleyToDisk} would do and need, without doing it. */
export function planToDisk(game: Game, options: ShapleyToDiskOptions = {}): DiskPlan {
  return diskPlanOf(game, settingsOf(game, options), options.memory);
}

/** Bytes that the sums may take unless told otherwise. */
const usualMemory = 1e9;

function diskPlanOf(game: Game, { estimator, request, workers, plan }: Settings, memory?: number): DiskPlan {
  const [images] = game.outputShape;
  if (images === undefined) throw invalid("output shape", "at least one dimension", game.outputShape);
  const most = memory === undefined ? Math.min(usualMemory, process.availableMemory() / 2) : positive("memory", memory);
  const perImage = { ...request, outputs: request.outputs / images };
  const one = memoryOf(estimator, perImage, workers);
  if (one > most) {
    const needed = `at least ${one} bytes, for a part of the output with ${workers === 1 ? "one worker" : `${workers} workers`}`;
    throw invalid("memory", needed, Math.floor(most));
  }
  const rows = Math.min(images, Math.floor(most / one));
  const sums = estimator.held.sums * perImage.outputs * rows * request.units * Float64Array.BYTES_PER_ELEMENT;
  return {
    rows,
    parts: Math.ceil(images / rows),
    memory: rows * one,
    // A checkpoint is written before the one before the last is removed.
    disk: storeBytes(request.units, request.outputs) + 3 * sums,
    evaluations: plan.evaluations + 2,
  };
}

function positive(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a positive number of bytes", value);
  if (!(value > 0)) throw invalid(name, "a positive number of bytes", value);
  return value;
}

function planText(plan: DiskPlan, parts: number, images: number): string {
  if (parts === 0) return `all of ${images} parts of the output are there`;
  return (
    `played ${parts === 1 ? "once" : `${parts} times`} for up to ${plan.rows} of ${images} parts of the output at a time: ` +
    `about ${sizeText(plan.memory)} of memory beside the network, ${sizeText(plan.disk)} on disk`
  );
}

/** What tells this run from others. A closure has no checksum, so v of everybody, of the first part, stands for the game. */
async function identityOf(
  game: Game,
  { units, request, estimator }: Settings,
  signal: AbortSignal | undefined,
): Promise<JsonObject> {
  const part = partOf(game, 0, 1);
  const values = await evaluateFinite(part, allIntact(units.length), outputSize(part.outputShape), signal);
  return {
    estimator: estimator.name,
    game: game.provenance ?? null,
    orderings: request.orderings,
    output_shape: [...game.outputShape],
    seed: request.seed,
    units: [...units],
    value: sha256(Buffer.from(JSON.stringify(Array.from(values)))),
    version: packageVersion,
  };
}

/** Numbers in ascending order as ranges of at most so many that follow each other. */
function partsOf(rows: readonly number[], most: number): [number, number][] {
  const parts: [number, number][] = [];
  for (const row of rows) {
    const last = parts.at(-1);
    if (last && last[1] === row && row - last[0] < most) last[1]++;
    else parts.push([row, row + 1]);
  }
  return parts;
}

/** @throws FileError, RangeError for a path at which no store can be, before anything is computed */
function checkPath(path: string): void {
  if (typeof path !== "string") throw wrongKind("path", "the name of a folder", path);
  if (path.trim() === "") throw invalid("path", "the name of a folder", path);
  if (existsSync(path) && !existsSync(join(path, "zarr.json"))) {
    throw new FileError(path, "is there and is no store of modes: it is not replaced");
  }
  checkWritable(join(`${resolve(path)}.part`, "written.json"));
}

/** @throws FileError where the disk has less room than is needed */
function checkRoom(path: string, needed: number): void {
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < needed)
    throw new FileError(path, `needs ${sizeText(needed)} on its disk, where ${sizeText(free)} are free`);
}

function withoutGetters({ seconds, rate, secondsLeft }: Progress) {
  return { seconds, rate, secondsLeft };
}
