import { type Coalitions, isIntact } from "../../coalitions/coalition.js";
import { interruption } from "../../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import type { Game } from "../../games/game.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { type CrossValidation, crossValidated, interactionWeights, tunedModel } from "./choose-model.js";
import { type FittedModel, predicted, type Sample } from "./kernel-model.js";
import { isShare, type ObservedLesions, patientsByRegion } from "./observed-lesions.js";

/** Models of {@link learnGame}. */
export type ObservedModel = "ridge" | "kernel";
/** All of them. */
export const observedModels: readonly ObservedModel[] = ["ridge", "kernel"];

/** Options of {@link learnGame}. */
export interface LearnGameOptions {
  /**
   * "ridge": every region has an effect of its own, in proportion to its lesioned share. "kernel": beside these all
   * their interactions (kernel ridge regression). "auto" (default): the one whose leave-one-out error is smaller.
   */
  readonly model?: ObservedModel | "auto";
  /**
   * Parts that are left out and predicted in turn; default 10, or as many as there are patients where these are fewer.
   */
  readonly folds?: number;
  /** How often patients are dealt to folds anew; default 1. */
  readonly repeats?: number;
  /** Regions that are lesioned in fewer patients are left out, as nothing can be learned of them; default 1. */
  readonly leastPatients?: number;
  /** Of the folds; default 1. */
  readonly seed?: number;
  /** Stops it: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Gets what you should know but need not act on; default: stderr, each remark once in a process. */
  readonly onRemark?: (remark: string) => void;
}

/** The names of `LearnGameOptions`. */
export const learnGameOptionNames: OptionNames<LearnGameOptions> = {
  model: true,
  folds: true,
  repeats: true,
  leastPatients: true,
  seed: true,
  signal: true,
  onRemark: true,
};

/** A game learned from observed lesions. */
export interface LearnedGame {
  /**
   * v(S): the scores that the model predicts for somebody with the regions in S intact and all others wholly lesioned,
   * `[scores]`. To be played as any game.
   */
  readonly game: Game;
  readonly model: ObservedModel;
  /** Ridge, in mean eigenvalues of the centred kernel. */
  readonly penalty: number;
  /** Weight of interactions; 0 for ridge regression. */
  readonly interaction: number;
  /** Errors on patients that had no part in model and tuning: of the model that was taken. */
  readonly crossValidation: CrossValidation;
  /** The same of every model that was tried. */
  readonly tried: Readonly<Partial<Record<ObservedModel, CrossValidation>>>;
  /** Regions lesioned in fewer than `leastPatients` patients, or to the same share in all of them: not players. */
  readonly leftOut: readonly string[];
  /** What is to be known of the data: patients fewer than regions, and what follows. */
  readonly remarks: readonly string[];
  /** The model itself. */
  readonly fit: FittedModel;
  /** The score that it predicts for lesioned shares of its regions, `[scores]`. */
  predict(lesions: ArrayLike<number>): Float64Array;
}

/** Most patients: kernels of all their pairs are decomposed, some 10 times over. */
export const mostPatients = 1000;

/**
 * Learns a game from observed lesions: from patients' lesioned shares of regions and their scores a model of the score
 * of any lesion, whose values for wholly lesioned and intact regions are a game. Nobody has most of these lesions: what
 * is said of them is said by the model. So its error on left out patients comes with it, and `observedModes` has
 * intervals over patients.
 *
 * Fewer patients than regions are said, not refused: the ridge then decides much, and shrinks contributions towards
 * each other and 0.
 *
 * @throws RangeError for options out of range, more than 1000 patients, and data in which no region is lesioned in
 *   enough patients; TypeError for other data
 * @example
 * const learned = await learnGame(simulatedPatients({ patients: 60 }).data); // or loadObservedLesions("patients.csv")
 * console.log(learned.model, learned.crossValidation.r2);
 * learned.game.units; // to be played as any game: interactions(learned.game)
 */
