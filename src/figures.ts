/**
 * All figures, as plain objects that Plotly draws; nothing of Node lies below, so that a browser can make them too.
 *
 * @module shapley-modes/figures
 */

export type {
  AttributionCurve,
  AttributionCurvesParts,
  RandomCurve,
} from "./analysis/attribution-curves-result.js";
export type { AccuracyRule } from "./estimators/stopping/until.js";
export { type AdditivityOptions, additivityFigure } from "./figures/additivity.js";
export {
  type AttributionCurvesFigureOptions,
  attributionCurvesFigure,
} from "./figures/attribution-curves.js";
export { type BeeswarmOptions, beeswarmFigure, type InputContributions } from "./figures/beeswarm.js";
export { type CommunitiesFigureOptions, type CommunitiesInput, communitiesFigure } from "./figures/communities.js";
export {
  type ContributionBarsOptions,
  type Contributions,
  contributionBarsFigure,
} from "./figures/contribution-bars.js";
export { type ConvergenceOptions, type ConvergenceRun, convergenceFigure } from "./figures/convergence.js";
export {
  type DigitIndexOptions,
  type DigitIndexRow,
  digitIndexFigure,
  type PublishedByDigit,
} from "./figures/digit-index.js";
export { type DistributedComputationRow, distributedComputationFigure } from "./figures/distributed-computation.js";
export { type FacesOptions, facesFigure } from "./figures/faces.js";
export { type FeatureSharesInput, type FeatureSharesOptions, featureSharesFigure } from "./figures/feature-shares.js";
export { type ForestContributions, type ForestOptions, forestFigure } from "./figures/forest.js";
export {
  type BarSeries,
  type BarsPanel,
  type GroupedBarsOptions,
  groupedBarsFigure,
} from "./figures/grouped-bars.js";
export { type HierarchyFigureOptions, hierarchyFigure } from "./figures/hierarchy.js";
export { type InteractionCircleOptions, interactionCircleFigure } from "./figures/interaction-circle.js";
export { type InteractionMatrixOptions, interactionMatrixFigure } from "./figures/interaction-matrix.js";
export type { ColourRange } from "./figures/kit/colour-limit.js";
export type { Figure } from "./figures/kit/figure.js";
export type { FigureOptions } from "./figures/kit/frame.js";
export type { HierarchyPanel, HierarchyPoint, HierarchySeries } from "./figures/kit/hierarchy-panels.js";
export type { Confidence } from "./figures/kit/intervals.js";
export type { LayerFace } from "./figures/kit/layer-tiles.js";
export type { MapAxis } from "./figures/kit/map-axis.js";
export type { PairNumbers } from "./figures/kit/pair-matrix.js";
export type {
  PublishedByRegulariser,
  RegularisedNetwork,
  RegulariserTrendOptions,
} from "./figures/kit/regulariser-trend.js";
export type { FigureSize } from "./figures/kit/theme.js";
export type { TrendAxis } from "./figures/kit/trend.js";
export { type LayerModesOptions, layerModesFigure } from "./figures/layer-modes.js";
export { type LayerSumsOptions, layerSumsFigure } from "./figures/layer-sums.js";
export {
  type LesionedAccuracyOptions,
  type LesionedAccuracyRow,
  lesionedAccuracyFigure,
  type PublishedLesionedAccuracy,
} from "./figures/lesioned-accuracy.js";
export { type LesionRow, type LesionsOptions, lesionsFigure } from "./figures/lesions.js";
export { type LineAxis, type ModeLine, type ModeLinesOptions, modeLinesFigure } from "./figures/mode-lines.js";
export { type MapPanel, type ModeMapsOptions, modeMapsFigure } from "./figures/mode-maps.js";
export {
  type ModesHeatmapOptions,
  type ModesPanel,
  modeHeatmapFigure,
  modesHeatmapFigure,
} from "./figures/modes-heatmap.js";
export { type ModesSliderOptions, modesSliderFigure } from "./figures/modes-slider.js";
export {
  type CorrelationPanel,
  type OutputCorrelationOptions,
  outputCorrelationFigure,
} from "./figures/output-correlation.js";
export { type PruningCurveFigureOptions, pruningCurveFigure, type ScoreCurve } from "./figures/pruning-curve.js";
export {
  type RemovalPanel,
  type RemovalSeries,
  type RemovalsOptions,
  removalsFigure,
} from "./figures/removals.js";
export { type TokenContributions, type TokenHeatmapOptions, tokenHeatmapFigure } from "./figures/token-heatmap.js";
export { type TrainingFigureOptions, type TrainingSamples, trainingFigure } from "./figures/training.js";
export { type UnitMapFigureOptions, type UnitMapPoints, unitMapFigure } from "./figures/unit-map.js";
export { type WaterfallOptions, waterfallFigure } from "./figures/waterfall.js";
export {
  type WeightContributionOptions,
  type WeightContributionPanel,
  type WeightContributionPoint,
  weightContributionFigure,
} from "./figures/weight-contribution.js";
export {
  type WeightContributionCorrelationRow,
  weightContributionCorrelationFigure,
} from "./figures/weight-contribution-correlation.js";
export { pngOf } from "./formats/png.js";
export type { Regulariser } from "./networks/mlp/regulariser.js";
