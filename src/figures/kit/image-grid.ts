import type { Annotations, Data, LayoutAxis } from "plotly.js";
import { invalid } from "../../errors.js";
import { pngAddress, pngOf } from "../../formats/png.js";
import { nonEmpty, sameLength } from "./checks.js";
import type { Figure } from "./figure.js";
import { annotation, type FigureOptions, frame, withAnnotations } from "./frame.js";
import { escapeText, shortened, widest, wrapText } from "./text.js";
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
  /** What stands left of the rows, broken into lines where it is long. */
  readonly rowTitles?: readonly string[];
  /** Something smaller below each row's title, e.g. a number; default nothing. */
  readonly rowNotes?: readonly (string | undefined)[];
  /** After so many columns there is a wider gap; default never. */
  readonly columnsPerGroup?: number;
  /** Widest that a tile is drawn, in ems, so that a few tiles do not fill the page; default 13. */
  readonly widestTile?: number;
  /** Room between the tiles and the caption in pixels, e.g. for a slider; default half a line. */
  readonly roomBelow?: number;
  readonly title: string;
  readonly caption: string;
}

/** Widest line of a row's title, in ems. */
const widestTitle = 9;
/** Width of bold type relative to plain. */
const boldWidth = 1.08;
/** Size of a row's note relative to the figure's type. */
const noteScale = 0.84;

/** Pixels between tiles of this size. */
export function tileGap(size: number): number {
  return Math.max(1, Math.round(0.06 * size));
}

/** Pictures in rows and columns, on one sheet. The drawing of one pixel is always a square. */
export function imageGridFigure(parts: ImageGridParts, options: FigureOptions = {}): Figure {
  const { rows, size, columnTitles, columnsPerGroup = Number.POSITIVE_INFINITY, widestTile = 13 } = parts;
  nonEmpty("rows", rows, "the rows of tiles");
  const columns = Math.max(...rows.map((row) => row.length));
  if (columns === 0) throw invalid("rows", "at least one tile", rows);
  const { font: em, width } = sizeStyle(options.size);
  const labelled = rows.some((row) => row.some((tile) => tile?.label !== undefined));
  const titles = rowTexts(parts, em);
  const left = titles.length > 0 ? Math.max(...titles.map((title) => title.width)) + 1.6 * em : 0.7 * em;

  // Everything is measured in pixels of the tiles first; one of them is `scale` pixels of the page.
  const gap = tileGap(size);
  const xOf = (column: number) => column * (size + gap) + 2 * gap * Math.floor(column / columnsPerGroup);
  const across = xOf(columns - 1) + size;
  const available = width - left - 0.7 * em;
  const scale = Math.min(available / across, (widestTile * em) / size);
  const below = labelled ? Math.ceil((1.25 * em) / scale) : gap;
  // A title of many lines is higher than its row.
  const tallest = Math.max(0, ...titles.map((title) => title.height)) / scale;
  const inset = Math.max(0, Math.ceil((tallest - size) / 2));
  const pitch = size + Math.max(below, inset > 0 ? 2 * inset + Math.ceil((0.4 * em) / scale) : 0);
  const yOf = (row: number) => inset + row * pitch;
  const down = yOf(rows.length - 1) + size + Math.max(inset, labelled ? below : 0);

  const sheet = new Uint8Array(across * down * 3).fill(255);
  const annotations: Partial<Annotations>[] = [];
  const room = (size + gap) * scale;
  const labelSize = fittingSize(
    rows.flatMap((row) => row.map((tile) => tile?.label ?? "")),
    0.82 * em,
    room,
  );
  const titleSize = fittingSize(columnTitles ?? [], em, room / boldWidth);
  rows.forEach((row, r) => {
    row.forEach((tile, c) => {
      if (!tile) return;
      sameLength(`rows[${r}][${c}]`, tile.levels, 3 * size * size, `three planes of ${size} x ${size} pixels`);
      const [x, y] = [xOf(c), yOf(r)];
      copyTile(tile.levels, size, sheet, across, x, y);
      if (tile.label === undefined) return;
      const text = escapeText(shortened(tile.label, labelSize, room));
      annotations.push(
        textAt(text, { size: labelSize, color: quietInk }, { x: x + size / 2 - 0.5, y: y + size, yanchor: "top" }),
      );
    });
  });
  columnTitles?.forEach((title, c) => {
    const text = `<b>${escapeText(shortened(title, titleSize * boldWidth, room))}</b>`;
    const place = { x: xOf(c) + size / 2 - 0.5, y: inset - 0.5, yanchor: "bottom", yshift: 0.2 * em } as const;
    annotations.push(textAt(text, { size: titleSize, color: ink }, place));
  });
  titles.forEach(({ text }, r) => {
    const place = { x: -0.5, xanchor: "right", xshift: -0.5 * em, y: yOf(r) + size / 2 - 0.5 } as const;
    annotations.push(textAt(text, { size: em, color: ink }, { ...place, yanchor: "middle", align: "right" }));
  });

  const framed = frame(options, {
    title: parts.title,
    caption: parts.caption,
    plotHeight: down * scale,
    left,
    right: width - left - across * scale,
    axisHeight: parts.roomBelow ?? 0.5 * em,
    panelTitle: columnTitles ? 1.6 * em : 0,
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

/** Size of type for texts side by side: as given, or down to three quarters of it where the longest would not fit. */
function fittingSize(texts: readonly string[], size: number, room: number): number {
  return size * Math.max(0.75, Math.min(1, (0.96 * room) / widest(texts, size)));
}

/** The texts left of the rows, in Plotly's markup, with their measures in pixels. */
function rowTexts({ rowTitles = [], rowNotes = [] }: ImageGridParts, em: number) {
  return rowTitles.map((title, r) => {
    const lines = wrapText(title, em, widestTitle * em);
    const small = wrapText(rowNotes[r] ?? "", noteScale * em, widestTitle * em);
    const notes = small.map((line) => `<span style="font-size:${noteScale * em}px">${escapeText(line)}</span>`);
    return {
      text: [...lines.map(escapeText), ...notes].join("<br>"),
      width: Math.max(widest(lines, em), widest(small, noteScale * em)),
      height: 1.3 * em * (lines.length + notes.length),
    };
  });
}

/** A text at a place of the sheet. */
function textAt(
  text: string,
  font: { size: number; color: string },
  place: Partial<Annotations>,
): Partial<Annotations> {
  return annotation({ text, font, borderpad: 0, xref: "x", yref: "y", ...(place as object) });
}

/** Puts a tile's planes `[3, size, size]` into a sheet of pixels `[height, across, 3]`. */
export function copyTile(
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
