import { shuffle } from "../../coalitions/random.js";
import type { Random } from "../../coalitions/random-streams.js";
import { pacer } from "../../pace.js";
import type { Functionals } from "./kernel-model.js";
import { leastLeaveOneOut, residualsOf, type Spectrum, squaresOf } from "./spectrum.js";

/** Statistics that differ by less than this share are the same. */
const rounding = 1e-10;

/**
 * How many permutations are made where none are asked for: 40 for each test, so that twice the least p still holds by
 * Holm; from 1999 to 19,999.
 */
export function usualPermutations(tests: number): number {
  return Math.min(19_999, Math.max(1999, 40 * tests - 1));
}

/** What is to be said where no p can hold by Holm: none is below 1 / (permutations + 1). */
export function tooFewPermutations(permutations: number, tests: number): string | undefined {
  if (tests <= 0.05 * (permutations + 1)) return undefined;
  return `no p of ${tests} can be 0.05 or less by Holm: with ${permutations} permutations none is below 1 / ${permutations + 1} before that; ask for permutations: ${20 * tests - 1} or more`;
}

/** What functionals say of fits, whatever the scores. */
interface Prepared {
  /** Functionals on the components, over the eigenvalues, `[rows, components]`. */
  readonly onComponents: Float64Array;
  /** Lengths of the rows as functions of the scores, for each fit of the spectrum, `[fits][rows]`. */
  readonly lengths: readonly Float64Array[];
}

/** Scores that are permuted: centred, `[scores][patients]`. */
export interface PermutedScores {
  /** What stays with each patient; without, nothing. */
  readonly fixed?: readonly Float64Array[];
  /** What is dealt to the patients anew. */
  readonly moved: readonly Float64Array[];
}

/**
 * p values of permuted scores, `[rows, scores]`: (1 + permutations whose statistic is as large) / (1 + permutations)
 * (Phipson and Smyth 2010). In each permutation the model is chosen anew, weight of interactions and ridge, by least
 * leave-one-out error as that of the scores as they are. So where scores have nothing to do with lesions, p is up to a
 * with a probability of a at most, whatever the distribution: the scores as they are could as well have been any of the
 * permutations.
 *
 * The statistic is the size of a row's value in standard errors: those that independent errors would give it, as large
 * as the residuals over their degrees of freedom are. Without that division values under permuted scores, of which
 * nothing is predicted and which a large ridge draws to 0, would let every region hold as soon as one does.
 *
 * @param functionals of each spectrum, in the same order
 */
export async function permutedScoresP(
  spectra: readonly Spectrum[],
  functionals: readonly Functionals[],
  { fixed, moved }: PermutedScores,
  { permutations, random, signal }: { permutations: number; random: Random; signal: AbortSignal | undefined },
): Promise<Float64Array> {
  const pace = pacer(signal);
  const prepared = new Map(spectra.map((spectrum, i) => [spectrum, prepare(spectrum, functionals[i])]));
  const order = Uint32Array.from(moved[0].keys());
  const dealt = moved.map((own) => new Float64Array(own.length));
  const statistic = () => {
    dealt.forEach((to, s) => {
      for (let p = 0; p < to.length; p++) to[p] = moved[s][order[p]] + (fixed ? fixed[s][p] : 0);
    });
    return statistics(spectra, prepared, dealt);
  };
  const observed = statistic();
  const beyond = new Float64Array(observed.length);
  for (let permutation = 0; permutation < permutations; permutation++) {
    shuffle(random, order);
    statistic().forEach((value, at) => {
      if (value >= observed[at] * (1 - rounding)) beyond[at]++;
    });
    await pace();
  }
  return beyond.map((count) => (1 + count) / (1 + permutations));
}

function prepare({ patients, components, vectors, eigenvalues, fits }: Spectrum, functionals: Functionals): Prepared {
  const rows = functionals.length / patients;
  const onComponents = new Float64Array(rows * components);
  for (let row = 0; row < rows; row++) {
    const to = row * components;
    for (let p = 0; p < patients; p++) {
      const own = functionals[row * patients + p];
      if (own === 0) continue;
      for (let c = 0; c < components; c++) onComponents[to + c] += own * vectors[p * components + c];
    }
    for (let c = 0; c < components; c++) onComponents[to + c] /= eigenvalues[c];
  }
  const lengths = fits.map(({ kept }) =>
    Float64Array.from({ length: rows }, (_, row) => {
      let squares = 0;
      for (let c = 0; c < components; c++) squares += (onComponents[row * components + c] * kept[c]) ** 2;
      return Math.sqrt(squares);
    }),
  );
  return { onComponents, lengths };
}

/** `[rows, scores]` */
function statistics(
  spectra: readonly Spectrum[],
  prepared: ReadonlyMap<Spectrum, Prepared>,
  scores: readonly Float64Array[],
): Float64Array {
  const { spectrum, fit, loads } = leastLeaveOneOut(spectra, scores);
  const { onComponents, lengths } = prepared.get(spectrum) as Prepared;
  const { components, patients, fits } = spectrum;
  const own = lengths[fits.indexOf(fit)];
  const degrees = fit.kept.reduce((sum, kept) => sum - kept, patients - 1);
  const found = new Float64Array(own.length * scores.length);
  const weights = new Float64Array(components);
  for (let s = 0; s < scores.length; s++) {
    const error = Math.sqrt(squaresOf(residualsOf(spectrum, fit, scores[s], loads[s])) / degrees);
    for (let c = 0; c < components; c++) weights[c] = loads[s][c] * fit.kept[c];
    for (let row = 0; row < own.length; row++) {
      const from = row * components;
      let value = 0;
      for (let c = 0; c < components; c++) value += onComponents[from + c] * weights[c];
      found[row * scores.length + s] = value === 0 ? 0 : Math.abs(value) / (error * own[row]);
    }
  }
  return found;
}
