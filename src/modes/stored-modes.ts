import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Array as ZarrArray } from "zarrita";
import { FileError, invalid } from "../errors.js";
import { sha256 } from "../files.js";
import { unitNames } from "../games/game.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { zarr } from "./checked-chunks.js";
import { type Mode, ShapleyModes } from "./shapley-modes.js";

/** Names of the arrays of a store, each float32. */
export const storedArrays = {
  modes: "modes",
  standardErrors: "standard_error",
  vAll: "v_all",
  vNone: "v_none",
} as const;

/** The format that is written, and the only one that is read: that before had no checksums. */
export const storeFormat = "shapley-modes/2" as const;

/** What the attributes of a store hold. */
export interface StoreAttributes {
  readonly format: typeof storeFormat;
  readonly units: readonly string[];
  readonly provenance: JsonObject;
  /** What tells the run that it is of from others. */
  readonly identity: JsonObject;
  /** Of all else that the headings of the store say ({@link storeChecksum}); its numbers have checksums of their own. */
  readonly checksum: string;
}

/** SHA-256 of what the headings of a store say: its attributes, and shape, chunks and codecs of its arrays. */
export function storeChecksum(path: string, { checksum: _, ...said }: Partial<StoreAttributes>): string {
  const arrays = Object.values(storedArrays).map((name) =>
    JSON.parse(readFileSync(join(path, name, "zarr.json"), "utf8")),
  );
  return sha256(Buffer.from(canonicalJson({ ...said, arrays } as unknown as JsonObject)));
}

/** Why a heading could not be read; what a library stumbles over in a damaged one says nothing to a reader. */
function reasonOf(cause: unknown): string {
  return cause instanceof TypeError ? "its heading is damaged" : (cause as Error).message;
}

/** As {@link storeChecksum}; undefined where a heading is not there, which opening it tells better. */
function headingsChecksum(path: string, attributes: StoreAttributes): string | undefined {
  try {
    return storeChecksum(path, attributes);
  } catch {
    return undefined;
  }
}

/** Shapley Modes on disk, too many for memory: what is asked for is read. */
export interface StoredModes {
  readonly path: string;
  readonly units: readonly string[];
  /** Shape of v(S); its first index is the one by which modes are read: of images, the number of the image. */
  readonly outputShape: readonly number[];
  readonly provenance: JsonObject;
  /** What tells the run that they are of from others. */
  readonly identity: JsonObject;
  /** The modes of all units for one first index, with v(all) and v(none): those of one image. */
  slice(first: number): Promise<ShapleyModes>;
  /** The modes of all units for the first indices `from` to `to - 1`, as {@link slice} reads them; default all. */
  part(from?: number, to?: number): Promise<ShapleyModes>;
  /** The mode of one unit, by name or index. */
  unit(unit: string | number): Promise<Mode>;
  /** The largest |sum of all modes - (v(all) - v(none))| over the outputs; reads all of the modes once. */
  efficiencyGap(): Promise<number>;
}

/** @throws FileError where the names of the units or the provenance are none */
function checkedAttributes(path: string, attributes: Record<string, unknown>): StoreAttributes {
  const { units, provenance, identity } = attributes;
  try {
    unitNames(Array.isArray(units) ? units : []);
  } catch (cause) {
    throw new FileError(path, `is no store of modes (${(cause as Error).message})`, { cause });
  }
  for (const [name, value] of Object.entries({ provenance, identity })) {
    if (value?.constructor !== Object) throw new FileError(path, `is no store of modes (it has no ${name})`);
  }
  return attributes as unknown as StoreAttributes;
}

/**
 * Opens modes that `shapleyToDisk` wrote. They are a Zarr group (version 3, float32, in chunks with a CRC-32), which Python's zarr opens
 * as well: arrays `modes` and `standard_error` [units, ...outputShape], `v_all` and `v_none` [...outputShape]; the names of the
 * units and the provenance are its attributes.
 *
 * @throws FileError where there is no such store, or it is not whole
 * @example
 * const stored = await openModes("results/faces.zarr");
 * const modes = await stored.slice(3); // of image 3, as shapley gives them
 */
