import { canonicalJson, type Json } from "../../json.js";
import type { Figure } from "./figure.js";

/**
 * A figure as JSON text with sorted keys: equal figures give equal bytes. Typed arrays become plain arrays, what JSON
 * has no word for (NaN, undefined entries) becomes null. `{ data, layout }` is what Plotly reads in any language.
 *
 * @param indent spaces per level, default 1; 0 gives one line
 * @param digits significant ones of numbers that are not whole; default all
 */
export function figureJson(figure: Figure, indent = 1, digits?: number): string {
  return canonicalJson(plain(figure, digits) as Json, indent);
}

/** A value with plain arrays instead of typed ones; numbers that are not whole with so many significant digits. */
export function plain(value: unknown, digits?: number): unknown {
  if (ArrayBuffer.isView(value)) return plain(Array.from(value as unknown as ArrayLike<number>), digits);
  if (Array.isArray(value)) return value.map((part) => plain(part, digits));
  if (typeof value === "number") {
    return digits === undefined || !Number.isFinite(value) || Number.isInteger(value)
      ? value
      : Number(value.toPrecision(digits));
  }
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, part]) => part !== undefined)
        .map(([key, part]) => [key, plain(part, digits)]),
    );
  }
  return value;
}
