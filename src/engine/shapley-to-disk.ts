import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FileError, invalid, wrongKind } from "../errors.js";
import { evaluateFinite } from "../estimators/walk.js";
import { checkRoom, checkWritable } from "../files.js";
import { type Game, outputSize } from "../games/game.js";
import { partOf } from "../games/part.js";
import { canonicalJson, type Json, type JsonObject } from "../json.js";
import { type ModesWriter, storeBytes, writeModes } from "../modes/modes-writer.js";
import { endsType, storeFormat } from "../modes/store-format.js";
import { openModes, type StoredModes } from "../modes/stored-modes.js";
import { lockStore, readUnfinished, unfinishedFolder } from "../modes/unfinished-store.js";
import { knownOptions } from "../options.js";
import { remarkOnce } from "../remark.js";
import { collectGarbage } from "./collect-garbage.js";
import {
  type DiskPlan,
  diskPlanOf,
  memoryBesideModes,
  mostMemory,
  planText,
  type ShapleyToDiskOptions,
  settingsOfParts,
  shapleyToDiskOptionNames,
} from "./disk-plan.js";
import { speedSince } from "./progress/speed.js";
import { estimatorOfParts } from "./runs/auto.js";
import { removeCheckpoints } from "./runs/checkpoint.js";
import { ProbeSums, probes, runIdentity } from "./runs/identity.js";
import { InterruptedError, interruption } from "./runs/interruption.js";
import { orderingsRemark, pacesOf, type Settings } from "./runs/settings.js";
import { shapley } from "./shapley.js";

/**
 * Shapley Modes that are too large for memory, written to disk image by image: the outputs are cut along their first
 * index into parts that fit, each is played through all orderings, and its modes are written as float32 (`openModes`
 * says how). The numbers do not depend on how much memory it may take, and are those of {@link shapley}, rounded to
 * float32; of "leverage", which looks at all outputs to choose its terms, those of {@link partOf} the game, whose terms
 * are taken by a rule. v(all) and v(none) are not rounded.
 *
 * Stopped or killed, it goes on where it was when it is called again with the same game and options; when all is there
 * it is not played again. Under its name there is nothing before all is there.
 *
 * @param path of the store, a folder; by custom its name ends in .zarr. One that is there is replaced at the end
 * @throws RangeError where a single image needs more memory than it may take; FileError where the disk has less room
 *   than needed; both before anything is played. All that `shapley` throws
 * @example
 * const stored = await shapleyToDisk(generatorGame(generator, { faces: 32 }), "results/modes.zarr", { orderings: 3000 });
 * const modes = await stored.slice(0);
 */
