/**
 * Modes as the text or bytes of a file: msapy's CSV, tidy CSV, npz.
 *
 * @module shapley-modes/formats
 */

export { fromMsapyCsv, toMsapyCsv } from "./modes/msapy-csv.js";
export { fromNpz, toNpz } from "./modes/npz.js";
export { fromTidyCsv } from "./modes/tidy-csv.js";
export { type TidyCsvOptions, toTidyCsv } from "./modes/to-tidy-csv.js";
