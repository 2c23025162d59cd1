import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import type { Random } from "../../coalitions/random-streams.js";
import { shapeSize } from "../../shape-size.js";
import type { Parameter } from "../dcgan/parameters.js";
import { convolutionsOf, type ResidualLayers, type ResidualShape } from "./shape.js";

/**
 * Parameters of a network that has not learned yet, of each convolution its filter `[kernel, kernel, inputs, outputs]`,
 * scale and shift, at last the dense layer's weights `[channels, classes]` and biases. Weights and those biases are
 * uniform within 1 / sqrt(fan in), as PyTorch's are; scales are 1, shifts 0.
 */
export function initialResidual(
  layers: ResidualLayers,
  { widths, classes }: ResidualShape,
  random: Random,
): Parameter[] {
  const uniform = (name: string, shape: readonly number[], fanIn: number): Parameter => {
    const data = new Float32Array(shapeSize(shape));
    const bound = 1 / Math.sqrt(fanIn);
    for (let i = 0; i < data.length; i++) data[i] = (2 * uniformFloat64(random) - 1) * bound;
    return { name, shape, data };
  };
  const channels = widths[widths.length - 1];
  return [
    ...convolutionsOf(layers).flatMap(({ name, kernel, inputs, outputs }) => [
      uniform(`${name}.filter`, [kernel, kernel, inputs, outputs], kernel * kernel * inputs),
      { name: `${name}.scale`, shape: [outputs], data: new Float32Array(outputs).fill(1) },
      { name: `${name}.shift`, shape: [outputs], data: new Float32Array(outputs) },
    ]),
    uniform("dense.weights", [channels, classes], channels),
    uniform("dense.biases", [classes], channels),
  ];
}

/** Running mean 0 and variance 1 of each BatchNorm, as PyTorch starts them. */
export function initialNorms(layers: ResidualLayers): Parameter[] {
  return convolutionsOf(layers).flatMap(({ name, outputs }) => [
    { name: `${name}.mean`, shape: [outputs], data: new Float32Array(outputs) },
    { name: `${name}.variance`, shape: [outputs], data: new Float32Array(outputs).fill(1) },
  ]);
}
