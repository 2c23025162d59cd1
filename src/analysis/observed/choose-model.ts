import { shuffle } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { pacer } from "../../pace.js";
import { loadMatrices } from "../matrices.js";
import {
  centred,
  type FittedModel,
  kernelMatrix,
  meanScores,
  predicted,
  type Sample,
  type Tuning,
  withIntercept,
} from "./kernel-model.js";

/** Ridges that are tried: half decades. */
const penalties = Array.from({ length: 13 }, (_, i) => 10 ** (i / 2 - 4));
/** Weights of interactions that the kernel model tries. */
export const interactionWeights = [0.1, 0.3, 1, 3];

/** A model with its tuning, and the error that chose it. */
export interface Tuned {
  readonly model: FittedModel;
  /** Squared leave-one-out errors in shares of the scores' variances, averaged over scores. */
  readonly leaveOneOut: number;
}

/**
 * The model of least leave-one-out error: all patients left out one at a time, from one decomposition (Craven and Wahba 1979).
 *
 * @param interactions weights to try; `[0]` for ridge regression
 */
export async function tunedModel(
  sample: Sample,
  interactions: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Tuned> {
  const { EigenvalueDecomposition, Matrix } = await loadMatrices();
  const pace = pacer(signal);
  const { patients, scores, values } = sample;
  const means = meanScores(sample);
  const apart = values.map((value, i) => value - means[i % scores]);
  const variances = new Float64Array(scores);
  apart.forEach((value, i) => {
    variances[i % scores] += (value * value) / patients;
  });
  let best: { tuning: Tuning; kernel: Float64Array; dual: Float64Array; error: number } | undefined;
  for (const interaction of interactions) {
    const kernel = kernelMatrix(sample, interaction);
    const { centred: inner, scale } = centred(kernel, patients);
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
      Matrix.from1DArray(patients, patients, inner),
      { assumeSymmetric: true },
    );
    const vectors = Float64Array.from(eigenvectorMatrix.to1DArray()); // [patients, components]
    const loads = new Float64Array(patients * scores); // of the scores on the components
    for (let p = 0; p < patients; p++) {
      for (let c = 0; c < patients; c++) {
        for (let s = 0; s < scores; s++) loads[c * scores + s] += vectors[p * patients + c] * apart[p * scores + s];
      }
    }
    for (const penalty of penalties) {
      const ridge = penalty * scale;
      const dual = new Float64Array(patients * scores);
      let error = 0;
      for (let p = 0; p < patients; p++) {
        let leverage = 1 / patients;
        for (let c = 0; c < patients; c++) {
          const vector = vectors[p * patients + c];
          const eigenvalue = Math.max(0, realEigenvalues[c]);
          const inverse = ridge > 0 ? 1 / (eigenvalue + ridge) : 0;
          leverage += vector * vector * eigenvalue * inverse;
          for (let s = 0; s < scores; s++) dual[p * scores + s] += vector * inverse * loads[c * scores + s];
        }
        for (let s = 0; s < scores; s++) {
          const residual = ridge > 0 ? ridge * dual[p * scores + s] : apart[p * scores + s];
          const left = residual / Math.max(1e-12, 1 - leverage);
          if (variances[s] > 0) error += (left * left) / variances[s] / (patients * scores);
        }
      }
      if (!best || error < best.error) best = { tuning: { interaction, penalty }, kernel, dual, error };
      await pace();
    }
  }
  if (!best) throw new Error("no model was tried");
  const { tuning, kernel, dual, error } = best;
  return { model: withIntercept(sample, tuning, kernel, dual, means), leaveOneOut: error };
}

/** Errors of a model on patients that had no part in it, its tuning included. */
export interface CrossValidation {
  readonly folds: number;
  readonly repeats: number;
  /** Root mean squared error of each score, `[scores]`. */
  readonly rmse: Float64Array;
  /** Share of each score's variance that is predicted: 1 - squared errors / those of the training patients' mean, `[scores]`; below 0 where the mean does better. */
  readonly r2: Float64Array;
  /** What was predicted of each patient, averaged over the repeats, `[patients, scores]`. */
  readonly predictions: Float64Array;
}

/** The patients of a sample with these numbers. */
export function subset({ lesions, values, regions, scores }: Sample, patients: ArrayLike<number>): Sample {
  const count = patients.length;
  const [own, targets] = [new Float64Array(count * regions), new Float64Array(count * scores)];
  for (let p = 0; p < count; p++) {
    own.set(lesions.subarray(patients[p] * regions, (patients[p] + 1) * regions), p * regions);
    targets.set(values.subarray(patients[p] * scores, (patients[p] + 1) * scores), p * scores);
  }
  return { patients: count, regions, scores, lesions: own, values: targets };
}

/** Cross-validation in which every fold is predicted by a model that was tuned without it (nested; Varma and Simon 2006). */
export async function crossValidated(
  sample: Sample,
  interactions: readonly number[],
  { folds, repeats, seed, signal }: { folds: number; repeats: number; seed: number; signal: AbortSignal | undefined },
): Promise<CrossValidation> {
  const { patients, regions, scores, values, lesions } = sample;
  const random = randomStream(seed);
  const squares = new Float64Array(scores);
  const ofMeans = new Float64Array(scores);
  const predictions = new Float64Array(values.length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const order = shuffle(
      random,
      Uint32Array.from({ length: patients }, (_, p) => p),
    );
    for (let fold = 0; fold < folds; fold++) {
      const inFold = (at: number) => at % folds === fold;
      const training = subset(
        sample,
        order.filter((_, at) => !inFold(at)),
      );
      const { model } = await tunedModel(training, interactions, signal);
      const means = meanScores(training);
      for (const patient of order.filter((_, at) => inFold(at))) {
        const found = predicted(model, lesions.subarray(patient * regions, (patient + 1) * regions));
        for (let s = 0; s < scores; s++) {
          const value = values[patient * scores + s];
          squares[s] += (value - found[s]) ** 2;
          ofMeans[s] += (value - means[s]) ** 2;
          predictions[patient * scores + s] += found[s] / repeats;
        }
      }
    }
  }
  return {
    folds,
    repeats,
    rmse: squares.map((sum) => Math.sqrt(sum / (patients * repeats))),
    r2: squares.map((sum, s) => 1 - sum / ofMeans[s]),
    predictions,
  };
}
