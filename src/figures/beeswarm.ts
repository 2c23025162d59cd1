import type { Data } from "plotly.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, distinctNames, sameLength, validWidth } from "./kit/checks.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences } from "./kit/frame.js";
import { colourBar } from "./kit/heat-trace.js";
import { escapeText, shortened, widest, withoutCommonPath } from "./kit/text.js";
import { axisColour, axisStyle, regulariserStyles, sequentialScale, sizeStyle, transparent } from "./kit/theme.js";
import { extent, paddedRange } from "./summaries.js";

/** Contributions of units to the output of each of several inputs. */
export interface InputContributions {
  /** Names of the units. */
  readonly units: readonly string[];
  /**
   * What each unit contributes for each input, `[units, inputs]`: the values of modes whose output is one number per
   * input.
   */
  readonly values: ArrayLike<number>;
  /**
   * What colours the points, `[units, inputs]`: how active the unit is on the input, or the input's own value; default
   * none. Colours go from the smallest to the largest of each unit.
   */
  readonly levels?: ArrayLike<number>;
}

/** Options of `beeswarmFigure`. */
export interface BeeswarmOptions extends FigureOptions {
  /** How many units to show, those of largest mean absolute contribution; default 12. */
  readonly top?: number;
  /** What v(S) measures, with its unit, for the axis; default `score`. */
  readonly score?: string;
  /** What a unit is; default `Unit`. */
  readonly unitTitle?: string;
  /** What the colours show, where there are `levels`; default `Activation`. */
  readonly levelTitle?: string;
}

/** The names of `BeeswarmOptions`. */
export const beeswarmOptionNames: OptionNames<BeeswarmOptions> = {
  ...figureOptionNames,
  top: true,
  score: true,
  unitTitle: true,
  levelTitle: true,
};

/** How far from its row's middle a point may lie, in rows. */
const widestSwarm = 0.4;

/**
 * One point per input and unit: for which inputs a unit matters, and which way. Points that would cover each other
 * stand beside each other, so that a row is thick where many inputs are alike. The units of largest mean absolute
 * contribution are on top.
 *
 * @throws RangeError for no units, a name that comes twice, values that are not finite or not units times inputs
 * @example
 * const figure = beeswarmFigure(
 *   { units: ["left", "right"], values: [0.1, 0.2, 0.2, -0.3, 0.5, 0], levels: [0, 1, 2, 5, 3, 4] },
 *   { score: "probability of the class" },
 * );
 */
