import type { LayoutAxis } from "plotly.js";
import { shortened, widest, withoutCommonPath } from "./text.js";
import { categoryTicks, spacedIndices } from "./ticks.js";

/** Size of tick labels relative to the figure's type. */
const tickScale = 0.92;

/** Labels at the rows of a heatmap. */
export interface HeatLabels {
  /** Width of the widest in pixels. */
  readonly width: number;
  /** The ticks that fit a panel of this height. */
  ticks(height: number): Partial<LayoutAxis>;
}

/**
 * Labels of rows, shortened where they are long, and fewer where the rows are thin.
 *
 * @param longest the most that a label may take, in pixels; default 9 em
 */
export function heatLabels(names: readonly string[], em: number, longest = 9 * em): HeatLabels {
  const texts = withoutCommonPath(names).map((name) => shortened(name, tickScale * em, longest));
  return {
    width: widest(texts, tickScale * em),
    ticks: (height) => ticksAt(names, texts, Math.floor(height / (1.02 * em))),
  };
}

/** Labels below the columns of a heatmap: upright numbers where these are numbers, turned names where they are long. */
export function unitLabels(names: readonly string[], em: number, plotWidth: number) {
  const texts = withoutCommonPath(names).map((name) => shortened(name, tickScale * em, 8 * em));
  const width = widest(texts, tickScale * em);
  const fitting = Math.floor(plotWidth / (width + 0.7 * em));
  if (fitting >= names.length || texts.every((text) => /^\d+$/.test(text))) {
    return { height: 1.4 * em, ticks: { ...ticksAt(names, texts, fitting), tickangle: 0 } };
  }
  const ticks = { ...ticksAt(names, texts, Math.floor(plotWidth / (1.15 * em))), tickangle: -90 as const };
  return { height: width + 0.6 * em, ticks };
}

function ticksAt(names: readonly string[], texts: readonly string[], atMost: number): Partial<LayoutAxis> {
  return categoryTicks(names, texts, spacedIndices(texts.length, atMost));
}

/** A number with two significant digits, for a caption. */
export function significant(value: number): string {
  return String(Number(value.toPrecision(2)));
}
