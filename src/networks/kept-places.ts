import { shapeSize } from "../shape-size.js";

/** Places along an axis of a tensor that stay. */
export interface KeptPlaces {
  readonly axis: number;
  readonly kept: readonly number[];
}

/**
 * A tensor with some places of some axes only.
 *
 * @param values row-major, so many of them for each number: 1 of an array of numbers, 4 of the bytes of single
 *   precision
 */
export function keptPlaces<Values extends Float32Array | Uint8Array>(
  values: Values,
  shape: readonly number[],
  parts: readonly KeptPlaces[],
  each = 1,
): { readonly values: Values; readonly shape: number[] } {
  let now: Values = values;
  let sizes = [...shape];
  for (const { axis, kept } of parts) {
    const behind = each * shapeSize(sizes.slice(axis + 1));
    const before = shapeSize(sizes.slice(0, axis));
    const narrow = new (values.constructor as new (length: number) => Values)(before * kept.length * behind);
    for (let b = 0; b < before; b++) {
      kept.forEach((place, k) => {
        const from = (b * sizes[axis] + place) * behind;
        narrow.set(now.subarray(from, from + behind), (b * kept.length + k) * behind);
      });
    }
    now = narrow;
    sizes = sizes.map((length, i) => (i === axis ? kept.length : length));
  }
  return { values: now, shape: sizes };
}
