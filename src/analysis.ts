/**
 * What modes mean: tests and intervals, concentration, correlation, communities, maps and clusters of units, curves,
 * smaller networks, games learned from observed lesions.
 *
 * @module shapley-modes/analysis
 */

export { type AttributionCurvesOptions, attributionCurves } from "./analysis/attribution-curves.js";
export {
  type AttributionCurve,
  AttributionCurves,
  type AttributionCurvesParts,
  type AttributionRow,
  type RandomCurve,
} from "./analysis/attribution-curves-result.js";
export { type CausalInfluences, type CausalInfluencesOptions, causalInfluences } from "./analysis/causal-influences.js";
export type { CrossValidation } from "./analysis/observed/choose-model.js";
export type { FittedModel, Sample, Tuning } from "./analysis/observed/kernel-model.js";
export {
  type LearnedGame,
  type LearnGameOptions,
  learnGame,
  type ObservedModel,
} from "./analysis/observed/learn-game.js";
export { type LoadObservedLesionsOptions, loadObservedLesions } from "./analysis/observed/load-observed-lesions.js";
export {
  type ObservedInteraction,
  type ObservedInteractionsOptions,
  observedInteractions,
} from "./analysis/observed/observed-interactions.js";
export {
  type ObservedLesions,
  type ObservedLesionsInput,
  observedLesions,
} from "./analysis/observed/observed-lesions.js";
export {
  type ObservedContribution,
  type ObservedContributions,
  type ObservedModes,
  type ObservedModesOptions,
  observedModes,
} from "./analysis/observed/observed-modes.js";
export {
  type ReducedRegions,
  type ReduceRegionsOptions,
  type ReductionStep,
  reduceRegions,
} from "./analysis/observed/reduce-regions.js";
export {
  type SimulatedPatients,
  type SimulatedPatientsOptions,
  simulatedPatients,
} from "./analysis/observed/simulated-patients.js";
export * from "./analysis/of-modes.js";
export { type Compressed, type CompressOptions, compress } from "./analysis/smaller/compress.js";
export type { Keep } from "./analysis/smaller/keep.js";
export type { GivenInputs } from "./analysis/smaller/lesioned-outputs.js";
export {
  type FewestKept,
  fewestKept,
  firstUnits,
  type PruningCurve,
  type PruningCurveOptions,
  pruningCurve,
  type RankingCurve,
} from "./analysis/smaller/pruning-curve.js";
export { type ReduceOptions, type Reduction, reduceToRest } from "./analysis/smaller/reduce-to-rest.js";
export { type CompressionRow, type CompressionTableOptions, compressionTable } from "./analysis/smaller/size-table.js";
export type { UnitRanking } from "./analysis/unit-ranking.js";
export { type UnitScores, unitActivations, unitMagnitudes } from "./analysis/unit-scores.js";
export { preActivations } from "./networks/mlp/forward.js";