export async function learnGame(data: ObservedLesions, options: LearnGameOptions = {}): Promise<LearnedGame> {
  knownOptions("learnGame", options, learnGameOptionNames);
  if (!(data?.lesions instanceof Float64Array))
    throw wrongKind("data", "observed lesions, as observedLesions gives them", data);
  const asked = oneOf("model", ["auto", ...observedModels], options.model ?? "auto");
  const count = data.patients.length;
  if (count > mostPatients) throw invalid("patients", `at most ${mostPatients}`, count);
  const folds = positiveInteger("folds", options.folds ?? Math.min(10, count));
  if (folds < 2 || folds > count) throw invalid("folds", `2 to ${count}, the number of patients`, folds);
  const repeats = positiveInteger("repeats", options.repeats ?? 1);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  const least = positiveInteger("leastPatients", options.leastPatients ?? 1);
  const { sample, regions, leftOut } = sampleOf(data, least);
  const remarks: string[] = [];
  const remark = (text: string) => {
    remarks.push(text);
    (options.onRemark ?? remarkOnce)(text);
  };
  for (const text of [
    ...remarksOf(sample, leftOut, least),
    ...alikeRemarks(sample, regions),
    ...twiceRemarks(sample, data.patients),
  ])
    remark(text);

  const tried: Partial<Record<ObservedModel, CrossValidation>> = {};
  for (const name of asked === "auto" ? observedModels : [asked]) {
    tried[name] = await crossValidated(sample, weightsOf(name), { folds, repeats, seed, signal });
  }
  const { model: fit } = await tunedModel(sample, weightsOf(asked), signal);
  const model: ObservedModel = fit.interaction === 0 ? "ridge" : "kernel";
  const crossValidation = tried[model] as CrossValidation;
  const unpredicted = data.scoreNames.filter((_, s) => !(crossValidation.r2[s] > 0));
  if (unpredicted.length > 0) remark(unpredictedRemark(unpredicted));
  const predict = (lesions: ArrayLike<number>) => {
    if (lesions?.length !== regions.length)
      throw invalid("lesions", `${regions.length} shares, one for each region of the game`, lesions);
    const odd = Array.from(lesions).find((share) => !isShare(share));
    if (odd !== undefined) throw invalid("lesions", `shares from 0 to 1`, odd);
    return predicted(fit, Float64Array.from(lesions));
  };
  return {
    game: gameOfModel(fit, regions, data.scoreNames.length, {
      model,
      penalty: fit.penalty,
      interaction: fit.interaction,
      patients: count,
    }),
    model,
    penalty: fit.penalty,
    interaction: fit.interaction,
    crossValidation,
    tried,
    leftOut: data.regions.filter((name) => leftOut.rare.includes(name) || leftOut.constant.includes(name)),
    remarks,
    fit,
    predict,
  };
}

/** Weights of interactions among which a model has its choice: ridge regression is the kernel with the weight 0. */
export function weightsOf(model: ObservedModel | "auto"): readonly number[] {
  return { ridge: [0], kernel: interactionWeights, auto: [0, ...interactionWeights] }[model];
}

function unpredictedRemark(scores: readonly string[]): string {
  const which = scores.length > 8 ? `${scores.slice(0, 8).join(", ")}, ...` : scores.join(", ");
  return `nothing was learned of ${which}: patients who were left out are predicted no better than by the mean of the others (R2 is not above 0), and contributions and intervals say nothing`;
}

/** Regions that are not players, and why. */
interface LeftOut {
  /** Lesioned in too few patients. */
  readonly rare: readonly string[];
  /** Lesioned to the same share in all patients, so that there is nobody to compare with. */
  readonly constant: readonly string[];
}

/** What a model is fitted to: the regions that are lesioned in enough patients, and in which patients differ. */
export function sampleOf(
  data: ObservedLesions,
  least: number,
): { sample: Sample; regions: readonly string[]; leftOut: LeftOut } {
  const counts = patientsByRegion(data);
  const all = Array.from(counts.keys());
  const { regions: names, lesions: shares } = data;
  const varies = all.map((r) => data.patients.some((_, p) => shares[p * names.length + r] !== shares[r]));
  const kept = all.filter((r) => counts[r] >= least && varies[r]);
  if (kept.length === 0) {
    const rule = `at least one region that is lesioned in ${least} patients or more, and not in all alike`;
    throw invalid("lesions", rule, Math.max(...counts));
  }
  const patients = data.patients.length;
  const lesions = new Float64Array(patients * kept.length);
  for (let p = 0; p < patients; p++) {
    kept.forEach((r, at) => {
      lesions[p * kept.length + at] = shares[p * names.length + r];
    });
  }
  const named = (some: readonly number[]) => some.map((r) => names[r]);
  return {
    sample: { patients, regions: kept.length, scores: data.scoreNames.length, lesions, values: data.scores },
    regions: named(kept),
    leftOut: {
      rare: named(all.filter((r) => counts[r] < least)),
      constant: named(all.filter((r) => counts[r] >= least && !varies[r])),
    },
  };
}

