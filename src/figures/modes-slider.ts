import type { Data, Slider } from "plotly.js";
import { invalid } from "../errors.js";
import { pngAddress, pngOf } from "../formats/png.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { colourLevels, contributionLevels, imageOf } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, sentences } from "./kit/frame.js";
import { copyTile, imageGridFigure, tileGap } from "./kit/image-grid.js";
import { type FilterMode, type LayerFace, layerTiles } from "./kit/layer-tiles.js";
import { axisColour, gridColour, ink, quietInk, sizeStyle } from "./kit/theme.js";

/** Options of `modesSliderFigure`. */
export interface ModesSliderOptions extends FigureOptions, LayerFace {}

/** The names of `ModesSliderOptions`. */
export const modesSliderOptionNames: OptionNames<ModesSliderOptions> = {
  ...figureOptionNames,
  layer: true,
  face: true,
  units: true,
};

/** Characters that the pictures of a figure may take together, as the addresses that a page shows. */
const budget = 600_000;
/**
 * Distances between the levels of a picture that are tried until they fit: 256, 128, 64, 32, 22 or 16 levels of each
 * colour.
 */
const distances = [1, 2, 4, 8, 12, 16];

/**
 * Figure B5: a slider through the Shapley Modes of a layer's filters, with the intact image beside. It works on any
 * page that shows the figure, without a network: all pictures are inside it, together some 0.6 MB at most. Their levels
 * are made coarser until they fit; where a layer still has too many filters, those with the largest modes on this image
 * are taken. Filters asked for by name are all there.
 *
 * @param modes of images, with v(all); units named `layer/filter`
 * @throws RangeError for a layer, unit or face that is not there
 * @example
 * const figure = modesSliderFigure(modes, { layer: "layer1", face: 2 });
 */
export function modesSliderFigure(modes: ShapleyModes, options: ModesSliderOptions): Figure {
  knownOptions("modesSliderFigure", options, modesSliderOptionNames);
  has("modes", modes, "ShapleyModes", "units", "values");
  const { vAll } = modes;
  if (!vAll) throw invalid("modes", "modes with v(all)", modes);
  const { filters, size, face, limit, count } = layerTiles(modes, options);
  const { shown, distance } = withinBudget(filters, size, limit, options.units !== undefined);
  const { font: em, line } = sizeStyle(options.size);
  const caption = sentences(
    `Image ${face} and, beside it, the Shapley Mode of one filter after another.`,
    "Mid-grey: no contribution; lighter or darker in each colour: the filter adds to it or takes away. One scale for all;",
    "the most extreme 0.5 % of values are cut off.",
    shown.length < filters.length && `The ${shown.length} of ${count} filters whose modes are largest.`,
    distance > 4 && `Drawn with ${Math.ceil(256 / distance)} levels of each colour.`,
    options.note,
  );
  const intact = { levels: colourLevels(imageOf(vAll, face, size)) };
  // Plotly's handle is 20 pixels high, whatever the size of the type.
  const roomBelow = 3.9 * em + 36;
  const title = options.title ?? `Shapley Modes of ${options.layer}, one by one`;
  const columnTitles = ["Intact", "Shapley Mode"];
  const base = imageGridFigure(
    { rows: [[intact, undefined]], size, columnTitles, title, caption, widestTile: 18, roomBelow },
    options,
  );
  const mode = { type: "image", source: shown[0].address, x0: size + tileGap(size), y0: 0, hoverinfo: "skip" };
  const slider: Partial<Slider> = {
    active: 0,
    x: 0,
    xanchor: "left",
    y: 0,
    yanchor: "top",
    len: 1,
    pad: { t: 0.7 * em, b: 0, l: 0, r: 0 },
    currentvalue: { prefix: `${options.layer}/`, xanchor: "left", offset: 0.5 * em, font: { size: em, color: ink } },
    font: { size: 0.82 * em, color: quietInk },
    bgcolor: gridColour,
    bordercolor: axisColour,
    borderwidth: 0.5 * line,
    tickcolor: axisColour,
    ticklen: 0.3 * em,
    minorticklen: 0.2 * em,
    steps: shown.map(({ name, address }) => ({
      label: name,
      value: name,
      method: "restyle",
      execute: true,
      args: [{ source: [address] }, [1]],
    })),
  };
  return { ...base, data: [...base.data, mode as unknown as Data], layout: { ...base.layout, sliders: [slider] } };
}

interface Picture {
  readonly name: string;
  readonly address: string;
}

/**
 * Pictures of filters with as many levels as fit the budget; where none do and not all are asked for, the largest
 * modes'.
 */
function withinBudget(filters: readonly FilterMode[], size: number, limit: number, all: boolean) {
  const drawn = (filter: FilterMode, distance: number): Picture => {
    const levels = contributionLevels(filter.values, limit).map((level) => coarse(level, distance));
    const pixels = new Uint8Array(3 * size * size);
    copyTile(levels, size, pixels, size, 0, 0);
    return { name: filter.name, address: pngAddress(pngOf(pixels, size, size)) };
  };
  for (const distance of distances) {
    const shown = withinSize(filters, (filter) => drawn(filter, distance));
    if (shown.length === filters.length) return { shown, distance };
  }
  const distance = distances[distances.length - 1];
  if (all) return { shown: filters.map((filter) => drawn(filter, distance)), distance };
  const ranked = [...filters].sort((a, b) => b.weight - a.weight);
  const { length } = withinSize(ranked, (filter) => drawn(filter, distance));
  const kept = new Set(ranked.slice(0, Math.max(1, length)));
  return { shown: filters.filter((filter) => kept.has(filter)).map((filter) => drawn(filter, distance)), distance };
}

/** The first pictures that fit the budget together. */
function withinSize(filters: readonly FilterMode[], draw: (filter: FilterMode) => Picture): Picture[] {
  const pictures: Picture[] = [];
  let characters = 0;
  for (const filter of filters) {
    const picture = draw(filter);
    characters += picture.address.length;
    if (characters > budget) break;
    pictures.push(picture);
  }
  return pictures;
}

/** A level moved to the nearest of those that are `distance` apart, mid-grey one of them. */
function coarse(level: number, distance: number): number {
  return Math.min(255, Math.max(0, 128 + distance * Math.round((level - 128) / distance)));
}
