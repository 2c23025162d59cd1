import { canonicalJson, type Json } from "../../json.js";
import type { Figure } from "./figure.js";

/**
 * A figure as JSON text with sorted keys: equal figures give equal bytes. Typed arrays become plain arrays, what JSON
 * has no word for (NaN, undefined entries) becomes null. `{ data, layout }` is what Plotly reads in any language.
 *
 * @param indent spaces per level, default 1; 0 gives one line
 */
export function figureJson(figure: Figure, indent = 1): string {
  return canonicalJson(plain(figure) as Json, indent);
}

/** A value with plain arrays instead of typed ones. */
export function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, part]) => part !== undefined)
        .map(([key, part]) => [key, plain(part)]),
    );
  }
  return value;
}
