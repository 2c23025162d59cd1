import type { Data, Layout } from "plotly.js";
import type { Figure } from "./figure.js";
import { annotation } from "./frame.js";
import { escapeText, wrapText } from "./text.js";
import { quietInk } from "./theme.js";
import { heatCells, thinHeat } from "./thin-heat.js";
import { pointCount, thinPoints } from "./thin-points.js";

/**
 * Points of a figure from which on it is thinned, and how many are then drawn at most (a few more with many traces).
 */
const mostPoints = 50_000;
const drawnPoints = 20_000;
/** Cells of a heatmap from which on its cells are put together, to at most this many columns and rows. */
const mostCells = 100_000;
const drawnSide = 500;

/**
 * A figure that a browser can draw: as it is, where it has at most 50 000 points and heatmaps of at most 100 000 cells;
 * else with fewer, and a note below it says what was left out. Lines keep their extremes, of markers a seeded sample is
 * taken, the cells of heatmaps become means of blocks. The figure given is not changed; equal figures give equal ones.
 */
export function thinned(figure: Figure): Figure {
  const total = figure.data.reduce((sum, trace) => sum + pointCount(trace), 0);
  const notes = new Set<string>();
  let layout = figure.layout;
  const data = figure.data.map((trace): Data => {
    const count = pointCount(trace);
    if (count > 0 && total > mostPoints) {
      const thin = thinPoints(trace, count, Math.max(8, Math.floor((drawnPoints * count) / total)));
      if (!thin) return trace;
      notes.add(thin.lines ? "lines keep their extremes" : "markers are a seeded sample");
      return thin.trace;
    }
    if (heatCells(trace) > mostCells) {
      const thin = thinHeat(trace, figure.data, layout, drawnSide);
      if (!thin) return trace;
      notes.add(`cells are means of ${thin.columns} by ${thin.rows} values`);
      layout = thin.layout;
      return thin.trace;
    }
    return trace;
  });
  if (notes.size === 0) return figure;
  const kept = data.reduce((sum, trace) => sum + pointCount(trace), 0);
  const counts = kept < total ? [`${grouped(kept)} of ${grouped(total)} points are drawn`] : [];
  const note = `Too much for a screen: ${[...counts, ...notes].join("; ")}.`;
  const caption = figure.caption === undefined ? note : `${figure.caption} ${note}`;
  return { ...figure, data, layout: withNote(layout, note), caption };
}

function grouped(count: number): string {
  return count.toLocaleString("en-GB");
}

/** A layout that is higher by the lines of a note below all else. */
function withNote(layout: Partial<Layout>, note: string): Partial<Layout> {
  const { width = 700, height = 450, margin = {}, annotations = [] } = layout;
  const { b = 80, l = 80 } = margin;
  const size = 0.84 * (layout.font?.size ?? 12);
  const lines = wrapText(note, size, width - 2 * size);
  const room = (lines.length * 1.3 + 0.5) * size;
  const drawn = annotation({
    text: lines.map(escapeText).join("<br>"),
    name: "note",
    align: "left",
    font: { size, color: quietInk },
    x: 0,
    xanchor: "left",
    xshift: size - l,
    y: 0,
    yanchor: "top",
    yshift: 0.4 * size - b,
    borderpad: 0,
  } as Parameters<typeof annotation>[0]);
  return { ...layout, height: height + room, margin: { ...margin, b: b + room }, annotations: [...annotations, drawn] };
}
