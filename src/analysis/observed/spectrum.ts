import { loadMatrices } from "../matrices.js";
import { centred, kernelMatrix, type Sample } from "./kernel-model.js";

/** Ridges that are tried: half decades. */
const penalties = Array.from({ length: 13 }, (_, i) => 10 ** (i / 2 - 4));
/** Components with less than this share of the largest eigenvalue are rounding. */
const rounding = 1e-13;

/** The centred kernel of some patients in components: what every fit to any scores of these patients is made of. */
export interface Spectrum {
  /** Weight of interactions. */
  readonly interaction: number;
  readonly patients: number;
  readonly components: number;
  /** Mean eigenvalue, of as many as there are patients. */
  readonly scale: number;
  /** `[components]` */
  readonly eigenvalues: Float64Array;
  /** `[patients, components]` */
  readonly vectors: Float64Array;
  /** A fit for each ridge that is tried. */
  readonly fits: readonly RidgeFit[];
}

/** A fit with one ridge, to any scores. */
export interface RidgeFit {
  readonly penalty: number;
  /** Share of each component of the scores that the fit has, `[components]`. */
  readonly kept: Float64Array;
  /**
   * What a residual is multiplied by to be that of a patient who was left out, `[patients]` (Craven and Wahba 1979).
   */
  readonly leftOut: Float64Array;
}

/**
 * Decomposes the centred kernel of a sample; of ridge regression, where the kernel is an inner product, the centred
 * lesions themselves.
 */
export async function spectrumOf(sample: Sample, interaction: number): Promise<Spectrum> {
  const { patients } = sample;
  const { values, vectors: all, width } = await (interaction === 0 ? ofLesions(sample) : ofKernel(sample, interaction));
  const places = Array.from(values.keys()).filter((c) => values[c] > rounding * Math.max(...values));
  const components = places.length;
  const eigenvalues = Float64Array.from(places, (c) => values[c]);
  const vectors = new Float64Array(patients * components);
  for (let p = 0; p < patients; p++) {
    places.forEach((c, at) => {
      vectors[p * components + at] = all[p * width + c];
    });
  }
  const scale = eigenvalues.reduce((sum, value) => sum + value, 0) / patients;
  const fits = penalties.map((penalty): RidgeFit => {
    const kept = eigenvalues.map((value) => value / (value + penalty * scale));
    const leftOut = Float64Array.from({ length: patients }, (_, p) => {
      let leverage = 1 / patients;
      for (let c = 0; c < components; c++) leverage += vectors[p * components + c] ** 2 * kept[c];
      return 1 / Math.max(1e-12, 1 - leverage);
    });
    return { penalty, kept, leftOut };
  });
  return { interaction, patients, components, scale, eigenvalues, vectors, fits };
}

interface Decomposed {
  readonly values: Float64Array;
  /** `[patients, width]` */
  readonly vectors: Float64Array;
  readonly width: number;
}

async function ofKernel(sample: Sample, interaction: number): Promise<Decomposed> {
  const { EigenvalueDecomposition, Matrix } = await loadMatrices();
  const { patients } = sample;
  const inner = Matrix.from1DArray(patients, patients, centred(kernelMatrix(sample, interaction), patients).centred);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(inner, { assumeSymmetric: true });
  return {
    values: Float64Array.from(realEigenvalues),
    vectors: Float64Array.from(eigenvectorMatrix.to1DArray()),
    width: patients,
  };
}

async function ofLesions({ patients, regions, lesions }: Sample): Promise<Decomposed> {
  const { SingularValueDecomposition, Matrix } = await loadMatrices();
  const own = Matrix.from1DArray(patients, regions, lesions).center("column");
  const { diagonal, leftSingularVectors } = new SingularValueDecomposition(own, { autoTranspose: true });
  return {
    values: Float64Array.from(diagonal, (value) => value * value),
    vectors: Float64Array.from(leftSingularVectors.to1DArray()),
    width: leftSingularVectors.columns,
  };
}

/** Centred scores of all patients on the components, `[components]`. */
export function loadsOf({ patients, components, vectors }: Spectrum, scores: Float64Array): Float64Array {
  const loads = new Float64Array(components);
  for (let p = 0; p < patients; p++) {
    const from = p * components;
    const score = scores[p];
    for (let c = 0; c < components; c++) loads[c] += vectors[from + c] * score;
  }
  return loads;
}

/** Residuals of a fit to centred scores, `[patients]`; `residuals` and `weights` are written to. */
export function residualsOf(
  { patients, components, vectors }: Spectrum,
  { kept }: RidgeFit,
  scores: Float64Array,
  loads: Float64Array,
  residuals = new Float64Array(patients),
  weights = new Float64Array(components),
): Float64Array {
  for (let c = 0; c < components; c++) weights[c] = loads[c] * kept[c];
  const even = components - (components % 4);
  for (let p = 0; p < patients; p++) {
    const from = p * components;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < even; i += 4) {
      a += vectors[from + i] * weights[i];
      b += vectors[from + i + 1] * weights[i + 1];
      c += vectors[from + i + 2] * weights[i + 2];
      d += vectors[from + i + 3] * weights[i + 3];
    }
    for (let i = even; i < components; i++) a += vectors[from + i] * weights[i];
    residuals[p] = scores[p] - (a + b + (c + d));
  }
  return residuals;
}

/** The fit of least leave-one-out error. */
export interface Chosen {
  readonly spectrum: Spectrum;
  readonly fit: RidgeFit;
  /** Squared leave-one-out errors in shares of the scores' variances, averaged over patients and scores. */
  readonly error: number;
  /** Of each score on the components, `[scores][components]`. */
  readonly loads: readonly Float64Array[];
}

/**
 * The fit of least leave-one-out error among all ridges of some spectra: all patients left out one at a time. Scores
 * that do not vary count for nothing.
 *
 * @param scores centred, `[scores][patients]`
 */
export function leastLeaveOneOut(spectra: readonly Spectrum[], scores: readonly Float64Array[]): Chosen {
  const variances = scores.map((own) => squaresOf(own) / own.length);
  const residuals = new Float64Array(scores[0].length);
  let best: Chosen | undefined;
  for (const spectrum of spectra) {
    const { patients, fits } = spectrum;
    const loads = scores.map((own) => loadsOf(spectrum, own));
    const weights = new Float64Array(spectrum.components);
    for (const fit of fits) {
      let error = 0;
      for (let s = 0; s < scores.length; s++) {
        if (!(variances[s] > 0)) continue;
        residualsOf(spectrum, fit, scores[s], loads[s], residuals, weights);
        for (let p = 0; p < patients; p++) residuals[p] *= fit.leftOut[p];
        error += squaresOf(residuals) / (variances[s] * patients * scores.length);
      }
      if (!best || error < best.error) best = { spectrum, fit, error, loads };
    }
  }
  if (!best) throw new Error("no model was tried");
  return best;
}

/** Sum of squares. */
export function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
