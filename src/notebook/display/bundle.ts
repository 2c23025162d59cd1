import { inspect, types } from "node:util";
import { kernelHook, type MimeBundle, type MimeData, mimeMethod } from "../../kernel-hook.js";
import { isLesionPage } from "../../pages/page.js";
import { richData } from "../results/rich.js";
import { type BundleOptions, figureBundle } from "./figure-bundle.js";
import { isFigure } from "./figure-facts.js";
import { pageBundle } from "./page-bundle.js";

/**
 * The forms in which a value is shown: what its own `Symbol.for("shapley-modes.mime")` method says, Plotly for a
 * figure, the page itself for one that answers, and always `text/plain`.
 */
export async function mimeBundle(value: unknown, options: BundleOptions = {}): Promise<MimeBundle> {
  if (types.isProxy(value)) return { data: { "text/plain": plainText(value) }, metadata: {} };
  if (showsItself(value)) {
    const data = await formsOf(value);
    return { data: { "text/plain": plainText(value), ...data }, metadata: {} };
  }
  if (isFigure(value)) return figureBundle(value, options);
  if (isLesionPage(value)) return pageBundle(value, options);
  const text = plainText(value);
  return { data: { "text/plain": text, ...(await richData(value, text)) }, metadata: {} };
}

/**
 * Name of the property by which an object says in which cell it was shown last: as the value of that cell's last
 * expression it is not shown again.
 */
export const shownIn: unique symbol = Symbol("shown in");

/** Marks what a cell need not show as its result: all that there is to see of it is there already. */
export function asShown<Value extends object>(value: Value): Value {
  return Object.defineProperty(value, shownIn, { value: kernelHook()?.cell(), configurable: true });
}

/** The forms of a cell's result; undefined where the cell has shown it already. */
export async function resultBundle(value: unknown): Promise<MimeBundle | undefined> {
  const isObject = (value !== null && typeof value === "object") || typeof value === "function";
  const shown = isObject && !types.isProxy(value) ? Object.getOwnPropertyDescriptor(value, shownIn)?.value : undefined;
  return shown !== undefined && shown === kernelHook()?.cell() ? undefined : mimeBundle(value);
}

function showsItself(value: unknown): value is { [mimeMethod](): MimeData | Promise<MimeData> } {
  return value !== null && typeof value === "object" && typeof (value as never)[mimeMethod] === "function";
}

/** Milliseconds after which a value that has not given its forms yet is told of. */
const patience = 10_000;

/** What a value says of its own forms. Where that takes long, one line says what the cell waits for. */
async function formsOf(value: { [mimeMethod](): MimeData | Promise<MimeData> }): Promise<MimeData> {
  const timer = setTimeout(() => {
    process.stderr.write(
      'This cell waits for how its value shows itself, [Symbol.for("shapley-modes.mime")](). Interrupting goes on without.\n',
    );
  }, patience);
  try {
    return await value[mimeMethod]();
  } finally {
    clearTimeout(timer);
  }
}

/** Longest text of a value, in characters. */
const longestText = 20_000;

/** A value as text, long arrays and deep objects cut short. A value whose own part in this throws says so. */
export function plainText(value: unknown): string {
  try {
    kernelHook()?.willPrint(value);
    const text = inspect(value, { depth: 3, maxArrayLength: 60, maxStringLength: 4000, breakLength: 100 });
    return text.length > longestText ? `${text.slice(0, longestText)}\n... ${text.length} characters in all` : text;
  } catch (error) {
    return `[can not be shown: ${String((error as Error)?.message ?? error)}]`;
  }
}
