import { FileError } from "../../errors.js";
import { readBytes } from "../../files.js";
import { parseModel } from "../onnx/parse.js";
import type { FoldedConvolution, Residual } from "./residual.js";
import { convolutionsOf, type ResidualShape, residualLayers } from "./shape.js";

/**
 * The network in a file that `residualOnnx` gave: its weights as numbers, for what looks at weights.
 *
 * @param shape what it is made of; a file does not say it
 * @throws FileError for another file
 */
export async function readResidual(path: string, shape: ResidualShape): Promise<Residual> {
  const { model } = await parseModel(readBytes(path), path, path);
  const stored = new Map((model.graph.initializer ?? []).map((tensor) => [tensor.name, tensor]));
  const data = (name: string, length: number): Float32Array => {
    const bytes = stored.get(name)?.rawData;
    const numbers = bytes && new Float32Array(new Uint8Array(bytes).buffer);
    if (numbers?.length !== length) throw new FileError(path, `holds no ${length} numbers ${name}`);
    return numbers;
  };
  const channels = shape.widths[shape.widths.length - 1];
  return {
    shape,
    convolutions: convolutionsOf(residualLayers(shape)).map((convolution): FoldedConvolution => {
      const { name, kernel, inputs, outputs } = convolution;
      const weights = data(`${name}/weights`, outputs * inputs * kernel * kernel);
      return { ...convolution, weights, biases: data(`${name}/biases`, outputs) };
    }),
    denseWeights: data("dense/weights", channels * shape.classes),
    denseBiases: data("dense/biases", shape.classes),
  };
}
