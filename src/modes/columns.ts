import { outputSize } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { intervalFactor } from "./confidence.js";

/** One row per unit and output, as columns: what `new DataFrame(columns)` of danfojs takes. */
export type ModeColumns = Record<string, string[] | number[]>;

/**
 * A data frame of danfojs. Its own types are not named here: reading them would make every notebook start half a second
 * later. With `const frame: DataFrame = await modes.toDataFrame()` it has them.
 */
export interface ModesFrame {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  readonly dtypes: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: all other parts of a danfojs frame.
  readonly [part: string]: any;
}

/** What the columns are made of: see ShapleyModes. */
interface Parts {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly values: Float64Array;
  readonly standardErrors: Float64Array | undefined;
  readonly provenance: JsonObject;
}

/**
 * Modes as tidy columns: `unit`, the output's index (`output`; `output_0`, `output_1`, ... for one of several
 * dimensions; none for a single number), `contribution`, and where it is known `standard_error` with the ends of the
 * confidence interval of 95 %, `ci95_low` and `ci95_high`. Rows unit by unit, outputs row-major.
 */
export function columnsOf({ units, outputShape, values, standardErrors, provenance }: Parts): ModeColumns {
  const outputs = outputSize(outputShape);
  const rows = <T>(of: (row: number) => T) => Array.from({ length: values.length }, (_, row) => of(row));
  const columns: ModeColumns = { unit: rows((row) => units[Math.floor(row / outputs)]) };
  let stride = outputs;
  outputShape.forEach((extent, dimension) => {
    stride /= extent;
    const step = stride;
    columns[outputShape.length === 1 ? "output" : `output_${dimension}`] = rows(
      (row) => Math.floor(row / step) % extent,
    );
  });
  columns.contribution = Array.from(values);
  if (standardErrors) Object.assign(columns, errorColumns(values, standardErrors, provenance));
  return columns;
}

/** `standard_error`, and the ends of the confidence interval of 95 %, `ci95_low` and `ci95_high`. */
export function errorColumns(values: Float64Array, errors: Float64Array, provenance: JsonObject): ModeColumns {
  const factor = intervalFactor(provenance);
  return {
    standard_error: Array.from(errors),
    ci95_low: Array.from(values, (value, i) => value - factor * errors[i]),
    ci95_high: Array.from(values, (value, i) => value + factor * errors[i]),
  };
}
