import type { Coalitions, Ordering } from "../coalitions/coalition.js";
import { invalid, wrongKind } from "../errors.js";
import type { JsonObject } from "../json.js";
import { shapeSize } from "../shape-size.js";
import type { GameSpec } from "./spec.js";

/** Values of a batch of coalitions, row after row: `[batch, ...outputShape]`. */
export type Values = Float64Array | Float32Array;

/**
 * A cooperative game v: what a network does when only the units of a coalition are intact and all others are
 * lesioned. Its players are units, its value has any shape: a score, one score per class, logits, images.
 */
export interface Game {
  /** Unique names of the units, e.g. `hidden/17` or `L17/E7`. */
  readonly units: readonly string[];
  /** Shape of v(S); `[]` for a number. */
  readonly outputShape: readonly number[];
  /** What is played, in words and numbers that do not change from run to run: score, lesion, checksums, backend. */
  readonly provenance?: JsonObject;
  /**
   * SHA-256 of the text of the function that is played, where one is: edited, it is another game for a run that goes
   * on.
   */
  readonly code?: string;
  /**
   * v of each coalition of a batch. The array may be used again at the next call: copy what is to be kept. A run makes
   * one call after the other, but does not wait for one that it gave up when it was stopped, nor for those of another
   * run of the same game: where calls may overlap, each needs an array of its own. A game that takes its time looks at
   * the signal between coalitions.
   */
  evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values>;
  /**
   * The fast path, where there is one: brings the units back one by one in the given order, starting with all
   * lesioned, and calls `visit(rank, values)` after the unit `ordering[rank]` has come back, with v of the units
   * `ordering[0..rank]`. The values are only good during the call. Same values as `evaluate`, but for the rounding of
   * sums in another order. A walk that takes its time looks at the signal between visits.
   */
  walk?(ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal): void | Promise<void>;
  /**
   * Units that do nothing but let outputs of their own through. Estimators that play orderings then need not sample
   * where they come back: they average over all places, which is exact, takes fewer orderings, and costs nothing.
   * Default none.
   */
  readonly gates?: readonly Gate[];
  /**
   * How many coalitions together cost little more than one, for a game that reads something once for all that it is
   * asked at a time: weights from a disk. Estimators that need no order of coalitions then ask for so many. Default: a
   * coalition costs the same alone.
   */
  readonly coalitionsAtOnce?: number;
  /**
   * The game about a part of the outputs: those whose first index is `from` to `to - 1`; of a game of images, some of
   * the images. Same values as in the whole. Default: the whole game is played and the rest of its outputs thrown away.
   */
  part?(from: number, to: number): Game;
  /**
   * The same game with up to so many evaluations under way at once, for one whose evaluations wait for something else
   * than this thread: a service, a simulation in another process. Same values; several calls of its `evaluate` may
   * overlap. Undefined, as where there is no such method: they are made one after another, whatever `concurrency` of
   * `shapley` says.
   */
  concurrently?(limit: number): Game | undefined;
  /**
   * How many numbers v(S) has in all, where this game is a part of another one: then it is played in the same
   * orderings.
   */
  readonly wholeOutputs?: number;
  /** Whether every output of the whole has a gate, where this game is a part of another one. */
  readonly wholeGated?: boolean;
  /** Frees the memory that the game holds; evaluated again it takes it again. Default: it holds none. */
  dispose?(): void;
  /** How another process makes the same game; undefined for a closure, which can not be sent. */
  readonly spec?: GameSpec;
  /**
   * How another thread of this process makes the same game, with what was computed here as arguments. Workers prefer it
   * to `spec`; a game that has neither stays in its thread.
   */
  forThreads?(): GameSpec<unknown>;
}

/**
 * A unit that gates outputs: as long as it is lesioned they are what they are in v(none), whoever else is intact; all
 * other outputs do not depend on it. No output has two gates. The three colour channels of a generator of images are
 * gates.
 */
export interface Gate {
  /** Index of the unit. */
  readonly unit: number;
  /** Its outputs, as ranges of the flat value: `[first, after the last]`. */
  readonly outputs: readonly (readonly [number, number])[];
  /** Whether it gates by construction, so that a run need not try it with an evaluation. Default false. */
  readonly certain?: boolean;
}

/** Whether every output of a game has a gate; of a part of a game, every output of the whole. */
export function allGated({ gates = [], outputShape, wholeGated }: Pick<Game, "gates" | "outputShape" | "wholeGated">) {
  let behind = 0;
  for (const gate of gates) for (const [from, to] of gate.outputs) behind += to - from;
  return wholeGated ?? (gates.length > 0 && behind === outputSize(outputShape));
}

/** How many numbers v(S) has. */
export function outputSize(shape: readonly number[]): number {
  return shapeSize(shape);
}

/** Most units of a game: as many as an ordering is drawn of without bias (`uniformIndex`). */
const mostUnits = 2 ** 21;

/**
 * Checks the names of a game's units: at least one, all different, none empty. A number n stands for the names
 * "0", "1", ..., "n-1", as in msapy.
 */
export function unitNames(units: readonly string[] | number, what = "unit"): readonly string[] {
  const rule = `a positive number of ${what}s or a list of different names`;
  if (typeof units === "number") {
    if (!Number.isSafeInteger(units) || units < 1) throw invalid(`${what}s`, rule, units);
    if (units > mostUnits) throw invalid(`${what}s`, `at most ${mostUnits}`, units);
    return Array.from({ length: units }, (_, unit) => String(unit));
  }
  if (!Array.isArray(units)) throw wrongKind(`${what}s`, rule, units);
  if (units.length === 0) throw invalid(`${what}s`, rule, units);
  if (units.length > mostUnits) throw invalid(`${what}s`, `at most ${mostUnits}`, units.length);
  const seen = new Set<string>();
  for (const name of units) {
    if (typeof name !== "string") throw wrongKind(`${what} name`, "a text", name);
    if (name === "") throw invalid(`${what} name`, "at least one character", name);
    if (seen.has(name)) throw invalid(`${what} name`, `a name that no other ${what} has`, name);
    seen.add(name);
  }
  return [...units];
}
