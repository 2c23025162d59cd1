import { invalid, positiveInteger, wrongKind } from "../../errors.js";
import type { Mlp } from "./mlp.js";

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
 * A network of dense layers with a leaky ReLU after each but the last. Its hidden layers are numbered from 1: hidden layer l
 * is what comes out of `layers[l - 1]`, and has `layers[l - 1].outputs` units.
 */
export interface DeepMlp {
  /** Numbers in one input. */
  readonly inputs: number;
  /** Numbers in the output: the logits of the classes. */
  readonly outputs: number;
  /** From the inputs to the logits; one more than there are hidden layers, so at least two. */
  readonly layers: readonly DenseLayer[];
  /** Slope below 0 of the leaky ReLU of each hidden layer; 0 for a ReLU. */
  readonly negativeSlopes: readonly number[];
  /** Checksum of the file it was read from, for provenance; undefined for a network that was never in a file. */
  readonly sha256?: string;
}

/**
 * A network of any number of hidden layers, checked.
 *
 * @param layers weights `[outputs, inputs]` and biases `[outputs]` of each, from the inputs to the logits
 * @param negativeSlope slope below 0 of the leaky ReLU, one for all hidden layers or one for each; default 0.01
 * @throws RangeError where a layer does not fit the one before it, or there are fewer than two
 * @example
 * const network = deepMlp([
 *   { weights: new Float32Array(6), biases: new Float32Array(3) }, // 2 inputs, 3 hidden units
 *   { weights: new Float32Array(3), biases: new Float32Array(1) }, // 1 output
 * ]);
 * network.inputs; // 2
 */
export function deepMlp(
  layers: readonly Pick<DenseLayer, "weights" | "biases">[],
  negativeSlope: number | readonly number[] = 0.01,
): DeepMlp {
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
  const hidden = checked.length - 1;
  const slopes = typeof negativeSlope === "number" ? new Array<number>(hidden).fill(negativeSlope) : negativeSlope;
  if (slopes.length !== hidden || !slopes.every(Number.isFinite)) {
    throw invalid("negativeSlope", `a number, or one for each of ${hidden} hidden layers`, negativeSlope);
  }
  return { inputs: checked[0].inputs, outputs: checked[hidden].outputs, layers: checked, negativeSlopes: [...slopes] };
}

/** A network of one hidden layer as one of any number. */
export function deepFromMlp(mlp: Mlp): DeepMlp {
  const { hiddenWeights, hiddenBiases, outputWeights, outputBiases, negativeSlope, sha256 } = mlp;
  const deep = deepMlp(
    [
      { weights: hiddenWeights, biases: hiddenBiases },
      { weights: outputWeights, biases: outputBiases },
    ],
    negativeSlope,
  );
  return sha256 === undefined ? deep : { ...deep, sha256 };
}

/** A network of a single hidden layer as an {@link Mlp}. @throws RangeError for one of more */
export function mlpFromDeep({ inputs, outputs, layers, negativeSlopes, sha256 }: DeepMlp): Mlp {
  if (layers.length !== 2) throw invalid("network", "one hidden layer", layers.length - 1);
  const [hidden, output] = layers;
  const mlp = {
    inputs,
    hidden: hidden.outputs,
    outputs,
    hiddenWeights: hidden.weights,
    hiddenBiases: hidden.biases,
    outputWeights: output.weights,
    outputBiases: output.biases,
    negativeSlope: negativeSlopes[0],
  };
  return sha256 === undefined ? mlp : { ...mlp, sha256 };
}

/** Widths from the inputs to the logits, e.g. `784-100-50-10`. */
export function widthsText({ inputs, layers }: DeepMlp): string {
  return [inputs, ...layers.map(({ outputs }) => outputs)].join("-");
}
