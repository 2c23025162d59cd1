/**
 * The experiments of the paper, their settings, published numbers and claims.
 *
 * @module shapley-modes/experiments
 */

export { type ImagenetteOptions, type ImagenettePart, imagenetteNames, loadImagenette } from "./datasets/imagenette.js";
export { type DrawnShapes, type DrawShapesOptions, drawShapes, shapeInputs } from "./datasets/shapes/drawn-shapes.js";
export { type ShapeName, shapeNames } from "./datasets/shapes/outlines.js";
export type { RetainedExperts } from "./decoders/retained-experts.js";
export type { DecoderRecipe } from "./decoders/training/recipe.js";
export type { TrainableShape } from "./decoders/training/shape.js";
export type { DecoderTrainingPoint } from "./decoders/training/state-file.js";
export { analyseCnn, type BlockAnalysis, type CnnAnalysis } from "./experiments/cnn/analyse.js";
export {
  type CnnClaim,
  type CnnNumber,
  cnnClaims,
  cnnClaimsMarkdown,
  cnnClaimsSentence,
  writeCnnClaims,
} from "./experiments/cnn/claims.js";
export { cnnFigures } from "./experiments/cnn/figures.js";
export { blockSites, cnnAccuracies, cnnGame } from "./experiments/cnn/game.js";
export { type CnnImages, cnnImages } from "./experiments/cnn/images.js";
export { channelMagnitudes } from "./experiments/cnn/magnitudes.js";
export { type CnnExperiment, type CnnExperimentOptions, runCnnExperiment } from "./experiments/cnn/run.js";
export { type CnnProfile, type CnnSettings, cnnSettings } from "./experiments/cnn/settings.js";
export { type CnnSource, cnnSources } from "./experiments/cnn/sources.js";
export { type ByteTasksOptions, byteTasks } from "./experiments/experts/byte-tasks.js";
export {
  type DecoderMetrics,
  decoderCheckpoint,
  decoderFolder,
  listDecoders,
} from "./experiments/experts/checkpoints.js";
export type { ExpertsClaim } from "./experiments/experts/claim.js";
export { expertsClaims } from "./experiments/experts/claims.js";
export { type ClaimOverDecoders, claimsOverDecoders } from "./experiments/experts/claims-over-decoders.js";
export {
  type ExpertContributions,
  languageSpecificity,
  type TaskDomain,
  taskDomains,
} from "./experiments/experts/contributions.js";
export { type CutRanking, type CutRow, type Cuts, cutRankings } from "./experiments/experts/cutting.js";
export type { ExamResult } from "./experiments/experts/exam.js";
export {
  type ExpertsAgreement,
  expertsAgreement,
  expertsMarkdown,
  expertsSentence,
  type LanguageLesionRow,
  writeExpertsAgreement,
} from "./experiments/experts/experts-agreement.js";
export { type ExpertsFigures, expertsFigures } from "./experiments/experts/figures.js";
export type { Language } from "./experiments/experts/languages.js";
export type { LesionEffects } from "./experiments/experts/lesion-effects.js";
export { paperTasks } from "./experiments/experts/paper-tasks.js";
export type { PlayedExperts } from "./experiments/experts/play-experts.js";
export {
  loadPublishedExperts,
  type PublishedExperts,
  publishedExpertFiles,
  type RemovalRuns,
} from "./experiments/experts/published-experts.js";
export type { Removals } from "./experiments/experts/removals.js";
export {
  type ExpertsAnalysis,
  type ExpertsExperiment,
  type ExpertsExperimentOptions,
  runExpertsExperiment,
} from "./experiments/experts/run.js";
export {
  type ExpertsProfile,
  type ExpertsSettings,
  expertsProfiles,
  expertsSettings,
} from "./experiments/experts/settings.js";
export { outlyingLanguages, type SpecificityTest, specificExperts } from "./experiments/experts/specificity.js";
export {
  type ControlHierarchies,
  type HierarchyClaim,
  hierarchyClaims,
  type NamedHierarchy,
} from "./experiments/gan/claims.js";
export { type GanClaims, type SamplingErrors, writeGanClaims } from "./experiments/gan/claims-file.js";
export { type GanControl, type GanControls, ganControls } from "./experiments/gan/controls.js";
export { type GanCost, ganCost, ganCostText } from "./experiments/gan/cost.js";
export { type GanNetworkOptions, ganNetwork, ganRecipe } from "./experiments/gan/network.js";
export { partClaim } from "./experiments/gan/part-claim.js";
export { ganGame, type PlayGanOptions, playGan } from "./experiments/gan/play.js";
export { type GanProfile, type GanSettings, ganProfiles, ganSettings } from "./experiments/gan/settings.js";
export {
  type Agreement,
  type AgreementOrder,
  type AgreementRow,
  agreementMarkdown,
  agreementSentence,
  mlpAgreement,
  writeAgreement,
} from "./experiments/mlp/agreement.js";
export { analyseMlp, type LesionedAccuracy, lesionByRank, type MlpAnalysis } from "./experiments/mlp/analyse.js";
export { type MlpFigures, mlpFigures } from "./experiments/mlp/figures.js";
export {
  type ByWidth,
  publishedAccuracy,
  publishedDigitIndex,
  publishedIndex,
  publishedWeightCorrelation,
  type Statistic,
} from "./experiments/mlp/published-statistics.js";
export { type MlpExperiment, type MlpExperimentOptions, runMlpExperiment } from "./experiments/mlp/run.js";
export { type MlpProfile, type MlpSource, mlpProfiles, mlpSources } from "./experiments/mlp/sources.js";
export type { RegularisationFigures } from "./experiments/regularisers/figures.js";
export type { UnitStatistics } from "./experiments/regularisers/unit-statistics.js";
export { type PublishedNetwork, publishedNetworks } from "./networks/mlp/msa-xai-folder.js";
export {
  listResiduals,
  type ResidualMetrics,
  type ResidualName,
  residualCheckpoint,
  residualFolder,
} from "./networks/residual/checkpoints.js";
export { residualOnnx } from "./networks/residual/onnx-export.js";
export { readResidual } from "./networks/residual/read-residual.js";
export { type FoldedConvolution, inHalfPrecision, type Residual } from "./networks/residual/residual.js";
export { type Convolution, type ResidualShape, smallResidual } from "./networks/residual/shape.js";
export { type ResidualTraining, type ResidualTrainingOptions, trainResidual } from "./networks/residual/train.js";
