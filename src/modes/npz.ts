import { unzipSync, zipSync } from "fflate";
import { FileError } from "../errors.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { fromNpy, type NpyArray, toNpy } from "./npy.js";
import { ShapleyModes } from "./shapley-modes.js";

/** Every entry's date, so that equal modes give equal bytes: the first that a zip file can name. */
const epoch = new Date(1980, 0, 1);

/**
 * The bytes of an npz file that `numpy.load` opens: `modes` [units, ...outputShape], `standard_error` (the same shape),
 * `mean_standard_error` [units], `v_all` and `v_none` (outputShape), each where known, and `meta.json` with the names of the
 * units and the provenance. Equal modes give equal bytes.
 *
 * @param options.dtype "float64" (default, lossless) or "float32" (half the size)
 */
export function toNpz(modes: ShapleyModes, options: { readonly dtype?: "float64" | "float32" } = {}): Uint8Array {
  const { units, outputShape } = modes;
  const arrays: Record<string, [readonly number[], Float64Array | undefined]> = {
    modes: [[units.length, ...outputShape], modes.values],
    standard_error: [[units.length, ...outputShape], modes.standardErrors],
    mean_standard_error: [[units.length], modes.meanStandardErrors],
    v_all: [outputShape, modes.vAll],
    v_none: [outputShape, modes.vNone],
  };
  const entries: Record<string, Uint8Array> = {};
  for (const [name, [shape, values]] of Object.entries(arrays)) {
    if (!values) continue;
    entries[`${name}.npy`] = toNpy({ shape, values: options.dtype === "float32" ? new Float32Array(values) : values });
  }
  const meta = { format: "shapley-modes/1", provenance: modes.provenance, units };
  entries["meta.json"] = new TextEncoder().encode(canonicalJson(meta));
  return zipSync(entries, { mtime: epoch, level: 6 });
}

/**
 * Reads an npz file that {@link toNpz} wrote, or any with an array `modes` [units, ...outputShape]; the units of one
 * without `meta.json` are called "0", "1", ...
 * @param path is named in errors
 */
export function fromNpz(bytes: Uint8Array, path = "modes.npz"): ShapleyModes {
  const entries = npzEntries(bytes, path);
  const read = (name: string): NpyArray | undefined => {
    const entry = entries[`${name}.npy`];
    return entry && fromNpy(entry, `${path}, array ${name}`);
  };
  const array = (name: string): Float64Array | undefined => {
    const values = read(name)?.values;
    return values && (values instanceof Float64Array ? values : Float64Array.from(values));
  };
  const modes = read("modes");
  if (!modes || modes.shape.length === 0) throw new FileError(path, "has no array `modes` [units, ...]");
  const meta = readMeta(entries["meta.json"], path);
  try {
    return new ShapleyModes({
      units: meta.units ?? Array.from({ length: modes.shape[0] }, (_, unit) => String(unit)),
      outputShape: modes.shape.slice(1),
      values: array("modes") as Float64Array,
      standardErrors: array("standard_error"),
      meanStandardErrors: array("mean_standard_error"),
      vAll: array("v_all"),
      vNone: array("v_none"),
      provenance: meta.provenance,
    });
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  }
}

/** The arrays of an npz file, by name. @throws FileError for a file that is none, or holds what is no array of numbers */
export function readNpz(bytes: Uint8Array, path: string): Map<string, NpyArray> {
  const entries = Object.entries(npzEntries(bytes, path)).filter(([name]) => name.endsWith(".npy"));
  return new Map(
    entries.map(([name, entry]) => {
      const array = name.slice(0, -".npy".length);
      return [array, fromNpy(entry, `${path}, array ${array}`)];
    }),
  );
}

function npzEntries(bytes: Uint8Array, path: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (cause) {
    throw new FileError(path, `is not a whole npz file (${(cause as Error).message})`, { cause });
  }
}

function readMeta(entry: Uint8Array | undefined, path: string): { units?: string[]; provenance?: JsonObject } {
  if (!entry) return {};
  try {
    return JSON.parse(new TextDecoder().decode(entry)) ?? {};
  } catch (cause) {
    throw new FileError(path, "has a meta.json that is not JSON", { cause });
  }
}
