import type { LabelledInputs } from "../../../src/datasets/inputs.js";
import { type Mlp, type MlpSize, mlpFromParameters, parameterCount } from "../../../src/networks/mlp/mlp.js";

/** Numbers from -0.5 to 0.5 that look random and are the same on every machine. */
export function numbers(length: number, salt = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => (Math.imul(i + 1, 2_654_435_761 + 2 * salt) >>> 8) / 2 ** 24 - 0.5);
}

/** A network of any size with such numbers as parameters. */
export function smallMlp(size: MlpSize, salt = 1): Mlp {
  return mlpFromParameters(size, numbers(parameterCount(size), salt), 0.01);
}

/** Labelled inputs of any size with such numbers; labels take turns. */
export function smallInputs(count: number, features: number, classes: number): LabelledInputs {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  return { name: "small", inputs: numbers(count * features, 7), labels, count, features, classes, sha256: "" };
}

/** The network's logits in float64, written out: `[count, outputs]`. */
export function plainLogits(mlp: Mlp, inputs: Float32Array, intact?: Uint8Array): number[] {
  const result: number[] = [];
  for (let row = 0; row < inputs.length / mlp.inputs; row++) {
    const hidden = Array.from({ length: mlp.hidden }, (_, unit) => {
      let sum = mlp.hiddenBiases[unit];
      for (let i = 0; i < mlp.inputs; i++) {
        sum += mlp.hiddenWeights[unit * mlp.inputs + i] * inputs[row * mlp.inputs + i];
      }
      if (intact?.[unit] === 0) return 0;
      return sum > 0 ? sum : sum * mlp.negativeSlope;
    });
    for (let k = 0; k < mlp.outputs; k++) {
      const weights = mlp.outputWeights.subarray(k * mlp.hidden, (k + 1) * mlp.hidden);
      result.push(hidden.reduce((sum, value, unit) => sum + value * weights[unit], mlp.outputBiases[k]));
    }
  }
  return result;
}
