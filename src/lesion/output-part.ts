import { invalid } from "../errors.js";
import { shapeSize } from "../shape-size.js";

/** A part of the output for one input. */
export interface OutputPart {
  readonly shape: readonly number[];
  /** Where its numbers are in the output for one input. */
  readonly places: Uint32Array;
}

/**
 * The part of an output that a text names: for each of its axes, from the first on, a place or a range, with commas between. A place
 * is a number from 0, and its axis falls away; a range such as `0-3` has its first and last place, `*` is the whole axis, and so are
 * axes of which nothing is said.
 *
 * @param shape of the output for one input
 * @throws RangeError for a text that names no part of it
 * @example
 * outputPart([3, 4], "1,0-1").places; // [4, 5]
 */
export function outputPart(shape: readonly number[], text: string): OutputPart {
  const parts = text.split(",");
  const rule = `places or ranges such as 2, 0-3 or *, with commas between, in an output [${shape.join(", ")}]`;
  if (parts.length > shape.length) throw invalid("part of the output", rule, text);
  const axes = shape.map((length, axis) => {
    const part = parts[axis] ?? "*";
    if (part === "*") return { from: 0, to: length - 1, kept: true };
    const [, first, last] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (!(from <= to && to < length)) throw invalid("part of the output", rule, text);
    return { from, to, kept: last !== undefined };
  });
  let places = [0];
  axes.forEach(({ from, to }, axis) => {
    const stride = shapeSize(shape.slice(axis + 1));
    const steps = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * stride);
    places = places.flatMap((place) => steps.map((step) => place + step));
  });
  const kept = axes.filter((axis) => axis.kept);
  return { shape: kept.map(({ from, to }) => to - from + 1), places: Uint32Array.from(places) };
}
