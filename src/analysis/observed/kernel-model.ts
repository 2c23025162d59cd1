import type { Matrices } from "../matrices.js";
/** What is learned from: patients by regions, and their scores. */
export interface Sample {
  readonly patients: number;
  readonly regions: number;
  readonly scores: number;
  /** Lesioned shares, `[patients, regions]`. */
  readonly lesions: Float64Array;
  /** `[patients, scores]` */
  readonly values: Float64Array;
}

/** How a model is fitted. */
export interface Tuning {
  /** What interactions of k regions weigh, to the power k - 1; 0 for none: ridge regression. */
  readonly interaction: number;
  /** Ridge: of the mean eigenvalue of the centred kernel. */
  readonly penalty: number;
}

/** A model f(lesions) = intercept + sum of dual k(lesions, patient). */
export interface FittedModel extends Tuning {
  readonly sample: Sample;
  /** `[patients, scores]` */
  readonly dual: Float64Array;
  /** `[scores]` */
  readonly intercept: Float64Array;
}

/**
 * The kernel of two patients' lesions: (product over the regions of (1 + c x z) - 1) / c, all interactions of regions,
 * those of k of them with the weight c^(k - 1): functions that are linear in each region's share, as the multilinear
 * extension of a game is (Owen 1972). For c = 0 the inner product, the kernel of ridge regression.
 */
export function kernelOf(x: Float64Array, z: Float64Array, interaction: number): number {
  if (interaction === 0) {
    let sum = 0;
    for (let r = 0; r < x.length; r++) sum += x[r] * z[r];
    return sum;
  }
  let product = 1;
  for (let r = 0; r < x.length; r++) product *= 1 + interaction * x[r] * z[r];
  return (product - 1) / interaction;
}

/** The lesions of a patient. */
function rowOf({ lesions, regions }: Sample, patient: number): Float64Array {
  return lesions.subarray(patient * regions, (patient + 1) * regions);
}

/** Kernels of all pairs of patients, `[patients, patients]`. */
export function kernelMatrix(sample: Sample, interaction: number): Float64Array {
  const { patients } = sample;
  const kernel = new Float64Array(patients * patients);
  for (let a = 0; a < patients; a++) {
    const x = rowOf(sample, a);
    for (let b = 0; b <= a; b++) {
      const value = kernelOf(x, rowOf(sample, b), interaction);
      kernel[a * patients + b] = value;
      kernel[b * patients + a] = value;
    }
  }
  return kernel;
}

/**
 * The kernel less the means of its rows and columns: what an intercept that is not penalised leaves; and its mean
 * eigenvalue.
 */
export function centred(kernel: Float64Array, patients: number): { centred: Float64Array; scale: number } {
  const means = Float64Array.from({ length: patients }, (_, a) => {
    let sum = 0;
    for (let b = 0; b < patients; b++) sum += kernel[a * patients + b];
    return sum / patients;
  });
  const mean = means.reduce((sum, own) => sum + own, 0) / patients;
  const result = new Float64Array(kernel.length);
  for (let a = 0; a < patients; a++) {
    for (let b = 0; b <= a; b++) {
      const value = kernel[a * patients + b] - (means[a] + means[b]) + mean;
      result[a * patients + b] = value;
      result[b * patients + a] = value; // to the last bit, which Cholesky's decomposition asks for
    }
  }
  let trace = 0;
  for (let a = 0; a < patients; a++) trace += result[a * patients + a];
  return { centred: result, scale: trace / patients };
}

/** Means of the scores, `[scores]`. */
export function meanScores({ values, patients, scores }: Sample): Float64Array {
  const means = new Float64Array(scores);
  values.forEach((value, i) => {
    means[i % scores] += value / patients;
  });
  return means;
}

/**
 * Centred scores of all patients, `[scores][patients]`. A mean is rounded to the digits of the scores, and what all
 * have in common would be left of them: a small ridge makes much of that. So what is left is centred once more.
 */
export function centredScores({ patients, scores, values }: Sample, means: Float64Array): Float64Array[] {
  return Array.from(means, (mean, s) => {
    const apart = Float64Array.from({ length: patients }, (_, p) => values[p * scores + s] - mean);
    const common = apart.reduce((sum, own) => sum + own, 0) / patients;
    return apart.map((own) => own - common);
  });
}

/** Solves for the dual coefficients; nothing where no two patients' lesions differ. */
export function fitted(
  sample: Sample,
  tuning: Tuning,
  kernel: Float64Array,
  { CholeskyDecomposition, Matrix: MatrixOf }: Matrices,
): FittedModel {
  const { patients, scores } = sample;
  const means = meanScores(sample);
  const { centred: inner, scale } = centred(kernel, patients);
  let dual = new Float64Array(patients * scores);
  if (scale > 0) {
    const left = MatrixOf.from1DArray(patients, patients, inner);
    for (let a = 0; a < patients; a++) left.set(a, a, left.get(a, a) + tuning.penalty * scale);
    const apart = centredScores(sample, means);
    const right = MatrixOf.zeros(patients, scores);
    apart.forEach((own, s) => own.forEach((score, p) => right.set(p, s, score)));
    dual = Float64Array.from(new CholeskyDecomposition(left).solve(right).to1DArray());
  }
  return withIntercept(sample, tuning, kernel, dual, means);
}

