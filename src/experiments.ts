/**
 * The experiments of the paper, their settings, published numbers and claims.
 *
 * @module shapley-modes/experiments
 */

export type { RetainedExperts } from "./decoders/cut-experts.js";
export type { DecoderRecipe } from "./decoders/training/recipe.js";
export type { TrainableShape } from "./decoders/training/shape.js";
export type { DecoderTrainingPoint } from "./decoders/training/state-file.js";
export { type ByteTasksOptions, byteTasks } from "./experiments/experts/byte-tasks.js";
export {
  type DecoderMetrics,
  decoderCheckpoint,
  decoderFolder,
  listDecoders,
} from "./experiments/experts/checkpoints.js";
export { type ExpertsClaim, expertsClaims } from "./experiments/experts/claims.js";
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
export { type PublishedNetwork, publishedNetworks } from "./networks/mlp/msa-xai-folder.js";
