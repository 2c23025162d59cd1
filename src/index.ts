/// <reference types="node" preserve="true" />
/**
 * What people import: games, lesions, networks, `shapley` and its modes, figures of results and what notebooks use.
 * What is done with modes later stands behind names of its own: `shapley-modes/analysis`, `/widgets`, `/pages`,
 * `/jobs`, `/formats`, `/render`.
 *
 * @module shapley-modes
 */

export {
  type LesionEffect,
  type LesionTable,
  type LesionTableOptions,
  type LesionTableRow,
  lesions,
} from "./analysis/lesion-table.js";
export { type ClassLabels, type LabelledInputs, loadInputs } from "./datasets/inputs.js";
export { type LabelledInputsOptions, labelledInputs } from "./datasets/labelled-inputs.js";
export { type LoadedArray, loadArray } from "./datasets/load-array.js";
export { loadMnist, type Mnist } from "./datasets/mnist.js";
export { type DiskPlan, planToDisk, type ShapleyToDiskOptions } from "./engine/disk-plan.js";
export { interactions } from "./engine/interactions/interactions.js";
export {
  type InteractionEstimator,
  type InteractionsOptions,
  interactionEstimators,
} from "./engine/interactions/options.js";
export type { Progress } from "./engine/progress/progress.js";
export type { ProgressOptions } from "./engine/progress/reporter.js";
export type { EstimatorChoice } from "./engine/runs/auto.js";
export { InterruptedError, lastPartial } from "./engine/runs/interruption.js";
export type { RunOptions } from "./engine/runs/run-options.js";
export { type ShapleyOptions, shapley } from "./engine/shapley.js";
export { shapleyToDisk } from "./engine/shapley-to-disk.js";
export { FileError, GameError, MissingPartError } from "./errors.js";
export type { Estimator } from "./estimators/estimator.js";
export { type EstimatorName, estimators } from "./estimators/registry.js";
export type { ClosestUnits, Goal } from "./estimators/stopping/goals.js";
export type { Measures, ToldApart } from "./estimators/stopping/measures.js";
export { type StoppingLook, type StoppingRecord, stoppingRecord } from "./estimators/stopping/record.js";
export type { AccuracyRule, Until } from "./estimators/stopping/until.js";
export { type AdditivityOptions, additivityFigure } from "./figures/additivity.js";
export { type BeeswarmOptions, beeswarmFigure, type InputContributions } from "./figures/beeswarm.js";
export {
  type ContributionBarsOptions,
  type Contributions,
  contributionBarsFigure,
} from "./figures/contribution-bars.js";
export { type ConvergenceOptions, type ConvergenceRun, convergenceFigure } from "./figures/convergence.js";
export { type InteractionCircleOptions, interactionCircleFigure } from "./figures/interaction-circle.js";
export { type InteractionMatrixOptions, interactionMatrixFigure } from "./figures/interaction-matrix.js";
export type { ColourRange } from "./figures/kit/colour-limit.js";
export type { Figure } from "./figures/kit/figure.js";
export type { FigureOptions } from "./figures/kit/frame.js";
export type { Confidence } from "./figures/kit/intervals.js";
export type { LayerFace } from "./figures/kit/layer-tiles.js";
export type { MapAxis } from "./figures/kit/map-axis.js";
export type { PairNumbers } from "./figures/kit/pair-matrix.js";
export type { FigureSize } from "./figures/kit/theme.js";
export { type LayerModesOptions, layerModesFigure } from "./figures/layer-modes.js";
export { type LayerSumsOptions, layerSumsFigure } from "./figures/layer-sums.js";
export { type LesionRow, type LesionsOptions, lesionsFigure } from "./figures/lesions.js";
export { type LineAxis, type ModeLine, type ModeLinesOptions, modeLinesFigure } from "./figures/mode-lines.js";
export { type MapPanel, type ModeMapsOptions, modeMapsFigure } from "./figures/mode-maps.js";
export { type ModesGifOptions, saveModesGif } from "./figures/modes-gif.js";
export {
  type ModesHeatmapOptions,
  type ModesPanel,
  modeHeatmapFigure,
  modesHeatmapFigure,
} from "./figures/modes-heatmap.js";
export { type ModesSliderOptions, modesSliderFigure } from "./figures/modes-slider.js";
export { saveFigure } from "./figures/render/save-figure.js";
export { type TokenContributions, type TokenHeatmapOptions, tokenHeatmapFigure } from "./figures/token-heatmap.js";
export { type WaterfallOptions, waterfallFigure } from "./figures/waterfall.js";
export type { NumberKind, NumberList, Numbers } from "./formats/numbers.js";
export { type FunctionGameOptions, type GameFunction, gameFrom, type Intact } from "./games/from-function.js";
export { type GameParts, gameFromSpec } from "./games/from-spec.js";
export type { Game, Gate, Values } from "./games/game.js";
export { type MemoisedGame, memoised } from "./games/memoised.js";
export { together, without } from "./games/regrouped.js";
export type { GameSpec } from "./games/spec.js";
export type { GameValue, NestedArray, NumericArray } from "./games/value.js";
export type { Json, JsonObject } from "./json.js";
export type { MimeBundle, MimeData } from "./kernel-hook.js";
export { type GameFiles, gameFromFiles } from "./lesion/game-from-files.js";
export { type AttentionHeads, heads } from "./lesion/heads.js";
export { type Lesion, type LesionKind, type LesionPlace, lesionKinds, lesionPlaces } from "./lesion/lesion.js";
export { type MlpGameOptions, mlpGame } from "./lesion/mlp-game.js";
export type { NamedSites } from "./lesion/named-sites.js";
export { type NetworkGame, type NetworkGameOptions, networkGame } from "./lesion/network-game.js";
export {
  type AnyScore,
  type NamedScore,
  type OutputScore,
  type OutputScoreName,
  outputScoreNames,
  type ScoreContext,
} from "./lesion/output-score.js";
export { type ScoreName, scoreNames } from "./lesion/scores.js";
export { patches, type UnitGroups } from "./lesion/unit-groups.js";
export type { ModeColumns, ModesFrame } from "./modes/columns.js";
export type { CompareOptions, ModesComparison, UnitComparison } from "./modes/compare.js";
export type {
  Compared,
  ComparisonIntervals,
  ComparisonIntervalsOptions,
  CorrelationInterval,
  MeanBlocks,
} from "./modes/compare-intervals.js";
export { type InteractionIndex, interactionIndices } from "./modes/interaction-index.js";
export {
  Interactions,
  type InteractionsParts,
  type SetContributions,
  type SetInteraction,
  type UnitMatrix,
} from "./modes/interactions.js";
export { loadInteractions } from "./modes/interactions-file.js";
export { mergeModes } from "./modes/merge.js";
export type { ModeBlocks } from "./modes/mode-blocks.js";
export type { ModesContent } from "./modes/modes-content.js";
export { loadModes, saveModes } from "./modes/save.js";
export type { InteractionsContent } from "./modes/save-interactions.js";
export { type Mode, ShapleyModes, type ShapleyModesParts, type UnitContributions } from "./modes/shapley-modes.js";
export { openModes, type StoredModes } from "./modes/stored-modes.js";
export type { ModesFormat } from "./modes/write.js";
export { loadNetwork, type NetworkFileOptions } from "./networks/load-network.js";
export type { ActivationOptions } from "./networks/mlp/activation.js";
export {
  type CheckpointMetrics,
  type CheckpointName,
  checkpoint,
  listCheckpoints,
} from "./networks/mlp/checkpoints.js";
export type { DenseLayer } from "./networks/mlp/dense.js";
export { type LoadMlpOptions, loadMlp, saveMlp } from "./networks/mlp/file.js";
export { accuracy, type LayerLesion, logits, type MlpLesions } from "./networks/mlp/forward.js";
export type { MlpInputs } from "./networks/mlp/inputs.js";
export { type Mlp, type MlpOrigin, mlpNetwork } from "./networks/mlp/mlp.js";
export { type Regulariser, regularisers } from "./networks/mlp/regulariser.js";
export {
  type FineTuneOptions,
  fineTuneMlp,
  type Training,
  type TrainingOptions,
  trainMlp,
} from "./networks/mlp/train.js";
export type { Narrowed, NetworkSize } from "./networks/narrow.js";
export type {
  AttentionTensor,
  AttentionTensors,
  InputNumbers,
  InputRows,
  LesionedModels,
  LesionedPass,
  MaskedTensor,
  NarrowSite,
  Network,
  NetworkInputs,
  NetworkSource,
  Port,
  PreparedNetwork,
  RowsTensor,
  Site,
  SiteLesion,
} from "./networks/network.js";
export { loadOnnx, type OnnxOptions } from "./networks/onnx/load.js";
export type { FixedValue } from "./networks/onnx/types.js";
export type { GivenShape, UnitAxis } from "./networks/shapes.js";
export { type SiteRow, sites } from "./networks/sites.js";
export { loadTfjs } from "./networks/tfjs/load.js";
export { graphNetwork, layersNetwork } from "./networks/tfjs/models.js";
export type { TfjsOptions } from "./networks/tfjs/tfjs-network.js";
export { type DisplayOptions, display, html, markdown, type Shown } from "./notebook/display/display.js";
export type { BundleOptions } from "./notebook/display/figure-bundle.js";
export { type LoopItems, type LoopOptions, progress } from "./notebook/tools/progress.js";
export { provenance } from "./notebook/tools/provenance.js";
export { type Seeded, seeded } from "./notebook/tools/seeded.js";
export { type ShowTrainingOptions, showTraining } from "./notebook/tools/show-training.js";
export { type TableOptions, table } from "./notebook/tools/table.js";
export { timed } from "./notebook/tools/timed.js";
export type { SignalOption } from "./options.js";
export { type BackendName, backendNames, loadTensorflow, type TensorBackend } from "./tensors/backend.js";
