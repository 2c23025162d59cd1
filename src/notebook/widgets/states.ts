import { type Model, referenceTo, type State } from "./model.js";

/**
 * States of the standard widgets' models, for front ends that have `@jupyter-widgets/controls` 2.0 (ipywidgets 8). All
 * names of models and of style models are also those of ipywidgets 7, which VS Code takes for kernels that are not
 * Python's.
 */
export function controlState(name: string, state: State, view = name): State {
  return { ...names("controls", "2.0.0", `${name}Model`, `${view}View`), ...common, ...state };
}

/** State of an Output widget. */
export function outputState(state: State): State {
  return { ...names("output", "1.0.0", "OutputModel", "OutputView"), ...common, ...state };
}

/** State of a widget's layout. */
export function layoutState(state: State = {}): State {
  return { ...names("base", "2.0.0", "LayoutModel", "LayoutView"), ...state };
}

/** State of the style of a widget; the style's view is the same for all. */
export function styleState(name: string, state: State = {}): State {
  const model = names("controls", "2.0.0", `${name}StyleModel`, "StyleView");
  return { ...model, _view_module: "@jupyter-widgets/base", ...state };
}

/** References to a widget's layout and style. */
export function parts(layout: Model, style?: Model): State {
  return { layout: referenceTo(layout), ...(style === undefined ? {} : { style: referenceTo(style) }) };
}

const common = { _dom_classes: [], tabbable: null, tooltip: null };

function names(module: string, version: string, model: string, view: string): State {
  return {
    _model_module: `@jupyter-widgets/${module}`,
    _model_module_version: version,
    _model_name: model,
    _view_module: `@jupyter-widgets/${module}`,
    _view_module_version: version,
    _view_name: view,
  };
}
