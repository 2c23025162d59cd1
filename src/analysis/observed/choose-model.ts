import { shuffle } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { pacer } from "../../pace.js";
import {
  centredScores,
  type FittedModel,
  kernelMatrix,
  meanScores,
  predicted,
  type Sample,
  withIntercept,
} from "./kernel-model.js";
import { leastLeaveOneOut, residualsOf, type Spectrum, spectrumOf } from "./spectrum.js";

/** Weights of interactions that the kernel model tries. */
export const interactionWeights = [0.1, 0.3, 1, 3];

/** A model with its tuning, and the error that chose it. */
export interface Tuned {
  readonly model: FittedModel;
  /** Squared leave-one-out errors in shares of the scores' variances, averaged over scores. */
  readonly leaveOneOut: number;
}

/**
 * What all models that may be chosen are made of, whatever the scores: one spectrum for each weight of interactions.
 */
export async function spectraOf(
  sample: Sample,
  interactions: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Spectrum[]> {
  const pace = pacer(signal);
  const spectra: Spectrum[] = [];
  for (const interaction of interactions) {
    spectra.push(await spectrumOf(sample, interaction));
    await pace();
  }
  return spectra;
}

/**
 * The model of least leave-one-out error: all patients left out one at a time, from one decomposition (Craven and Wahba
 * 1979).
 *
 * @param interactions weights to try; `[0]` for ridge regression
 */
export async function tunedModel(
  sample: Sample,
  interactions: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Tuned> {
  const { patients, scores } = sample;
  const means = meanScores(sample);
  const apart = centredScores(sample, means);
  const { spectrum, fit, error, loads } = leastLeaveOneOut(await spectraOf(sample, interactions, signal), apart);
  const tuning = { interaction: spectrum.interaction, penalty: fit.penalty };
  const ridge = fit.penalty * spectrum.scale;
  const dual = new Float64Array(patients * scores);
  apart.forEach((own, s) => {
    if (ridge === 0) return;
    residualsOf(spectrum, fit, own, loads[s]).forEach((residual, p) => {
      dual[p * scores + s] = residual / ridge;
    });
  });
  const kernel = kernelMatrix(sample, tuning.interaction);
  return { model: withIntercept(sample, tuning, kernel, dual, means), leaveOneOut: error };
}

/** Errors of a model on patients that had no part in it, its tuning included. */
export interface CrossValidation {
  readonly folds: number;
  readonly repeats: number;
  /** Root mean squared error of each score, `[scores]`. */
  readonly rmse: Float64Array;
  /**
   * Share of each score's variance that is predicted: 1 - squared errors / those of the training patients' mean,
   * `[scores]`; below 0 where the mean does better.
   */
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

/**
 * Cross-validation in which every fold is predicted by a model that was tuned without it (nested; Varma and Simon
 * 2006).
 */
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
