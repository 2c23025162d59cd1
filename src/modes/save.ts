import { extname } from "node:path";
import { FileError, invalid } from "../errors.js";
import { readRegular, writeWhole } from "../files.js";
import { fromMsapyCsv, toMsapyCsv } from "./msapy-csv.js";
import { fromNpz, toNpz } from "./npz.js";
import type { ShapleyModes } from "./shapley-modes.js";

/** The format that a file's name asks for. */
export function modesFormat(path: string): "csv" | "npz" {
  const ending = extname(path).toLowerCase();
  if (ending !== ".csv" && ending !== ".npz") throw invalid("file of modes", "a name ending in .csv or .npz", path);
  return ending === ".csv" ? "csv" : "npz";
}

/** Writes modes as npz (everything) or msapy CSV (the values), by the file's ending; whole or not at all. */
export function saveModes(modes: ShapleyModes, path: string): void {
  writeWhole(path, modesFormat(path) === "csv" ? toMsapyCsv(modes) : toNpz(modes));
}

/** Reads modes from an npz or msapy CSV file. */
export function loadModes(path: string): ShapleyModes {
  const format = modesFormat(path);
  const bytes = readRegular(path);
  return format === "csv" ? fromMsapyCsv(textOf(bytes, path), path) : fromNpz(bytes, path);
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(path, "is not text in UTF-8", { cause });
  }
}
