import { invalid, positiveInteger, wrongKind } from "../../errors.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor2D } from "../../tensors/tensorflow.js";
import type { TfGraph } from "../tfjs/graph.js";

/** A dense layer: `weights · x + biases`. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** `[outputs, inputs]`, PyTorch's layout. */
  readonly weights: Float32Array;
  /** `[outputs]` */
  readonly biases: Float32Array;
}

/**
 * Checks layers from the inputs to the logits.
 *
 * @throws RangeError where a layer does not fit the one before it, or there are fewer than two
 */
export function denseLayers(layers: readonly Pick<DenseLayer, "weights" | "biases">[]): readonly DenseLayer[] {
  if (!Array.isArray(layers)) throw wrongKind("layers", "a list of layers, each of weights and biases", layers);
  if (layers.length < 2) throw invalid("layers", "at least two: one hidden layer and the output", layers.length);
  const checked: DenseLayer[] = [];
  layers.forEach(({ weights, biases }, l) => {
    const name = `layers[${l}]`;
    for (const [part, values] of Object.entries({ weights, biases })) {
      if (!(values instanceof Float32Array)) throw wrongKind(`${name}.${part}`, "a Float32Array", values);
    }
    const outputs = positiveInteger(`number of ${name}.biases`, biases.length);
    const inputs = l === 0 ? weights.length / outputs : checked[l - 1].outputs;
    if (weights.length !== inputs * outputs || !Number.isInteger(inputs) || inputs < 1) {
      const columns = l === 0 ? "a multiple of its biases" : `${outputs} x ${inputs}, outputs of the layer before it`;
      throw invalid(`number of ${name}.weights`, columns, weights.length);
    }
    checked.push({ inputs, outputs, weights, biases });
  });
  return checked;
}

/** What a layer makes of some rows: `[rows, outputs]` from `[rows, inputs]`. */
export function layerSums(tf: Tensorflow, { inputs, outputs, weights, biases }: DenseLayer, rows: Tensor2D): Tensor2D {
  // A product with the transposed one is many times faster on WebAssembly than matMul's own transposition.
  const transposed = tf.transpose(tf.tensor2d(weights, [outputs, inputs]));
  return tf.add(tf.matMul(rows, transposed), tf.tensor1d(biases));
}

/**
 * Dense layers as tensors that are computed one by one.
 *
 * @param names of the input, of what comes out of each hidden layer, and of the logits
 * @param negativeSlopes slope below 0 of the leaky ReLU of each hidden layer
 */
export function denseGraph(
  tf: Tensorflow,
  names: readonly string[],
  layers: readonly DenseLayer[],
  negativeSlopes: readonly number[],
): TfGraph {
  const [input] = names;
  const output = names[layers.length];
  return {
    inputs: [{ name: input, tensor: input, dtype: "float32", shape: [layers[0].inputs], oneRow: false }],
    outputs: [{ name: output, tensor: output }],
    order: names,
    inputsOf: (name) => (name === input ? [] : [names[names.indexOf(name) - 1]]),
    kindOf: () => "Dense",
    axisOf: () => 0,
    random: new Map(),
    ambiguous: new Map(),
    together: (name) => [name],
    compute(name, [rows]) {
      const l = names.indexOf(name) - 1;
      const sums = layerSums(tf, layers[l], rows as Tensor2D);
      return [name === output ? sums : tf.leakyRelu(sums, negativeSlopes[l])];
    },
  };
}
