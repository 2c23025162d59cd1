import { inspect } from "node:util";
import { kernelHook, type MimeData, mimeMethod } from "../../kernel-hook.js";
import { asShown } from "../display/bundle.js";
import { missingManager, viewMime } from "../page/widget-states.js";
import { Model, type ModelListener, type State } from "./model.js";
import { controlState, layoutState, parts, styleState } from "./states.js";

/** Options that all widgets have. */
export interface WidgetOptions {
  /**
   * Whether it is shown at once, in the cell that makes it; default true. One for a row or a column is made with false.
   */
  readonly show?: boolean;
}

/** How a widget is made. */
export interface WidgetParts {
  /** Name of its model among the standard widgets, without `Model`. */
  readonly name: string;
  /** Name of its view without `View`; default that of the model. */
  readonly view?: string;
  readonly state: State;
  /** Name of its style's model without `StyleModel`, and the state of it; a widget without style has none. */
  readonly style?: readonly [name: string, state?: State];
}

/**
 * A control, or a box of controls, in a notebook. It can be shown more than once, also as the last expression of a
 * cell; all views of it are alike. What it calls runs as in the cell that made it: output stands there, and so do
 * errors, on stderr.
 */
export abstract class Widget {
  /** @internal */
  readonly model: Model;
  /** @internal */
  readonly parts: readonly Model[];
  /** @internal */
  constructor({ name, view = name, state, style }: WidgetParts, listener: ModelListener = {}, kind = controlState) {
    const layout = new Model(layoutState());
    const styling = style && new Model(styleState(...style));
    this.parts = styling ? [layout, styling] : [layout];
    this.model = new Model(kind(name, { ...parts(layout, styling), ...state }, view), listener);
  }

  /** The widget in words: its label, its value and what it is, in a line (of a box: in several). */
  abstract describe(): string;

  /** Shows the widget in the cell in whose course this is called. Outside a notebook it is printed in words. */
  show(): void {
    const kernel = kernelHook();
    if (!kernel) console.log(this.describe());
    kernel?.display(this[mimeMethod]());
    asShown(this);
  }

  /** Takes the widget from all front ends, for good. */
  close(): void {
    for (const model of [this.model, ...this.parts]) model.close();
  }

  /** @internal */
  [mimeMethod](): MimeData {
    const view = { version_major: 2, version_minor: 0, model_id: this.model.id };
    return { [viewMime]: view, "text/plain": `${this.describe()}\n${missingManager}` };
  }

  /** @internal */
  [inspect.custom](): string {
    return this.describe();
  }
}

/** Shows a widget that was made, unless its options say otherwise. */
export function shown<Made extends Widget>(widget: Made, { show = true }: WidgetOptions): Made {
  if (show) widget.show();
  return widget;
}
