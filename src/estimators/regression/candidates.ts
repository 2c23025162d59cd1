import type { Steps } from "../../pace.js";
import type { Fit, Regression } from "./fit.js";
import { exactShare, largestOf } from "./rounding.js";
import type { SizeTermKind } from "./size-terms.js";
import { blocksOfTargets, type Targets } from "./targets.js";
import { type TripleAmount, tripleAmounts } from "./triple-amounts.js";
import type { CrossFit, TripleFits } from "./triple-fits.js";
import { TripleScreening } from "./triple-screening.js";

/** Terms that may be used, and how large the variances are that they leave. */
export interface Candidate {
  readonly kind: SizeTermKind;
  /** Of triples; default none. With triples the terms of size are those that these are fitted with. */
  readonly amount?: TripleAmount;
  /** Variances in shares of those of the first kind, all outputs alike. */
  readonly spread: number;
}

/**
 * Arrays of the targets' size that are in memory at a time: of fits of the terms of size, of their screening, and with
 * triples of every amount.
 */
const copies = { size: 5, screening: 8, triples: 9 + 4 * tripleAmounts.length };

/** What the terms of size leave. */
export interface SizeCandidates {
  readonly candidates: Candidate[];
  /**
   * Variances of each output that the first kind leaves, summed over the units: what others are held against; 0 of
   * outputs that have no vote.
   */
  readonly scales: Float64Array;
  /** Which outputs have a vote on triples, by the kind whose fit is screened. */
  readonly voters: ReadonlyMap<SizeTermKind, readonly boolean[]>;
}

/** How large the variances are that the terms of size leave, up to each kind. */
export function* candidatesOfSize(
  regression: Regression,
  targets: Targets,
  kinds: readonly SizeTermKind[],
): Steps<SizeCandidates> {
  const { outputs } = targets;
  const variances = kinds.map(() => new Float64Array(outputs));
  const left = kinds.map(() => new Float64Array(outputs));
  const unused = new Float64Array(targets.pairs);
  for (const { from, to } of blocksOfTargets(targets, copies.size)) {
    const own = targets.read(from, to);
    for (const [at, kind] of kinds.entries()) {
      const fit = yield* regression.fit(kind, own, to - from);
      variances[at].set(sumsByOutput(yield* regression.precision.variances(fit, to - from, unused), to - from), from);
      left[at].set(shareLeft(own, fit.residuals, to - from), from);
    }
  }
  const votes = votersOf(left[0]);
  const scales = variances[0].map((variance, o) => (votes[o] ? variance : 0));
  return {
    candidates: kinds.map((kind, at) => ({ kind, spread: spreadWith(0, variances[at], scales) })),
    scales,
    voters: new Map(kinds.map((kind, at) => [kind, votersOf(left[at])])),
  };
}

/**
 * Share of an output's largest target up to which what is left is of no weight where more is left of others: rounding
 * of single precision is less.
 */
const nearlyNothing = 2 ** -20;

/**
 * Which outputs have a vote on further terms: of those that are fitted to rounding all terms leave as much, which would
 * say that others need none, and divided by it any chance is large.
 *
 * @param left of each output the largest residual, in shares of the largest target
 */
function votersOf(left: Float64Array): boolean[] {
  const least = left.some((share) => share > nearlyNothing) ? nearlyNothing : exactShare;
  return Array.from(left, (share) => share > least);
}

function shareLeft(targets: Float64Array, residuals: Float64Array, outputs: number): Float64Array {
  const sizes = largestOf(targets, outputs);
  return largestOf(residuals, outputs).map((most, o) => (most > 0 ? most / sizes[o] : 0));
}

/** A fit without what it leaves of outputs that have no vote. */
function ofVoters(fit: Fit, votes: readonly boolean[]): Fit {
  if (votes.every(Boolean)) return fit;
  const outputs = votes.length;
  return { ...fit, residuals: fit.residuals.map((residual, i) => (votes[i % outputs] ? residual : 0)) };
}

