import type { Annotations, Data } from "plotly.js";
import { oneOf, positiveInteger } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, sameLength } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { checkedPairs, type PairNumbers, pairTree, withoutRounding } from "./kit/pair-matrix.js";
import { escapeText, shortened, widest, withoutCommonPath } from "./kit/text.js";
import { addingColour, axisColour, ink, sizeStyle, takingColour } from "./kit/theme.js";
import { spacedIndices } from "./kit/ticks.js";
import { counted } from "./summaries.js";

/** Options of `interactionCircleFigure`. */
export interface InteractionCircleOptions extends FigureOptions {
  /**
   * Contributions of the units, `[units]`, such as `modes.meanOverOutputs().values`: discs grow with them. Default: all
   * alike.
   */
  readonly contributions?: ArrayLike<number> | undefined;
  /** How many of the strongest pairs are drawn; default 60. A positive integer. */
  readonly strongest?: number;
  /** "tree" (default): units that interact strongly stand side by side; "given": as they come. */
  readonly order?: "tree" | "given";
  /** What the numbers are; default `Interaction`. */
  readonly quantity?: string;
}

/** The names of `InteractionCircleOptions`. */
export const interactionCircleOptionNames: OptionNames<InteractionCircleOptions> = {
  ...figureOptionNames,
  contributions: true,
  strongest: true,
  order: true,
  quantity: true,
};

/** Widths of chords, in shares of the thickest, and the points of each. */
const widths = [0.2, 0.4, 0.6, 0.8, 1];
const points = 25;

/**
 * Units on a circle, joined by chords where they interact: the strongest pairs, red where they do more together than
 * each alone, blue where less, the thicker the stronger.
 *
 * @throws RangeError for fewer than 2 or more than 250 units, a matrix that is not square, an infinite number
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 2 : 0) - (intact.has("c") && intact.has("b") ? 1 : 0));
 * const found = await interactions(game);
 * const figure = interactionCircleFigure(found.matrix(), { contributions: found.modes?.meanOverOutputs().values });
 */
export function interactionCircleFigure(given: PairNumbers, options: InteractionCircleOptions = {}): Figure {
  knownOptions("interactionCircleFigure", options, interactionCircleOptionNames);
  has("given", given, "PairNumbers");
  checkedPairs(given);
  const { pairs: matrix, nothing } = withoutRounding(given);
  const known = checkedPairs(matrix);
  const strongest = positiveInteger("strongest", options.strongest ?? 60);
  const byTree = oneOf("order", ["tree", "given"], options.order ?? "tree") === "tree" && !nothing;
  const { contributions } = options;
  if (contributions) {
    sameLength("contributions", contributions, matrix.units.length, "one per unit");
    allFinite("contributions", contributions);
  }
  const largest = known.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const order = byTree ? pairTree(matrix, largest).order : matrix.units.map((_, u) => u);
  const { chords, pairs } = chordsOf(matrix, strongest);

  const { font: em, width, line, marker } = sizeStyle(options.size);
  const names = withoutCommonPath(order.map((u) => matrix.units[u]));
  const texts = names.map((name) => shortened(name, 0.86 * em, 8 * em));
  const labelWidth = widest(texts, 0.86 * em) + 1.6 * em;
  const diameter = Math.min(width - 2 * labelWidth - 1.4 * em, 30 * em);
  const plotHeight = diameter + 4.4 * em;
  const plotWidth = width - 1.4 * em;
  const quantity = options.quantity ?? "Interaction";
  const { layout, caption } = frame(options, {
    title: options.title ?? "Which units work together",
    caption: sentences(
      nothing
        ? `${quantity} of every two units: there are none beyond rounding.`
        : `${quantity} of ${pairs > chords.length ? `the ${chords.length} strongest of ${pairs} pairs` : counted([chords.length], "pair", "pairs")} of units; the thicker the stronger, the thickest ±${largest.toPrecision(2)}.`,
      !nothing && "Red: together they do more than each alone; blue: less, they do the same.",
      contributions && "A disc grows with what the unit contributes; it is hollow where that is taken away.",
      byTree && "Units that interact strongly stand side by side.",
      options.note,
    ),
    plotHeight,
    left: 0.7 * em,
    right: 0.7 * em,
    axisHeight: 0.6 * em,
  });

  const angle = (at: number) => Math.PI / 2 - (2 * Math.PI * at) / order.length;
  const place = new Map(order.map((u, at) => [u, [Math.cos(angle(at)), Math.sin(angle(at))] as const]));
  const across = plotWidth / diameter;
  const up = plotHeight / diameter;
  const hidden = { visible: false, showgrid: false, zeroline: false };
  const data: Data[] = [...chordTraces(matrix.units, chords, largest, place, 3.2 * line)];
  data.push(discs(matrix.units, order, place, contributions, marker));
  const labels = spacedIndices(order.length, (Math.PI * diameter) / (1.1 * em)).map((at) =>
    label(texts[at], angle(at), em, marker),
  );
  return {
    data,
    layout: withAnnotations(
      {
        ...layout,
        xaxis: { ...hidden, range: [-across, across] },
        yaxis: { ...hidden, range: [-up, up] },
      },
      labels,
    ),
    caption,
  };
}