export async function shapleyToDisk(
  game: Game,
  path: string,
  options: ShapleyToDiskOptions = {},
): Promise<StoredModes> {
  knownOptions("shapleyToDisk", options, shapleyToDiskOptionNames);
  const settings = settingsOfParts(game, options);
  const { memory, onRemark: remark = remarkOnce, onProgress, progress: shown, ...rest } = options;
  checkPath(path);
  const { units, estimator } = settings;
  pacesOf(options);
  const { orderings, ...asked } = { ...rest, ...estimatorOfParts(game, options).budget };
  const unused = orderingsRemark(options);
  const [images] = game.outputShape;
  const signal = interruption(options.signal);
  diskPlanOf(game, settings, options.memory);
  const unlock = lockStore(path, signal);
  try {
    const known = existsSync(path) ? await knownStore(path) : undefined;
    const earlier = readUnfinished(path);
    const plan = diskPlanOf(game, settings, options.memory, earlier?.rows);
    const room =
      plan.disk - storeBytes(units.length, settings.request.outputs) * ((earlier?.written.length ?? 0) / images);
    if (!known) checkRoom(path, room);
    const identity = await identityOf(game, settings, plan.rows, signal);
    if (known && sameRun(known.identity, identity)) {
      remark(`${path} is there already, of the same game and options`);
      return known;
    }
    if (known) checkRoom(path, room);
    if (earlier && !sameRun(earlier.identity, identity)) {
      const rule = `a store that no other run has left unfinished (remove ${unfinishedFolder(path)}, or choose another name)`;
      throw invalid("path", rule, path);
    }
    const done = { identity, rows: plan.rows, provenance: earlier?.provenance ?? {}, written: earlier?.written ?? [] };
    return await playAll(plan, await writeModes(path, units, game.outputShape, done), done.written);
  } catch (error) {
    if (!signal?.aborted || error instanceof InterruptedError) throw error;
    throw new InterruptedError("before anything was played", `run again to write ${path}`, { cause: error });
  } finally {
    unlock();
  }

  async function playAll(plan: DiskPlan, writer: ModesWriter, written: readonly number[]): Promise<StoredModes> {
    const left = Array.from({ length: images }, (_, row) => row).filter((row) => !written.includes(row));
    const parts = partsOf(left, plan.rows);
    removeCheckpointsOf(path, written);
    if (unused) remark(unused);
    remark(planText(plan, parts.length, images));
    const start = performance.now();
    const total = parts.length * plan.evaluations;
    let before = 0;
    /** What it takes is no longer used when it is done. */
    async function playPart(from: number, to: number): Promise<void> {
      const resume = join(unfinishedFolder(path), `part-${from}-${to}`);
      const title = `${units.length} units, ${from + 1} to ${to} of ${images}`;
      const playing = partOf(game, from, to);
      try {
        const part = await shapley(playing, {
          ...asked,
          ...(orderings !== undefined && estimator.budget !== "none" && { orderings }),
          estimator,
          memory: memoryBesideModes(mostMemory(memory)),
          resume,
          onRemark: remark,
          ...(shown === undefined ? {} : { progress: shown && { title, ...(shown === true ? {} : shown) } }),
          onProgress(progress) {
            const evaluations = before + progress.evaluations;
            onProgress?.({
              evaluations,
              total,
              ...speedSince(start, evaluations, total),
              get largestStandardError() {
                return progress.largestStandardError;
              },
              get goals() {
                return progress.goals;
              },
              done: progress.done && to === parts.at(-1)?.[1],
            });
          },
        });
        await writer.write(from, part);
      } finally {
        playing.dispose?.();
      }
      removeCheckpoints(resume);
    }

    for (const [from, to] of parts) {
      await playPart(from, to);
      before += plan.evaluations;
      collectGarbage();
    }
    const { because } = estimatorOfParts(game, options);
    writer.finish((parts) => ({
      ...parts,
      ...(because !== undefined && { estimator_chosen_because: because }),
      game: wholeProvenance(game.provenance, parts.game),
    }));
    return openModes(path);
  }
}

function sameRun(a: JsonObject, b: JsonObject): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** @throws FileError for what is there and is no store of modes */
async function knownStore(path: string): Promise<StoredModes> {
  return openModes(path).catch((cause: Error) => {
    throw new FileError(path, `is there, so it is not replaced (${cause.message})`, { cause });
  });
}

/** What the whole game says of itself; what it does not know before it is played itself (null), a part of it does. */
function wholeProvenance(whole: JsonObject | undefined, part: Json | undefined): JsonObject | null {
  if (!whole) return null;
  const played = (part ?? {}) as JsonObject;
  return Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, value ?? played[name] ?? null]));
}

/** Removes checkpoints of parts that are written: a process may end between the two. */
function removeCheckpointsOf(path: string, written: readonly number[]): void {
  for (const name of readdirSync(unfinishedFolder(path))) {
    const [, from, to] = /^part-(\d+)-(\d+)$/.exec(name) ?? [];
    if (from === undefined) continue;
    const rows = Array.from({ length: Number(to) - Number(from) }, (_, i) => Number(from) + i);
    if (rows.every((row) => written.includes(row))) removeCheckpoints(join(unfinishedFolder(path), name));
  }
}

/** What tells this run from others: the values that stand for the game are those of all images, some at a time. */
async function identityOf(
  game: Game,
  settings: Settings,
  rows: number,
  signal: AbortSignal | undefined,
): Promise<JsonObject> {
  const { units, request, until } = settings;
  const sums = new ProbeSums();
  let provenance: JsonObject | undefined;
  for (let from = 0; from < game.outputShape[0]; from += rows) {
    const part = partOf(game, from, Math.min(game.outputShape[0], from + rows));
    for (const [p, probe] of probes(units.length).entries()) {
      sums.add(p, await evaluateFinite(part, probe, outputSize(part.outputShape), signal));
    }
    ({ provenance } = part);
    part.dispose?.();
  }
  const identity = runIdentity({ game, ...settings }, sums.digests(), wholeProvenance(game.provenance, provenance));
  const store = { store: storeFormat, ends: endsType };
  return { ...identity, orderings: request.orderings, ...store, ...(until && { until: { ...until } }) };
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
  checkWritable(join(unfinishedFolder(path), "written.json"));
}
