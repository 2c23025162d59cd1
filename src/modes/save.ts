import { readRegular } from "../files.js";
import { csvText } from "./csv.js";
import { loadStore } from "./load-store.js";
import { fromMsapyCsv } from "./msapy-csv.js";
import { fromNpz } from "./npz.js";
import type { ShapleyModes } from "./shapley-modes.js";
import { fromTidyCsv, isTidyCsv } from "./tidy-csv.js";
import { modesFormat, saveModes } from "./write.js";

export { modesFormat, saveModes };

/**
 * Reads what {@link saveModes} wrote, exactly: `.npz`, a `.zarr` store (all of it, into memory; `openModes` reads
 * parts), a tidy `.csv`, or msapy's `.csv`.
 *
 * @throws RangeError for another ending; FileError for what is not there, damaged, or of another kind
 */
export function loadModes(path: string): ShapleyModes {
  const format = modesFormat(path);
  if (format === "zarr") return loadStore(path);
  const bytes = readRegular(path);
  if (format === "npz") return fromNpz(bytes, path);
  const text = csvText(bytes, path);
  return isTidyCsv(text) ? fromTidyCsv(text, path) : fromMsapyCsv(text, path);
}
