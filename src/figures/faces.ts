import { isList } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { colourLevels, imageOf, imagesShape } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, sentences } from "./kit/frame.js";
import { imageGridFigure } from "./kit/image-grid.js";

/** Options of `facesFigure`. */
export interface FacesOptions extends FigureOptions {
  /** Images in a row; default 8. */
  readonly columns?: number;
  /** What stands below each image; default nothing. */
  readonly labels?: readonly string[];
}

/** The names of `FacesOptions`. */
export const facesOptionNames: OptionNames<FacesOptions> = { ...figureOptionNames, columns: true, labels: true };

/**
 * Figure B1: images as they are, the faces that a generator makes, or those that it learned from.
 *
 * @param images colours from 0 to 1, row-major in `shape`
 * @param shape `[count, 3, size, size]`
 * @example
 * const { intact } = await lesioned(game, []);
 * const figure = facesFigure(intact, game.outputShape);
 */
export function facesFigure(images: ArrayLike<number>, shape: readonly number[], options: FacesOptions = {}): Figure {
  knownOptions("facesFigure", options, facesOptionNames);
  isList("images", images, "numbers");
  isList("shape", shape, "numbers");
  const { count, size } = imagesShape(shape);
  const columns = Math.min(options.columns ?? 8, count);
  const tile = (face: number) => ({
    levels: colourLevels(imageOf(images, face, size)),
    ...(options.labels?.[face] === undefined ? {} : { label: options.labels[face] }),
  });
  const rows = Array.from({ length: Math.ceil(count / columns) }, (_, row) =>
    Array.from({ length: Math.min(columns, count - row * columns) }, (_, column) => tile(row * columns + column)),
  );
  const caption = sentences(`${count} images of ${size} × ${size} pixels.`, options.note);
  return imageGridFigure({ rows, size, title: options.title ?? "Faces of the generator", caption }, options);
}
