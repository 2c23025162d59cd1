import type { Steps } from "../../pace.js";
import { type CrossFit, type TripleAmount, type TripleFits, TripleScreening, tripleAmounts } from "./cross-fit.js";
import type { Fit, Regression } from "./fit.js";
import type { SizeTermKind } from "./size-terms.js";
import { blocksOfTargets, type Targets } from "./targets.js";

/** Terms that may be used, and how large the variances are that they leave. */
export interface Candidate {
  readonly kind: SizeTermKind;
  /** Of triples; default none. */
  readonly amount?: TripleAmount;
  /** Variances in shares of those of the first kind, all outputs alike. */
  readonly spread: number;
}

/** Arrays of the targets' size that are in memory at a time: of fits of the terms of size, of their screening, and with triples of every amount. */
const copies = { size: 5, screening: 8, triples: 9 + 2 * tripleAmounts.length };

/**
 * How large the variances are that the terms of size leave, up to each kind.
 *
 * @returns with the variances of each output that the first kind leaves, summed over the units: what others are held against
 */
export function* candidatesOfSize(
  regression: Regression,
  targets: Targets,
  kinds: readonly SizeTermKind[],
): Steps<{ readonly candidates: Candidate[]; readonly scales: Float64Array }> {
  const scales = new Float64Array(targets.outputs);
  const spreads = new Float64Array(kinds.length);
  const unused = new Float64Array(targets.pairs);
  for (const { from, to } of blocksOfTargets(targets, copies.size)) {
    const own = targets.read(from, to);
    for (const [at, kind] of kinds.entries()) {
      const fit = yield* regression.fit(kind, own, to - from);
      const sums = sumsByOutput(yield* regression.variances(fit, to - from, unused), to - from);
      if (at === 0) scales.set(sums, from);
      spreads[at] = spreadWith(spreads[at], sums, scales.subarray(from, to));
    }
  }
  return { candidates: kinds.map((kind, at) => ({ kind, spread: spreads[at] })), scales };
}

/** What {@link candidatesWithTriples} found. */
export interface TripleCandidates {
  readonly candidates: Candidate[];
  readonly fits: TripleFits;
  /** What triples say, by amount, where all outputs were worked on together. */
  readonly known: readonly CrossFit[];
}

/**
 * Chooses triples, and says how large the variances are that each amount of them leaves beside the terms up to some kinds.
 *
 * @param last kind whose fit is screened, and with whose terms triples are fitted
 * @param scales of {@link candidatesOfSize}
 */
export function* candidatesWithTriples(
  regression: Regression,
  targets: Targets,
  last: SizeTermKind,
  kinds: readonly SizeTermKind[],
  scales: Float64Array,
): Steps<TripleCandidates> {
  const { design, terms } = regression;
  const screening = yield* TripleScreening.of(design, terms, last);
  for (const { from, to } of blocksOfTargets(targets, copies.screening)) {
    yield* screening.add(yield* regression.fit(last, targets.read(from, to), to - from), to - from);
  }
  const fits = yield* screening.chosen();
  const tried = tripleAmounts.flatMap((amount) => kinds.map((kind) => ({ amount, kind })));
  const spreads = new Float64Array(tried.length);
  const unused = new Float64Array(targets.pairs);
  const blocks = blocksOfTargets(targets, copies.triples);
  let known: readonly CrossFit[] = [];
  for (const { from, to } of blocks) {
    const own = targets.read(from, to);
    const said = yield* fits.of(yield* regression.fit(last, own, to - from), to - from);
    for (const [at, { amount, kind }] of tried.entries()) {
      const triples = said[tripleAmounts.indexOf(amount)];
      const { variances } = yield* fitBeside(regression, kind, own, to - from, triples, unused, unused);
      spreads[at] = spreadWith(spreads[at], sumsByOutput(variances, to - from), scales.subarray(from, to));
    }
    if (blocks.length === 1) known = said;
  }
  return { candidates: tried.map((each, at) => ({ ...each, spread: spreads[at] })), fits, known };
}

/**
 * The terms of size fitted to what triples leave of some outputs. Variances are geometric means of two: what pairs leave that took part in most of the folds' fits of triples is
 * too small, what they leave in fits that they took no part in too large, since these are made of fewer pairs.
 *
 * @param sums residuals of each pair, to which those of these outputs are added
 * @param sumsOfOthers the same for the fits that a pair took no part in
 */
export function* fitBeside(
  regression: Regression,
  kind: SizeTermKind,
  targets: Float64Array,
  outputs: number,
  { explained, explainedByOthers }: CrossFit,
  sums: Float64Array,
  sumsOfOthers: Float64Array,
): Steps<{ readonly fit: Fit; readonly variances: Float64Array }> {
  const less = (said: Float64Array) => targets.map((target, i) => target - said[i]);
  const fit = yield* regression.fit(kind, less(explained), outputs);
  const variances = yield* regression.variances(fit, outputs, sums);
  const others = yield* regression.fit(kind, less(explainedByOthers), outputs);
  return { fit, variances: geometricMeans(variances, yield* regression.variances(others, outputs, sumsOfOthers)) };
}

/** Of each two numbers of two arrays. */
export function geometricMeans(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => Math.sqrt(value * b[i]));
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
