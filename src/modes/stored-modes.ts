import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Array as ZarrArray } from "zarrita";
import { FileError, invalid } from "../errors.js";
import type { JsonObject } from "../json.js";
import { zarr } from "./checked-chunks.js";
import type { ModeBlocks } from "./mode-blocks.js";
import { sliceProvenance } from "./parts-of-modes.js";
import { unitIndex } from "./places.js";
import { type Mode, ShapleyModes } from "./shapley-modes.js";
import {
  blockArrays,
  checkedAttributes,
  headingsChecksum,
  meanErrorsArray,
  missingNumber,
  storedArrays,
  storeFormat,
} from "./store-format.js";

/** Why a heading could not be read; what a library stumbles over in a damaged one says nothing to a reader. */
function reasonOf(cause: unknown): string {
  return cause instanceof TypeError ? "its heading is damaged" : (cause as Error).message;
}

type StoredArray = ZarrArray<"float32" | "float64">;

/** Shapley Modes on disk, too many for memory: what is asked for is read. */
export interface StoredModes {
  readonly path: string;
  readonly units: readonly string[];
  /** Shape of v(S); its first index is the one by which modes are read: of images, the number of the image. */
  readonly outputShape: readonly number[];
  readonly provenance: JsonObject;
  /** What tells the run that they are of from others. */
  readonly identity: JsonObject;
  /**
   * The modes of all units for one first index, with v(all), v(none) and independent blocks where they were kept: those
   * of one image.
   */
  slice(first: number): Promise<ShapleyModes>;
  /** The modes of all units for the first indices `from` to `to - 1`, as {@link slice} reads them; default all. */
  part(from?: number, to?: number): Promise<ShapleyModes>;
  /** The mode of one unit, by name or index. */
  unit(unit: string | number): Promise<Mode>;
  /** The largest |sum of all modes - (v(all) - v(none))| over the outputs; reads all of the modes once. */
  efficiencyGap(): Promise<number>;
}

/**
 * Opens modes that `shapleyToDisk` or `saveModes` wrote. They are a Zarr group (version 3, in chunks with a CRC-32),
 * which Python's zarr opens as well: arrays `modes` and `standard_error` [units, ...outputShape], float32 of the first
 * and float64 of the second, `v_all` and `v_none` [...outputShape], float64, `mean_standard_error` [units] where
 * it is known, `blocks` and `block_samples` where they were kept; the names of the units and the provenance are its
 * attributes.
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
    const { shape } = Object.values(arrays).find((array) => array.path === `/${name}`) as StoredArray;
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

  async function openArray(name: string): Promise<StoredArray> {
    try {
      const array = await open.v3(group.resolve(name), { kind: "array" });
      const known = array.is("float32") || array.is("float64");
      if (!known || !Array.isArray(array.shape)) throw new Error("it is no array of float32 or float64");
      return array as StoredArray;
    } catch (cause) {
      throw new FileError(path, `has no array ${name} (${reasonOf(cause)})`, { cause });
    }
  }

  /**
   * Numbers of an array, of the first indices `from` to `to - 1`.
   *
   * @param unit default all
   * @throws FileError where some are not there
   */
  async function read(name: keyof typeof arrays, from: number, to: number, unit?: number): Promise<Float64Array> {
    const array = arrays[name];
    const ofUnits = unit === undefined ? null : slice(unit, unit + 1);
    const ofOutputs = [slice(from, to), ...rest.map(() => null)];
    const perUnit = name === "modes" || name === "standardErrors";
    const { data } = await get(array, perUnit ? [ofUnits, ...ofOutputs] : ofOutputs).catch((cause: Error) => {
      throw new FileError(path, `can not be read (${cause.message})`, { cause });
    });
    return whole(storedArrays[name], data as Float32Array | Float64Array);
  }

  /** @throws FileError where some numbers of an array are not there */
  function whole(name: string, numbers: Float32Array | Float64Array): Float64Array {
    const missing = missingNumber(name);
    if (numbers.some((value) => Object.is(value, missing))) {
      throw new FileError(path, `is not whole: a part of /${name} is missing`);
    }
    return Float64Array.from(numbers);
  }

  /** Of means over all outputs; undefined where they are not there. */
  async function meanErrors(): Promise<Float64Array | undefined> {
    if (!existsSync(join(path, meanErrorsArray))) return undefined;
    const array = await openArray(meanErrorsArray);
    if (array.shape.join() !== String(units.length)) {
      throw new FileError(
        path,
        `has ${meanErrorsArray} of shape [${array.shape.join(", ")}]; [${units.length}] was expected`,
      );
    }
    const { data } = await get(array).catch((cause: Error) => {
      throw new FileError(path, `can not be read (${cause.message})`, { cause });
    });
    return whole(meanErrorsArray, data as Float64Array);
  }

  /** Means of independent blocks; undefined where they were not kept. */
  async function blocks(from: number, to: number): Promise<ModeBlocks | undefined> {
    if (!existsSync(join(path, blockArrays.samples))) return undefined;
    const [samples, values] = [await openArray(blockArrays.samples), await openArray(blockArrays.values)];
    const [count] = samples.shape;
    for (const [{ shape }, name, expected] of [
      [samples, blockArrays.samples, [count]],
      [values, blockArrays.values, [count, units.length, ...outputShape]],
    ] as const) {
      if (shape.join() === expected.join()) continue;
      throw new FileError(path, `has ${name} of shape [${shape.join(", ")}]; [${expected.join(", ")}] was expected`);
    }
    const numbers = async (array: StoredArray, name: string, part: Parameters<typeof get>[1]) => {
      const { data } = await get(array, part).catch((cause: Error) => {
        throw new FileError(path, `can not be read (${cause.message})`, { cause });
      });
      return whole(name, data as Float64Array);
    };
    return {
      samples: await numbers(samples, blockArrays.samples, null),
      values: await numbers(values, blockArrays.values, [null, null, slice(from, to), ...rest.map(() => null)]),
    };
  }

  async function part(
    from: number,
    to: number,
    shape: readonly number[],
    said: JsonObject,
    withBlocks = true,
  ): Promise<ShapleyModes> {
    return new ShapleyModes({
      units,
      outputShape: shape,
      values: await read("modes", from, to),
      standardErrors: await read("standardErrors", from, to),
      vAll: await read("vAll", from, to),
      vNone: await read("vNone", from, to),
      meanStandardErrors:
        shape.length === outputShape.length && to - from === outputShape[0] ? await meanErrors() : undefined,
      blocks: withBlocks ? await blocks(from, to) : undefined,
      provenance: said,
    });
  }

  function slices(first: number, withBlocks = true): Promise<ShapleyModes> {
    if (!Number.isInteger(first) || first < 0 || first >= outputShape[0]) {
      throw invalid("first index", `a number from 0 to ${outputShape[0] - 1}`, first);
    }
    return part(first, first + 1, rest, sliceProvenance(provenance, [first]), withBlocks);
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
      const whole = to - from === outputShape[0];
      return part(from, to, [to - from, ...rest], whole ? provenance : { ...provenance, part: [from, to] });
    },
    async unit(unit) {
      const index = unitIndex(units, unit);
      return {
        name: units[index],
        shape: outputShape,
        values: await read("modes", 0, outputShape[0], index),
        standardErrors: await read("standardErrors", 0, outputShape[0], index),
      };
    },
    async efficiencyGap() {
      let gap = 0;
      for (let first = 0; first < outputShape[0]; first++)
        gap = Math.max(gap, (await slices(first, false)).efficiencyGap);
      return gap;
    },
  };
}
