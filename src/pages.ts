/**
 * Pages that answer: lesions in the reader's browser.
 *
 * @module shapley-modes/pages
 */

export type { GamePageOptions } from "./pages/game-content.js";
export type { GeneratorPageOptions } from "./pages/generator-content.js";
export { lesionPage } from "./pages/lesion-page.js";
export type { MlpPageOptions } from "./pages/mlp-content.js";
export type { MlpPageScore } from "./pages/mlp-facts.js";
export type { OnnxPageOptions } from "./pages/onnx-content.js";
export type { PackedArray, PackedArrays } from "./pages/packed-arrays.js";
export type { LesionPage } from "./pages/page.js";
export type { PageKind } from "./pages/page-content.js";
export type { PageOptions } from "./pages/page-options.js";
export { saveLesionPage } from "./pages/save-lesion-page.js";
