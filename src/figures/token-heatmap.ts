import type { Annotations, Data } from "plotly.js";
import { has } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, nonEmpty, sameLength } from "./kit/checks.js";
import { type ColourRange, colourLimit } from "./kit/colour-limit.js";
import type { Figure } from "./kit/figure.js";
import { annotation, type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { colourBar, heatTrace } from "./kit/heat-trace.js";
import { escapeText, textWidth } from "./kit/text.js";
import { divergingScale, ink, sizeStyle } from "./kit/theme.js";

/** A text, token by token, and what each token contributes. */
export interface TokenContributions {
  /**
   * The tokens as a tokeniser gives them. Marks of GPT-2's kind (`Ġ`, `Ċ`) and of SentencePiece (`▁`) in front of a
   * word, and `##` in front of a word's later parts, are not drawn: parts of a word stand side by side without a gap.
   */
  readonly tokens: readonly string[];
  /** The contribution of each: of the token as a unit, or of one unit to the output at the token. */
  readonly values: ArrayLike<number>;
}

/** Options of `tokenHeatmapFigure`. */
export interface TokenHeatmapOptions extends FigureOptions {
  /** What v(S) measures, with its unit, for the colour bar; default `score`. */
  readonly score?: string;
  /** Where the colours end; default `"full"`. */
  readonly range?: ColourRange;
}

/** The names of `TokenHeatmapOptions`. */
export const tokenHeatmapOptionNames: OptionNames<TokenHeatmapOptions> = {
  ...figureOptionNames,
  score: true,
  range: true,
};

/**
 * A text whose tokens are coloured by what they contribute, on the diverging scale centred at 0: red adds, blue takes
 * away. Lines break between tokens, anew for every width that it is drawn in.
 *
 * @throws RangeError for no tokens, values that are not finite or not one per token
 * @example
 * const figure = tokenHeatmapFigure(
 *   { tokens: ["a", " truly", " bad", " film"], values: [0, -0.2, -0.9, 0.1] },
 *   { score: "log-odds of a good review" },
 * );
 */
export function tokenHeatmapFigure(input: TokenContributions, options: TokenHeatmapOptions = {}): Figure {
  knownOptions("tokenHeatmapFigure", options, tokenHeatmapOptionNames);
  has("input", input, "TokenContributions");
  const { tokens, values } = input;
  nonEmpty("tokens", tokens, "the tokens");
  sameLength("values", values, tokens.length, "one per token");
  allFinite("values", values);
  const { limit, remark } = colourLimit([values], options.range);
  const { font: em, width } = sizeStyle(options.size);
  const score = options.score ?? "score";
  const size = 1.1 * em;
  const left = 0.8 * em;
  const right = 7.5 * em;
  const pitch = Math.round(1.9 * size);
  const room = width - left - right;

  const boxes: Partial<Annotations>[] = [];
  let x = 0;
  let line = 0;
  pieces(tokens).forEach(({ text, joined }, index) => {
    const value = values[index];
    const needed = Math.min(room, Math.ceil(textWidth(text, size) + 0.6 * size));
    const gap = x === 0 ? 0 : joined ? 1 : Math.round(0.3 * size);
    if (x > 0 && x + gap + needed > room) {
      line++;
      x = 0;
    } else x += gap;
    boxes.push(
      annotation({
        name: "token",
        text: escapeText(text),
        font: { size, color: Math.abs(value) > 0.62 * limit ? "#ffffff" : ink },
        bgcolor: colourAt(value / limit),
        bordercolor: "rgba(0,0,0,0)",
        borderpad: 0,
        width: needed,
        height: Math.round(1.5 * size),
        align: "center",
        valign: "middle",
        x: 0,
        xanchor: "left",
        xshift: x,
        y: 1,
        yanchor: "top",
        yshift: 0 - line * pitch,
        hovertext: `${escapeText(text)}: ${Number(value.toPrecision(4))}`,
        captureevents: true,
      }),
    );
    x += needed;
  });

  const plotHeight = Math.max((line + 1) * pitch, 7 * em);
  const { layout, caption } = frame(options, {
    title: options.title ?? `What every token adds to the ${score}`,
    caption: sentences(`Contribution of each token to the ${score}. Red adds, blue takes away.`, remark, options.note),
    plotHeight,
    left,
    right,
    axisHeight: 0.6 * em,
  });
  // The scale's only trace: its cell lies outside of the axes.
  const scale = heatTrace(
    { title: "Contribution", columns: [], rows: [], z: [[0]], limit, hovertemplate: "" },
    0,
    colourBar("Contribution", Math.min(plotHeight, 12 * em), em, { nticks: 5, y: 1, yanchor: "top" }),
  );
  const hidden = { visible: false, fixedrange: true, range: [0, 1] };
  const trace = { ...scale, x: [-2], y: [-2], hoverinfo: "skip" } as Data;
  return { data: [trace], layout: withAnnotations({ ...layout, xaxis: hidden, yaxis: { ...hidden } }, boxes), caption };
}

/** What is drawn of each token, and whether it goes on with the word before. */
function pieces(tokens: readonly string[]): { readonly text: string; readonly joined: boolean }[] {
  const marked = tokens.some((token) => /^[Ġ▁]/.test(token));
  return tokens.map((token, index) => {
    const later = token.startsWith("##");
    const begins = /^[ĠĊ▁\s]/.test(token);
    const plain = (later ? token.slice(2) : token.replace(/^[Ġ▁]+/, "")).replace(/[\nĊ]/g, "⏎").trim();
    return { text: plain === "" ? "␣" : plain, joined: index > 0 && (later || (marked && !begins)) };
  });
}

/** The diverging scale's colour at a share of its limit, from -1 to 1. */
function colourAt(share: number): string {
  const place = (Math.max(-1, Math.min(1, share)) + 1) * 5;
  const below = Math.min(9, Math.floor(place));
  const channels = (step: number) =>
    [1, 3, 5].map((at) => Number.parseInt(divergingScale[step][1].slice(at, at + 2), 16));
  const [from, to] = [channels(below), channels(below + 1)];
  return `rgb(${from.map((channel, c) => Math.round(channel + (place - below) * (to[c] - channel))).join(",")})`;
}
