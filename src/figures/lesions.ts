import { invalid } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { allFinite, nonEmpty, sameLength } from "./kit/checks.js";
import { chosenFaces, colourLevels, contributionLevels, imageOf, imagesShape } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, sentences } from "./kit/frame.js";
import { imageGridFigure, type Tile } from "./kit/image-grid.js";
import { quantile } from "./summaries.js";

/** What lesioning some filters did to images. */
export interface LesionRow {
  /** What was lesioned, e.g. `Community 2`. */
  readonly name: string;
  /**
   * Something about it, e.g. how many filters it has, or a number that says how specific the edit is; default nothing.
   */
  readonly note?: string;
  /** Images with all units intact, `[faces, 3, size, size]`, colours from 0 to 1. */
  readonly intact: ArrayLike<number>;
  /** The same images with some units lesioned. */
  readonly lesioned: ArrayLike<number>;
}

/** Options of `lesionsFigure`. */
export interface LesionsOptions extends FigureOptions {
  /** Shape of the images, `[faces, 3, size, size]`. */
  readonly shape: readonly number[];
  /** Which faces, three pictures each; default the first two. */
  readonly faces?: readonly number[];
}

/** The names of `LesionsOptions`. */
export const lesionsOptionNames: OptionNames<LesionsOptions> = { ...figureOptionNames, shape: true, faces: true };

/**
 * Figure B6: for each row some faces intact, the same with filters lesioned, and what the lesion changes: communities
 * of filters, or edits with their numbers.
 *
 * A difference is a picture around mid-grey: lighter or darker in a colour where the lesioned image has more or less of
 * it. All differences have one scale, so rows can be compared.
 *
 * @throws RangeError for no rows, images that are not of this shape, a face that is not there
 * @example
 * const { intact, lesioned: [without] } = await lesioned(game, [["layer1/filter0"]]);
 * const rows = [{ name: "layer1", note: "1 filter", intact, lesioned: without }];
 * const figure = lesionsFigure(rows, { shape: game.outputShape });
 */
export function lesionsFigure(rows: readonly LesionRow[], options: LesionsOptions): Figure {
  knownOptions("lesionsFigure", options, lesionsOptionNames);
  nonEmpty("rows", rows, "the lesions");
  const { count, size } = imagesShape(options.shape);
  const numbers = count * 3 * size * size;
  rows.forEach((row, r) => {
    for (const part of ["intact", "lesioned"] as const) {
      const name = `rows[${r}].${part}`;
      if (row[part] === undefined) throw invalid(name, `images of shape [${options.shape.join(", ")}]`, row[part]);
      sameLength(name, row[part], numbers, `images of shape [${options.shape.join(", ")}]`);
      allFinite(name, row[part]);
    }
  });
  const faces = chosenFaces({ outputShape: options.shape }, options.faces, 2);
  const drawn = rows.map(({ intact, lesioned }) =>
    faces.map((face) => {
      const [before, after] = [imageOf(intact, face, size), imageOf(lesioned, face, size)];
      return { before, after, change: after.map((value, i) => value - before[i]) };
    }),
  );
  const changes = drawn.flat().map(({ change }) => change.map(Math.abs));
  const absolute = new Float64Array(changes.length * 3 * size * size);
  changes.forEach((change, index) => {
    absolute.set(change, index * change.length);
  });
  // Where few pixels change, the rest must not decide the scale.
  const limit = quantile(absolute, 0.995) || Math.max(...changes.map((change) => Math.max(...change)));
  const tiles = drawn.map((row) =>
    row.flatMap(({ before, after, change }): Tile[] => [
      { levels: colourLevels(before) },
      { levels: colourLevels(after) },
      { levels: contributionLevels(change, limit) },
    ]),
  );
  const caption = sentences(
    "Of each face: the intact image, the one with these filters lesioned, and the difference, lighter or darker than mid-grey where",
    limit > 0
      ? `the lesion adds or takes away; black and white are ∓${limit.toFixed(2)}, on one scale for all.`
      : "the lesion adds or takes away; here it changes nothing.",
    options.note,
  );
  return imageGridFigure(
    {
      rows: tiles,
      size,
      columnTitles: faces.flatMap(() => ["Intact", "Lesioned", "Change"]),
      rowTitles: rows.map(({ name }) => name),
      rowNotes: rows.map(({ note }) => note),
      columnsPerGroup: 3,
      title: options.title ?? "What lesioning them changes",
      caption,
    },
    options,
  );
}
