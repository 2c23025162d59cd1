import type { JsonObject } from "../../json.js";
import type { Estimate } from "../estimator.js";
import type { Design } from "./design.js";
import { type Fit, Regression } from "./fit.js";
import { type SizeTermKind, sizeTermKinds, sizeTerms } from "./size-terms.js";

/** Pairs that each unknown of a regression needs at least, for its terms to be tried. */
const pairsPerUnknown: Readonly<Record<SizeTermKind, number>> = { units: 0, size: 2, "unit x size^2": 2 };

/** Terms are taken where they lower the variances to this share: of gains that chance could make, the smaller set of terms is as good. */
const gain = 0.9;

/** Shapley values from pairs of complements, and which terms were used. */
export interface RegressionEstimate extends Estimate {
  /** Which terms there are, and what was left out and why. */
  readonly provenance: JsonObject;
}

/**
 * Shapley values of v from the targets of some pairs. Which kinds of terms take part is decided by the standard errors that each leaves: their
 * squares, divided by those without extra terms, added up over all units and outputs.
 *
 * @param targets `(v(S) - v(complement)) / 2` of each pair, `[pairs, outputs]`
 * @param total v(all) - v(none), `[outputs]`: the values add up to it
 */
export function estimateByRegression(design: Design, targets: Float64Array, total: Float64Array): RegressionEstimate {
  const outputs = total.length;
  const regression = new Regression(design, sizeTerms(design));
  const leftOut: Record<string, string> = {};
  const tried: Fit[] = [];
  for (const kind of sizeTermKinds) {
    const unknowns = regression.unknowns(kind);
    const needed = pairsPerUnknown[kind] * unknowns;
    if (tried.length > 0 && unknowns === regression.unknowns(tried[tried.length - 1].kind)) {
      leftOut[kind] = "nothing that other terms do not say";
    } else if (design.pairs < needed) {
      leftOut[kind] = `${design.pairs} pairs for ${unknowns} unknowns, of at least ${needed}`;
    } else tried.push(regression.fit(kind, targets, outputs));
  }
  const scales = outputVariances(tried[0], design.units, outputs);
  const spreads = tried.map((fit) => spread(fit, scales));
  let best = 0;
  for (let at = 1; at < tried.length; at++) if (spreads[at] < gain * spreads[best]) best = at;
  tried.forEach(({ kind }, at) => {
    if (at > best) leftOut[kind] = "standard errors with them are hardly smaller, or larger";
  });
  const { kind, values, variances, meanVariances } = tried[best];
  makeEfficient(values, total, design.units);
  return {
    values,
    standardErrors: rooted(variances),
    meanStandardErrors: rooted(meanVariances),
    provenance: {
      pairs: design.pairs,
      terms: sizeTermKinds.slice(0, sizeTermKinds.indexOf(kind) + 1),
      terms_left_out: leftOut,
    },
  };
}

/** Sums of a fit's variances by output: what others are held against. */
function outputVariances({ variances }: Fit, units: number, outputs: number): Float64Array {
  const sums = new Float64Array(outputs);
  for (let u = 0; u < units; u++) for (let o = 0; o < outputs; o++) sums[o] += variances[u * outputs + o];
  return sums;
}

/** Variances in shares of those without extra terms, all outputs alike; NaN where these have none. */
function spread({ variances }: Fit, scales: Float64Array): number {
  const outputs = scales.length;
  let sum = 0;
  for (let i = 0; i < variances.length; i++) {
    const scale = scales[i % outputs];
    if (scale > 0) sum += variances[i] / scale;
  }
  return sum;
}

/** Adds the same number to all units of an output, so that they add up to the total. */
export function makeEfficient(values: Float64Array, total: Float64Array, units: number): void {
  const outputs = total.length;
  for (let o = 0; o < outputs; o++) {
    let sum = 0;
    for (let u = 0; u < units; u++) sum += values[u * outputs + o];
    const missing = (total[o] - sum) / units;
    for (let u = 0; u < units; u++) values[u * outputs + o] += missing;
  }
}

/** Square roots in place; infinite variances are unknown ones. */
function rooted(variances: Float64Array): Float64Array {
  for (let i = 0; i < variances.length; i++) {
    variances[i] = variances[i] === Number.POSITIVE_INFINITY ? Number.NaN : Math.sqrt(variances[i]);
  }
  return variances;
}