export async function openModes(path: string): Promise<StoredModes> {
  const { open, root, get, slice, FileSystemStore } = await zarr();
  if (!existsSync(path)) throw new FileError(path, "no such store of modes");
  const group = await openGroup();
  const attributes = checkedAttributes(path, group.attrs);
  const arrays = {
    modes: await openArray(storedArrays.modes),
    standardErrors: await openArray(storedArrays.standardErrors),
    vAll: await openArray(storedArrays.vAll),
    vNone: await openArray(storedArrays.vNone),
  };
  if (headingsChecksum(path, attributes) !== attributes.checksum) {
    throw new FileError(path, "is damaged, or was changed: its headings do not have their checksum");
  }
  const { units, provenance, identity } = attributes;
  const outputShape = arrays.modes.shape.slice(1);
  const rest = outputShape.slice(1);
  checkShape(storedArrays.modes, [units.length, ...outputShape]);
  checkShape(storedArrays.standardErrors, [units.length, ...outputShape]);
  checkShape(storedArrays.vAll, outputShape);
  checkShape(storedArrays.vNone, outputShape);

  /** @throws FileError for an array of another shape than the others, or a store without outputs */
  function checkShape(name: string, expected: readonly number[]): void {
    const { shape } = Object.values(arrays).find((array) => array.path === `/${name}`) as ZarrArray<"float32">;
    const whole = expected.every((length) => Number.isSafeInteger(length) && length > 0);
    if (expected.length > 0 && outputShape.length > 0 && whole && shape.join() === expected.join()) return;
    throw new FileError(path, `has ${name} of shape [${shape.join(", ")}]; [${expected.join(", ")}] was expected`);
  }

  async function openGroup() {
    try {
      const found = await open.v3(root(new FileSystemStore(resolve(path))), { kind: "group" });
      const { format } = found.attrs;
      if (format === "shapley-modes/1")
        throw new Error("an earlier version wrote it, without checksums: play it again");
      if (format !== storeFormat) throw new Error("it says nothing of Shapley Modes");
      return found;
    } catch (cause) {
      throw new FileError(path, `is no store of modes (${reasonOf(cause)})`, { cause });
    }
  }

  async function openArray(name: string): Promise<ZarrArray<"float32">> {
    try {
      const array = await open.v3(group.resolve(name), { kind: "array" });
      if (!array.is("float32") || !Array.isArray(array.shape)) throw new Error("it is no array of float32");
      return array;
    } catch (cause) {
      throw new FileError(path, `has no array ${name} (${reasonOf(cause)})`, { cause });
    }
  }

  /**
   * Numbers of an array, of the first indices `from` to `to - 1`.
   *
   * @param unit default all
   * @throws FileError where some are not there: they are read as NaN, which standard errors of one ordering are too
   */
  async function read(name: keyof typeof arrays, from: number, to: number, unit?: number): Promise<Float64Array> {
    const array = arrays[name];
    const ofUnits = unit === undefined ? null : slice(unit, unit + 1);
    const ofOutputs = [slice(from, to), ...rest.map(() => null)];
    const perUnit = name === "modes" || name === "standardErrors";
    const { data } = await get(array, perUnit ? [ofUnits, ...ofOutputs] : ofOutputs).catch((cause: Error) => {
      throw new FileError(path, `can not be read (${cause.message})`, { cause });
    });
    const numbers = data as Float32Array;
    if (name !== "standardErrors" && numbers.some(Number.isNaN)) {
      throw new FileError(path, `is not whole: a part of ${array.path} is missing`);
    }
    return Float64Array.from(numbers);
  }

  async function part(from: number, to: number, shape: readonly number[]): Promise<ShapleyModes> {
    return new ShapleyModes({
      units,
      outputShape: shape,
      values: await read("modes", from, to),
      standardErrors: await read("standardErrors", from, to),
      vAll: await read("vAll", from, to),
      vNone: await read("vNone", from, to),
      provenance,
    });
  }

  function slices(first: number): Promise<ShapleyModes> {
    if (!Number.isInteger(first) || first < 0 || first >= outputShape[0]) {
      throw invalid("first index", `a number from 0 to ${outputShape[0] - 1}`, first);
    }
    return part(first, first + 1, rest);
  }

  return {
    path,
    units,
    outputShape,
    provenance,
    identity,
    slice: async (first) => slices(first),
    async part(from = 0, to = outputShape[0]) {
      if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= outputShape[0])) {
        throw invalid("part", `a range within 0 to ${outputShape[0]}`, [from, to]);
      }
      return part(from, to, [to - from, ...rest]);
    },
    async unit(unit) {
      const index = typeof unit === "number" ? unit : units.indexOf(unit);
      if (!Number.isInteger(index) || index < 0 || index >= units.length) {
        throw invalid("unit", `the name of a unit or an index from 0 to ${units.length - 1}`, unit);
      }
      return {
        name: units[index],
        shape: outputShape,
        values: await read("modes", 0, outputShape[0], index),
        standardErrors: await read("standardErrors", 0, outputShape[0], index),
      };
    },
    async efficiencyGap() {
      let gap = 0;
      for (let first = 0; first < outputShape[0]; first++) gap = Math.max(gap, (await slices(first)).efficiencyGap);
      return gap;
    },
  };
}
