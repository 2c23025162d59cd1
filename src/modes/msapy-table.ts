import { ShapleyModes } from "./shapley-modes.js";

/** Contributions of every unit in every ordering, as a table of msapy holds them. */
export interface OrderingsTable {
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly orderings: number;
  /** `[orderings, ...outputShape, units]` */
  readonly values: Float64Array;
}

/**
 * The Shapley Modes that a table of contributions is of: means over the orderings, and their standard errors where
 * there are two.
 */
export function meanOfOrderings({ units, outputShape, orderings, values }: OrderingsTable): ShapleyModes {
  const outputs = values.length / orderings / units.length;
  const means = new Float64Array(units.length * outputs);
  const errors = new Float64Array(units.length * outputs);
  const meanErrors = new Float64Array(units.length);
  for (let unit = 0; unit < units.length; unit++) {
    const at = (ordering: number, output: number) => values[(ordering * outputs + output) * units.length + unit];
    for (let output = 0; output < outputs; output++) {
      const { mean, error } = ofSamples(orderings, (ordering) => at(ordering, output));
      means[unit * outputs + output] = mean;
      errors[unit * outputs + output] = error;
    }
    const overOutputs = (ordering: number) => {
      let sum = 0;
      for (let output = 0; output < outputs; output++) sum += at(ordering, output);
      return sum / outputs;
    };
    meanErrors[unit] = ofSamples(orderings, overOutputs).error;
  }
  return new ShapleyModes({
    ...{ units, outputShape, values: means, standardErrors: errors, meanStandardErrors: meanErrors },
    provenance: { orderings },
  });
}

/** Mean of some samples and its standard error, NaN for a single one. */
function ofSamples(count: number, sample: (index: number) => number): { mean: number; error: number } {
  let mean = 0;
  for (let i = 0; i < count; i++) mean += (sample(i) - mean) / (i + 1);
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (sample(i) - mean) ** 2;
  return { mean, error: Math.sqrt(squares / (count - 1) / count) };
}
