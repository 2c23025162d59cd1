import { uniformIndex } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { pacer } from "../../pace.js";
import { quantile } from "../../quantiles.js";
import { loadMatrices, type Matrices } from "../matrices.js";
import { subset } from "./choose-model.js";
import {
  type FittedModel,
  type Functionals,
  fitted,
  kernelMatrix,
  shapleyFunctionals,
  valuesOf,
} from "./kernel-model.js";

/** Shapley values of models of patients drawn anew, with the same tuning, each `[regions, scores]`. */
export async function bootstrapModels(
  fit: FittedModel,
  resamples: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const { sample, interaction, penalty } = fit;
  if (interaction > 0 || sample.regions >= sample.patients) {
    return bootstrapFunctionals(fit, shapleyFunctionals(sample, interaction), resamples, seed, signal);
  }
  const library = await loadMatrices();
  return drawn(sample.patients, resamples, seed, signal, (order) =>
    ridgeValues(subset(sample, order), penalty, library),
  );
}

/** What functionals say of models of patients drawn anew, with the same tuning, each `[rows, scores]`. */
export async function bootstrapFunctionals(
  fit: FittedModel,
  functionals: Functionals,
  resamples: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const library = await loadMatrices();
  const { sample, interaction } = fit;
  const { patients, scores } = sample;
  const kernel = kernelMatrix(sample, interaction);
  return drawn(patients, resamples, seed, signal, (order) => {
    const part = new Float64Array(patients * patients);
    for (let a = 0; a < patients; a++) {
      for (let b = 0; b < patients; b++) part[a * patients + b] = kernel[order[a] * patients + order[b]];
    }
    const { dual } = fitted(subset(sample, order), fit, part, library);
    const together = new Float64Array(patients * scores); // of the times that a patient was drawn
    order.forEach((patient, at) => {
      for (let s = 0; s < scores; s++) together[patient * scores + s] += dual[at * scores + s];
    });
    return valuesOf(functionals, { patients, scores, dual: together });
  });
}

async function drawn(
  patients: number,
  resamples: number,
  seed: number,
  signal: AbortSignal | undefined,
  valuesOfDraw: (order: Uint32Array) => Float64Array,
): Promise<Float64Array[]> {
  const random = randomStream(seed, 1);
  const pace = pacer(signal);
  const values: Float64Array[] = [];
  for (let r = 0; r < resamples; r++) {
    values.push(valuesOfDraw(Uint32Array.from({ length: patients }, () => uniformIndex(random, patients))));
    await pace();
  }
  return values;
}

/**
 * The same of ridge regression by its normal equations, which are smaller where there are more patients than regions: a
 * region's Shapley value is its coefficient, turned round.
 */
function ridgeValues(
  { patients, regions, scores, lesions, values }: FittedModel["sample"],
  penalty: number,
  { CholeskyDecomposition, Matrix }: Matrices,
): Float64Array {
  const means = columnMeans(lesions, regions);
  const targets = columnMeans(values, scores);
  const gram = new Matrix(regions, regions);
  const right = new Matrix(regions, scores);
  const own = new Float64Array(regions);
  const sums = new Float64Array(regions * regions);
  const products = new Float64Array(regions * scores);
  for (let p = 0; p < patients; p++) {
    for (let r = 0; r < regions; r++) own[r] = lesions[p * regions + r] - means[r];
    for (let r = 0; r < regions; r++) {
      for (let q = 0; q <= r; q++) sums[r * regions + q] += own[r] * own[q];
      for (let s = 0; s < scores; s++) products[r * scores + s] += own[r] * (values[p * scores + s] - targets[s]);
    }
  }
  let trace = 0;
  for (let r = 0; r < regions; r++) trace += sums[r * regions + r];
  if (trace === 0) return new Float64Array(regions * scores);
  for (let r = 0; r < regions; r++) {
    for (let q = 0; q <= r; q++) {
      gram.set(r, q, sums[r * regions + q]);
      gram.set(q, r, sums[r * regions + q]);
    }
    gram.set(r, r, sums[r * regions + r] + (penalty * trace) / patients);
    for (let s = 0; s < scores; s++) right.set(r, s, products[r * scores + s]);
  }
  return Float64Array.from(new CholeskyDecomposition(gram).solve(right).to1DArray(), (slope) => -slope);
}

function columnMeans(numbers: Float64Array, columns: number): Float64Array {
  const means = new Float64Array(columns);
  numbers.forEach((value, i) => {
    means[i % columns] += value;
  });
  return means.map((sum) => (sum * columns) / numbers.length);
}

/** Standard deviations over the resamples. */
export function deviations(drawn: readonly Float64Array[]): Float64Array {
  return drawn[0].map((_, i) => {
    const mean = drawn.reduce((sum, each) => sum + each[i], 0) / drawn.length;
    const squares = drawn.reduce((sum, each) => sum + (each[i] - mean) ** 2, 0);
    return drawn.length > 1 ? Math.sqrt(squares / (drawn.length - 1)) : Number.NaN;
  });
}

/** Ends of the percentile interval of a value over the resamples. */
export function percentiles(
  drawn: readonly Float64Array[],
  at: number,
  confidence: number,
): [low: number, high: number] {
  const sorted = Float64Array.from(drawn, (each) => each[at]).sort();
  return [quantile(sorted, (1 - confidence) / 2), quantile(sorted, (1 + confidence) / 2)];
}
