import { float16Bits, float16Value } from "../../formats/float16.js";
import { has } from "../../kinds.js";
import { affine } from "../dcgan/inference.js";
import type { Parameter } from "../dcgan/parameters.js";
import { type Convolution, convolutionsOf, type ResidualShape, residualLayers } from "./shape.js";

/** A convolution as a trained network computes it, its BatchNorm folded into it. */
export interface FoldedConvolution extends Convolution {
  /** `[outputs, inputs, kernel, kernel]` */
  readonly weights: Float32Array;
  /** `[outputs]` */
  readonly biases: Float32Array;
}

/** A trained convolution network of residual blocks. */
export interface Residual {
  readonly shape: ResidualShape;
  /** In the order of `convolutionsOf`. */
  readonly convolutions: readonly FoldedConvolution[];
  /** `[channels, classes]` */
  readonly denseWeights: Float32Array;
  /** `[classes]` */
  readonly denseBiases: Float32Array;
}

/**
 * The network of some parameters and running statistics, each BatchNorm folded into the convolution before it: the same
 * function, in which a weight has a size of its own. Before, BatchNorm takes out whatever a filter is multiplied by.
 *
 * @param state the parameters of `initialResidual` and statistics of `initialNorms`, in any order
 */
export function foldedResidual(shape: ResidualShape, state: readonly Parameter[]): Residual {
  const named = new Map(state.map(({ name, data }) => [name, data]));
  const data = (name: string) => {
    const found = named.get(name);
    if (!found) throw new RangeError(`no parameter ${name}`);
    return found;
  };
  return {
    shape,
    convolutions: convolutionsOf(residualLayers(shape)).map((convolution) => {
      const { name, kernel, inputs, outputs } = convolution;
      const filter = data(`${name}.filter`);
      const { slope, shift } = affine({
        scale: data(`${name}.scale`),
        shift: data(`${name}.shift`),
        mean: data(`${name}.mean`),
        variance: data(`${name}.variance`),
      });
      const taps = kernel * kernel;
      const weights = new Float32Array(filter.length);
      for (let tap = 0; tap < taps; tap++) {
        for (let i = 0; i < inputs; i++) {
          for (let o = 0; o < outputs; o++) {
            weights[(o * inputs + i) * taps + tap] = filter[(tap * inputs + i) * outputs + o] * slope[o];
          }
        }
      }
      return { ...convolution, weights, biases: shift };
    }),
    denseWeights: data("dense.weights"),
    denseBiases: data("dense.biases"),
  };
}

/** A network whose numbers are rounded to float16, so that its file packs to half the size; they stay float32. */
export function inHalfPrecision(network: Residual): Residual {
  has("network", network, "a Residual", "shape", "convolutions");
  const rounded = (values: Float32Array) => values.map((value) => float16Value(float16Bits(value)));
  return {
    shape: network.shape,
    convolutions: network.convolutions.map((convolution) => ({
      ...convolution,
      weights: rounded(convolution.weights),
      biases: rounded(convolution.biases),
    })),
    denseWeights: rounded(network.denseWeights),
    denseBiases: rounded(network.denseBiases),
  };
}
