/// <reference types="node" preserve="true" />
/**
 * What people import: games, lesions, networks, modes, figures of results and what notebooks use.
 *
 * @module shapley-modes
 */

export { type AttributionCurvesOptions, attributionCurves } from "./analysis/attribution-curves.js";
export {
  type AttributionCurve,
  AttributionCurves,
  type AttributionCurvesParts,
  type AttributionRow,
  type RandomCurve,
} from "./analysis/attribution-curves-result.js";
export type { Interval } from "./analysis/bootstrap.js";
export {
  type CausalInfluences,
  type CausalInfluencesOptions,
  causalInfluences,
} from "./analysis/causal-influences.js";
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
export {
  type LesionEffect,
  type LesionTable,
  type LesionTableOptions,
  type LesionTableRow,
  lesions,
} from "./analysis/lesion-table.js";
export { type Lesioned, lesioned, visitLesioned } from "./analysis/lesions.js";
export type { Linkage, Merge } from "./analysis/linkage.js";
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
  type ObservedLesions,
  type ObservedLesionsInput,
  observedLesions,
} from "./analysis/observed/observed-lesions.js";
export {
  type ObservedContribution,
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
export { type Summary, summarise } from "./analysis/summary.js";
export { unitCorrelation } from "./analysis/unit-correlation.js";
export type { UnitDistance } from "./analysis/unit-distances.js";
export { type UnitMap, type UnitMapOptions, unitMap } from "./analysis/unit-map.js";
export type { UnitRanking } from "./analysis/unit-ranking.js";
export { type UnitScores, unitActivations, unitMagnitudes } from "./analysis/unit-scores.js";
export { type ClassLabels, type LabelledInputs, loadInputs } from "./datasets/inputs.js";
export { type LabelledInputsOptions, labelledInputs } from "./datasets/labelled-inputs.js";
export { type LoadedArray, loadArray } from "./datasets/load-array.js";
export { loadMnist, type Mnist } from "./datasets/mnist.js";
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
export { type ShapleyOptions, shapley } from "./engine/shapley.js";
export { type DiskPlan, planToDisk, type ShapleyToDiskOptions, shapleyToDisk } from "./engine/shapley-to-disk.js";
export { FileError, GameError, MissingPartError } from "./errors.js";
export type { Estimator } from "./estimators/estimator.js";
export { type EstimatorName, estimators } from "./estimators/registry.js";
export type { Goal } from "./estimators/stopping/goals.js";
export type { Measures } from "./estimators/stopping/measures.js";
export { type StoppingLook, type StoppingRecord, stoppingRecord } from "./estimators/stopping/record.js";
export type { AccuracyRule, Until } from "./estimators/stopping/until.js";
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
export { type ForestOptions, forestFigure } from "./figures/forest.js";
export { type InteractionCircleOptions, interactionCircleFigure } from "./figures/interaction-circle.js";
export { type InteractionMatrixOptions, interactionMatrixFigure } from "./figures/interaction-matrix.js";
export type { ColourRange } from "./figures/kit/colour-limit.js";
export type { Figure } from "./figures/kit/figure.js";
export type { FigureOptions } from "./figures/kit/frame.js";
export type { Confidence } from "./figures/kit/intervals.js";
export type { MapAxis } from "./figures/kit/map-axis.js";
export type { PairNumbers } from "./figures/kit/pair-matrix.js";
export type { FigureSize } from "./figures/kit/theme.js";
export { type LayerModesOptions, layerModesFigure } from "./figures/layer-modes.js";
export { type LayerSumsOptions, layerSumsFigure } from "./figures/layer-sums.js";
export { type LesionRow, type LesionsOptions, lesionsFigure } from "./figures/lesions.js";
export { type LineAxis, type ModeLine, type ModeLinesOptions, modeLinesFigure } from "./figures/mode-lines.js";
export { type MapPanel, type ModeMapsOptions, modeMapsFigure } from "./figures/mode-maps.js";
export { type ModesGifOptions, modesGif, saveModesGif } from "./figures/modes-gif.js";
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
export { chromiumPath, closeChromium } from "./figures/render/chromium.js";
export { type RenderOptions, renderStatic, type StaticFormat } from "./figures/render/render-static.js";
export { saveFigure } from "./figures/render/save-figure.js";
export { type StandaloneHtmlOptions, standaloneHtml } from "./figures/render/standalone-html.js";
export { type TokenContributions, type TokenHeatmapOptions, tokenHeatmapFigure } from "./figures/token-heatmap.js";
export { type TrainingFigureOptions, type TrainingSamples, trainingFigure } from "./figures/training.js";
export { type UnitMapFigureOptions, type UnitMapPoints, unitMapFigure } from "./figures/unit-map.js";
export { type WaterfallOptions, waterfallFigure } from "./figures/waterfall.js";
export type { NumberKind, NumberList, Numbers } from "./formats/numbers.js";
export { type FunctionGameOptions, type GameFunction, gameFrom, type Intact } from "./games/from-function.js";
export { type GameParts, gameFromSpec } from "./games/from-spec.js";
export type { Game, Gate, Values } from "./games/game.js";
export { type MemoisedGame, memoised } from "./games/memoised.js";
export { together, without } from "./games/regrouped.js";
export type { GameSpec } from "./games/spec.js";
export type { GameValue, NestedArray, NumericArray } from "./games/value.js";
export type { ChunkAttempt, JobFacts } from "./jobs/job-facts.js";
export type { JobFile, JobPlan } from "./jobs/job-plan.js";
export { jobScript, type ScriptEngine, scriptEngines } from "./jobs/job-script.js";
export { type JobStatus, type JobStatusOptions, jobStatus } from "./jobs/job-status.js";
export { type PlanJobOptions, type PlannedJob, planJob } from "./jobs/plan-job.js";
export { type RunChunksOptions, runChunks } from "./jobs/play-chunks.js";
export { IncompleteJobError, type ReducedJob, type ReduceJobOptions, reduceJob } from "./jobs/reduce-job.js";
export type { TaskResources } from "./jobs/resources.js";
export { type JobRun, type RunJobOptions, runJob } from "./jobs/run-job.js";
export type { SlurmSettings } from "./jobs/slurm/array-script.js";
export { runOnSlurm, type SlurmLook, type SlurmOptions, type SlurmRun } from "./jobs/slurm/run-on-slurm.js";
export type { FailedChunk } from "./jobs/slurm/tasks.js";
export type { DamagedChunk } from "./jobs/survey.js";
export type { Json, JsonObject } from "./json.js";
export {
  cellSignal,
  type KernelComm,
  type KernelHook,
  type MimeBundle,
  type MimeData,
  mimeMethod,
} from "./kernel-hook.js";
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
export { ModesComparison, type UnitComparison } from "./modes/compare.js";
export type {
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
export { fromMsapyCsv, toMsapyCsv } from "./modes/msapy-csv.js";
export { fromNpz, toNpz } from "./modes/npz.js";
export { loadModes, saveModes } from "./modes/save.js";
export type { InteractionsContent } from "./modes/save-interactions.js";
export { type Mode, ShapleyModes, type ShapleyModesParts, type UnitContributions } from "./modes/shapley-modes.js";
export { openModes, type StoredModes } from "./modes/stored-modes.js";
export { fromTidyCsv } from "./modes/tidy-csv.js";
export { type TidyCsvOptions, toTidyCsv } from "./modes/to-tidy-csv.js";
export type { ModesFormat } from "./modes/write.js";
export { loadNetwork, type NetworkFileOptions } from "./networks/load-network.js";
export {
  type CheckpointMetrics,
  type CheckpointName,
  checkpoint,
  listCheckpoints,
} from "./networks/mlp/checkpoints.js";
export type { DenseLayer } from "./networks/mlp/dense.js";
export { type LoadMlpOptions, loadMlp, saveMlp } from "./networks/mlp/file.js";
export { accuracy, type LayerLesion, logits, type MlpLesions, preActivations } from "./networks/mlp/forward.js";
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
export {
  type AttentionTensor,
  type AttentionTensors,
  type InputNumbers,
  type InputRows,
  type LesionedPass,
  type NarrowSite,
  type Network,
  type NetworkInputs,
  type NetworkSource,
  type Port,
  type PreparedNetwork,
  type Site,
  type SiteLesion,
  type SiteRow,
  sites,
} from "./networks/network.js";
export { loadOnnx, type OnnxOptions } from "./networks/onnx/load.js";
export type { FixedValue } from "./networks/onnx/types.js";
export type { GivenShape, UnitAxis } from "./networks/shapes.js";
export { loadTfjs } from "./networks/tfjs/load.js";
export { graphNetwork, layersNetwork } from "./networks/tfjs/models.js";
export type { TfjsOptions } from "./networks/tfjs/tfjs-network.js";
export { type DisplayOptions, display, html, markdown, type Shown } from "./notebook/display/display.js";
export { type LoopItems, type LoopOptions, progress } from "./notebook/tools/progress.js";
export { provenance } from "./notebook/tools/provenance.js";
export { type Seeded, seeded } from "./notebook/tools/seeded.js";
export { type ShowTrainingOptions, showTraining } from "./notebook/tools/show-training.js";
export { type TableOptions, table } from "./notebook/tools/table.js";
export { timed } from "./notebook/tools/timed.js";
export { type WatchJobOptions, watchJob } from "./notebook/tools/watch-job.js";
export { type Box, type BoxChild, column, row } from "./notebook/widgets/boxes.js";
export { type Button, type ButtonOptions, type ButtonWork, button } from "./notebook/widgets/button.js";
export { type CheckboxOptions, checkbox } from "./notebook/widgets/checkbox.js";
export type { Control } from "./notebook/widgets/control.js";
export { type Draw, type Interaction, type InteractOptions, interact } from "./notebook/widgets/interact.js";
export { link } from "./notebook/widgets/link.js";
export { type OutputArea, type OutputOptions, output } from "./notebook/widgets/output.js";
export { type ProgressBar, type ProgressBarOptions, progressBar } from "./notebook/widgets/progress-bar.js";
export { type Ends, type RangeOptions, range } from "./notebook/widgets/range.js";
export type { ScaleOptions } from "./notebook/widgets/scale.js";
export { type SelectOptions, select } from "./notebook/widgets/select.js";
export type { Shorthand, ShorthandControls, ShorthandValue, ShorthandValues } from "./notebook/widgets/shorthand.js";
export { type SliderOptions, slider } from "./notebook/widgets/slider.js";
export { type TextOptions, text } from "./notebook/widgets/text-field.js";
export type { Widget, WidgetOptions } from "./notebook/widgets/widget.js";
export type { WorkContext } from "./notebook/widgets/work-context.js";
export type { SignalOption } from "./options.js";
export type { GamePageOptions } from "./pages/game-content.js";
export type { GeneratorPageOptions } from "./pages/generator-content.js";
export { lesionPage } from "./pages/lesion-page.js";
export type { MlpPageOptions } from "./pages/mlp-content.js";
export type { MlpPageScore } from "./pages/mlp-facts.js";
export type { PackedArray, PackedArrays } from "./pages/packed-arrays.js";
export type { LesionPage } from "./pages/page.js";
export type { PageKind } from "./pages/page-content.js";
export type { PageOptions } from "./pages/page-options.js";
export { saveLesionPage } from "./pages/save-lesion-page.js";
export { type BackendName, backendNames, loadTensorflow, type TensorBackend } from "./tensors/backend.js";
