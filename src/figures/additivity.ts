import { invalid } from "../errors.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { chosenFaces, colourLevels, contributionLevels, imageOf, imagesShape } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, sentences } from "./kit/frame.js";
import { imageGridFigure } from "./kit/image-grid.js";

/** Options of `additivityFigure`. */
export interface AdditivityOptions extends FigureOptions {
  /** Which faces; default the first eight. */
  readonly faces?: readonly number[];
}

/** The names of `AdditivityOptions`. */
export const additivityOptionNames: OptionNames<AdditivityOptions> = { ...figureOptionNames, faces: true };

/**
 * Figure B2: the sum of the modes of all units beside what they have to add up to, the intact image less the one with
 * everything lesioned. The caption says by how much they differ at most.
 *
 * @param modes of images, with v(all) and v(none)
 * @throws RangeError where these are not there, or the values are no images
 * @example
 * const figure = additivityFigure(await shapley(game, { orderings: 4 }));
 */
export function additivityFigure(modes: ShapleyModes, options: AdditivityOptions = {}): Figure {
  knownOptions("additivityFigure", options, additivityOptionNames);
  has("modes", modes, "ShapleyModes");
  const { vAll, vNone } = modes;
  if (!vAll || !vNone) throw invalid("modes", "modes with v(all) and v(none)", modes);
  const faces = chosenFaces(modes, options.faces, 8);
  const { size } = imagesShape(modes.outputShape);
  const sum = modes.total();
  const expected = vAll.map((value, o) => value - vNone[o]);
  const gap = sum.reduce((most, value, o) => Math.max(most, Math.abs(value - expected[o])), 0);
  // Less a black image, the differences are colours; else they may be negative and are shown around mid-grey.
  const black = vNone.every((value) => value === 0);
  const levels = (values: Float64Array, face: number) =>
    black ? colourLevels(imageOf(values, face, size)) : contributionLevels(imageOf(values, face, size), 1);
  const row = (values: Float64Array) => faces.map((face) => ({ levels: levels(values, face) }));
  const caption = sentences(
    `Above: the Shapley Modes of all ${modes.units.length} units added up.`,
    `Below: the intact images less those with every unit lesioned${black ? ", which are black" : "; 0 is mid-grey"}.`,
    `They differ by ${gap === 0 ? "0" : gap.toExponential(1)} at most, of a range of 1.`,
    options.note,
  );
  const rowTitles = ["Sum of modes", "Intact − lesioned"];
  const title = options.title ?? "The modes add up to the images";
  return imageGridFigure({ rows: [row(sum), row(expected)], size, rowTitles, title, caption }, options);
}
