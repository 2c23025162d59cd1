import { interruption } from "../../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../../errors.js";
import { has } from "../../kinds.js";
import { knownOptions, type OptionNames, validSignal } from "../../options.js";
import { quantile } from "../../quantiles.js";
import { share } from "../inference/test-modes.js";
import { bootstrapModels } from "./bootstrap-patients.js";
import { tunedModel } from "./choose-model.js";
import { shapleyOfModel } from "./kernel-model.js";
import { observedModels, sampleOf, weightsOf } from "./learn-game.js";
import { type ObservedLesions, observedLesions } from "./observed-lesions.js";
import {
  type ObservedModes,
  type ObservedModesOptions,
  observedModes,
  observedModesOptionNames,
} from "./observed-modes.js";

/** Options of {@link reduceRegions}: those of `observedModes`, and when the rest matters. */
export interface ReduceRegionsOptions extends ObservedModesOptions {
  /**
   * How large each region is: the lesioned share of the rest is the mean of its regions', weighed by these; default all
   * alike.
   */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The rest matters when its interval over patients leaves out 0, and leaves out this much itself; default 0.05. */
  readonly level?: number;
  /** Draws of patients for that interval at every step; default 200. */
  readonly stepResamples?: number;
  /** Name of the rest; default `rest`. */
  readonly rest?: string;
}

/** The names of `ReduceRegionsOptions`. */
export const reduceRegionsOptionNames: OptionNames<ReduceRegionsOptions> = {
  ...observedModesOptionNames,
  sizes: true,
  level: true,
  stepResamples: true,
  rest: true,
};

/** A region that went into the rest, or was the one too many. */
export interface ReductionStep {
  readonly dropped: string;
  /** What the region contributed before it went, averaged over the scores. */
  readonly contribution: number;
  /** What the rest contributes with it. */
  readonly rest: number;
  readonly restLow: number;
  readonly restHigh: number;
  /** Squared leave-one-out errors in shares of the variance of the scores, with the regions that are then left. */
  readonly leaveOneOut: number;
  /** Whether the rest matters then. */
  readonly matters: boolean;
  /** Whether the region was taken back, since the rest matters with it: the last step, whose region is kept. */
  readonly takenBack: boolean;
}

/** Regions that matter, and the rest. */
export interface ReducedRegions {
  /** None where nothing matters. */
  readonly kept: readonly string[];
  /** Regions in the rest, in the order in which they went. */
  readonly rest: readonly string[];
  readonly steps: readonly ReductionStep[];
  /** The lesions of the regions that were kept and of the rest, a region by itself. */
  readonly data: ObservedLesions;
  /** Their modes. */
  readonly reduced: ObservedModes;
}

/**
 * Fewer regions: the one that contributes least is put into "the rest", again and again, and everything is learned
 * anew, until the rest matters; then the last one is taken back. For data in which regions are more than patients can
 * tell apart. Where nothing matters no region is kept: the last one goes where the rest does not matter with it, nor it
 * by itself, by an interval that leaves out the level over the number of regions. Which regions stay was decided by the
 * same patients: intervals of what is left do not count that choice.
 *
 * @throws what `observedModes` throws; RangeError for sizes that are not positive, and a name of the rest that a region
 *   has
 * @example
 * const { data } = simulatedPatients({ patients: 40, regions: 16 });
 * const { kept, rest } = await reduceRegions(data, { model: "ridge", resamples: 100, stepResamples: 50 });
 */
