import { FileError, invalid } from "../errors.js";
import { outputSize } from "../games/game.js";
import { ShapleyModes } from "./shapley-modes.js";

/**
 * The text of an msapy CSV file: line 1 `#shape=10`, line 2 the units' names after an empty cell, then one row per output
 * dimension, its index first. Numbers are written so that reading gives the same 64 bits. Holds the modes alone: standard
 * errors, v(all), v(none) and provenance go into npz.
 *
 * @throws RangeError for a unit whose name has a line break
 */
export function toMsapyCsv(modes: ShapleyModes): string {
  const broken = modes.units.find((name) => /[\r\n]/.test(name));
  if (broken !== undefined)
    throw invalid("unit name", "a name without line breaks in a CSV file (npz takes any)", broken);
  const header = ["", ...modes.units.map(quoted)].join(",");
  const rows = Array.from({ length: modes.outputs }, (_, o) => {
    const numbers = modes.units.map((_, u) => floatText(modes.values[u * modes.outputs + o]));
    return [o, ...numbers].join(",");
  });
  return `#shape=${modes.outputShape.join(",")}\n${[header, ...rows].join("\n")}\n`;
}

/**
 * Reads an msapy CSV file. A file of scalar modes (no `#shape=` line, or an empty one) has shape `[]`.
 * @param path is named in errors
 */
export function fromMsapyCsv(text: string, path = "modes.csv"): ShapleyModes {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  const shapeLine = lines[0]?.startsWith("#shape=") ? (lines.shift() as string) : "#shape=";
  const outputShape = shapeLine
    .slice("#shape=".length)
    .replace(/[()[\]\s]/g, "")
    .split(",")
    .filter((length) => length !== "")
    .map(Number);
  if (outputShape.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new FileError(path, `line 1 gives no shape: ${shapeLine}`);
  }
  const header = cells(lines.shift() ?? "");
  const units = header.slice(1);
  const outputs = outputSize(outputShape);
  if (units.length === 0) throw new FileError(path, "has no line with the units' names");
  if (lines.length !== outputs) throw new FileError(path, `has ${lines.length} rows, its shape says ${outputs}`);
  const values = new Float64Array(units.length * outputs);
  lines.forEach((line, o) => {
    const row = cells(line);
    if (row.length !== units.length + 1) {
      throw new FileError(path, `row ${o} has ${row.length - 1} numbers, there are ${units.length} units`);
    }
    units.forEach((name, u) => {
      const number = row[u + 1].trim() === "" ? Number.NaN : Number(row[u + 1]);
      if (!Number.isFinite(number)) throw new FileError(path, `row ${o}, unit ${name}: no number (${row[u + 1]})`);
      values[u * outputs + o] = number;
    });
  });
  try {
    return new ShapleyModes({ units, outputShape, values });
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  }
}

/** As Python's repr writes floats, so that integers keep their `.0` and -0 its sign. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function cells(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  const commaOutsideQuotes = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;
  return line
    .split(commaOutsideQuotes)
    .map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}
