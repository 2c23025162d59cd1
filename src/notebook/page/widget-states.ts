import type { MimeData } from "../../kernel-hook.js";
import type { Message } from "../run/wire.js";

/** MIME type under which a notebook's metadata keep the widgets of its outputs. */
export const statesMime = "application/vnd.jupyter.widget-state+json";

/** MIME type of a widget in an output: which model is to be shown. */
export const viewMime = "application/vnd.jupyter.widget-view+json";

/** Said where a widget is shown as text: there is no widget manager then. */
export const missingManager =
  "(No control to be seen? Jupyter shows widgets where ipywidgets is installed beside it: pip install ipywidgets, then reload the page.)";

/** One widget's model, as a notebook keeps it. */
export interface WidgetRecord {
  readonly model_name: string;
  readonly model_module: string;
  readonly model_module_version: string;
  readonly state: Readonly<Record<string, unknown>>;
}

/** Widgets by the identifiers of their models. */
export type WidgetRecords = ReadonlyMap<string, WidgetRecord>;

/** Follows the states of a kernel's widgets, as a front end does. */
export interface WidgetStates {
  /** Takes in one message of the kernel; messages that are not about widgets change nothing. */
  add(message: Message): void;
  /** A notebook's metadata with the widgets as they are now, and without those of an earlier run. */
  into(metadata: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** Follows widgets from none on. Binary parts of a state are left out. */
export function widgetStates(): WidgetStates {
  const states = new Map<string, Record<string, unknown>>();
  return {
    add({ type, content }) {
      const { comm_id: id, target_name: target } = content as { comm_id: string; target_name?: string };
      const { state, method } = asObject(content.data);
      if (type === "comm_open" && target === "jupyter.widget") states.set(id, { ...asObject(state) });
      else if (type === "comm_close") states.delete(id);
      else if (type === "comm_msg" && (method === "update" || method === "echo_update")) {
        Object.assign(states.get(id) ?? {}, asObject(state));
      }
    },
    into(metadata) {
      const { widgets: before, ...rest } = metadata;
      const { [statesMime]: _earlier, ...others } = asObject(before);
      const state = Object.fromEntries([...states].map(([id, each]) => [id, recordOf(each)]));
      const now = states.size > 0 ? { [statesMime]: { state, version_major: 2, version_minor: 0 } } : {};
      const widgets = { ...others, ...now };
      return Object.keys(widgets).length > 0 ? { ...rest, widgets } : rest;
    },
  };
}

/** A model as it is listed among others. */
export function recordOf(state: Readonly<Record<string, unknown>>): WidgetRecord {
  const { _model_name: name, _model_module: module, _model_module_version: version } = state;
  return { model_name: String(name), model_module: String(module), model_module_version: String(version), state };
}

/** The widget that an output shows, where the notebook keeps it. */
export function shownWidget(data: MimeData, records: WidgetRecords): WidgetRecord | undefined {
  return records.get(text(asObject(data[viewMime]).model_id));
}

/** The widgets that a notebook's metadata keep; none where there are none, or what stands there is something else. */
export function widgetRecords(metadata: Readonly<Record<string, unknown>>): WidgetRecords {
  const { state } = asObject(asObject(metadata.widgets)[statesMime]);
  const records = Object.entries(asObject(state)).map(([id, each]) => {
    const { model_name: name, model_module: module, model_module_version: version, state: own } = asObject(each);
    const record = { model_name: text(name), model_module: text(module), model_module_version: text(version) };
    return [id, { ...record, state: asObject(own) }] as const;
  });
  return new Map(records);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function asObject(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