export async function reduceRegions(
  data: ObservedLesions,
  options: ReduceRegionsOptions = {},
): Promise<ReducedRegions> {
  knownOptions("reduceRegions", options, reduceRegionsOptionNames);
  has("data", data, "ObservedLesions", "regions", "lesions");
  const { sizes = {}, level: asked, stepResamples, rest: restName = "rest", ...modesOptions } = options;
  const level = share("level", asked ?? 0.05);
  const resamples = positiveInteger("stepResamples", stepResamples ?? 200);
  const seed = validSeed(options.seed ?? 1);
  const signal = interruption(validSignal(options.signal));
  if (data.regions.includes(restName)) throw invalid("rest", "another name than those of the regions", restName);
  const strange = Object.entries(sizes).find(([name, size]) => !data.regions.includes(name) || !(size > 0));
  if (strange) throw invalid(`size of ${strange[0]}`, "a positive number for a region", strange[1]);
  const { regions } = sampleOf(data, options.leastPatients ?? 1);
  const interactions = weightsOf(oneOf("model", ["auto", ...observedModels], options.model ?? "auto"));
  const scores = data.scoreNames.length;

  let kept = [...regions];
  const rest: string[] = [];
  const steps: ReductionStep[] = [];
  let weakest = weakestOf(await contributionsOf(grouped(data, kept, rest, restName, sizes)));
  /** Draws of what the last region contributes beside the rest. */
  let ofLast: Float64Array | undefined;
  while (kept.length > 0) {
    const { unit: dropped, contribution } = weakest;
    const left = kept.filter((name) => name !== dropped);
    if (left.length === 0 && (ofLast === undefined || leavesOut0(ofLast, level / regions.length).matters)) break;
    const next = grouped(data, left, [...rest, dropped], restName, sizes);
    // Regions that make up for each other may be a rest in which patients do not differ.
    if (left.length === 0 && !varies(next)) break;
    const { sample, regions: players } = sampleOf(next, 1);
    const { model, leaveOneOut } = await tunedModel(sample, interactions, signal);
    const drawn = await bootstrapModels(model, resamples, seed, signal);
    const contributionOf = (values: Float64Array, name: string) =>
      players.includes(name) ? meanOf(values, players.indexOf(name)) : 0;
    const mean = (values: Float64Array) => contributionOf(values, restName);
    const { low, high, matters } = leavesOut0(Float64Array.from(drawn, mean), level);
    const values = shapleyOfModel(model);
    steps.push({
      dropped,
      contribution,
      rest: mean(values),
      restLow: low,
      restHigh: high,
      leaveOneOut,
      matters,
      takenBack: matters,
    });
    if (matters) break;
    kept = left;
    rest.push(dropped);
    if (left.length === 0) break;
    if (left.length === 1) ofLast = Float64Array.from(drawn, (own) => contributionOf(own, left[0]));
    weakest = weakestOf(left.map((unit) => ({ unit, contribution: contributionOf(values, unit) })));
  }
  const reducedData = grouped(data, kept, rest, restName, sizes);
  return { kept, rest, steps, data: reducedData, reduced: await observedModes(reducedData, modesOptions) };

  function meanOf(values: Float64Array, region: number): number {
    let sum = 0;
    for (let s = 0; s < scores; s++) sum += values[region * scores + s];
    return sum / scores;
  }

  async function contributionsOf(of: ObservedLesions): Promise<Contribution[]> {
    const { sample, regions: names } = sampleOf(of, 1);
    const { model } = await tunedModel(sample, interactions, signal);
    const values = shapleyOfModel(model);
    return names.map((unit, r) => ({ unit, contribution: meanOf(values, r) }));
  }
}

interface Contribution {
  readonly unit: string;
  readonly contribution: number;
}

function weakestOf(contributions: readonly Contribution[]): Contribution {
  return contributions.reduce((least, each) =>
    Math.abs(each.contribution) < Math.abs(least.contribution) ? each : least,
  );
}

/** An interval that leaves so much out, and whether it leaves out 0. */
function leavesOut0(drawn: Float64Array, level: number): { low: number; high: number; matters: boolean } {
  const sorted = drawn.slice().sort();
  const [low, high] = [quantile(sorted, level / 2), quantile(sorted, 1 - level / 2)];
  return { low, high, matters: low > 0 || high < 0 };
}

/** Whether patients differ in a lesion at all. */
function varies({ lesions, regions }: ObservedLesions): boolean {
  return lesions.some((own, i) => own !== lesions[i % regions.length]);
}

/** The lesions of some regions, and of others together as the last one. */
function grouped(
  data: ObservedLesions,
  kept: readonly string[],
  rest: readonly string[],
  restName: string,
  sizes: Readonly<Record<string, number>>,
): ObservedLesions {
  const place = new Map(data.regions.map((name, r) => [name, r]));
  const at = (patient: number, name: string) =>
    data.lesions[patient * data.regions.length + (place.get(name) as number)];
  const weight = rest.reduce((sum, name) => sum + (sizes[name] ?? 1), 0);
  const { length } = data.scoreNames;
  return observedLesions({
    regions: rest.length > 0 ? [...kept, restName] : kept,
    lesions: data.patients.map((_, p) => {
      const own = kept.map((name) => at(p, name));
      if (rest.length === 0) return own;
      const together = rest.reduce((sum, name) => sum + (sizes[name] ?? 1) * at(p, name), 0) / weight;
      return [...own, Math.min(1, together)];
    }),
    scores: data.patients.map((_, p) => data.scores.subarray(p * length, (p + 1) * length)),
    scoreNames: data.scoreNames,
    patients: data.patients,
  });
}
