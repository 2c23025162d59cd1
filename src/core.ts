/**
 * Games, Shapley Modes and what is computed from them, with nothing of Node below, so that it runs in a browser.
 *
 * @module shapley-modes/core
 */

export { type Communities, type CommunitiesOptions, communities } from "./analysis/communities.js";
export { distributionOfProcessing, indexOfDistributedComputation } from "./analysis/concentration.js";
export { outputCorrelation, pearson } from "./analysis/correlation.js";
export { layerGroups } from "./analysis/layers.js";
export { type Lesioned, lesioned, visitLesioned } from "./analysis/lesions.js";
export { type Summary, summarise } from "./analysis/summary.js";
export { unitCorrelation } from "./analysis/unit-correlation.js";
export type { Coalitions, Ordering } from "./coalitions/coalition.js";
export type { Progress } from "./engine/progress/progress.js";
export type { Speed } from "./engine/progress/speed.js";
export type { EstimatorChoice } from "./engine/runs/auto.js";
export { InterruptedError } from "./engine/runs/interruption.js";
export { type ShapleyHereOptions, shapleyHere as shapley } from "./engine/shapley-here.js";
export { GameError } from "./errors.js";
export type {
  Accumulator,
  Control,
  Ends,
  Estimate,
  Estimator,
  Extent,
  Held,
  Plan,
  Request,
} from "./estimators/estimator.js";
export { type EstimatorName, estimators } from "./estimators/registry.js";
export { type FunctionGameOptions, type GameFunction, gameFrom, type Intact } from "./games/from-function.js";
export type { Game, Gate, Values } from "./games/game.js";
export { type MemoisedGame, memoised } from "./games/memoised.js";
export type { GameSpec } from "./games/spec.js";
export type { GameValue, NestedArray, NumericArray } from "./games/value.js";
export type { Json, JsonObject } from "./json.js";
export type { ModeColumns, ModesFrame } from "./modes/columns.js";
export { type Mode, ShapleyModes, type ShapleyModesParts, type UnitContributions } from "./modes/shapley-modes.js";
export type { SignalOption } from "./options.js";