export function beeswarmFigure(input: InputContributions, options: BeeswarmOptions = {}): Figure {
  knownOptions("beeswarmFigure", options, beeswarmOptionNames);
  has("input", input, "InputContributions");
  const inputs = checkedInputs(input);
  const { units, values, levels } = input;
  const { font: em, width, marker } = sizeStyle(options.size);
  const top = validWidth("top", options.top ?? 12);
  const meanSize = units.map((_, u) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += Math.abs(values[u * inputs + i]);
    return sum / inputs;
  });
  const shown = units
    .map((_, u) => u)
    .sort((a, b) => meanSize[b] - meanSize[a])
    .slice(0, top);
  const labels = withoutCommonPath(shown.map((u) => units[u])).map((name) => shortened(name, 0.92 * em, 13 * em));
  const left = widest(labels, 0.92 * em) + 3 * em;
  const right = levels ? 6.5 * em : 1.4 * em;
  const size = 0.75 * marker;
  const rowHeight = 2.6 * em;
  const all = shown.flatMap((u) => Array.from({ length: inputs }, (_, i) => values[u * inputs + i]));
  const range = paddedRange([0, ...all], 0.03);
  const perPixel = (range[1] - range[0]) / (width - left - right);
  const score = options.score ?? "score";

  const { layout, caption } = frame(options, {
    title: options.title ?? "What every unit contributes, input by input",
    caption: sentences(
      `Each point is one of ${inputs} inputs: the unit's contribution to its ${score}.`,
      shown.length < units.length &&
        `Shown are the ${shown.length} of ${units.length} units of largest mean absolute contribution.`,
      levels &&
        `Colours go from each unit's lowest to its highest ${(options.levelTitle ?? "Activation").toLowerCase()}.`,
      options.note,
    ),
    plotHeight: Math.max(6 * em, rowHeight * shown.length),
    left,
    right,
  });
  const y = shown.flatMap((u, row) => {
    const own = Array.from({ length: inputs }, (_, i) => values[u * inputs + i]);
    return swarm(own, size * 0.9 * perPixel, (0.9 * size) / rowHeight).map((offset) => row + offset);
  });
  const trace = {
    type: "scatter",
    mode: "markers",
    name: "Inputs",
    x: all,
    y,
    customdata: shown.flatMap((u) => Array.from({ length: inputs }, (_, i) => `${escapeText(units[u])}, input ${i}`)),
    marker: {
      size,
      opacity: 0.85,
      ...(levels
        ? {
            color: shown.flatMap((u) => relative(Array.from({ length: inputs }, (_, i) => levels[u * inputs + i]))),
            cmin: 0,
            cmax: 1,
            colorscale: sequentialScale,
            showscale: true,
            colorbar: colourBar(
              escapeText(options.levelTitle ?? "Activation"),
              Math.min(14 * em, rowHeight * shown.length),
              em,
              {
                tickmode: "array",
                tickvals: [0, 1],
                ticktext: ["low", "high"],
              },
            ),
          }
        : { color: transparent(regulariserStyles.l2.colour, 0.7) }),
    },
    hovertemplate: "%{customdata}<br>%{x:.5g}<extra></extra>",
  } as Data;
  layout.xaxis = axisStyle(`Contribution to ${escapeText(score)}`, em, {
    range,
    zeroline: true,
    zerolinecolor: axisColour,
    zerolinewidth: 1,
  });
  layout.yaxis = axisStyle(escapeText(options.unitTitle ?? "Unit"), em, {
    range: [shown.length - 0.5, -0.5],
    tickmode: "array",
    tickvals: shown.map((_, row) => row),
    ticktext: labels.map(escapeText),
    ticks: "",
  });
  return { data: [trace], layout, caption };
}

/**
 * How far each point moves from its row's middle, so that none covers another, up or down in turn; a row that would be
 * too thick is pressed together.
 *
 * @param across what a point takes along the axis, in its unit
 * @param step what a point takes across the row, in rows
 */
function swarm(values: readonly number[], across: number, step: number): number[] {
  const taken = new Map<number, number>();
  const offsets = new Array<number>(values.length).fill(0);
  let most = 0;
  // In the order of the inputs, not of the values: sorted, the columns would lean.
  for (let i = 0; i < values.length; i++) {
    const column = Math.round(values[i] / across);
    const before = taken.get(column) ?? 0;
    taken.set(column, before + 1);
    offsets[i] = (before % 2 === 1 ? 1 : -1) * Math.ceil(before / 2) || 0;
    most = Math.max(most, Math.abs(offsets[i]));
  }
  const scale = Math.min(step, widestSwarm / Math.max(1, most));
  return offsets.map((offset) => Number((offset * scale).toPrecision(6)));
}

/** From 0, the smallest, to 1, the largest; in the middle where all are equal. */
function relative(levels: readonly number[]): number[] {
  const [low, high] = extent(levels);
  return levels.map((level) => (high > low ? (level - low) / (high - low) : 0.5));
}

/** How many inputs there are. */
function checkedInputs({ units, values, levels }: InputContributions): number {
  distinctNames("units", units, "the names of the units");
  const inputs = values.length / units.length;
  if (!Number.isInteger(inputs) || inputs < 1) {
    throw invalid("values", `as many for each of ${units.length} units, [units, inputs]`, values.length);
  }
  allFinite("values", values);
  if (levels) {
    sameLength("levels", levels, values.length, "one per value");
    allFinite("levels", levels);
  }
  return inputs;
}
