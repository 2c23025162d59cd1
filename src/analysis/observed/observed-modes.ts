import { randomStream } from "../../coalitions/random-streams.js";
import { interruption } from "../../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../../errors.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { packageVersion } from "../../version.js";
import { adjustedPValues } from "../inference/adjusted.js";
import { share } from "../inference/test-modes.js";
import { bootstrapModels, deviations, percentiles } from "./bootstrap-patients.js";
import { spectraOf } from "./choose-model.js";
import {
  centredScores,
  type FittedModel,
  meanScores,
  predicted,
  shapleyFunctionals,
  shapleyOfModel,
} from "./kernel-model.js";
import { type LearnedGame, type LearnGameOptions, learnGame, learnGameOptionNames, weightsOf } from "./learn-game.js";
import type { ObservedLesions } from "./observed-lesions.js";
import { permutedScoresP, tooFewPermutations, usualPermutations } from "./permuted-scores.js";

/** Options of {@link observedModes}: those of `learnGame`, and of the bootstrap. */
export interface ObservedModesOptions extends LearnGameOptions {
  /** How often patients are drawn anew, with replacement; default 1000. */
  readonly resamples?: number;
  /** Asked of the percentile intervals; default 0.95. */
  readonly confidence?: number;
  /**
   * How often patients' scores are dealt to the patients anew, for p values, none of which is below 1 / (permutations +
   * 1); default 40 for each region and score less one, from 1999 to 19,999.
   */
  readonly permutations?: number;
}

/** The names of `ObservedModesOptions`. */
export const observedModesOptionNames: OptionNames<ObservedModesOptions> = {
  ...learnGameOptionNames,
  resamples: true,
  confidence: true,
  permutations: true,
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
  /** Of scores that have nothing to do with lesions, by permutations of the scores; then corrected for all rows. */
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
 * What every region contributes to patients' scores: learns a game from observed lesions (`learnGame`), computes its
 * Shapley Modes exactly, and repeats that for patients drawn anew, with the same model and tuning: standard errors and
 * percentile intervals are over patients. p values are of permutations: patients' scores are dealt to the patients
 * anew, those of a patient together, and model and ridge are chosen anew each time. They are exact where no score has
 * to do with any lesion.
 *
 * Intervals say how stable the contributions are, not that they are right: a ridge draws them towards 0 and shares them
 * among regions that are lesioned together, in all resamples alike, and where few patients have lesions of several
 * regions the model alone says what those do together.
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
  const { resamples: wanted, confidence: level, permutations: wantedPermutations, ...learning } = options;
  const asked = wantedPermutations === undefined ? undefined : positiveInteger("permutations", wantedPermutations);
  const resamples = positiveInteger("resamples", wanted ?? 1000);
  if (resamples < 2) throw invalid("resamples", "at least 2, for standard errors", resamples);
  const confidence = share("confidence", level ?? 0.95);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  const learned = await learnGame(data, learning);
  const { fit, game } = learned;
  const tests = game.units.length * data.scoreNames.length;
  const permutations = asked ?? usualPermutations(tests);
  const tooFew = tooFewPermutations(permutations, tests);
  if (tooFew) (options.onRemark ?? remarkOnce)(tooFew);
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
      permutations,
      seed,
      standard_error_over: "patient",
      version: packageVersion,
    },
  });
  const weights = weightsOf(options.model ?? "auto");
  const p = await permutedScoresP(
    await spectraOf(fit.sample, weights, signal),
    weights.map((weight) => shapleyFunctionals(fit.sample, weight)),
    { moved: centredScores(fit.sample, meanScores(fit.sample)) },
    { permutations, random: randomStream(seed, 2), signal },
  );
  const [holm, benjaminiHochberg] = [adjustedPValues(p, "holm"), adjustedPValues(p, "benjamini-hochberg")];
  const counts = lesionedIn(fit);
  const rows = Array.from(values, (contribution, at): ObservedContribution => {
    const [low, high] = percentiles(drawn, at, confidence);
    return {
      unit: game.units[Math.floor(at / scores)],
      score: data.scoreNames[at % scores],
      contribution,
      standardError: errors[at],
      low,
      high,
      p: p[at],
      holm: holm[at],
      benjaminiHochberg: benjaminiHochberg[at],
      patients: counts[Math.floor(at / scores)],
    };
  });
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

function meansOver(values: Float64Array, scores: number): Float64Array {
  return Float64Array.from({ length: values.length / scores }, (_, r) => {
    let sum = 0;
    for (let s = 0; s < scores; s++) sum += values[r * scores + s];
    return sum / scores;
  });
}

function lesionedIn({ sample: { lesions, regions } }: FittedModel): Float64Array {
  const counts = new Float64Array(regions);
  lesions.forEach((own, i) => {
    if (own > 0) counts[i % regions]++;
  });
  return counts;
}