interface Chord {
  readonly a: number;
  readonly b: number;
  readonly value: number;
}

/**
 * The strongest pairs, weakest first, so that those are drawn above; of a matrix that is not symmetric, each pair's
 * mean.
 */
function chordsOf({ units, values }: PairNumbers, strongest: number): { chords: Chord[]; pairs: number } {
  const all: Chord[] = [];
  for (let a = 0; a < units.length; a++) {
    for (let b = a + 1; b < units.length; b++) {
      const both = [values[a][b], values[b][a]].filter((value) => !Number.isNaN(value));
      if (both.length === 0) continue;
      const value = both.reduce((sum, one) => sum + one, 0) / both.length;
      if (value !== 0) all.push({ a, b, value });
    }
  }
  all.sort((x, y) => Math.abs(y.value) - Math.abs(x.value) || x.a - y.a || x.b - y.b);
  return { chords: all.slice(0, strongest).reverse(), pairs: all.length };
}

/** A trace for each width and sign that there is: hundreds of chords are up to ten traces. */
function chordTraces(
  units: readonly string[],
  chords: readonly Chord[],
  largest: number,
  place: ReadonlyMap<number, readonly [number, number]>,
  thickest: number,
): Data[] {
  return widths.flatMap((share, w) =>
    [-1, 1].flatMap((sign): Data[] => {
      const x: (number | null)[] = [];
      const y: (number | null)[] = [];
      const text: string[] = [];
      for (const { a, b, value } of chords) {
        const level = Math.min(widths.length - 1, Math.floor((Math.abs(value) / largest) * widths.length));
        if (level !== w || Math.sign(value) !== sign) continue;
        const [from, to] = [place.get(a) ?? [0, 0], place.get(b) ?? [0, 0]];
        // A quadratic curve whose third point is the middle of the straight line, drawn in towards the centre: less so
        // for neighbours.
        const middleRadius = Math.hypot(from[0] + to[0], from[1] + to[1]) / 2;
        const bend = 0.3 + 0.45 * middleRadius ** 2;
        for (let p = 0; p < points; p++) {
          const t = p / (points - 1);
          const [first, middle, last] = [(1 - t) ** 2, 2 * t * (1 - t) * bend, t ** 2];
          x.push((first + middle / 2) * from[0] + (last + middle / 2) * to[0]);
          y.push((first + middle / 2) * from[1] + (last + middle / 2) * to[1]);
          text.push(`${escapeText(units[a])} and ${escapeText(units[b])}<br>${value.toPrecision(4)}`);
        }
        x.push(null);
        y.push(null);
        text.push("");
      }
      if (x.length === 0) return [];
      const trace: Data = {
        type: "scatter",
        mode: "lines",
        x,
        y,
        text,
        hovertemplate: "%{text}<extra></extra>",
        line: { color: sign > 0 ? addingColour : takingColour, width: share * thickest },
        opacity: 0.35 + 0.5 * share,
        showlegend: false,
      };
      return [trace];
    }),
  );
}

function discs(
  units: readonly string[],
  order: readonly number[],
  place: ReadonlyMap<number, readonly [number, number]>,
  contributions: ArrayLike<number> | undefined,
  marker: number,
): Data {
  const most = contributions ? Array.from(contributions).reduce((top, value) => Math.max(top, Math.abs(value)), 0) : 0;
  const size = (u: number) => {
    if (!contributions) return 0.9 * marker;
    return marker * (0.4 + 2 * Math.sqrt(most > 0 ? Math.abs(contributions[u]) / most : 0));
  };
  const hollow = (u: number) => contributions !== undefined && contributions[u] < 0;
  return {
    type: "scatter",
    mode: "markers",
    x: order.map((u) => place.get(u)?.[0] ?? 0),
    y: order.map((u) => place.get(u)?.[1] ?? 0),
    text: order.map((u) => escapeText(units[u]) + (contributions ? `<br>${contributions[u].toPrecision(4)}` : "")),
    hovertemplate: "%{text}<extra></extra>",
    marker: {
      size: order.map(size),
      color: order.map((u) => (hollow(u) ? "#ffffff" : ink)),
      line: { color: order.map((u) => (hollow(u) ? ink : axisColour)), width: 1 },
      opacity: 1,
    },
    showlegend: false,
  };
}

/** A unit's name outside the circle, beginning or ending at its disc. */
function label(text: string, angle: number, em: number, marker: number): Partial<Annotations> {
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  const away = 1.3 * marker + 0.35 * em;
  return annotation({
    text: escapeText(text),
    font: { size: 0.86 * em, color: ink },
    xref: "x",
    yref: "y",
    x,
    y,
    xanchor: x > 0.25 ? "left" : x < -0.25 ? "right" : "center",
    yanchor: y > 0.85 ? "bottom" : y < -0.85 ? "top" : "middle",
    xshift: away * x,
    yshift: away * y,
    borderpad: 0,
  });
}
