import { invalid } from "../errors.js";
import { checkWritable, writeWhole } from "../files.js";
import type { ModesContent } from "./modes-content.js";
import { checkStored, checkStorePath, saveStore } from "./save-store.js";
import { toMsapyCsv } from "./to-msapy-csv.js";
import { toNpz } from "./to-npz.js";
import { toTidyCsv } from "./to-tidy-csv.js";

/** How modes are kept. */
export type ModesFormat = "csv" | "npz" | "tidy csv" | "zarr";

/** The format that a file's name asks for. @throws RangeError for another ending */
export function modesFormat(path: string): ModesFormat {
  const ending = /(\.tidy\.csv|\.csv|\.npz|\.zarr)[/\\]?$/i.exec(path)?.[1].toLowerCase();
  if (ending === ".tidy.csv") return "tidy csv";
  if (ending === undefined) throw invalid("file of modes", "a name ending in .npz, .zarr, .tidy.csv or .csv", path);
  return ending.slice(1) as ModesFormat;
}

/**
 * Checks, before anything is computed, that modes can be written there.
 *
 * @param outputShape of the modes, where it is known already
 * @throws RangeError for another ending, or a format that has no room for such an output; FileError where nothing can
 *   be written
 */
export function checkModesFile(path: string, outputShape?: readonly number[]): void {
  if (modesFormat(path) === "zarr") checkStorePath(path, outputShape);
  else checkWritable(path);
}

/**
 * Writes modes, whole or not at all, in the format that the file's ending says:
 *
 * - `.npz`: everything ({@link toNpz}).
 * - `.zarr`: everything, as a store of float64 that {@link openModes} and Python's zarr read part by part; for outputs
 *   of at least one axis.
 * - `.tidy.csv`: a row per unit and output, with standard errors ({@link toTidyCsv}).
 * - `.csv`: the values alone, in msapy's format ({@link toMsapyCsv}).
 *
 * All but `.zarr` are written when it returns; of a store, which is written beside other work, it returns a promise.
 *
 * @throws RangeError for another ending, and for modes that the format has no room for; FileError where the file can
 *   not be written
 * @example
 * saveModes(modes, "results/modes.npz");
 * await saveModes(modes, "results/modes.zarr");
 */
export function saveModes(modes: ModesContent, path: `${string}.zarr`): Promise<void>;
export function saveModes(modes: ModesContent, path: string): void | Promise<void>;
export function saveModes(modes: ModesContent, path: string): void | Promise<void> {
  const format = modesFormat(path);
  if (format === "zarr") {
    checkStorePath(path, modes.outputShape);
    checkStored(modes);
    return saveStore(modes, path);
  }
  writeWhole(path, format === "npz" ? toNpz(modes) : format === "csv" ? toMsapyCsv(modes) : toTidyCsv(modes));
}
