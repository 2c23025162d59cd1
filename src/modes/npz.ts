import { FileError, wrongKind } from "../errors.js";
import { fromNpy, type NpyArray, npyHeaderEnd, npyStart } from "../formats/npy.js";
import { copyAs, firstMisfit } from "../formats/numbers.js";
import { entryBytes, entryHead, openZip, type Zip } from "../formats/zip.js";
import type { JsonObject } from "../json.js";
import { ShapleyModes } from "./shapley-modes.js";
import { modesFormatName, toNpz } from "./to-npz.js";

export { toNpz };

/**
 * Reads an npz file that {@link toNpz} wrote, or any with an array `modes` [units, ...outputShape]; the units of one
 * without `meta.json` are called "0", "1", ...
 *
 * @param path is named in errors
 * @throws FileError for a file that is none or damaged, or whose arrays are not of the shapes that {@link toNpz} says
 */
export function fromNpz(bytes: Uint8Array, path = "modes.npz"): ShapleyModes {
  if (!(bytes instanceof Uint8Array)) throw wrongKind("bytes", "a Uint8Array, the content of a file", bytes);
  const zip = openZip(bytes, path);
  const modes = readArray(zip, "modes", path);
  if (!modes || modes.shape.length === 0) throw new FileError(path, "has no array `modes` [units, ...]");
  const [units, ...outputShape] = modes.shape;
  const array = (name: string, shape: readonly number[]): Float64Array | undefined => {
    const found = readArray(zip, name, path);
    if (!found) return undefined;
    if (found.shape.join() === shape.join()) return doubles(found, path);
    const rule = `[${shape.join(", ")}] was expected beside modes [${modes.shape.join(", ")}]`;
    throw new FileError(path, `has an array ${name} [${found.shape.join(", ")}]; ${rule}`);
  };
  const samples = readArray(zip, "block_samples", path);
  const blocks = samples && array("blocks", [...samples.shape, ...modes.shape]);
  const meta = readMeta(zip, path);
  const parts = {
    outputShape,
    values: doubles(modes, path),
    standardErrors: array("standard_error", modes.shape),
    meanStandardErrors: array("mean_standard_error", [units]),
    vAll: array("v_all", outputShape),
    vNone: array("v_none", outputShape),
    blocks: samples && blocks && { samples: doubles(samples, path), values: blocks },
    provenance: meta.provenance,
  };
  try {
    return new ShapleyModes({
      ...parts,
      units: meta.units ?? Array.from({ length: units }, (_, unit) => String(unit)),
    });
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  }
}

/**
 * The arrays of an npz file, by name. @throws FileError for a file that is none, or holds what is no array of numbers
 */
export function readNpz(bytes: Uint8Array, path: string): Map<string, NpyArray> {
  const zip = openZip(bytes, path);
  const names = [...zip.keys()].filter((name) => name.endsWith(".npy")).map((name) => name.slice(0, -".npy".length));
  return new Map(names.map((name) => [name, readArray(zip, name, path) as NpyArray]));
}

/**
 * An array of an npz file. Its header is read first, unless that is of many thousand bytes: one that says another
 * length than its entry has is not unpacked.
 */
function readArray(zip: Zip, name: string, path: string): NpyArray | undefined {
  const entry = zip.get(`${name}.npy`);
  if (!entry) return undefined;
  const where = `${path}, array ${name.slice(0, 80)}`;
  const head = entryHead(entry, path);
  const whole = npyHeaderEnd(head, where) > head.length ? entryBytes(entry, path) : undefined;
  const { end, length } = npyStart(whole ?? head, where);
  if (length !== entry.size) {
    throw new FileError(where, `holds ${entry.size - end} bytes of data, its shape says ${length - end}`);
  }
  return fromNpy(whole ?? entryBytes(entry, path), where);
}

/** @throws FileError for whole numbers that float64 does not hold; NaN and infinities are the modes' own to judge */
function doubles({ values }: NpyArray, path: string): Float64Array {
  if (values instanceof Float64Array) return values;
  const bad = values[firstMisfit(values, "float64")];
  if (typeof bad === "bigint") throw new FileError(path, `holds ${bad}, which float64 does not`);
  return copyAs(values, "float64");
}

function readMeta(zip: Zip, path: string): { units?: string[]; provenance?: JsonObject } {
  const { format, units, provenance } = metaOf(zip, path);
  if (format !== undefined && format !== modesFormatName) {
    throw new FileError(path, `has the format ${JSON.stringify(format).slice(0, 80)}; ${modesFormatName} was expected`);
  }
  if (units !== undefined && !(Array.isArray(units) && units.every((unit) => typeof unit === "string"))) {
    throw new FileError(path, "has a meta.json whose units are not a list of names");
  }
  if (provenance !== undefined && !isObject(provenance)) {
    throw new FileError(path, "has a meta.json whose provenance is not a JSON object");
  }
  return { ...(units && { units }), ...(provenance && { provenance: provenance as JsonObject }) };
}

/** What a file's meta.json holds; nothing where there is none. @throws FileError for what is no JSON object */
export function metaOf(zip: Zip, path: string): Record<string, unknown> {
  const entry = zip.get("meta.json");
  if (!entry) return {};
  let meta: unknown;
  try {
    meta = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(entryBytes(entry, path)));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, "has a meta.json that is not JSON", { cause });
  }
  if (!isObject(meta)) throw new FileError(path, "has a meta.json that is not a JSON object");
  return meta;
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
