/**
 * Games, Shapley Modes and what is computed from them, with nothing of Node below, so that it runs in a browser.
 *
 * @module shapley-modes/core
 */

export type { Interval } from "./analysis/bootstrap.js";
export { type ClusterUnitsOptions, clusterUnits, type UnitClusters } from "./analysis/cluster-units.js";
export { type Communities, type CommunitiesOptions, communities } from "./analysis/communities.js";
export {
  distributionOfProcessing,
  gini,
  indexOfDistributedComputation,
  participationRatio,
} from "./analysis/concentration.js";
export { outputCorrelation, pearson } from "./analysis/correlation.js";
export { adjustedPValues, type Correction, corrections } from "./analysis/inference/adjusted.js";
export { averageModes } from "./analysis/inference/average-modes.js";
export {
  type Concentration,
  type ConcentrationOptions,
  concentration,
} from "./analysis/inference/concentration-intervals.js";
export {
  type ConfidenceIntervalsOptions,
  type ContributionInterval,
  confidenceIntervals,
} from "./analysis/inference/confidence-intervals.js";
export type { OfOutputs } from "./analysis/inference/contribution-table.js";
export {
  ModesTest,
  type TestedUnit,
  type TestMethod,
  type TestSettings,
} from "./analysis/inference/modes-test.js";
export {
  type CorrelationTestOptions,
  correlationTest,
  groupTest,
  type PermutationTest,
  type PermutationTestOptions,
  permutationTest,
} from "./analysis/inference/permutation-test.js";
export { type TestModesOptions, testModes } from "./analysis/inference/test-modes.js";
export { layerGroups } from "./analysis/layers.js";
export { type Lesioned, lesioned, visitLesioned } from "./analysis/lesions.js";
export type { Linkage, Merge } from "./analysis/linkage.js";
export { type Summary, summarise } from "./analysis/summary.js";
export { unitCorrelation } from "./analysis/unit-correlation.js";
export type { UnitDistance } from "./analysis/unit-distances.js";
export { type UnitMap, type UnitMapOptions, unitMap } from "./analysis/unit-map.js";
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
  PackedParts,
  Plan,
  Request,
  SampleMeans,
  UnitMeans,
} from "./estimators/estimator.js";
export { type EstimatorName, estimators } from "./estimators/registry.js";
export type { Goal } from "./estimators/stopping/goals.js";
export type { Measures } from "./estimators/stopping/measures.js";
export { type StoppingLook, type StoppingRecord, stoppingRecord } from "./estimators/stopping/record.js";
export type { AccuracyRule, Until } from "./estimators/stopping/until.js";
export { type FunctionGameOptions, type GameFunction, gameFrom, type Intact } from "./games/from-function.js";
export type { Game, Gate, Values } from "./games/game.js";
export { type MemoisedGame, memoised } from "./games/memoised.js";
export type { GameSpec } from "./games/spec.js";
export type { GameValue, NestedArray, NumericArray } from "./games/value.js";
export type { Json, JsonObject } from "./json.js";
export type { ModeColumns, ModesFrame } from "./modes/columns.js";
export type { ModeBlocks } from "./modes/mode-blocks.js";
export { type Mode, ShapleyModes, type ShapleyModesParts, type UnitContributions } from "./modes/shapley-modes.js";
export type { SignalOption } from "./options.js";
