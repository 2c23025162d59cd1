import { outputSize } from "../games/game.js";
import { has } from "../kinds.js";
import { cellOf, checkUnitNames } from "./csv.js";
import type { ModesContent } from "./modes-content.js";

/**
 * The text of an msapy CSV file: line 1 `#shape=10`, line 2 the units' names after an empty cell, then one row per
 * output dimension, its index first. Numbers are written so that reading gives the same 64 bits. Holds the modes alone:
 * standard errors, v(all), v(none) and provenance go into npz.
 *
 * @throws RangeError for a unit whose name has a line break, or half of a surrogate pair, which no file in UTF-8 can
 *   hold
 */
export function toMsapyCsv(modes: ModesContent): string {
  has("modes", modes, "ShapleyModes", "units", "values");
  checkUnitNames(modes.units);
  const outputs = outputSize(modes.outputShape);
  const header = ["", ...modes.units.map(cellOf)].join(",");
  const rows = Array.from({ length: outputs }, (_, o) => {
    const numbers = modes.units.map((_, u) => floatText(modes.values[u * outputs + o]));
    return [o, ...numbers].join(",");
  });
  return `#shape=${modes.outputShape.join(",")}\n${[header, ...rows].join("\n")}\n`;
}

/** As Python's repr writes floats, so that integers keep their `.0` and -0 its sign. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
