import type { Coalitions } from "../../coalitions/coalition.js";
import { subsetsUpTo } from "../../coalitions/subsets.js";
import { dividends, interactionsOfDividends } from "../../estimators/interactions/exact.js";
import { roundingOfContributions } from "../../modes/equal-but-for-rounding.js";
import { paced } from "../../pace.js";
import { type Played, type Playing, playAll } from "./playing.js";
import type { InteractionsRequest } from "./settings.js";

/** Interactions from v of all coalitions, and the Shapley values, `[units, outputs]`. */
export async function playExact(
  { units, outputs, index, order }: InteractionsRequest,
  playing: Playing,
): Promise<Played & { readonly modes: Float64Array }> {
  const n = units.length;
  const all = 2 ** n;
  const values = new Float64Array(all * outputs);
  values.set(playing.ends.none);
  values.set(playing.ends.all, (all - 1) * outputs);
  // The ends are known: they are not evaluated again.
  const rows = (from: number, to: number): Coalitions => ({
    count: to - from,
    units: n,
    words: Uint32Array.from({ length: to - from }, (_, c) => from + c + 1),
  });
  await playAll(playing, all - 2, rows, (from, part) => values.set(part, (from + 1) * outputs), {
    pack: (count) => [values.subarray(outputs, (count + 1) * outputs)],
    restore: (numbers) => values.set(numbers, outputs),
  });
  const { signal } = playing;
  const largest = new Float64Array(outputs);
  values.forEach((value, i) => {
    const o = i % outputs;
    largest[o] = Math.max(largest[o], Math.abs(value - playing.ends.none[o]));
  });
  await paced(dividends(values, n, outputs), signal);
  const found = await paced(interactionsOfDividends(values, n, outputs, index, order), signal);
  const modes = await paced(interactionsOfDividends(values, n, outputs, "sii", 1), signal);
  return {
    subsets: subsetsUpTo(n, order),
    values: found,
    standardErrors: new Float64Array(found.length),
    meanStandardErrors: new Float64Array(found.length / outputs),
    modes: modes.map((value, i) => (Math.abs(value) <= roundingOfContributions * largest[i % outputs] ? 0 : value)),
  };
}
