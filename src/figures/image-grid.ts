import type { Annotations, Data, LayoutAxis } from "plotly.js";
import { invalid } from "../errors.js";
import { nonEmpty, sameLength } from "./checks.js";
import type { Figure } from "./figure.js";
import { annotation, type FigureOptions, frame, withAnnotations } from "./frame.js";
import { pngAddress, pngOf } from "./png.js";
import { escapeText, shortened, widest } from "./text.js";
import { ink, quietInk, sizeStyle } from "./theme.js";

/** One small picture of a grid. */
export interface Tile {
  /** Levels 0 to 255, `[3, size, size]`. */
  readonly levels: Uint8Array;
  /** What stands below it; default nothing. */
  readonly label?: string;
}

/** What a grid of pictures is made of. */
export interface ImageGridParts {
  /** Rows of tiles; `undefined` leaves a place empty. */
  readonly rows: readonly (readonly (Tile | undefined)[])[];
  /** Height and width of every tile in pixels. */
  readonly size: number;
  readonly columnTitles?: readonly string[];
  readonly rowTitles?: readonly string[];
  readonly title: string;
  readonly caption: string;
}

/** Widest that a tile is drawn, in ems: a few tiles do not fill the page. */
const widestTile = 13;

/** Pictures in rows and columns, on one sheet. The drawing of one pixel is always a square. */
export function imageGridFigure(parts: ImageGridParts, options: FigureOptions = {}): Figure {
  const { rows, size, columnTitles, rowTitles } = parts;
  nonEmpty("rows", rows, "the rows of tiles");
  const columns = Math.max(...rows.map((row) => row.length));
  if (columns === 0) throw invalid("rows", "at least one tile", rows);
  const { font: em, width } = sizeStyle(options.size);
  const labelled = rows.some((row) => row.some((tile) => tile?.label !== undefined));
  const left = rowTitles ? widest(rowTitles, em) + 1.6 * em : 0.7 * em;

  // Everything is measured in pixels of the tiles first; one of them is `scale` pixels of the page.
  const gap = Math.max(1, Math.round(0.06 * size));
  const across = columns * (size + gap) - gap;
  const available = width - left - 0.7 * em;
  const scale = Math.min(available / across, (widestTile * em) / size);
  const below = labelled ? Math.ceil((1.25 * em) / scale) : gap;
  const down = rows.length * (size + below) - (labelled ? 0 : gap);

  const sheet = new Uint8Array(across * down * 3).fill(255);
  const annotations: Partial<Annotations>[] = [];
  rows.forEach((row, r) => {
    row.forEach((tile, c) => {
      if (!tile) return;
      sameLength(`rows[${r}][${c}]`, tile.levels, 3 * size * size, `three planes of ${size} x ${size} pixels`);
      const [x, y] = [c * (size + gap), r * (size + below)];
      copyTile(tile.levels, size, sheet, across, x, y);
      if (tile.label === undefined) return;
      const text = escapeText(shortened(tile.label, 0.82 * em, (size + gap) * scale));
      const font = { size: 0.82 * em, color: quietInk };
      annotations.push(textAt(text, font, { x: x + size / 2 - 0.5, y: y + size, yanchor: "top" }));
    });
  });
  columnTitles?.forEach((title, c) => {
    const text = `<b>${escapeText(shortened(title, em, (size + gap) * scale))}</b>`;
    annotations.push(
      textAt(text, { size: em, color: ink }, { x: c * (size + gap) + size / 2 - 0.5, y: -0.5, yanchor: "bottom" }),
    );
  });
  rowTitles?.forEach((title, r) => {
    const place = { x: -0.5, xanchor: "right", xshift: -0.5 * em, y: r * (size + below) + size / 2 - 0.5 } as const;
    annotations.push(textAt(escapeText(title), { size: em, color: ink }, { ...place, yanchor: "middle" }));
  });

  const framed = frame(options.size, {
    title: parts.title,
    caption: parts.caption,
    plotHeight: down * scale,
    left,
    right: width - left - across * scale,
    axisHeight: 0.5 * em,
    panelTitle: columnTitles ? 1.5 * em : 0,
  });
  const hidden: Partial<LayoutAxis> = { visible: false, fixedrange: true };
  const layout = {
    ...framed.layout,
    xaxis: { ...hidden, range: [-0.5, across - 0.5] },
    yaxis: { ...hidden, range: [down - 0.5, -0.5] },
  };
  const image = { type: "image", source: pngAddress(pngOf(sheet, across, down)), hoverinfo: "skip" };
  return { data: [image as unknown as Data], layout: withAnnotations(layout, annotations), caption: framed.caption };
}

/** A text at a place of the sheet. */
function textAt(
  text: string,
  font: { size: number; color: string },
  place: Partial<Annotations>,
): Partial<Annotations> {
  return annotation({ text, font, borderpad: 0, xref: "x", yref: "y", ...(place as object) });
}

function copyTile(
  levels: Uint8Array,
  size: number,
  sheet: Uint8Array,
  across: number,
  left: number,
  top: number,
): void {
  const area = size * size;
  for (let p = 0; p < area; p++) {
    const at = 3 * ((top + Math.floor(p / size)) * across + left + (p % size));
    for (let c = 0; c < 3; c++) sheet[at + c] = levels[c * area + p];
  }
}
