// "shapley-modes/figures": all figures, as plain objects that Plotly draws; nothing of Node lies below, so that a browser can make them too.

export { type AdditivityOptions, additivityFigure } from "./figures/additivity.js";
export { type BeeswarmOptions, beeswarmFigure, type InputContributions } from "./figures/beeswarm.js";
export { type CommunitiesFigureOptions, type CommunitiesInput, communitiesFigure } from "./figures/communities.js";
export {
  type ContributionBarsOptions,
  type Contributions,
  contributionBarsFigure,
} from "./figures/contribution-bars.js";
export { digitIndexFigure } from "./figures/digit-index.js";
export { distributedComputationFigure } from "./figures/distributed-computation.js";
export { type FacesOptions, facesFigure } from "./figures/faces.js";
export { type FeatureSharesInput, type FeatureSharesOptions, featureSharesFigure } from "./figures/feature-shares.js";
export { type HierarchyFigureOptions, hierarchyFigure } from "./figures/hierarchy.js";
export type { ColourRange } from "./figures/kit/colour-limit.js";
export type { Figure } from "./figures/kit/figure.js";
export type { HierarchyPanel, HierarchySeries } from "./figures/kit/hierarchy-panels.js";
export type { Confidence } from "./figures/kit/intervals.js";
export { type LayerModesOptions, layerModesFigure } from "./figures/layer-modes.js";
export { type LayerSumsOptions, layerSumsFigure } from "./figures/layer-sums.js";
export { lesionedAccuracyFigure } from "./figures/lesioned-accuracy.js";
export { type LesionRow, type LesionsOptions, lesionsFigure } from "./figures/lesions.js";
export { type LineAxis, type ModeLine, type ModeLinesOptions, modeLinesFigure } from "./figures/mode-lines.js";
export { type MapAxis, type MapPanel, type ModeMapsOptions, modeMapsFigure } from "./figures/mode-maps.js";
export { modeHeatmapFigure, modesHeatmapFigure } from "./figures/modes-heatmap.js";
export { type ModesSliderOptions, modesSliderFigure } from "./figures/modes-slider.js";
export { outputCorrelationFigure } from "./figures/output-correlation.js";
export { type TokenContributions, type TokenHeatmapOptions, tokenHeatmapFigure } from "./figures/token-heatmap.js";
export { type TrainingFigureOptions, type TrainingSamples, trainingFigure } from "./figures/training.js";
export { type WaterfallOptions, waterfallFigure } from "./figures/waterfall.js";
export { weightContributionFigure } from "./figures/weight-contribution.js";
export { weightContributionCorrelationFigure } from "./figures/weight-contribution-correlation.js";
export { pngOf } from "./formats/png.js";
