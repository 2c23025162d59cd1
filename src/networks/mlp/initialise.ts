import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { type MlpSize, parameterCount } from "./mlp.js";

/**
 * Parameters of a network that has not learned yet, as PyTorch's `nn.Linear` draws them: weights and biases of a layer
 * uniform between -1/sqrt(fan in) and +1/sqrt(fan in), in the order of `Mlp`'s fields.
 */
export function initialParameters(size: MlpSize, random: RandomGenerator): Float32Array {
  const { inputs, hidden } = size;
  const parameters = new Float32Array(parameterCount(size));
  const firstOfOutput = hidden * inputs + hidden;
  for (let p = 0; p < parameters.length; p++) {
    const bound = 1 / Math.sqrt(p < firstOfOutput ? inputs : hidden);
    parameters[p] = (2 * uniformFloat32(random) - 1) * bound;
  }
  return parameters;
}
