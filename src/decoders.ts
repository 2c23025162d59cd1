/**
 * Decoder-only language models with experts: checkpoints, logits and greedy decoding under lesions.
 *
 * @module shapley-modes/decoders
 */

export {
  type RetainedExpertsOptions,
  removedExperts,
  retainedExperts,
} from "./analysis/smaller/retained-experts.js";
export { type DecoderConfig, type DecoderKind, decoderKinds, type ExpertsConfig } from "./decoders/config.js";
export { type CutDecoder, cutExperts } from "./decoders/cut-experts.js";
export type {
  Decoder,
  DecoderGenerateOptions,
  DecoderLesionOptions,
  DecoderLogitsOptions,
} from "./decoders/decoder.js";
export { type ExpertMeasures, expertMeasures } from "./decoders/expert-measures.js";
export { expertsGame } from "./decoders/experts-game.js";
export { type ExpertsGameFile, expertsGameFromFolder } from "./decoders/experts-game-from-folder.js";
export type { ExpertsGameOptions } from "./decoders/experts-game-options.js";
export { type LoadDecoderOptions, loadDecoder } from "./decoders/load-decoder.js";
export { loadTasks, type TaskFile } from "./decoders/load-tasks.js";
export type { RetainedExperts } from "./decoders/retained-experts.js";
export { type Rotation, type TurnRounding, turnRoundings } from "./decoders/rotation.js";
export { type SaveDecoderOnnxOptions, saveDecoderOnnx } from "./decoders/save-onnx.js";
export type { TaskContrast } from "./decoders/task-contrasts.js";
export { type TaskScore, taskScores } from "./decoders/task-scores.js";
export type { Question, Task } from "./decoders/tasks.js";
export type { ChatMessage, DecoderTokenizer } from "./decoders/tokenizer.js";
export { type DecoderUnits, type ExpertLesion, expertLesions } from "./decoders/units.js";
export type { SignalOption } from "./options.js";
