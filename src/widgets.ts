/**
 * Controls of notebooks, and what displays and controls of one's own are made with.
 *
 * @module shapley-modes/widgets
 */

export { cellSignal, type KernelComm, type KernelHook, mimeMethod } from "./kernel-hook.js";
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
