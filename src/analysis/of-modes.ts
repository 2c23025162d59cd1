/**
 * What is computed from modes with nothing of Node below: part of `shapley-modes/analysis` and of the browser's
 * `/core`.
 */

export type { Interval } from "./bootstrap.js";
export { type ClusterUnitsOptions, clusterUnits, type UnitClusters } from "./cluster-units.js";
export { type Communities, type CommunitiesOptions, communities } from "./communities.js";
export {
  distributionOfProcessing,
  gini,
  indexOfDistributedComputation,
  participationRatio,
} from "./concentration.js";
export { outputCorrelation, pearson } from "./correlation.js";
export { adjustedPValues, type Correction, corrections } from "./inference/adjusted.js";
export { averageModes } from "./inference/average-modes.js";
export {
  type Concentration,
  type ConcentrationOptions,
  concentration,
} from "./inference/concentration-intervals.js";
export {
  type ConfidenceIntervalsOptions,
  type ContributionInterval,
  confidenceIntervals,
} from "./inference/confidence-intervals.js";
export type { OfOutputs } from "./inference/contribution-table.js";
export {
  ModesTest,
  type TestedInteraction,
  type TestedNumber,
  type TestedUnit,
  type TestMethod,
  type TestSettings,
} from "./inference/modes-test.js";
export {
  type CorrelationTestOptions,
  correlationTest,
  groupTest,
  type PermutationTest,
  type PermutationTestOptions,
  permutationTest,
} from "./inference/permutation-test.js";
export type { CorrectedInterval } from "./inference/statistic-interval.js";
export { type TestInteractionsOptions, testInteractions } from "./inference/test-interactions.js";
export { type TestModesOptions, testModes } from "./inference/test-modes.js";
export { layerGroups } from "./layers.js";
export { type Lesioned, lesioned, visitLesioned } from "./lesions.js";
export type { Linkage, Merge } from "./linkage.js";
export { type Summary, summarise } from "./summary.js";
export { unitCorrelation } from "./unit-correlation.js";
export type { UnitDistance } from "./unit-distances.js";
export { type UnitMap, type UnitMapOptions, unitMap } from "./unit-map.js";
