import { layerGroups } from "../analysis/layers.js";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { chosenFaces, colourLevels, imageOf, imagesShape } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, sentences } from "./kit/frame.js";
import { imageGridFigure, type Tile } from "./kit/image-grid.js";
import { withMinus } from "./kit/text.js";
import { quantile } from "./summaries.js";

/** Options of `layerSumsFigure`. */
export interface LayerSumsOptions extends FigureOptions {
  /** Which faces, two rows each; default the first two. */
  readonly faces?: readonly number[];
}

/** The names of `LayerSumsOptions`. */
export const layerSumsOptionNames: OptionNames<LayerSumsOptions> = { ...figureOptionNames, faces: true };

/**
 * Figure B4: the intact image, then for each layer the sum of its filters' modes, and below it the image without that
 * sum: what the other layers paint, on the image with everything lesioned.
 *
 * Sums of modes may be negative or faint, so each is stretched from its lowest to its highest value, the same for its
 * three colours, and these two stand below it; so is what is left without it.
 *
 * @param modes of images, with v(all); units named `layer/filter`
 * @throws RangeError where v(all) is not there, or the values are no images
 * @example
 * const figure = layerSumsFigure(modes, { faces: [0] });
 */
export function layerSumsFigure(modes: ShapleyModes, options: LayerSumsOptions = {}): Figure {
  knownOptions("layerSumsFigure", options, layerSumsOptionNames);
  has("modes", modes, "ShapleyModes");
  const { vAll } = modes;
  if (!vAll) throw invalid("modes", "modes with v(all)", modes);
  const faces = chosenFaces(modes, options.faces, 2);
  const { size } = imagesShape(modes.outputShape);
  const layers = Object.entries(layerGroups(modes.units)).map(([layer, units]) => ({
    layer,
    sum: modes.group(units, layer).values,
  }));
  const rows = faces.flatMap((face): (Tile | undefined)[][] => {
    const image = imageOf(vAll, face, size);
    const sums = layers.map(({ sum }) => imageOf(sum, face, size));
    const without = sums.map((sum) => image.map((value, i) => value - sum[i]));
    return [
      [{ levels: colourLevels(image), label: "0 to 1" }, ...sums.map(stretched)],
      [undefined, ...without.map(stretched)],
    ];
  });
  const caption = sentences(
    "Upper rows: the Shapley Modes of all filters of a layer added up. Lower rows: the intact image without them, which is what",
    "all other layers paint. Each picture is stretched from black to white between the two values below it; the most extreme 0.5 % at",
    "either end are cut off. Colours of the intact image go from 0 to 1.",
    options.note,
  );
  const columnTitles = ["Intact", ...layers.map(({ layer }) => layer)];
  const rowTitles = faces.flatMap(() => ["Sum", "Without"]);
  const title = options.title ?? "What each layer paints";
  return imageGridFigure({ rows, size, columnTitles, rowTitles, title, caption }, options);
}

/** An image of any range as a tile from black to white, with that range as its label. */
function stretched(image: Float64Array): Tile {
  const [low, high] = [quantile(image, 0.005), quantile(image, 0.995)];
  const scale = high > low ? 1 / (high - low) : 0;
  const levels = colourLevels(image.map((value) => (scale === 0 ? 0.5 : (value - low) * scale)));
  return { levels, label: `${short(low)} to ${short(high)}` };
}

/** Two decimals, without a 0 in front of them, as six of these ranges stand side by side in a column. */
function short(value: number): string {
  return withMinus(value.toFixed(2)).replace(/^(−?)0(?=\.)/, "$1");
}
