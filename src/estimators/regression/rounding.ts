import type { JsonObject } from "../../json.js";
import { othersInHundred, tellingSamples } from "../../modes/same-in-all.js";

/**
 * Share of an output's largest target that rounding may make of a value: sums of products of some hundred pairs, 16
 * units in the last place.
 */
const roundingShare = 2 ** -48;
/** Share of it up to which what is left of targets is rounding. */
export const exactShare = 2 ** -36;

/** Ridge, in shares of the diagonal, from which on values are held back by more than a hair. */
export const noticeableRidge = 1e-3;

/** Share of an output's largest target up to which what a fit with a ridge leaves of it is nothing. */
function shareOf(ridge: number): number {
  return Math.max(exactShare, ridge < noticeableRidge ? ridge : 0);
}

/** What of standard errors is rounding, and how many outputs are fitted exactly: of outputs that may come in parts. */
export class Rounding {
  readonly #share: number;
  /** Outputs that are fitted exactly. */
  readonly #exact: number[] = [];
  #seen = 0;
  #sum = 0;

  /**
   * @param ridge of the fit, in shares of the diagonal: about such a share of targets is left of what it says exactly.
   *   Default 0
   */
  constructor(ridge = 0) {
    this.#share = shareOf(ridge);
  }

  /**
   * Adds what rounding may make to variances.
   *
   * @param variances `[units, outputs]`
   * @param targets `[pairs, outputs]`
   * @param residuals what the terms leave of them
   * @param total v(all) - v(none), `[outputs]`
   * @param ridges of the outputs, where each has its own
   */
  add(
    variances: Float64Array,
    targets: Float64Array,
    residuals: Float64Array,
    total: Float64Array,
    ridges?: readonly number[],
  ): void {
    const outputs = total.length;
    const sizes = largestOf(targets, outputs).map((size, o) => Math.max(size, Math.abs(total[o]) / 2));
    const left = largestOf(residuals, outputs);
    for (let o = 0; o < outputs; o++) {
      const share = ridges ? shareOf(ridges[o]) : this.#share;
      // What no coalition changes is no surprise.
      if (sizes[o] > 0 && left[o] <= share * sizes[o]) this.#exact.push(this.#seen + o);
      this.#sum += roundingShare * sizes[o];
      for (let i = o; i < variances.length; i += outputs) variances[i] += (roundingShare * sizes[o]) ** 2;
    }
    this.#seen += outputs;
  }

  /** The same of means over all outputs. */
  addToMeans(variances: Float64Array, outputs: number): void {
    for (let u = 0; u < variances.length; u++) variances[u] += (this.#sum / outputs) ** 2;
  }

  /**
   * Errors of outputs that are fitted exactly are not known, where there are so few pairs beyond the unknowns that it
   * says little: NaN, and so are those of means over the outputs.
   *
   * @param errors `[rows, outputs]`, of all outputs
   * @param meanErrors `[rows]`
   * @param degrees pairs less unknowns
   */
  forget(errors: Float64Array, meanErrors: Float64Array, degrees: number): void {
    if (degrees >= tellingSamples) return;
    for (const output of this.#exact) {
      for (let i = output; i < errors.length; i += this.#seen) errors[i] = Number.NaN;
      meanErrors.fill(Number.NaN);
    }
  }

  /**
   * What is to be said of outputs that are fitted exactly: their errors know nothing of coalitions that were not drawn.
   * Nothing where there are none.
   *
   * @param degrees pairs less unknowns: so many of them could have been missed
   * @param outputs how many there are; undefined of a part of them, which is to say the same whichever part it is
   * @param fit what says them
   */
  said(pairs: number, degrees: number, outputs: number | undefined, fit = "the fit"): JsonObject {
    const exact = this.#exact.length;
    if (exact === 0) return {};
    const which =
      outputs === undefined ? "some outputs" : outputs === 1 ? "the output" : `${exact} of ${outputs} outputs`;
    const others = `up to ${othersInHundred(degrees)} in 100 pairs that were not drawn may differ (95 % confidence)`;
    const says = `${fit} says ${which} of all ${pairs} pairs of coalitions exactly`;
    if (degrees >= tellingSamples) {
      return {
        fitted_exactly: `${says}, so its standard errors are next to nothing; but ${others}, and then the errors are larger`,
      };
    }
    const unknown = `${says}, which is known of ${degrees} beyond its unknowns alone: its standard errors are not known, since ${others}`;
    return { fitted_exactly: unknown, ...(exact === outputs && { standard_errors_unknown: unknown }) };
  }
}

/** The largest number of each output without its sign. */
export function largestOf(numbers: Float64Array, outputs: number): Float64Array {
  const most = new Float64Array(outputs);
  for (let i = 0; i < numbers.length; i++) most[i % outputs] = Math.max(most[i % outputs], Math.abs(numbers[i]));
  return most;
}
