import { outputSize } from "../games/game.js";
import type { JsonObject } from "../json.js";
import type { ModesContent } from "./modes-content.js";
import { outputPlace } from "./places.js";

/** The modes of the part of the output that first indices fix, with all that is known of it. */
export function slicedParts(modes: ModesContent, indices: readonly number[]) {
  const { units, outputShape, blocks } = modes;
  const outputs = outputSize(outputShape);
  const rest = outputShape.slice(indices.length);
  const width = outputSize(rest);
  const from = outputPlace(outputShape, [...indices, ...rest.map(() => 0)]);
  const part = (array: Float64Array | undefined, rows: number) => {
    if (!array) return undefined;
    const taken = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const start = row * outputs + from;
      taken.set(array.subarray(start, start + width), row * width);
    }
    return taken;
  };
  return {
    units,
    outputShape: rest,
    values: part(modes.values, units.length) as Float64Array,
    standardErrors: part(modes.standardErrors, units.length),
    vAll: part(modes.vAll, 1),
    vNone: part(modes.vNone, 1),
    blocks: blocks && {
      samples: blocks.samples,
      values: part(blocks.values, blocks.samples.length * units.length) as Float64Array,
    },
    provenance: sliceProvenance(modes.provenance, indices),
  };
}

/** What modes of a slice say: which one it is, so that it is not taken for another one's. */
export function sliceProvenance(provenance: JsonObject, indices: readonly number[]): JsonObject {
  if (indices.length === 0) return provenance;
  const { slice: before } = provenance;
  return { ...provenance, slice: [...(Array.isArray(before) ? before : []), ...indices] };
}

/** The modes of some units, by index, in this order; v(all) and v(none), to which they do not add up, are left out. */
export function selectedParts(modes: ModesContent, members: readonly number[]) {
  const { units, outputShape, blocks } = modes;
  const outputs = outputSize(outputShape);
  const rows = (array: Float64Array | undefined, width: number, count = 1) => {
    if (!array) return undefined;
    const picked = new Float64Array(count * members.length * width);
    for (let block = 0; block < count; block++) {
      members.forEach((u, row) => {
        const from = (block * units.length + u) * width;
        picked.set(array.subarray(from, from + width), (block * members.length + row) * width);
      });
    }
    return picked;
  };
  return {
    units: members.map((u) => units[u]),
    outputShape,
    provenance: modes.provenance,
    values: rows(modes.values, outputs) as Float64Array,
    standardErrors: rows(modes.standardErrors, outputs),
    meanStandardErrors: rows(modes.meanStandardErrors, 1),
    blocks: blocks && {
      samples: blocks.samples,
      values: rows(blocks.values, outputs, blocks.samples.length) as Float64Array,
    },
  };
}
