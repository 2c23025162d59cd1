import { shapeSize } from "../../shape-size.js";
import type { LesionedPass, MaskedTensor, Site } from "../network.js";
import { maskShape } from "../shapes.js";
import { ownPrefix } from "./open-rows.js";
import type { OnnxNumbers } from "./types.js";

/** Names of the new inputs of a lesioned model. */
export const names = {
  /** Which input each row is, int32 `[rows]`. */
  rows: `${ownPrefix}rows`,
  /** A tensor for all inputs, `[inputs, ...shape]`. */
  once: (tensor: string) => `${ownPrefix}once/${tensor}`,
  /** Where a tensor is intact, bool `[rows, ...]`. */
  intact: (tensor: string) => `${ownPrefix}intact/${tensor}`,
  /** Before operator version 9, in place of the former: where each number is taken from, int32 `[rows, ...shape]`. */
  places: (tensor: string) => `${ownPrefix}places/${tensor}`,
  /** What replaces it, `[1 or inputs, ...shape]`. */
  replacement: (tensor: string) => `${ownPrefix}replacement/${tensor}`,
  /** The tensor with its lesions. */
  lesioned: (tensor: string) => `${ownPrefix}lesioned/${tensor}`,
};

/**
 * What differs from pass to pass among the inputs of a lesioned model: which input each row is, and what is intact.
 * Node and pages that answer run a model with the same.
 *
 * @param where whether the model has the operator Where; else numbers are taken from their places
 * @param tensor makes a tensor of the runtime at hand
 */
export function passFeeds<Tensor>(
  masked: readonly MaskedTensor[],
  where: boolean,
  pass: LesionedPass,
  tensor: (type: string, data: OnnxNumbers, dims: readonly number[]) => Tensor,
): Record<string, Tensor> {
  const inputs = pass.to - pass.from;
  const count = pass.coalitions * inputs;
  const chosen = Int32Array.from({ length: count }, (_, row) => pass.from + (row % inputs));
  const feeds = { [names.rows]: tensor("int32", chosen, [count]) };
  masked.forEach((lesion, l) => {
    const mask = repeated(pass.intact[l], lesion.units, inputs);
    if (where) {
      feeds[names.intact(lesion.name)] = tensor("bool", mask, maskShape(lesion, count));
    } else {
      const places = placesOf(lesion, mask, chosen, lesion.paired);
      feeds[names.places(lesion.name)] = tensor("int32", places, [count, ...lesion.shape]);
    }
  });
  return feeds;
}

/** Each row of a mask several times over: `[coalitions, units]` to `[coalitions * times, units]`. */
function repeated(mask: Uint8Array, units: number, times: number): Uint8Array {
  if (times === 1) return mask;
  const rows = new Uint8Array(mask.length * times);
  for (let row = 0; row < rows.length / units; row++) {
    const from = Math.floor(row / times) * units;
    rows.set(mask.subarray(from, from + units), row * units);
  }
  return rows;
}

/**
 * The places of {@link names} for some rows: a number's own place in the tensor where its unit is intact, else that of
 * its replacement, which lies behind the tensor.
 *
 * @param mask 1 where intact, else 0, as `maskShape(site, rows)` says
 * @param chosen which input each row is
 * @param paired whether each input has a replacement of its own
 */
function placesOf(
  { shape, axis, units }: Pick<Site, "shape" | "axis" | "units">,
  mask: Uint8Array,
  chosen: Int32Array,
  paired: boolean,
): Int32Array {
  const numbers = shapeSize(shape);
  const behind = axis === undefined ? 1 : shapeSize(shape.slice(axis + 1));
  const places = new Int32Array(chosen.length * numbers);
  chosen.forEach((input, row) => {
    const other = chosen.length * numbers + (paired ? input * numbers : 0);
    for (let k = 0; k < numbers; k++) {
      const unit = Math.floor(k / behind) % units;
      places[row * numbers + k] = k + (mask[row * units + unit] ? row * numbers : other);
    }
  });
  return places;
}
