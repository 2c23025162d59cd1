import { escapeHtml } from "../../escape-html.js";
import type { WidgetRecord, WidgetRecords } from "./widget-states.js";

/** What a page shows of a widget depends on these. */
export interface WidgetPage {
  /** All widgets of the notebook, for boxes. */
  readonly records: WidgetRecords;
  /** HTML of the notebook as it may stand in the page. */
  readonly html: (text: string) => string;
  /** What an Output widget holds, as HTML. */
  readonly outputs: (outputs: unknown) => string;
}

/**
 * How many widgets of one output are shown: a notebook of others may hold boxes that hold each other, many times over.
 */
const most = 400;

/**
 * A widget as it was when the notebook was saved, as HTML that does nothing: its label, its value, and what it is.
 * Undefined for kinds of widgets that are not known here.
 */
export function widgetHtml(record: WidgetRecord, page: WidgetPage, count = { left: most }): string | undefined {
  const { state } = record;
  if (count.left-- <= 0) return "";
  const kind = record.model_name.replace(/Model$/, "");
  if (kind === "HBox" || kind === "VBox" || kind === "Box") {
    const children = Array.isArray(state.children) ? state.children.slice(0, most) : [];
    const shown = children.map((child) => {
      const inner = page.records.get(words(child).replace(/^IPY_MODEL_/, ""));
      return (inner && widgetHtml(inner, page, count)) ?? "";
    });
    return `<div class="${kind === "HBox" ? "controls row" : "controls"}">${shown.join("\n")}</div>`;
  }
  if (kind === "Output") return `<div class="controls">${page.outputs(state.outputs)}</div>`;
  if (kind === "HTML") return `<div class="control">${page.html(words(state.value))}</div>`;
  const parts = partsOf(kind, state);
  if (!parts) return undefined;
  const label = words(state.description);
  const [value, remark] = parts.map(escapeHtml);
  return [
    `<div class="control">${label && kind !== "Button" ? `<span>${escapeHtml(label)}</span> ` : ""}<b>${value}</b>`,
    `${remark ? ` <span class="soft">${remark}</span>` : ""}</div>`,
  ].join("");
}

/** The value of a control in words, and what kind of control it is. */
function partsOf(kind: string, state: WidgetRecord["state"]): [value: string, remark: string] | undefined {
  const scale = `from ${words(state.min)} to ${words(state.max)}`;
  switch (kind) {
    case "IntSlider":
    case "FloatSlider":
      return [words(state.value), `slider ${scale}`];
    case "IntRangeSlider":
    case "FloatRangeSlider":
      return [list(state.value).join(" to "), `range ${scale}`];
    case "IntProgress":
    case "FloatProgress":
      return [`${share(state)} %`, "progress"];
    case "Dropdown":
    case "Select":
      return [
        list(state._options_labels)[Number(state.index)] ?? "",
        `one of ${list(state._options_labels).join(", ")}`,
      ];
    case "Checkbox":
      return [state.value === true ? "yes" : "no", "checkbox"];
    case "Text":
      return [words(state.value), "text"];
    case "Button":
      return [words(state.description), "button"];
    case "Label":
      return [words(state.value), ""];
    default:
      return undefined;
  }
}

function share({ value, min, max }: WidgetRecord["state"]): number {
  const of = (Number(value) - Number(min)) / (Number(max) - Number(min));
  return Number.isFinite(of) ? Math.round(100 * Math.min(1, Math.max(0, of))) : 0;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.slice(0, 200).map(words) : [];
}

function words(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
