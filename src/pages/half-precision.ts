import { float16Bits, float16Value } from "../formats/float16.js";
import type { PageArray } from "./page-content.js";

/** How far a network's answers may be off where its parameters are stored in half precision. */
const tolerance = 1e-3;

/** Parameters by name, as a page stores them. */
export interface StoredParameters {
  /** Whether in half precision, two bytes each, in bits. */
  readonly half: boolean;
  readonly parameters: Readonly<Record<string, PageArray>>;
}

/**
 * Parameters in half precision, where all of them are numbers of it, or the network's answers change by a thousandth at
 * most; else as they are.
 *
 * @param change by how much answers change where these take the place of the parameters
 */
export function storedParameters(
  named: Readonly<Record<string, Float32Array>>,
  change: (parameters: Readonly<Record<string, Float32Array>>) => number,
): StoredParameters {
  const entries = Object.entries(named);
  const bits = Object.fromEntries(entries.map(([name, numbers]) => [name, Uint16Array.from(numbers, float16Bits)]));
  const rounded = Object.fromEntries(entries.map(([name]) => [name, singles(bits[name])]));
  const isSame = entries.every(([name, numbers]) => numbers.every((value, i) => rounded[name][i] === value));
  const half = isSame || change(rounded) <= tolerance;
  return { half, parameters: half ? bits : named };
}

/** Stored parameters in single precision. */
export function singles(stored: PageArray): Float32Array {
  return stored instanceof Uint16Array ? Float32Array.from(stored, float16Value) : (stored as Float32Array);
}
