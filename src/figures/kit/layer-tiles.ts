import { unitsOfLayer } from "../../analysis/layers.js";
import { invalid } from "../../errors.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { quantile } from "../summaries.js";
import { nonEmpty } from "./checks.js";
import { chosenFaces, imagesShape, modeOf } from "./face-tiles.js";

/** Filters of one layer, on one image. */
export interface LayerFace {
  /** The part of the filters' names before the last slash, e.g. `layer1`. */
  readonly layer: string;
  /** Which image of the game; default 0. */
  readonly face?: number;
  /** Which of the layer's filters, by their whole names, in this order; default all. */
  readonly units?: readonly string[];
}

/** The mode of one filter on one image. */
export interface FilterMode {
  /** Without its layer. */
  readonly name: string;
  /** `[3, size, size]` */
  readonly values: Float64Array;
  /** Sum of absolute values. */
  readonly weight: number;
}

/**
 * The modes of a layer's filters on one image, and the scale that they share: what 99.5 % of their values do not
 * exceed.
 *
 * @throws RangeError for a layer, unit or face that is not there
 */
export function layerTiles(modes: ShapleyModes, { layer, face: given, units }: LayerFace) {
  const [face] = chosenFaces(modes, given === undefined ? undefined : [given], 1);
  const { size } = imagesShape(modes.outputShape);
  const all = unitsOfLayer(modes.units, layer);
  const chosen = nonEmpty("units", units ?? all, "the filters' names");
  const filters = chosen.map((unit): FilterMode => {
    if (!all.includes(unit)) throw invalid("unit", `a unit of ${layer}`, unit);
    const values = modeOf(modes.unit(unit), face);
    return {
      name: unit.slice(layer.length + 1),
      values,
      weight: values.reduce((sum, value) => sum + Math.abs(value), 0),
    };
  });
  const numbers = 3 * size * size;
  const absolute = new Float64Array(filters.length * numbers);
  filters.forEach(({ values }, index) => {
    absolute.set(values.map(Math.abs), index * numbers);
  });
  return { filters, size, face, limit: quantile(absolute, 0.995), count: all.length };
}
