import { inspect } from "node:util";
import { type FigureBundleOptions, figureData } from "./figure-bundle.js";
import { type MimeBundle, type MimeData, mimeMethod } from "./hook.js";
import { isFigure } from "./plotly.js";

/** How a value is shown. */
export type BundleOptions = FigureBundleOptions;

/**
 * The forms in which a value is shown: what its own `Symbol.for("shapley-modes.mime")` method says, Plotly for a
 * figure, and always `text/plain`.
 */
export async function mimeBundle(value: unknown, options: BundleOptions = {}): Promise<MimeBundle> {
  if (showsItself(value)) {
    const data = await value[mimeMethod]();
    return { data: { "text/plain": plainText(value), ...data }, metadata: {} };
  }
  if (isFigure(value)) return { data: await figureData(value, options), metadata: {} };
  return { data: { "text/plain": plainText(value) }, metadata: {} };
}

function showsItself(value: unknown): value is { [mimeMethod](): MimeData | Promise<MimeData> } {
  return value !== null && typeof value === "object" && typeof (value as never)[mimeMethod] === "function";
}

/** A value as text, long arrays and deep objects cut short. */
export function plainText(value: unknown): string {
  return inspect(value, { depth: 3, maxArrayLength: 60, maxStringLength: 4000, breakLength: 100 });
}
