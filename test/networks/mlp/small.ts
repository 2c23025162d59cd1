import type { LabelledInputs } from "../../../src/datasets/inputs.js";
import { type Mlp, type MlpSize, mlpFromParameters, parameterCount } from "../../../src/networks/mlp/mlp.js";

/** Numbers from -0.5 to 0.5 that look random and are the same on every machine. */
export function numbers(length: number, salt = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => (Math.imul(i + 1, 2_654_435_761 + 2 * salt) >>> 8) / 2 ** 24 - 0.5);
}

/** A network of one hidden layer of any size with such numbers as parameters. */
export function smallMlp(size: MlpSize, salt = 1, negativeSlope = 0.01): Mlp {
  return mlpFromParameters(size, numbers(parameterCount(size), salt), negativeSlope);
}

/** A network's parameters, layer by layer. */
export function parametersOf({ layers }: Mlp): Float32Array[] {
  return layers.flatMap(({ weights, biases }) => [weights, biases]);
}

/** Labelled inputs of any size with such numbers; labels take turns. */
export function smallInputs(count: number, features: number, classes: number): LabelledInputs {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  return { name: "small", inputs: numbers(count * features, 7), labels, count, features, classes, sha256: "" };
}

/** The network's logits in float64, written out: `[count, outputs]`. */
export function plainLogits(mlp: Mlp, inputs: Float32Array, intact?: Uint8Array): number[] {
  const result: number[] = [];
  const { layers, negativeSlopes } = mlp;
  const [{ inputs: width, outputs: units, weights: incoming, biases }, output] = layers;
  for (let row = 0; row < inputs.length / width; row++) {
    const hidden = Array.from({ length: units }, (_, unit) => {
      let sum = biases[unit];
      for (let i = 0; i < width; i++) sum += incoming[unit * width + i] * inputs[row * width + i];
      if (intact?.[unit] === 0) return 0;
      return sum > 0 ? sum : sum * negativeSlopes[0];
    });
    for (let k = 0; k < output.outputs; k++) {
      const weights = output.weights.subarray(k * units, (k + 1) * units);
      result.push(hidden.reduce((sum, value, unit) => sum + value * weights[unit], output.biases[k]));
    }
  }
  return result;
}
