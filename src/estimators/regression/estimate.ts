import type { Json, JsonObject } from "../../json.js";
import type { Steps } from "../../pace.js";
import type { Estimate } from "../estimator.js";
import { type CrossFit, crossFitTriples, triplesLeftOut } from "./cross-fit.js";
import type { Design } from "./design.js";
import { fewPairsPerUnit, fitFewPairs } from "./few-pairs.js";
import { type Fit, type Precision, Regression } from "./fit.js";
import { sizeTermKinds, sizeTerms } from "./size-terms.js";

/** Terms are taken where they lower the variances to this share: of gains that chance could make, the smaller set of terms is as good. */
const gain = 0.9;

/** How terms are chosen: {@link estimateByRegression}. */
export type Choice = "errors" | "rule";

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
 * @param choice "errors": as said above, triples among them; "rule": all terms of size with four pairs for each unknown, no triples. A rule gives
 *   a part of the outputs the same terms as the whole
 */
export function* estimateByRegression(
  design: Design,
  targets: Float64Array,
  total: Float64Array,
  choice: Choice,
): Steps<RegressionEstimate> {
  const outputs = total.length;
  if (design.pairs < fewPairsPerUnit * design.units) return yield* estimateOfFew(design, targets, total);
  const regression = yield* Regression.of(design, sizeTerms(design));
  const leftOut: Record<string, string> = {};
  const tried: Fit[] = [];
  for (const kind of sizeTermKinds) {
    const unknowns = regression.unknowns(kind);
    const needed = (kind === "units" ? 0 : choice === "rule" ? 4 : 2) * unknowns;
    if (tried.length > 0 && unknowns === regression.unknowns(tried[tried.length - 1].kind)) {
      leftOut[kind] = "nothing that other terms do not say";
    } else if (design.pairs < needed) {
      leftOut[kind] = `${design.pairs} pairs for ${unknowns} unknowns, of at least ${needed}`;
    } else tried.push(yield* regression.fit(kind, targets, outputs));
  }
  const precise: Precision[] = [];
  for (const fit of tried) precise.push(yield* regression.precision(fit, outputs));
  const scales = outputVariances(precise[0], design.units, outputs);
  const candidates = tried.map((fit, at): Candidate => candidateOf(fit, precise[at], scales));
  let best = choice === "rule" ? candidates[candidates.length - 1] : candidates.reduce(better);
  const noTriples = triplesLeftOut(design.units, design.pairs);
  if (choice === "rule") leftOut.triples = "the outputs are too many, or a part of others";
  else if (noTriples !== undefined) leftOut.triples = noTriples;
  else if (best.spread > 0) {
    const last = tried[tried.length - 1];
    const kinds = [...new Set([best.fit.kind, last.kind])];
    const fits: Candidate[] = [];
    for (const triples of yield* crossFitTriples(design, regression.terms, last, outputs)) {
      const left = targets.map((target, i) => target - triples.explained[i]);
      const byOthers = targets.map((target, i) => target - triples.explainedByOthers[i]);
      for (const kind of kinds) {
        const fit = yield* regression.fit(kind, left, outputs);
        const others = yield* regression.fit(kind, byOthers, outputs);
        const precision = between(
          yield* regression.precision(fit, outputs),
          yield* regression.precision(others, outputs),
        );
        fits.push({ ...candidateOf(fit, precision, scales), triples });
      }
    }
    best = better(
      best,
      fits.reduce((first, second) => (second.spread < first.spread ? second : first)),
    );
  }
  for (const { kind } of tried) {
    if (sizeTermKinds.indexOf(kind) > sizeTermKinds.indexOf(best.fit.kind)) leftOut[kind] = noGain;
  }
  const { fit, precision, triples } = best;
  if (triples) for (let i = 0; i < fit.values.length; i++) fit.values[i] += triples.values[i];
  else leftOut.triples ??= noGain;
  makeEfficient(fit.values, total, design.units);
  const unknown = unknownErrors(precision, design, regression.unknowns(fit.kind));
  const terms: Json[] = [...sizeTermKinds.slice(0, sizeTermKinds.indexOf(fit.kind) + 1)];
  return {
    values: fit.values,
    standardErrors: rooted(precision.variances),
    meanStandardErrors: rooted(precision.meanVariances),
    provenance: {
      pairs: design.pairs,
      terms: triples ? [...terms, "triples"] : terms,
      ...(triples && { triples: { folds: [...triples.triples], ...triples.amount } }),
      terms_left_out: leftOut,
      ...unknown,
    },
  };
}

