import { unitMagnitudes } from "../../analysis/unit-scores.js";
import type { LabelledInputs } from "../../datasets/inputs.js";
import { type ShapleyOptions, shapley, shapleyOptionNames } from "../../engine/shapley.js";
import { has } from "../../kinds.js";
import { mlpGame } from "../../lesion/mlp-game.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import type { CheckpointName } from "../../networks/mlp/checkpoints.js";
import { accuracy } from "../../networks/mlp/forward.js";
import type { Mlp } from "../../networks/mlp/mlp.js";
import { knownOptions } from "../../options.js";
import { topAndRest, unitStatistics } from "../regularisers/unit-statistics.js";
import type { MlpSource } from "./sources.js";

/** What the figures need to know of one network. */
export interface MlpAnalysis extends CheckpointName {
  readonly origin: MlpSource["origin"];
  readonly comparable: boolean;
  /** `[width, 10]`: what each unit contributes to the precision of each digit. */
  readonly modes: ShapleyModes;
  /** What each unit contributes, averaged over the digits, `[width]`. */
  readonly contributions: Float64Array;
  /** Index of distributed computation of the contributions. */
  readonly index: number;
  /** The same index for each digit alone, `[10]`. */
  readonly digitIndices: readonly number[];
  /** Mean |weight| of each unit, its incoming and its outgoing mean averaged, `[width]`. */
  readonly weights: readonly number[];
  /** Pearson's r between weights and contributions; NaN where one does not vary. */
  readonly weightCorrelation: number;
}

/** Lesions all combinations that some orderings of the units pass through, and says what each unit does. */
export async function analyseMlp(
  source: MlpSource,
  mlp: Mlp,
  inputs: LabelledInputs,
  options: ShapleyOptions,
): Promise<MlpAnalysis> {
  knownOptions("analyseMlp", options, shapleyOptionNames);
  const modes = await shapley(await mlpGame(mlp, inputs), options);
  const { outputIndices: digitIndices, ...statistics } = unitStatistics(modes, unitMagnitudes(mlp).values);
  return {
    regulariser: source.regulariser,
    width: source.width,
    trial: source.trial,
    origin: source.origin,
    comparable: source.comparable,
    modes,
    ...statistics,
    digitIndices,
  };
}

/** Accuracies of a network on some inputs, intact and with its most and its least contributing units lesioned. */
export interface LesionedAccuracy extends CheckpointName {
  /** How many of the largest contributors were lesioned. */
  readonly top: number;
  readonly intact: number;
  readonly topLesioned: number;
  readonly restLesioned: number;
}

/** Lesions the `top` units of largest contribution, and then all others (figure A1; the paper: 40 of 200). */
export async function lesionByRank(
  analysis: MlpAnalysis,
  mlp: Mlp,
  inputs: LabelledInputs,
  top: number,
): Promise<LesionedAccuracy> {
  has("analysis", analysis, "MlpAnalysis", "origin", "comparable");
  const { regulariser, width, trial, contributions } = analysis;
  const ranked = topAndRest(contributions, top);
  const only = (units: readonly number[]) => {
    const intact = new Uint8Array(width);
    for (const unit of units) intact[unit] = 1;
    return intact;
  };
  return {
    regulariser,
    width,
    trial,
    top,
    intact: await accuracy(mlp, inputs),
    topLesioned: await accuracy(mlp, inputs, only(ranked.rest)),
    restLesioned: await accuracy(mlp, inputs, only(ranked.top)),
  };
}
