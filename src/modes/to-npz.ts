import { zipSync } from "fflate";
import { oneOf } from "../errors.js";
import { toNpy } from "../formats/npy.js";
import { canonicalJson } from "../json.js";
import { has } from "../kinds.js";
import { knownOptions } from "../options.js";
import type { ModesContent } from "./modes-content.js";

/** What meta.json of a file of modes calls its format. */
export const modesFormatName = "shapley-modes/1";

/** Every entry's date, so that equal modes give equal bytes: the first that a zip file can name. */
export const epoch = new Date(1980, 0, 1);

/**
 * The bytes of an npz file that `numpy.load` opens: `modes` [units, ...outputShape], `standard_error` (the same shape),
 * `mean_standard_error` [units], `v_all` and `v_none` (outputShape), `blocks` [blocks, units, ...outputShape] and
 * `block_samples` [blocks], each where known, and `meta.json` with the names of the
 * units and the provenance. Equal modes give equal bytes.
 *
 * @param options.dtype "float64" (default, lossless) or "float32" (half the size)
 * @throws RangeError for another one
 */
export function toNpz(modes: ModesContent, options: { readonly dtype?: "float64" | "float32" } = {}): Uint8Array {
  knownOptions("toNpz", options, { dtype: true });
  has("modes", modes, "ShapleyModes", "units", "values");
  const dtype = oneOf("dtype", ["float64", "float32"], options.dtype ?? "float64");
  const { units, outputShape } = modes;
  const arrays: Record<string, [readonly number[], Float64Array | undefined]> = {
    modes: [[units.length, ...outputShape], modes.values],
    standard_error: [[units.length, ...outputShape], modes.standardErrors],
    mean_standard_error: [[units.length], modes.meanStandardErrors],
    v_all: [outputShape, modes.vAll],
    v_none: [outputShape, modes.vNone],
    blocks: [[modes.blocks?.samples.length ?? 0, units.length, ...outputShape], modes.blocks?.values],
    block_samples: [[modes.blocks?.samples.length ?? 0], modes.blocks?.samples],
  };
  const entries: Record<string, Uint8Array> = {};
  for (const [name, [shape, values]] of Object.entries(arrays)) {
    if (!values) continue;
    entries[`${name}.npy`] = toNpy({ shape, values: dtype === "float32" ? new Float32Array(values) : values });
  }
  const meta = { format: modesFormatName, provenance: modes.provenance, units };
  entries["meta.json"] = new TextEncoder().encode(canonicalJson(meta));
  return zipSync(entries, { mtime: epoch, level: 6 });
}
