import type { LayoutAxis } from "plotly.js";
import { escapeText } from "./text.js";

/**
 * Ticks of an axis of categories at some of them, by their names: a place, which is a number, Plotly would take for the
 * category that is called by that number, where there is one.
 *
 * @param texts what stands at each
 * @param shown indices of those that have a tick; default all
 */
export function categoryTicks(
  names: readonly string[],
  texts: readonly string[],
  shown: readonly number[] = Array.from(names.keys()),
): Partial<LayoutAxis> {
  return {
    tickmode: "array",
    tickvals: shown.map((index) => names[index]),
    ticktext: shown.map((index) => escapeText(texts[index])),
  };
}

/**
 * The positions of an axis whose labels fit beside each other, from the first on; the last is kept rather than the
 * ones before it.
 *
 * @param positions ascending, in the axis's unit
 * @param room what a label takes in the axis's unit, with its gap
 */
export function fittingTicks(positions: readonly number[], room: number): number[] {
  const kept: number[] = [];
  const last = positions[positions.length - 1];
  for (const position of positions) {
    const free = kept.length === 0 || position - kept[kept.length - 1] >= room;
    if (free && (position === last || last - position >= room)) kept.push(position);
  }
  if (kept[kept.length - 1] !== last) kept.push(last);
  return kept;
}

/** The indices of some equally spaced labels that have room, every 1st, 2nd, 5th, 10th, ... of them. */
export function spacedIndices(count: number, atMost: number): number[] {
  const limit = Math.max(1, atMost);
  const steps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000];
  const step = steps.find((candidate) => Math.ceil(count / candidate) <= limit) ?? Math.ceil(count / limit);
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}