function remarksOf({ patients, regions, scores }: Sample, { rare, constant }: LeftOut, least: number): string[] {
  const remarks: string[] = [];
  if (patients < regions) {
    remarks.push(
      `there are fewer patients (${patients}) than regions (${regions}): many models fit as well, the ridge decides between them, and contributions are shrunk towards 0 and shared among regions that are lesioned together (reduceRegions has fewer regions)`,
    );
  }
  if (scores > 1) {
    remarks.push(
      `model and ridge are chosen for all ${scores} scores together, so that what is said of one depends on the others: learn each by itself where that is not wanted`,
    );
  }
  for (const [names, why] of [
    [rare, `lesioned in ${least === 1 ? "no patient" : `fewer than ${least} patients`}`],
    [constant, "lesioned to the same share in all patients, so that there is nobody to compare with"],
  ] as const) {
    if (names.length === 0) continue;
    const [are, they] = names.length === 1 ? ["region is", "it is"] : ["regions are", "they are"];
    const list = names.length > 8 ? `${names.slice(0, 8).join(", ")}, ...` : names.join(", ");
    remarks.push(`${names.length} ${are} left out, as ${they} ${why}: ${list}`);
  }
  return remarks;
}

/** The first of some groups of names. */
function listed(groups: readonly (readonly string[])[]): string {
  const first = (list: readonly string[], most: number, between: string) =>
    list.slice(0, most).join(between) + (list.length > most ? `${between}...` : "");
  return first(
    groups.map((group) => first(group, 8, ", ")),
    3,
    "; ",
  );
}

/** Which regions are lesioned to the same share in every patient, so that nothing tells them apart. */
function alikeRemarks({ patients, regions, lesions }: Sample, names: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  names.forEach((name, r) => {
    const shares = Array.from({ length: patients }, (_, p) => lesions[p * regions + r]).join();
    groups.set(shares, [...(groups.get(shares) ?? []), name]);
  });
  const alike = [...groups.values()].filter(({ length }) => length > 1);
  if (alike.length === 0) return [];
  return [
    `regions that are lesioned to the same share in every patient (${listed(alike)}): nothing tells them apart, each is given an equal part of what they contribute together, and p of each is that of all of them (give them as one region)`,
  ];
}

/**
 * Which patients have the same lesions, not all of them whole, and the same scores: hardly two patients. A left out
 * patient is then predicted by a double.
 */
function twiceRemarks({ patients, regions, scores, lesions, values }: Sample, names: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (let p = 0; p < patients; p++) {
    const own = lesions.subarray(p * regions, (p + 1) * regions);
    if (own.every((share) => share === 0 || share === 1)) continue;
    const row = [...own, ...values.subarray(p * scores, (p + 1) * scores)].join();
    groups.set(row, [...(groups.get(row) ?? []), names[p]]);
  }
  const twice = [...groups.values()].filter(({ length }) => length > 1);
  if (twice.length === 0) return [];
  return [
    `patients with the same lesions and scores to the last digit (${listed(twice)}): if they are one, give it once, or patients who are left out are predicted by their doubles, and model, ridge and R2 are wrong`,
  ];
}

/** The game of a model: intact regions have no lesion, all others are wholly lesioned. */
export function gameOfModel(
  fit: FittedModel,
  regions: readonly string[],
  scores: number,
  provenance: Record<string, string | number>,
): Game {
  return {
    units: regions,
    outputShape: scores === 1 ? [] : [scores],
    provenance: { kind: "learned from observed lesions", ...provenance },
    async evaluate(coalitions: Coalitions) {
      const values = new Float64Array(coalitions.count * scores);
      const lesions = new Float64Array(regions.length);
      for (let c = 0; c < coalitions.count; c++) {
        for (let r = 0; r < regions.length; r++) lesions[r] = isIntact(coalitions, c, r) ? 0 : 1;
        values.set(predicted(fit, lesions), c * scores);
      }
      return values;
    },
  };
}
