import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Array as ZarrArray } from "zarrita";
import { FileError, invalid } from "../errors.js";
import { outputSize } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { type Mode, ShapleyModes } from "./shapley-modes.js";

/** Names of the arrays of a store, each float32. */
export const storedArrays = {
  modes: "modes",
  standardErrors: "standard_error",
  vAll: "v_all",
  vNone: "v_none",
} as const;

/** What the attributes of a store hold. */
export interface StoreAttributes {
  readonly format: "shapley-modes/1";
  readonly units: readonly string[];
  readonly provenance: JsonObject;
}

/** Shapley Modes on disk, too many for memory: what is asked for is read. */
export interface StoredModes {
  readonly path: string;
  readonly units: readonly string[];
  /** Shape of v(S); its first index is the one by which modes are read: of images, the number of the image. */
  readonly outputShape: readonly number[];
  readonly provenance: JsonObject;
  /** The modes of all units for one first index, with v(all) and v(none): those of one image. */
  slice(first: number): Promise<ShapleyModes>;
  /** The mode of one unit, by name or index. */
  unit(unit: string | number): Promise<Mode>;
  /** The largest |sum of all modes - (v(all) - v(none))| over the outputs; reads all of the modes once. */
  efficiencyGap(): Promise<number>;
}

/**
 * Opens modes that `shapleyToDisk` wrote. They are a Zarr group (version 3, float32, not compressed), which Python's zarr opens as
 * well: arrays `modes` and `standard_error` [units, ...outputShape], `v_all` and `v_none` [...outputShape]; the names of the
 * units and the provenance are its attributes.
 *
 * @throws FileError where there is no such store, or it is not whole
 * @example
 * const stored = await openModes("results/faces.zarr");
 * const modes = await stored.slice(3); // of image 3, as shapley gives them
 */
export async function openModes(path: string): Promise<StoredModes> {
  const { open, root, get, slice } = await import("zarrita");
  const { default: FileSystemStore } = await import("@zarrita/storage/fs");
  if (!existsSync(path)) throw new FileError(path, "no such store of modes");
  const group = await openGroup();
  const attributes = group.attrs as unknown as StoreAttributes;
  const arrays = {
    modes: await openArray(storedArrays.modes),
    standardErrors: await openArray(storedArrays.standardErrors),
    vAll: await openArray(storedArrays.vAll),
    vNone: await openArray(storedArrays.vNone),
  };
  const { units, provenance } = attributes;
  const outputShape = arrays.modes.shape.slice(1);
  const rest = outputShape.slice(1);

  async function openGroup() {
    try {
      const found = await open.v3(root(new FileSystemStore(resolve(path))), { kind: "group" });
      if (found.attrs.format !== "shapley-modes/1") throw new Error("it says nothing of Shapley Modes");
      return found;
    } catch (cause) {
      throw new FileError(path, `is no store of modes (${(cause as Error).message})`, { cause });
    }
  }

  async function openArray(name: string): Promise<ZarrArray<"float32">> {
    try {
      return (await open.v3(group.resolve(name), { kind: "array" })) as ZarrArray<"float32">;
    } catch (cause) {
      throw new FileError(path, `has no array ${name} (${(cause as Error).message})`, { cause });
    }
  }

  /** @throws FileError where a part of the array is not there: it is read as NaN, which standard errors of one ordering are too */
  async function read(array: ZarrArray<"float32">, selection: (number | null)[], size: number): Promise<Float64Array> {
    const part = await get(
      array,
      selection.map((index) => (index === null ? null : slice(index, index + 1))),
    ).catch((cause: Error) => {
      throw new FileError(path, `can not be read (${cause.message})`, { cause });
    });
    const data = part.data as Float32Array;
    if (data.length !== size) throw new FileError(path, `${array.path} has ${data.length} numbers, not ${size}`);
    if (array !== arrays.standardErrors && data.some(Number.isNaN)) {
      throw new FileError(path, `is not whole: a part of ${array.path} is missing`);
    }
    return Float64Array.from(data);
  }

  async function slices(first: number): Promise<ShapleyModes> {
    if (!Number.isInteger(first) || first < 0 || first >= outputShape[0]) {
      throw invalid("first index", `a number from 0 to ${outputShape[0] - 1}`, first);
    }
    const whole = rest.map(() => null);
    const size = outputSize(rest);
    return new ShapleyModes({
      units,
      outputShape: rest,
      values: await read(arrays.modes, [null, first, ...whole], units.length * size),
      standardErrors: await read(arrays.standardErrors, [null, first, ...whole], units.length * size),
      vAll: await read(arrays.vAll, [first, ...whole], size),
      vNone: await read(arrays.vNone, [first, ...whole], size),
      provenance,
    });
  }

  return {
    path,
    units,
    outputShape,
    provenance,
    slice: slices,
    async unit(unit) {
      const index = typeof unit === "number" ? unit : units.indexOf(unit);
      if (!Number.isInteger(index) || index < 0 || index >= units.length) {
        throw invalid("unit", `the name of a unit or an index from 0 to ${units.length - 1}`, unit);
      }
      const whole = outputShape.map(() => null);
      return {
        name: units[index],
        shape: outputShape,
        values: await read(arrays.modes, [index, ...whole], outputSize(outputShape)),
        standardErrors: await read(arrays.standardErrors, [index, ...whole], outputSize(outputShape)),
      };
    },
    async efficiencyGap() {
      let gap = 0;
      for (let first = 0; first < outputShape[0]; first++) gap = Math.max(gap, (await slices(first)).efficiencyGap);
      return gap;
    },
  };
}