/** What {@link candidatesWithTriples} found. */
export interface TripleCandidates {
  readonly candidates: Candidate[];
  readonly fits: TripleFits;
  /** What triples say, by amount, where all outputs were worked on together. */
  readonly known: readonly CrossFit[];
}

/**
 * Chooses triples, and says how large the variances are that each amount of them leaves beside the terms of size.
 *
 * @param kind whose fit is screened, and with whose terms triples are fitted
 * @param ofSize of {@link candidatesOfSize}
 */
export function* candidatesWithTriples(
  regression: Regression,
  targets: Targets,
  kind: SizeTermKind,
  ofSize: SizeCandidates,
): Steps<TripleCandidates> {
  const { design, terms } = regression;
  const { scales } = ofSize;
  const votes = ofSize.voters.get(kind) as readonly boolean[];
  const screening = yield* TripleScreening.of(design, terms, kind);
  for (const { from, to } of blocksOfTargets(targets, copies.screening)) {
    const fit = yield* regression.fit(kind, targets.read(from, to), to - from);
    yield* screening.add(ofVoters(fit, votes.slice(from, to)), to - from);
  }
  const fits = yield* screening.chosen();
  const spreads = new Float64Array(tripleAmounts.length);
  const unused = new Float64Array(targets.pairs);
  const blocks = blocksOfTargets(targets, copies.triples);
  let known: readonly CrossFit[] = [];
  for (const { from, to } of blocks) {
    const own = targets.read(from, to);
    const said = yield* fits.of(yield* regression.fit(kind, own, to - from), to - from);
    for (const [at, triples] of said.entries()) {
      const { variances } = yield* fitBeside(regression, kind, own, to - from, triples, unused, unused);
      spreads[at] = spreadWith(spreads[at], sumsByOutput(variances, to - from), scales.subarray(from, to));
    }
    if (blocks.length === 1) known = said;
  }
  return { candidates: tripleAmounts.map((amount, at) => ({ kind, amount, spread: spreads[at] })), fits, known };
}

/**
 * The terms of size fitted to what triples leave of some outputs. The variances come from what the fit of the other
 * folds leaves of each pair: neither the choice of triples nor their coefficients owe anything to it. It is more than
 * the mean of the folds' fits, which the estimate is made with, leaves of pairs that none of them has seen: by how far
 * the folds are from their mean, in squares (Krogh and Vedelsby 1995), and that is taken out. Where what is left is
 * less than the residuals of the estimate itself, which are too small, it is these.
 *
 * @param kind with whose terms the triples were fitted
 * @param sums residuals of each pair, to which those of these outputs are added
 * @param sumsOfOthers the same for what the fits of other folds leave
 */
export function* fitBeside(
  regression: Regression,
  kind: SizeTermKind,
  targets: Float64Array,
  outputs: number,
  { explained, leftByOthers, spread }: CrossFit,
  sums: Float64Array,
  sumsOfOthers: Float64Array,
): Steps<{ readonly fit: Fit; readonly variances: Float64Array }> {
  const { precision } = regression;
  const rest = targets.map((target, i) => target - explained[i]);
  const fit = yield* regression.fit(kind, rest, outputs);
  const least = yield* precision.variances(fit, outputs, sums);
  const variances = yield* precision.variancesOfOthers(kind, leftByOthers, spread, outputs, sumsOfOthers);
  return { fit, variances: largerOf(variances, least) };
}

/** Of each two numbers of two arrays. */
export function largerOf(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => Math.max(value, b[i]));
}

/** Variances of each output, summed over the units. */
function sumsByOutput(variances: Float64Array, outputs: number): Float64Array {
  const sums = new Float64Array(outputs);
  for (let i = 0; i < variances.length; i += outputs) for (let o = 0; o < outputs; o++) sums[o] += variances[i + o];
  return sums;
}

/** What variances come to in shares of their outputs' scales, added to those of outputs before. */
function spreadWith(before: number, sums: Float64Array, scales: Float64Array): number {
  let spread = before;
  for (let o = 0; o < sums.length; o++) if (scales[o] > 0) spread += sums[o] / scales[o];
  return spread;
}
