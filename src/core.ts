/**
 * Games, Shapley Modes and what is computed from them, with nothing of Node below, so that it runs in a browser.
 *
 * @module shapley-modes/core
 */

export * from "./analysis/of-modes.js";
export type { Coalitions, Ordering } from "./coalitions/coalition.js";
export type { Progress } from "./engine/progress/progress.js";
export type { Speed } from "./engine/progress/speed.js";
export type { EstimatorChoice } from "./engine/runs/auto.js";
export { InterruptedError } from "./engine/runs/interruption.js";
export { type ShapleyHereOptions, shapleyHere as shapley } from "./engine/shapley-here.js";
export { GameError } from "./errors.js";
export type * from "./estimators/estimator.js";
export { type EstimatorName, estimators } from "./estimators/registry.js";
export type { ClosestUnits, Goal } from "./estimators/stopping/goals.js";
export type { Measures, ToldApart } from "./estimators/stopping/measures.js";
export { type StoppingLook, type StoppingRecord, stoppingRecord } from "./estimators/stopping/record.js";
export type { AccuracyRule, Until } from "./estimators/stopping/until.js";
export { type FunctionGameOptions, type GameFunction, gameFrom, type Intact } from "./games/from-function.js";
export type { Game, Gate, Values } from "./games/game.js";
export { type MemoisedGame, memoised } from "./games/memoised.js";
export type { GameSpec } from "./games/spec.js";
export type { GameValue, NestedArray, NumericArray } from "./games/value.js";
export type { Json, JsonObject } from "./json.js";
export type { ModeColumns, ModesFrame } from "./modes/columns.js";
export type { ModeBlocks } from "./modes/mode-blocks.js";
export { type Mode, ShapleyModes, type ShapleyModesParts, type UnitContributions } from "./modes/shapley-modes.js";
export type { SignalOption } from "./options.js";
