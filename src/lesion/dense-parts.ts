import { invalid } from "../errors.js";
import type { CheckedMlpInputs } from "../networks/mlp/inputs.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import type { DenseParts } from "./dense-walk.js";
import { classCounts } from "./scores.js";

/**
 * The layers behind the first lesioned one, with the lesioned units' constants gathered in the sums that all coalitions
 * share.
 *
 * @param lesioned numbers of the lesioned layers, ascending; 0 for the inputs
 * @param activations what the units of the first of them hold intact, `[inputs, units]`
 * @param constants what the units of each of them hold lesioned, `[units]`
 */
export function denseParts(
  network: Pick<Mlp, "layers" | "negativeSlopes">,
  { labels, classes, count }: Pick<CheckedMlpInputs, "labels" | "classes" | "count">,
  lesioned: readonly number[],
  activations: Float32Array,
  constants: readonly Float32Array[],
): DenseParts {
  const isNotFinite = (value: number) => !Number.isFinite(value);
  const constantsOf = (layer: number) => constants[lesioned.indexOf(layer)];
  const [first] = lesioned;
  const units = constants[0].length;
  const differences = new Float32Array(units * count);
  for (let b = 0; b < count; b++) {
    for (let unit = 0; unit < units; unit++) {
      differences[unit * count + b] = activations[b * units + unit] - constants[0][unit];
    }
  }
  const layers = network.layers.slice(first).map(({ inputs, outputs, weights, biases }, l) => {
    const before = constantsOf(first + l);
    const base = Float64Array.from(biases);
    if (before)
      for (let w = 0; w < weights.length; w++) base[Math.floor(w / inputs)] += weights[w] * before[w % inputs];
    const bad = activations.find(isNotFinite) ?? base.find(isNotFinite) ?? weights.find(isNotFinite);
    if (bad !== undefined) throw invalid("network", "finite activations on these inputs", bad);
    const own = constantsOf(first + l + 1);
    return {
      units: outputs,
      lesioned: own !== undefined,
      weights,
      base: Float32Array.from(base),
      constants: own ?? new Float32Array(outputs),
      negativeSlope: network.negativeSlopes[first + l] ?? 1,
    };
  });
  return { units, differences, layers, inputs: count, labels, classes, counts: classCounts(labels, classes) };
}
