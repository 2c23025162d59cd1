import { randomStream } from "../../coalitions/random-streams.js";
import { interruption } from "../../engine/runs/interruption.js";
import { invalid, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { adjustedPValues } from "../inference/adjusted.js";
import { share } from "../inference/test-modes.js";
import { bootstrapFunctionals, deviations, percentiles } from "./bootstrap-patients.js";
import { interactionWeights, spectraOf, tunedModel } from "./choose-model.js";
import { centredScores, meanScores, pairFunctionals, type Sample, valuesOf } from "./kernel-model.js";
import { mostPatients, sampleOf } from "./learn-game.js";
import type { ObservedLesions } from "./observed-lesions.js";
import { type PermutedScores, permutedScoresP, tooFewPermutations, usualPermutations } from "./permuted-scores.js";
import { leastLeaveOneOut, residualsOf, spectrumOf } from "./spectrum.js";

/** Options of {@link observedInteractions}. */
export interface ObservedInteractionsOptions {
  /**
   * Pairs of regions that are lesioned together in fewer patients are left out, as only the model says what they do
   * together; default 5.
   */
  readonly together?: number;
  /** How often patients are drawn anew, with replacement; default 1000. */
  readonly resamples?: number;
  /** Asked of the percentile intervals; default 0.95. */
  readonly confidence?: number;
  /**
   * How often residuals are dealt to the patients anew, for p values, none of which is below 1 / (permutations + 1);
   * default 40 for each pair and score less one, from 1999 to 19,999.
   */
  readonly permutations?: number;
  /** Of draws and permutations; default 1. */
  readonly seed?: number;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Gets what you should know but need not act on; default: stderr, each remark once in a process. */
  readonly onRemark?: (remark: string) => void;
}

/** The names of `ObservedInteractionsOptions`. */
export const observedInteractionsOptionNames: OptionNames<ObservedInteractionsOptions> = {
  together: true,
  resamples: true,
  confidence: true,
  permutations: true,
  seed: true,
  signal: true,
  onRemark: true,
};

/** What two regions do together to a score, with its interval over patients. */
export interface ObservedInteraction {
  /** Both, as `a + b`. */
  readonly units: string;
  readonly score: string;
  /** Shapley interaction index of the learned game: negative where either region is enough for what both do. */
  readonly interaction: number;
  /** Standard deviation over the resamples. */
  readonly standardError: number;
  /** Percentiles of the resamples. */
  readonly low: number;
  readonly high: number;
  /** Of regions that do not interact, by permutations of residuals; then corrected for all rows. */
  readonly p: number;
  readonly holm: number;
  readonly benjaminiHochberg: number;
  /** Patients in whom both are lesioned. */
  readonly patients: number;
}

/**
 * Which regions stand in for each other, or need each other: interactions of pairs of regions in the game that the
 * model `kernel` learns from observed lesions, exact, with percentile intervals over patients drawn anew with the same
 * tuning. p values are of Freedman and Lane's permutations (1983): residuals of ridge regression, in which no regions
 * interact, are dealt to the patients anew and added to what it predicts, and the kernel's weight and ridge are chosen
 * anew each time. They are approximate: what ridge regression leaves of regions' own effects is in its residuals.
 *
 * The ridge draws interactions towards 0, and pairs of neighbours that are lesioned together share them, in every
 * resample alike: where a pair interacts, others near it hold, too, and intervals are far too narrow for the truth.
 *
 * @throws TypeError for other data; RangeError for options out of range, more than 1000 patients, and data without a
 *   pair of regions that enough patients have lesioned together
 * @example
 * const { data } = simulatedPatients({ patients: 60 }); // or loadObservedLesions("patients.csv")
 * const pairs = await observedInteractions(data, { resamples: 100, permutations: 999 });
 * table(pairs.filter(({ holm }) => holm <= 0.05));
 */
export async function observedInteractions(
  data: ObservedLesions,
  options: ObservedInteractionsOptions = {},
): Promise<ObservedInteraction[]> {
  knownOptions("observedInteractions", options, observedInteractionsOptionNames);
  if (!(data?.lesions instanceof Float64Array))
    throw wrongKind("data", "observed lesions, as observedLesions gives them", data);
  const count = data.patients.length;
  if (count > mostPatients) throw invalid("patients", `at most ${mostPatients}`, count);
  const together = positiveInteger("together", options.together ?? 5);
  const resamples = positiveInteger("resamples", options.resamples ?? 1000);
  if (resamples < 2) throw invalid("resamples", "at least 2, for standard errors", resamples);
  const confidence = share("confidence", options.confidence ?? 0.95);
  const asked = options.permutations === undefined ? undefined : positiveInteger("permutations", options.permutations);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  const { sample, regions } = sampleOf(data, 1);
  const pairs = pairsOf(sample).filter(({ patients }) => patients >= together);
  if (pairs.length === 0) throw invalid("together", "as many patients as have two regions lesioned", together);
  const { scores } = sample;
  const permutations = asked ?? usualPermutations(pairs.length * scores);
  const tooFew = tooFewPermutations(permutations, pairs.length * scores);
  if (tooFew) (options.onRemark ?? remarkOnce)(tooFew);

  const functionalsOf = (weight: number) =>
    pairFunctionals(
      sample,
      weight,
      pairs.map(({ pair }) => pair),
    );
  const { model } = await tunedModel(sample, interactionWeights, signal);
  const own = functionalsOf(model.interaction);
  const values = valuesOf(own, { ...sample, dual: model.dual });
  const drawn = await bootstrapFunctionals(model, own, resamples, seed, signal);
  const errors = deviations(drawn);
  const p = await permutedScoresP(
    await spectraOf(sample, interactionWeights, signal),
    interactionWeights.map(functionalsOf),
    await withoutInteractions(sample),
    { permutations, random: randomStream(seed, 3), signal },
  );
  const [holm, benjaminiHochberg] = [adjustedPValues(p, "holm"), adjustedPValues(p, "benjamini-hochberg")];
  return Array.from(values, (interaction, at): ObservedInteraction => {
    const { pair, patients } = pairs[Math.floor(at / scores)];
    const [low, high] = percentiles(drawn, at, confidence);
    return {
      units: pair.map((region) => regions[region]).join(" + "),
      score: data.scoreNames[at % scores],
      interaction,
      standardError: errors[at],
      low,
      high,
      p: p[at],
      holm: holm[at],
      benjaminiHochberg: benjaminiHochberg[at],
      patients,
    };
  });
}

/** What ridge regression says of each patient, which stays, and its residuals, which are permuted. */
async function withoutInteractions(sample: Sample): Promise<PermutedScores> {
  const scores = centredScores(sample, meanScores(sample));
  const { spectrum, fit, loads } = leastLeaveOneOut([await spectrumOf(sample, 0)], scores);
  const moved = scores.map((own, s) => residualsOf(spectrum, fit, own, loads[s]));
  return { fixed: scores.map((own, s) => own.map((score, p) => score - moved[s][p])), moved };
}

interface Pair {
  readonly pair: readonly [a: number, b: number];
  /** In how many both are lesioned. */
  readonly patients: number;
}

function pairsOf({ patients, regions, lesions }: Sample): Pair[] {
  const pairs: Pair[] = [];
  for (let a = 0; a < regions; a++) {
    for (let b = a + 1; b < regions; b++) {
      let both = 0;
      for (let p = 0; p < patients; p++) {
        if (lesions[p * regions + a] > 0 && lesions[p * regions + b] > 0) both++;
      }
      pairs.push({ pair: [a, b], patients: both });
    }
  }
  return pairs;
}
