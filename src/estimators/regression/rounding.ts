import type { JsonObject } from "../../json.js";
import { othersInHundred } from "../../modes/same-in-all.js";

/** Share of an output's largest target that rounding may make of a value: sums of products of some hundred pairs, 16 units in the last place. */
const roundingShare = 2 ** -48;
/** Share of it up to which what is left of targets is rounding. */
export const exactShare = 2 ** -36;

/** Ridge, in shares of the diagonal, from which on values are held back by more than a hair. */
export const noticeableRidge = 1e-3;

/** What of standard errors is rounding, and how many outputs are fitted exactly: of outputs that may come in parts. */
export class Rounding {
  readonly #share: number;
  #exact = 0;
  #sum = 0;

  /** @param ridge of the fit, in shares of the diagonal: about such a share of targets is left of what it says exactly. Default 0 */
  constructor(ridge = 0) {
    this.#share = Math.max(exactShare, ridge < noticeableRidge ? ridge : 0);
  }

  /**
   * Adds what rounding may make to variances.
   *
   * @param variances `[units, outputs]`
   * @param targets `[pairs, outputs]`
   * @param residuals what the terms leave of them
   * @param total v(all) - v(none), `[outputs]`
   */
  add(variances: Float64Array, targets: Float64Array, residuals: Float64Array, total: Float64Array): void {
    const outputs = total.length;
    const sizes = largestOf(targets, outputs).map((size, o) => Math.max(size, Math.abs(total[o]) / 2));
    const left = largestOf(residuals, outputs);
    for (let o = 0; o < outputs; o++) {
      // What no coalition changes is no surprise.
      if (sizes[o] > 0 && left[o] <= this.#share * sizes[o]) this.#exact++;
      this.#sum += roundingShare * sizes[o];
      for (let i = o; i < variances.length; i += outputs) variances[i] += (roundingShare * sizes[o]) ** 2;
    }
  }

  /** The same of means over all outputs. */
  addToMeans(variances: Float64Array, outputs: number): void {
    for (let u = 0; u < variances.length; u++) variances[u] += (this.#sum / outputs) ** 2;
  }

  /**
   * What is to be said of outputs that are fitted exactly: their errors know nothing of coalitions that were not drawn. Nothing where there are none.
   *
   * @param degrees pairs less unknowns: so many of them could have been missed
   * @param fit what says them
   */
  said(pairs: number, degrees: number, outputs: number, fit = "the fit"): JsonObject {
    if (this.#exact === 0) return {};
    const which = outputs === 1 ? "the output" : `${this.#exact} of ${outputs} outputs`;
    const others = `but up to ${othersInHundred(degrees)} in 100 pairs that were not drawn may differ (95 % confidence), and then the errors are larger`;
    return {
      fitted_exactly: `${fit} says ${which} of all ${pairs} pairs of coalitions exactly, so its standard errors are next to nothing; ${others}`,
    };
  }
}

/** The largest number of each output without its sign. */
export function largestOf(numbers: Float64Array, outputs: number): Float64Array {
  const most = new Float64Array(outputs);
  for (let i = 0; i < numbers.length; i++) most[i % outputs] = Math.max(most[i % outputs], Math.abs(numbers[i]));
  return most;
}
