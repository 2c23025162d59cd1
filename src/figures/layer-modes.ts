import { layerGroups } from "../analysis/layers.js";
import { positiveInteger } from "../errors.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { chosenFaces, contributionLevels, imagesShape, modeOf } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, sentences } from "./kit/frame.js";
import { imageGridFigure, type Tile } from "./kit/image-grid.js";
import { withoutCommonPath } from "./kit/text.js";
import { quantile } from "./summaries.js";

/** Options of `layerModesFigure`. */
export interface LayerModesOptions extends FigureOptions {
  /** Which image of the game; default 0. */
  readonly face?: number;
  /** Filters of each layer; default 6. */
  readonly rows?: number;
  /** Which filters, by name, in the place of the largest: shown in their layers' columns in this order. */
  readonly units?: readonly string[];
}

/** The names of `LayerModesOptions`. */
export const layerModesOptionNames: OptionNames<LayerModesOptions> = {
  ...figureOptionNames,
  face: true,
  rows: true,
  units: true,
};

/**
 * Figure B3: Shapley Modes of chosen filters, one column for each layer, as in the paper's sheet. Without a choice of
 * units, each column has the filters whose modes are largest on this image (by their mean absolute value), largest
 * first.
 *
 * A mode is shown as a picture: mid-grey where the filter contributes nothing, lighter or darker in each colour where
 * it adds or takes away. A layer has one scale, so its filters can be compared with each other, but not with other
 * layers'.
 *
 * @param modes of images; units named `layer/filter`
 * @throws RangeError for modes that are no images, units that are not there, a face that is not there
 * @example
 * const figure = layerModesFigure(modes, { face: 2, rows: 4 });
 */
export function layerModesFigure(modes: ShapleyModes, options: LayerModesOptions = {}): Figure {
  knownOptions("layerModesFigure", options, layerModesOptionNames);
  has("modes", modes, "ShapleyModes", "units", "values");
  const [face] = chosenFaces(modes, options.face === undefined ? undefined : [options.face], 1);
  const { size } = imagesShape(modes.outputShape);
  const most = positiveInteger("rows", options.rows ?? 6);
  const layers = Object.entries(layerGroups(options.units ?? modes.units));
  const columns = layers.map(([layer, units]) => {
    const all = units.map((unit) => ({ unit, values: modeOf(modes.unit(unit), face) }));
    const ranked = options.units ? all : largest(all, most);
    const limit = quantile(
      ranked.flatMap(({ values }) => Array.from(values, Math.abs)),
      0.995,
    );
    const names = withoutCommonPath(ranked.map(({ unit }) => unit));
    const tiles = ranked.map(
      ({ values }, row): Tile => ({ levels: contributionLevels(values, limit), label: names[row] }),
    );
    return { layer, tiles };
  });
  const height = Math.max(...columns.map(({ tiles }) => tiles.length));
  const rows = Array.from({ length: height }, (_, row) => columns.map(({ tiles }) => tiles[row]));
  const chosen = options.units ? "Chosen filters" : `Of each layer the ${most} filters with the largest modes`;
  const caption = sentences(
    `${chosen}, for image ${face}.`,
    "Mid-grey: no contribution; lighter or darker in each colour: the filter adds to it or takes away. One scale for each layer;",
    "the most extreme 0.5 % of its values are cut off.",
    options.note,
  );
  const columnTitles = columns.map(({ layer }) => layer);
  return imageGridFigure(
    { rows, size, columnTitles, title: options.title ?? "Shapley Modes of filters, by layer", caption },
    options,
  );
}

function largest<T extends { readonly values: Float64Array }>(units: readonly T[], most: number): T[] {
  const sized = units.map((unit) => ({ unit, size: unit.values.reduce((sum, value) => sum + Math.abs(value), 0) }));
  return sized
    .sort((a, b) => b.size - a.size)
    .slice(0, most)
    .map(({ unit }) => unit);
}
