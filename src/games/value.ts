import { describe, wrongKind } from "../errors.js";
import { shapeSize } from "../shape-size.js";

/** What a game's function may return: a number, an array nested to any depth, or a typed array. */
export type GameValue = number | NumericArray | NestedArray;
/** A flat array of numbers. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;
/** Arrays in arrays, all of the same length at the same depth. */
export type NestedArray = readonly (number | NumericArray | NestedArray)[];

/** Most dimensions of a value: an array that holds itself has no end of them. */
const deepest = 64;

/** Shape of a value, read along its first entries: `[]` for a number. */
export function shapeOf(value: GameValue): number[] {
  const shape = [];
  let part: unknown = value;
  while (isList(part) && shape.length <= deepest) {
    shape.push(part.length);
    part = part[0];
  }
  if (typeof part !== "number") {
    throw wrongKind("value of the game", "a number, an array of numbers or a typed array", value);
  }
  return shape;
}

/**
 * Writes a value into `target` from `offset` on, row-major. A flat array may stand for any shape of its size, but not
 * for a number.
 * @returns what is wrong with the value, or undefined
 */
export function writeValue(
  value: GameValue,
  shape: readonly number[],
  target: Float64Array,
  offset: number,
): string | undefined {
  const size = shapeSize(shape);
  const flat = shape.length > 0 && isList(value) && value.length === size && typeof value[0] === "number";
  const end = flat ? writeList(value as NumericArray, target, offset) : writeNested(value, shape, 0, target, offset);
  if (end !== offset + size) {
    return `invalid value of the game; expected shape [${shape.join(", ")}]; received ${describe(value)}`;
  }
  return unusable(target, offset, size);
}

/** Largest size of a value of a game: squares of differences, added up, are finite then. */
export const largestValue = 1e140;

/**
 * Names the first of `size` values of a game that is not finite, or so large that its standard error could not be
 * computed; or returns undefined.
 */
export function unusable(values: ArrayLike<number>, offset: number, size: number): string | undefined {
  for (let o = 0; o < size; o++) {
    const number = values[offset + o];
    if (number <= largestValue && number >= -largestValue) continue;
    if (number - number !== 0) return nonFinite(values, offset, size);
    const where = size > 1 ? ` at output ${o}` : "";
    return `invalid value of the game; expected numbers from -${largestValue} to ${largestValue}, whose squares are finite; received ${number}${where}`;
  }
  return undefined;
}

/** Names the first of `size` numbers that is not finite, or returns undefined. */
export function nonFinite(values: ArrayLike<number>, offset: number, size: number): string | undefined {
  for (let o = 0; o < size; o++) {
    const number = values[offset + o];
    if (number - number !== 0) {
      const where = size > 1 ? ` at output ${o}` : "";
      return `invalid value of the game; expected finite numbers; received ${number}${where}`;
    }
  }
  return undefined;
}

function isList(value: unknown): value is NumericArray | NestedArray {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

function writeList(list: ArrayLike<unknown>, target: Float64Array, offset: number): number {
  for (let i = 0; i < list.length; i++) {
    const number = list[i];
    if (typeof number !== "number") return -1;
    target[offset + i] = number;
  }
  return offset + list.length;
}

/** Returns the position after the last number written, or -1 where the value has another shape. */
function writeNested(
  value: unknown,
  shape: readonly number[],
  depth: number,
  target: Float64Array,
  offset: number,
): number {
  if (depth === shape.length) return typeof value === "number" ? writeList([value], target, offset) : -1;
  if (!isList(value) || value.length !== shape[depth]) return -1;
  if (depth === shape.length - 1) return writeList(value as ArrayLike<unknown>, target, offset);
  let position = offset;
  for (const part of value) {
    position = writeNested(part, shape, depth + 1, target, position);
    if (position < 0) return -1;
  }
  return position;
}
