import { basename } from "node:path";
import { FileError, wrongKind } from "../errors.js";
import { readBytes, sha256 } from "../files.js";
import { fromNpy } from "../formats/npy.js";
import { isNumbers, type Numbers } from "../formats/numbers.js";
import { readNpz } from "../modes/npz.js";

/** An array that numpy saved. */
export interface LoadedArray {
  /** The file's name without its folder: what provenance states. */
  readonly name: string;
  /** The numbers, row-major, in the kind that the file stores: a `BigInt64Array` for int64. */
  readonly data: Numbers;
  /** `[count, ...row]` for inputs, `[count]` for labels. */
  readonly shape: readonly number[];
  /** Checksum of the file. */
  readonly sha256: string;
}

/**
 * Reads an array that numpy saved, in the kind of number that is stored: int64 stays int64, float64 stays float64.
 *
 * @param path a `.npy` file, or a `.npz` file
 * @param name which array of a `.npz` file; default its only one
 * @throws FileError for a file that is absent, damaged or of another kind, or has no such array
 * @example
 * const images = loadArray("images.npz", "test"); // { name: "images.npz", data, shape: [1000, 3, 32, 32], sha256 }
 * const game = await networkGame(network, images, { sites: ["conv1"] });
 */
export function loadArray(path: string, name?: string): LoadedArray {
  const arrays = loadArrays(path);
  if (name === undefined && arrays.size === 1) return [...arrays.values()][0];
  const found = arrays.get(name ?? "");
  if (found && name !== "") return found;
  const names = arrays.has("") ? "one array without a name" : `the arrays ${[...arrays.keys()].join(", ")}`;
  throw new FileError(path, `holds ${names}; ${name === undefined ? "name one of them" : `none is called ${name}`}`);
}

/**
 * All arrays of a file by their names; that of a `.npy` file is called "". @throws FileError as {@link loadArray} does
 */
export function loadArrays(path: string): Map<string, LoadedArray> {
  const rule = "the path of a .npy or .npz file";
  if (typeof path !== "string") throw wrongKind("path", rule, path);
  const bytes = readBytes(path);
  const arrays = /\.npz$/i.test(path) ? readNpz(bytes, path) : new Map([["", fromNpy(bytes, path)]]);
  if (arrays.size === 0) throw new FileError(path, "holds no arrays");
  const file = { name: basename(path), sha256: sha256(bytes) };
  return new Map([...arrays].map(([name, { shape, values }]) => [name, { ...file, data: values, shape }]));
}

/** Whether a value is what {@link loadArray} gives, not numbers or arrays by name. */
export function isLoadedArray(value: unknown): value is LoadedArray {
  const { data, shape, sha256 } = (value ?? {}) as Partial<LoadedArray>;
  return typeof sha256 === "string" && isNumbers(data) && Array.isArray(shape);
}
