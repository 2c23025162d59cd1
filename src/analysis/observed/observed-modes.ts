import { uniformIndex } from "../../coalitions/random.js";
import { randomStream } from "../../coalitions/random-streams.js";
import { interruption } from "../../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../../errors.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { pacer } from "../../pace.js";
import { quantile } from "../../quantiles.js";
import { packageVersion } from "../../version.js";
import { share, testModes } from "../inference/test-modes.js";
import { loadMatrices, type Matrices } from "../matrices.js";
import { subset } from "./choose-model.js";
import { type FittedModel, fitted, kernelMatrix, predicted, shapleyOfModel } from "./kernel-model.js";
import { type LearnedGame, type LearnGameOptions, learnGame, learnGameOptionNames } from "./learn-game.js";
import type { ObservedLesions } from "./observed-lesions.js";

/** Options of {@link observedModes}: those of `learnGame`, and of the bootstrap. */
export interface ObservedModesOptions extends LearnGameOptions {
  /** How often patients are drawn anew, with replacement; default 1000. */
  readonly resamples?: number;
  /** With this probability an interval holds the contribution; default 0.95. */
  readonly confidence?: number;
}

/** The names of `ObservedModesOptions`. */
export const observedModesOptionNames: OptionNames<ObservedModesOptions> = {
  ...learnGameOptionNames,
  resamples: true,
  confidence: true,
};

/** What a region contributes to a score, with its interval over patients. */
export interface ObservedContribution {
  readonly unit: string;
  readonly score: string;
  readonly contribution: number;
  /** Standard deviation over the resamples. */
  readonly standardError: number;
  /** Percentiles of the resamples. */
  readonly low: number;
  readonly high: number;
  /** Of a contribution of 0: Student's t of contribution and standard error; then corrected for all rows. */
  readonly p: number;
  readonly holm: number;
  readonly benjaminiHochberg: number;
  /** Patients in whom the region is lesioned. */
  readonly patients: number;
}

/** What every region contributes to one score, as `forestFigure` takes it. */
export interface ObservedContributions {
  readonly units: readonly string[];
  /** `[units]` */
  readonly values: Float64Array;
  /** `[units]` */
  readonly standardErrors: Float64Array;
  /** Of the standard errors. */
  readonly degreesOfFreedom: number;
  /** Ends of the percentile intervals, `[units]`. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** What these are. */
  readonly intervals: string;
}

/** Modes of a game that was learned from observed lesions. */
export interface ObservedModes {
  /** Exact Shapley Modes of the learned game; standard errors are over patients. */
  readonly modes: ShapleyModes;
  /** A row for each region and score. */
  readonly rows: readonly ObservedContribution[];
  /**
   * What every region contributes to one score, with the intervals of `rows`, for `forestFigure`.
   *
   * @param score its name; default the first
   * @throws RangeError for a score that is not there
   */
  of(score?: string): ObservedContributions;
  readonly learned: LearnedGame;
}

/**
 * What every region contributes to patients' scores: learns a game from observed lesions (`learnGame`), computes its Shapley Modes exactly, and repeats that for patients drawn anew, with the
 * same model and tuning: standard errors, percentile intervals and p values are over patients.
 *
 * They say how stable the contributions are, not that they are right: a ridge draws them towards 0 and shares them among regions that are lesioned together, in all resamples alike, and where few
 * patients have lesions of several regions the model alone says what those do together.
 *
 * @throws what `learnGame` throws, and RangeError for other options out of range
 * @example
 * const { data } = simulatedPatients({ patients: 60 }); // or loadObservedLesions("patients.csv")
 * const found = await observedModes(data, { resamples: 100 });
 * table(found.rows);
 * const figure = forestFigure(found.of());
 */
