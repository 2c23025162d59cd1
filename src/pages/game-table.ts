import type { Coalitions } from "../coalitions/coalition.js";
import { exact } from "../estimators/exact.js";
import type { Game } from "../games/game.js";
import type { TableForm } from "./game-facts.js";
import type { PageArray } from "./page-content.js";

/**
 * Arrays of a game's page: the values of all coalitions, `[2^units, outputs]`, coalition c having the units whose bits
 * are set in c.
 */
export type TableArrays = { readonly table: PageArray };

/** v of every coalition. */
export interface GameTable {
  readonly units: number;
  readonly outputs: number;
  /** `[2^units, outputs]` */
  readonly values: Float64Array | Float32Array;
}

/** The levels of a table that is stored in steps: so fine that no value is off by more than half of one. */
const mostLevel = 65_535;
/** Bytes up to which a table is stored in float64. */
const smallBytes = 1 << 18;
/** Bytes of float32 from which on levels are worth their rounding. */
const largeBytes = 1 << 20;
/** How far a value may be off, as a share of the range of its output, and in its own unit. */
const tolerance = 1e-3;

/** How far float32 may be off, as a share of the range of an output: marginal contributions are differences. */
const singleTolerance = 1e-6;

/**
 * A table as it is stored: float64 where it is small; a large one as levels, where these are within a thousandth; else
 * float32, where that is within a millionth of the range of each output.
 */
export function storedTable({ outputs, values }: GameTable): { readonly form: TableForm; readonly table: PageArray } {
  if (values.length * 8 <= smallBytes) return { form: { form: "numbers" }, table: Float64Array.from(values) };
  const levels = values.length * 4 > largeBytes ? levelled(values, outputs) : undefined;
  return levels ?? { form: { form: "numbers" }, table: asSingles(values, outputs) ?? Float64Array.from(values) };
}

/** The least and the largest value of each output. */
function ranges(values: ArrayLike<number>, outputs: number) {
  const low = new Array<number>(outputs).fill(Number.POSITIVE_INFINITY);
  const high = new Array<number>(outputs).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < values.length; i++) {
    low[i % outputs] = Math.min(low[i % outputs], values[i]);
    high[i % outputs] = Math.max(high[i % outputs], values[i]);
  }
  return { low, high };
}

function asSingles(values: ArrayLike<number>, outputs: number): Float32Array | undefined {
  const { low, high } = ranges(values, outputs);
  const singles = Float32Array.from(values);
  const near = singles.every(
    (value, i) => Math.abs(value - values[i]) <= singleTolerance * (high[i % outputs] - low[i % outputs]),
  );
  return near ? singles : undefined;
}

function levelled(values: ArrayLike<number>, outputs: number) {
  const { low, high } = ranges(values, outputs);
  const step = low.map((least, o) => (high[o] - least) / mostLevel);
  if (step.some((size) => size / 2 > tolerance)) return undefined;
  const table = Uint16Array.from({ length: values.length }, (_, i) =>
    step[i % outputs] > 0 ? Math.round((values[i] - low[i % outputs]) / step[i % outputs]) : 0,
  );
  return { form: { form: "levels" as const, low, step }, table };
}

/** The table of what was stored. */
export function tableOf(units: number, outputs: number, form: TableForm, stored: PageArray): GameTable {
  const values =
    form.form === "levels"
      ? Float32Array.from(stored, (level, i) => form.low[i % outputs] + level * form.step[i % outputs])
      : (stored as Float64Array | Float32Array);
  return { units, outputs, values };
}

/** v(S) of one output, or its mean over all. */
export function tableValue({ outputs, values }: GameTable, coalition: number, output: number | "mean"): number {
  if (output !== "mean") return values[coalition * outputs + output];
  let sum = 0;
  for (let o = 0; o < outputs; o++) sum += values[coalition * outputs + o];
  return sum / outputs;
}

/** What each unit adds in an order of arrival, by unit: v(before + unit) - v(before). */
export function contributionsIn(table: GameTable, ordering: ArrayLike<number>, output: number | "mean"): Float64Array {
  const contributions = new Float64Array(table.units);
  let coalition = 0;
  let before = tableValue(table, 0, output);
  for (let rank = 0; rank < ordering.length; rank++) {
    coalition |= 1 << ordering[rank];
    const value = tableValue(table, coalition, output);
    contributions[ordering[rank]] = value - before;
    before = value;
  }
  return contributions;
}

/** The Shapley Modes of a table by Shapley's formula, with the package's own exact estimator: `[units, outputs]`. */
export async function exactModes(table: GameTable): Promise<Float64Array> {
  const { units, outputs, values } = table;
  const game: Game = {
    units: Array.from({ length: units }, (_, unit) => String(unit)),
    outputShape: [outputs],
    evaluate: async ({ count, words }: Coalitions) => {
      const rows = new Float64Array(count * outputs);
      for (let c = 0; c < count; c++) {
        rows.set(values.subarray(words[c] * outputs, (words[c] + 1) * outputs), c * outputs);
      }
      return rows;
    },
  };
  const row = (c: number) => Float64Array.from(values.subarray(c * outputs, (c + 1) * outputs));
  const plan = exact.plan({ units, outputs, orderings: 1, seed: 0 }, game);
  const ends = { none: row(0), all: row(2 ** units - 1) };
  const control = { evaluated: () => undefined };
  const sums = await plan.runChunk(0, game, ends, control);
  for (let chunk = 1; chunk < plan.chunks; chunk++) sums.merge(await plan.runChunk(chunk, game, ends, control));
  return sums.estimate(true).values;
}
