import { invalid } from "../errors.js";
import { shapeSize } from "../shape-size.js";

/** A part of the output for one input, each number of which is the mean over some of its places. */
export interface OutputPart {
  readonly shape: readonly number[];
  /** Where its numbers are in the output for one input, those that are averaged side by side. */
  readonly places: Uint32Array;
  /** Over how many places each number is averaged; 1 where none is. */
  readonly averaged: number;
}

/**
 * The part of an output that a text names: for each of its axes, from the first on, a place or a range, with commas
 * between. A place is a number from 0, and its axis falls away; a range such as `0-3` has its first and last place, `*`
 * is the whole axis, and so are axes of which nothing is said; over an axis that is `mean` the mean is taken, so that
 * it falls away, too.
 *
 * @param shape of the output for one input
 * @throws RangeError for a text that names no part of it
 * @example
 * outputPart([3, 4], "1,0-1").places; // [4, 5]
 * outputPart([2, 3], "*,mean"); // { shape: [2], places: [0, 1, 2, 3, 4, 5], averaged: 3 }
 */
export function outputPart(shape: readonly number[], text: string): OutputPart {
  const parts = text.split(",");
  const rule = `places or ranges such as 2, 0-3 or *, or mean, with commas between, in an output [${shape.join(", ")}]`;
  if (parts.length > shape.length) throw invalid("part of the output", rule, text);
  const axes = shape.map((length, axis) => {
    const part = parts[axis] ?? "*";
    if (part === "*" || part === "mean")
      return { from: 0, to: length - 1, kept: part === "*", averaged: part === "mean" };
    const [, first, last] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (!(from <= to && to < length)) throw invalid("part of the output", rule, text);
    return { from, to, kept: last !== undefined, averaged: false };
  });
  const strides = axes.map((_, axis) => shapeSize(shape.slice(axis + 1)));
  const order = axes.map((_, axis) => axis).sort((a, b) => Number(axes[a].averaged) - Number(axes[b].averaged));
  let places = [0];
  for (const axis of order) {
    const { from, to } = axes[axis];
    const steps = Array.from({ length: to - from + 1 }, (_, i) => (from + i) * strides[axis]);
    places = places.flatMap((place) => steps.map((step) => place + step));
  }
  const lengths = (some: typeof axes) => some.map(({ from, to }) => to - from + 1);
  return {
    shape: lengths(axes.filter(({ kept }) => kept)),
    places: Uint32Array.from(places),
    averaged: shapeSize(lengths(axes.filter(({ averaged }) => averaged))),
  };
}