export async function observedModes(data: ObservedLesions, options: ObservedModesOptions = {}): Promise<ObservedModes> {
  knownOptions("observedModes", options, observedModesOptionNames);
  const { resamples: wanted, confidence: level, ...learning } = options;
  const resamples = positiveInteger("resamples", wanted ?? 1000);
  if (resamples < 2) throw invalid("resamples", "at least 2, for standard errors", resamples);
  const confidence = share("confidence", level ?? 0.95);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  const learned = await learnGame(data, learning);
  const { fit, game } = learned;
  const drawn = await bootstrapModels(fit, resamples, seed, signal);
  const values = shapleyOfModel(fit);
  const { scores, regions } = fit.sample;
  const errors = deviations(drawn);
  const modes = new ShapleyModes({
    units: game.units,
    outputShape: game.outputShape,
    values,
    standardErrors: errors,
    meanStandardErrors: deviations(drawn.map((each) => meansOver(each, scores))),
    vAll: predicted(fit, new Float64Array(regions)),
    vNone: predicted(fit, new Float64Array(regions).fill(1)),
    provenance: {
      estimator: "exact",
      game: game.provenance ?? null,
      patients: data.patients.length,
      resamples,
      seed,
      standard_error_over: "patient",
      version: packageVersion,
    },
  });
  const tested = (await testModes(modes, { method: "t", outputs: "each" })).rows;
  const counts = lesionedIn(fit);
  const rows = tested.map(
    ({ unit, contribution, standardError, p, holm, benjaminiHochberg }, at): ObservedContribution => {
      const sorted = Float64Array.from(drawn, (each) => each[at]).sort();
      return {
        unit,
        score: data.scoreNames[at % scores],
        contribution,
        standardError,
        low: quantile(sorted, (1 - confidence) / 2),
        high: quantile(sorted, (1 + confidence) / 2),
        p,
        holm,
        benjaminiHochberg,
        patients: counts[Math.floor(at / scores)],
      };
    },
  );
  const percent = Number((100 * confidence).toPrecision(6));
  const of = (score = data.scoreNames[0]): ObservedContributions => {
    oneOf("score", data.scoreNames, score);
    const own = rows.filter((row) => row.score === score);
    const column = (name: "contribution" | "standardError" | "low" | "high") =>
      Float64Array.from(own, (row) => row[name]);
    return {
      units: game.units,
      values: column("contribution"),
      standardErrors: column("standardError"),
      degreesOfFreedom: data.patients.length - 1,
      low: column("low"),
      high: column("high"),
      intervals: `${percent} % of ${resamples} draws of patients`,
    };
  };
  return { modes, rows, of, learned };
}

/** Shapley values of models of patients drawn anew, each `[regions, scores]`. */
export async function bootstrapModels(
  fit: FittedModel,
  resamples: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const library = await loadMatrices();
  const random = randomStream(seed, 1);
  const pace = pacer(signal);
  const { sample, interaction } = fit;
  const { patients, regions } = sample;
  const kernel = kernelMatrix(sample, interaction);
  const drawn: Float64Array[] = [];
  for (let r = 0; r < resamples; r++) {
    const order = Uint32Array.from({ length: patients }, () => uniformIndex(random, patients));
    const again = subset(sample, order);
    if (interaction === 0 && regions < patients) drawn.push(ridgeValues(again, fit.penalty, library));
    else {
      const part = new Float64Array(patients * patients);
      for (let a = 0; a < patients; a++) {
        for (let b = 0; b < patients; b++) part[a * patients + b] = kernel[order[a] * patients + order[b]];
      }
      drawn.push(shapleyOfModel(fitted(again, fit, part, library)));
    }
    await pace();
  }
  return drawn;
}

/** The same of ridge regression by its normal equations, which are smaller where there are more patients than regions: a region's Shapley value is its coefficient, turned round. */
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

function meansOver(values: Float64Array, scores: number): Float64Array {
  return Float64Array.from({ length: values.length / scores }, (_, r) => {
    let sum = 0;
    for (let s = 0; s < scores; s++) sum += values[r * scores + s];
    return sum / scores;
  });
}

/** Standard deviations over the resamples. */
function deviations(drawn: readonly Float64Array[]): Float64Array {
  return drawn[0].map((_, i) => {
    const mean = drawn.reduce((sum, each) => sum + each[i], 0) / drawn.length;
    const squares = drawn.reduce((sum, each) => sum + (each[i] - mean) ** 2, 0);
    return drawn.length > 1 ? Math.sqrt(squares / (drawn.length - 1)) : Number.NaN;
  });
}

function lesionedIn({ sample: { lesions, regions } }: FittedModel): Float64Array {
  const counts = new Float64Array(regions);
  lesions.forEach((own, i) => {
    if (own > 0) counts[i % regions]++;
  });
  return counts;
}