/**
 * Geometric means of two variances: what pairs leave that took part in most of the folds' fits of triples is too small, what they leave in fits that
 * they took no part in too large, since these are made of fewer pairs.
 */
function between(first: Precision, second: Precision): Precision {
  const mean = (a: Float64Array, b: Float64Array) => a.map((value, i) => Math.sqrt(value * b[i]));
  return {
    variances: mean(first.variances, second.variances),
    meanVariances: mean(first.meanVariances, second.meanVariances),
  };
}

/** Why there are no standard errors, where there are none. */
function unknownErrors({ variances }: Precision, { pairs }: Design, unknowns: number): JsonObject {
  if (variances[0] !== Number.POSITIVE_INFINITY) return {};
  return {
    standard_errors_unknown: `${pairs} ${pairs === 1 ? "pair" : "pairs"} for ${unknowns} unknowns: no residuals to speak of`,
  };
}

function* estimateOfFew(design: Design, targets: Float64Array, total: Float64Array): Steps<RegressionEstimate> {
  const { regression, fit, ridge } = yield* fitFewPairs(design, targets, total);
  const precision = yield* regression.precision(fit, total.length);
  makeEfficient(fit.values, total, design.units);
  const why = `${design.pairs} pairs, of at least ${fewPairsPerUnit} for each unit`;
  const unknowns = regression.unknowns("size");
  const heldBack = design.pairs < unknowns || ridge >= noticeableRidge;
  return {
    values: fit.values,
    provenance: {
      ...(heldBack && {
        held_back: `${design.pairs} pairs of coalitions for ${unknowns} unknowns: contributions are held back towards equal shares (ridge ${ridge})`,
      }),
      ...unknownErrors(precision, design, unknowns),
      pairs: design.pairs,
      ridge,
      terms: ["units", "size"],
      terms_left_out: { "unit x size^2": why, triples: why },
    },
    standardErrors: rooted(precision.variances),
    meanStandardErrors: rooted(precision.meanVariances),
  };
}

/** Ridge, in shares of the diagonal, from which on values are held back by more than a hair. */
const noticeableRidge = 1e-3;

const noGain = "standard errors with them are hardly smaller, or larger";

/** A fit with some terms, and how large its variances are. */
interface Candidate {
  readonly fit: Fit;
  readonly precision: Precision;
  /** Variances in shares of those without extra terms, all outputs alike. */
  readonly spread: number;
  readonly triples?: CrossFit;
}

/** The second where its variances are clearly smaller. */
function better(first: Candidate, second: Candidate): Candidate {
  return second.spread < gain * first.spread ? second : first;
}

function candidateOf(fit: Fit, precision: Precision, scales: Float64Array): Candidate {
  const outputs = scales.length;
  let spread = 0;
  precision.variances.forEach((variance, i) => {
    const scale = scales[i % outputs];
    if (scale > 0) spread += variance / scale;
  });
  return { fit, precision, spread };
}

/** Sums of a fit's variances by output: what others are held against. */
function outputVariances({ variances }: Precision, units: number, outputs: number): Float64Array {
  const sums = new Float64Array(outputs);
  for (let u = 0; u < units; u++) for (let o = 0; o < outputs; o++) sums[o] += variances[u * outputs + o];
  return sums;
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
