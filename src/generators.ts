/**
 * Generators of images (DCGAN), their training, their games and what is measured on images.
 *
 * @module shapley-modes/generators
 */

export type { Interval } from "./analysis/bootstrap.js";
export { type ChosenEdits, chosenEdits, type EditRow, editRows } from "./analysis/edits/chosen-edits.js";
export type { CorrectedP } from "./analysis/edits/corrected-comparisons.js";
export { comparePairs, type EditPair, type PairComparison } from "./analysis/edits/edit-pairs.js";
export type { MaskedGame } from "./analysis/edits/edit-scores.js";
export {
  type Edit,
  type EditScore,
  type FindEditsOptions,
  type FoundEdits,
  findEdits,
} from "./analysis/edits/edits.js";
export type { RandomComparison } from "./analysis/edits/random-sets.js";
export { type Enrichments, enrichmentTable, type FeatureShare, featureShares } from "./analysis/features.js";
export {
  type Hierarchy,
  type HierarchyMeasure,
  type HierarchyOptions,
  hierarchy,
  type LayerMeasure,
  type MeasuredHierarchy,
} from "./analysis/hierarchy.js";
export {
  type LesionSpecificity,
  type LesionSpecificityOptions,
  lesionSpecificity,
} from "./analysis/lesion-specificity.js";
export { type PartFilters, type PartFiltersOptions, partFilters } from "./analysis/part-filters.js";
export { type Selectivity, selectivity } from "./analysis/selectivity.js";
export { frequencyCentroid } from "./analysis/spectrum.js";
export { type FolderImages, type ImageFolderOptions, loadImageFolder } from "./datasets/image-folder.js";
export { type ImageSet, imageNumbers } from "./datasets/image-set.js";
export { type ScrambledOptions, scrambledImages } from "./datasets/scrambled.js";
export { type ImageSheet, type ImageSheetOptions, imageSheet } from "./figures/image-sheet.js";
export type { SaveWeightsOptions } from "./formats/safetensors.js";
export type { Dtype } from "./formats/tensor.js";
export { type GeneratorBackend, generatorBackends } from "./lesion/generator-backend.js";
export { type GeneratorGame, type GeneratorGameOptions, generatorGame } from "./lesion/generator-game.js";
export { type GeneratorGameFile, generatorGameFromFile } from "./lesion/generator-game-from-file.js";
export { type GeneratorMetrics, generatorCheckpoint, listGenerators } from "./networks/dcgan/checkpoints.js";
export { rotatedGenerator, shuffledGenerator } from "./networks/dcgan/controls.js";
export { type LoadGeneratorOptions, loadGenerator, saveGenerator } from "./networks/dcgan/file.js";
export { generateImages } from "./networks/dcgan/forward.js";
export type { BatchNorm, Generator, GeneratorLayer } from "./networks/dcgan/generator.js";
export { randomLatents } from "./networks/dcgan/latents.js";
export { type GeneratorOnnxOptions, generatorOnnx } from "./networks/dcgan/onnx-export.js";
export type { DiscriminatorOptions } from "./networks/dcgan/parameters.js";
export { type DcganRecipe, dcganRecipes } from "./networks/dcgan/recipes.js";
export type { DcganSize } from "./networks/dcgan/size.js";
export type { TrainingPoint } from "./networks/dcgan/state-file.js";
export {
  type DcganProgress,
  type DcganTraining,
  type DcganTrainingOptions,
  trainDcgan,
} from "./networks/dcgan/train.js";
export type { StepLosses } from "./networks/dcgan/training-step.js";
export type { SeedOption, SignalOption } from "./options.js";
