import { inspect, types } from "node:util";
import { shortNumber } from "../../modes/glance/numbers.js";
import { kindName } from "./properties.js";

/** Characters of a text in a tree. */
const longest = 400;
/** Numbers shown of a typed array. */
const shown = 12;

/**
 * What has no insides: strings with their line breaks, the first numbers of a typed array, anything else in Node's
 * words.
 */
export function leafText(value: unknown, depth = 1): string {
  if (typeof value === "string") {
    return value.length > longest ? `'${value.slice(0, longest)}…' (${value.length} characters)` : `'${value}'`;
  }
  if (!types.isTypedArray(value) || Buffer.isBuffer(value)) return safeInspect(value, depth);
  const first = Array.from(value.subarray(0, shown) as ArrayLike<number | bigint>, (item) =>
    typeof item === "number" ? shortNumber(item) : String(item),
  );
  return `${kindName(value)}(${value.length}) [${first.join(", ")}${value.length > shown ? ", …" : ""}]`;
}

/** Node's own text of a value, of bounded length, also where the value's own part in it throws. */
export function safeInspect(value: unknown, depth = 1): string {
  try {
    const text = inspect(value, { depth, maxArrayLength: shown, maxStringLength: longest, breakLength: Infinity });
    return text.length > 2 * longest ? `${text.slice(0, 2 * longest)}…` : text;
  } catch (error) {
    return `[can not be shown: ${String((error as Error)?.message ?? error)}]`;
  }
}
