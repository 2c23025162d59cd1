import { inspect, types } from "node:util";
import { escapeHtml } from "../../escape-html.js";
import { frameName, isFrame } from "./data-frame.js";
import { leafText, safeInspect } from "./leaf.js";
import { dataProperty, kindName } from "./properties.js";
import { numbersName, numbersOf } from "./tensor.js";

/** What bounds the size of a tree, whatever is in it. */
const limits = { nodes: 600, entries: 50, depth: 6, preview: 90 };
/** Nodes of a tree that stands below something else. */
export const fewNodes = 80;

const leafStyle = "white-space:pre-wrap;overflow-wrap:anywhere";

interface State {
  /** Nodes that may still be written. */
  left: number;
  /** Objects on the way from the root to here: to meet one again is a cycle. */
  readonly path: Set<object>;
}

/** One thing inside another: what leads to it, and itself; `accessor` where reading it would run code. */
interface Child {
  readonly label: string;
  readonly value?: unknown;
  readonly accessor?: string;
}

/**
 * An object as a tree that folds, without scripts: arrays, maps, sets, errors, class instances. No getter is called and
 * no proxy is asked. At most 600 nodes, unless told otherwise, 50 of each object, six levels deep: what is left out is
 * counted.
 */
export function treeHtml(value: object, nodes = limits.nodes): string {
  const tree = node("", value, 0, { left: nodes, path: new Set() });
  return `<div style="font-family:monospace;line-height:1.5;overflow-x:auto">${tree}</div>`;
}

function node(label: string, value: unknown, depth: number, state: State): string {
  state.left--;
  const name = label === "" ? "" : `<span style="opacity:.7">${escapeHtml(label)}:</span> `;
  const leaf = (text: string): string => `<div style="${leafStyle}">${name}${escapeHtml(text)}</div>`;
  if (!isBranch(value)) return leaf(leafText(value));
  const line = depth === 0 ? undefined : lineOf(value);
  if (line !== undefined) return leaf(line);
  if (state.path.has(value)) return leaf("[circular]");
  const { children, count } = childrenOf(value);
  const title = preview(value, count);
  if (count === 0 || (depth > 0 && saysAll(value)) || depth >= limits.depth || state.left <= 0) return leaf(title);
  state.path.add(value);
  const inside: string[] = [];
  for (const child of children) {
    if (state.left <= 0) break;
    inside.push(child.accessor ? accessorLeaf(child) : node(child.label, child.value, depth + 1, state));
  }
  state.path.delete(value);
  const more = count - inside.length;
  if (more > 0) inside.push(`<div style="opacity:.7">… ${more} more</div>`);
  const open = depth === 0 ? " open" : "";
  return `<details${open}><summary style="cursor:pointer">${name}${escapeHtml(title)}</summary><div style="margin-left:1.4em">${inside.join("")}</div></details>`;
}

function accessorLeaf({ label, accessor = "" }: Child): string {
  return `<div><span style="opacity:.7">${escapeHtml(label)}:</span> ${escapeHtml(accessor)}</div>`;
}

/** Tensors and data frames inside other objects: what they are, not how they are made. */
function lineOf(value: object): string | undefined {
  const numbers = numbersOf(value);
  if (numbers) return numbersName(numbers);
  return isFrame(value) ? frameName(value) : undefined;
}

/** Whether a value has insides worth unfolding; all else is one piece of text. */
function isBranch(value: unknown): value is object {
  if (value === null || typeof value !== "object" || types.isProxy(value)) return false;
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value) || types.isNativeError(value)) return true;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isBoxedPrimitive(value)) return false;
  if (types.isDate(value) || types.isRegExp(value) || types.isPromise(value)) return false;
  if (types.isWeakMap(value) || types.isWeakSet(value) || types.isModuleNamespaceObject(value)) return false;
  return typeof dataProperty(value, inspect.custom) !== "function";
}

/** The first children and how many there are in all. */
function childrenOf(value: object): { children: Child[]; count: number } {
  if (types.isMap(value)) {
    const children = taken(Map.prototype.entries.call(value)).map(([key, item]) => ({
      label: cut(safeInspect(key, 0)),
      value: item,
    }));
    return { children, count: value.size };
  }
  if (types.isSet(value)) {
    const children = taken(Set.prototype.values.call(value)).map((item, i) => ({ label: String(i), value: item }));
    return { children, count: value.size };
  }
  if (Array.isArray(value)) {
    const length = Math.min(value.length, limits.entries);
    return { children: Array.from({ length }, (_, i) => own(value, String(i))), count: value.length };
  }
  const keys = Object.keys(value);
  // What an error is made of is not enumerable.
  if (types.isNativeError(value)) {
    keys.unshift(...["stack", "cause", "errors"].filter((key) => dataProperty(value, key) !== undefined));
  }
  return { children: keys.slice(0, limits.entries).map((key) => own(value, key)), count: keys.length };
}

function taken<T>(items: Iterable<T>): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === limits.entries) break;
    first.push(item);
  }
  return first;
}

function own(value: object, key: string): Child {
  const property = Object.getOwnPropertyDescriptor(value, key);
  if (!property) return { label: key, accessor: "empty" };
  if (property.get || property.set) return { label: key, accessor: property.get ? "[getter]" : "[setter]" };
  return { label: key, value: property.value };
}

/** What an object is, in a line: `Map(3)`, `Array(1000) [1, 2, …]`, `Network {layers, activation}`. */
function preview(value: object, count: number): string {
  if (types.isNativeError(value))
    return cut(`${String(dataProperty(value, "name"))}: ${String(dataProperty(value, "message"))}`);
  const name = kindName(value);
  if (types.isMap(value) || types.isSet(value)) return `${name}(${count})`;
  if (Array.isArray(value)) {
    const items = value.length === 0 ? "" : itemsText(value);
    return cut(`${name}(${count}) [${items}]`);
  }
  const keys = Object.keys(value);
  const inside = `{${keys.slice(0, 12).join(", ")}${keys.length > 12 ? ", …" : ""}}`;
  return cut(name === "Object" ? inside : `${name} ${inside}`);
}

/** Items of an array that its preview holds. */
const previewed = 8;

/** Whether the preview of an array leaves nothing out. */
function saysAll(value: object): boolean {
  if (!Array.isArray(value) || value.length > previewed) return false;
  return !value.some(isBranch) && itemsText(value).length < limits.preview - 12;
}

function itemsText(values: readonly unknown[]): string {
  const first = Array.from({ length: Math.min(values.length, previewed) }, (_, i) => own(values, String(i)));
  const texts = first.map(({ value, accessor }) => {
    if (accessor) return accessor;
    return isBranch(value) ? (Array.isArray(value) ? `Array(${value.length})` : kindName(value)) : leafText(value, 0);
  });
  return `${texts.join(", ")}${values.length > previewed ? ", …" : ""}`;
}

function cut(text: string): string {
  return text.length > limits.preview ? `${text.slice(0, limits.preview - 1)}…` : text;
}
