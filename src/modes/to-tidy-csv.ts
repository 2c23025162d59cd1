import { invalid, wrongKind } from "../errors.js";
import { outputSize } from "../games/game.js";
import { has } from "../kinds.js";
import { knownOptions } from "../options.js";
import { intervalFactor } from "./confidence.js";
import { cellOf, checkUnitNames } from "./csv.js";
import type { ModesContent } from "./modes-content.js";

/** Names of columns that are no axes. */
export const tidyColumns = {
  unit: "unit",
  contribution: "contribution",
  standardError: "standard_error",
  low: "ci95_low",
  high: "ci95_high",
} as const;

/** Options of {@link toTidyCsv}. */
export interface TidyCsvOptions {
  /**
   * Names of the output's axes, for the columns of its indices; default `output`, or `output_0`, `output_1`, ... of
   * several.
   */
  readonly axes?: readonly string[];
}

/**
 * Modes as a tidy CSV file, one row per unit and output: `unit`, a column of indices (from 0) for each axis of the
 * output, `contribution`, and where it is known `standard_error` (`NaN` for a single ordering) with the ends of its
 * confidence interval of 95 %, `ci95_low` and `ci95_high`. Rows unit by unit, outputs row-major; numbers are written so
 * that reading gives the same 64 bits. pandas, R and spreadsheets read it, and so does `loadModes`; v(all), v(none) and
 * provenance go into npz.
 *
 * @throws RangeError for names of axes that are not one for each, different, and other than the columns'; and for a
 *   unit whose name no CSV file can hold
 * @example
 * const text = toTidyCsv(modes, { axes: ["image", "channel", "row", "column"] });
 * text.split("\n")[0]; // unit,image,channel,row,column,contribution,standard_error,ci95_low,ci95_high
 */
export function toTidyCsv(modes: ModesContent, options: TidyCsvOptions = {}): string {
  knownOptions("toTidyCsv", options, { axes: true });
  has("modes", modes, "ShapleyModes", "units", "values");
  const { units, outputShape, values, standardErrors } = modes;
  const factor = intervalFactor(modes.provenance);
  checkUnitNames(units);
  const axes = options.axes === undefined ? axisNames(outputShape) : checkedAxes(options.axes, outputShape);
  const { unit, contribution, standardError, low, high } = tidyColumns;
  const header = [unit, ...axes.map(cellOf), contribution, ...(standardErrors ? [standardError, low, high] : [])];
  const outputs = outputSize(outputShape);
  const places = Array.from({ length: outputs }, (_, o) =>
    indicesOf(o, outputShape)
      .map((index) => `,${index}`)
      .join(""),
  );
  const lines = [header.join(",")];
  units.forEach((name, u) => {
    const cell = cellOf(name);
    for (let o = 0; o < outputs; o++) {
      const at = u * outputs + o;
      const numbers = [values[at]];
      if (standardErrors) {
        const half = factor * standardErrors[at];
        numbers.push(standardErrors[at], values[at] - half, values[at] + half);
      }
      lines.push(`${cell}${places[o]},${numbers.map(numberText).join(",")}`);
    }
  });
  return `${lines.join("\n")}\n`;
}

/** Names of the columns of indices, as `ShapleyModes.toColumns` has them. */
function axisNames(shape: readonly number[]): string[] {
  return shape.map((_, axis) => (shape.length === 1 ? "output" : `output_${axis}`));
}

function checkedAxes(axes: readonly string[], shape: readonly number[]): readonly string[] {
  const rule = `${shape.length} different names, one for each axis of the output [${shape.join(", ")}], other than ${Object.values(tidyColumns).join(", ")}`;
  if (!Array.isArray(axes) || !axes.every((name) => typeof name === "string")) throw wrongKind("axes", rule, axes);
  const taken = new Set<string>(Object.values(tidyColumns));
  const fits = axes.length === shape.length && axes.every((name) => name !== "" && !/[\r\n]|\p{Surrogate}/u.test(name));
  if (!fits || axes.some((name) => taken.has(name) || !taken.add(name))) throw invalid("axes", rule, axes);
  return axes;
}

/** The indices of an output, by its place in the row-major order. */
function indicesOf(output: number, shape: readonly number[]): number[] {
  const indices = new Array<number>(shape.length);
  let rest = output;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    indices[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return indices;
}

/** The shortest text that reads back as the same number, -0 included. */
function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