/** The model of some dual coefficients, which add up to 0: its mean over the patients is that of the scores. */
export function withIntercept(
  sample: Sample,
  tuning: Tuning,
  kernel: Float64Array,
  dual: Float64Array,
  means: Float64Array,
): FittedModel {
  const { patients, scores } = sample;
  const intercept = means.slice();
  for (let a = 0; a < patients; a++) {
    for (let b = 0; b < patients; b++) {
      for (let s = 0; s < scores; s++) intercept[s] -= (kernel[a * patients + b] * dual[b * scores + s]) / patients;
    }
  }
  return { ...tuning, sample, dual, intercept };
}

/** What a model says of lesions, `[scores]`. */
export function predicted({ sample, dual, intercept, interaction }: FittedModel, lesions: Float64Array): Float64Array {
  const { patients, scores } = sample;
  const value = intercept.slice();
  for (let p = 0; p < patients; p++) {
    const kernel = kernelOf(lesions, rowOf(sample, p), interaction);
    for (let s = 0; s < scores; s++) value[s] += kernel * dual[p * scores + s];
  }
  return value;
}

/** Abscissas and weights of Gauss and Legendre on [0, 1]: exact for polynomials up to the degree 2 count - 1. */
export function gaussLegendre(count: number): { readonly at: Float64Array; readonly weights: Float64Array } {
  const at = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let step = 0; step < 100; step++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= count; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = (count * (x * value - before)) / (x * x - 1);
      const move = value / slope;
      x -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    at[i] = (1 - x) / 2;
    weights[i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { at, weights };
}

/**
 * A linear function of kernels, `[rows, patients]`: what a row's value is for the kernel with each patient's lesions;
 * for a model, the sum over patients of that and the dual coefficients.
 */
export type Functionals = Float64Array;

/**
 * Shapley values of the games of kernels, whose v(S) is the kernel of a patient and somebody with all of the regions in
 * S intact and all of the others lesioned, `[regions, patients]`. Exact: a kernel is a product over the regions, whose
 * Shapley value is the integral over t of what a region changes while every other one is intact with the probability t
 * (Owen 1972), a polynomial, which Gauss and Legendre's rule has without error.
 */
export function shapleyFunctionals(sample: Sample, interaction: number): Functionals {
  const { patients, regions } = sample;
  const values = new Float64Array(regions * patients);
  const { at, weights } = interaction === 0 ? { at: [0], weights: [1] } : gaussLegendre(Math.ceil(regions / 2));
  for (let p = 0; p < patients; p++) {
    const z = rowOf(sample, p);
    for (let node = 0; node < at.length; node++) {
      const lesioned = interaction * (1 - at[node]);
      let product = 1;
      for (let r = 0; r < regions; r++) product *= 1 + lesioned * z[r];
      for (let r = 0; r < regions; r++) {
        if (z[r] > 0) values[r * patients + p] -= (weights[node] * z[r] * product) / (1 + lesioned * z[r]);
      }
    }
  }
  return values;
}

/**
 * Shapley interaction indices of pairs of regions in the same games, `[pairs, patients]`: the integral over t of what a
 * region changes with the other intact, less what it changes with that one lesioned (Grabisch and Roubens 1999).
 */
export function pairFunctionals(
  sample: Sample,
  interaction: number,
  pairs: readonly (readonly [a: number, b: number])[],
): Functionals {
  const { patients, regions } = sample;
  const values = new Float64Array(pairs.length * patients);
  if (interaction === 0) return values;
  const { at, weights } = gaussLegendre(Math.ceil(regions / 2));
  for (let p = 0; p < patients; p++) {
    const z = rowOf(sample, p);
    for (let node = 0; node < at.length; node++) {
      const lesioned = interaction * (1 - at[node]);
      let product = weights[node] * interaction;
      for (let r = 0; r < regions; r++) product *= 1 + lesioned * z[r];
      pairs.forEach(([a, b], pair) => {
        const both = z[a] * z[b];
        if (both > 0) values[pair * patients + p] += (both * product) / ((1 + lesioned * z[a]) * (1 + lesioned * z[b]));
      });
    }
  }
  return values;
}

/** What functionals say of dual coefficients, `[rows, scores]`. */
export function valuesOf(
  functionals: Functionals,
  { patients, scores, dual }: { patients: number; scores: number; dual: Float64Array },
): Float64Array {
  const rows = functionals.length / patients;
  const values = new Float64Array(rows * scores);
  for (let row = 0; row < rows; row++) {
    for (let p = 0; p < patients; p++) {
      const own = functionals[row * patients + p];
      if (own === 0) continue;
      for (let s = 0; s < scores; s++) values[row * scores + s] += own * dual[p * scores + s];
    }
  }
  return values;
}

/**
 * Shapley values of the game of a model, whose v(S) is what it says of a patient with all of the regions in S intact
 * and all of the others lesioned, `[regions, scores]`.
 */
export function shapleyOfModel({ sample, dual, interaction }: FittedModel): Float64Array {
  return valuesOf(shapleyFunctionals(sample, interaction), { ...sample, dual });
}
