import { invalid } from "../../errors.js";
import { type BackendName, loadTensorflow, type Tensorflow, tensorsIfInstalled } from "../../tensors/backend.js";
import type { Tensor2D } from "../../tensors/tensorflow.js";
import type { DeepMlp } from "./deep.js";
import { type ChangeActivations, plainSums } from "./plain-forward.js";

/** Inputs that go through the network at once. */
const rowsAtOnce = 2048;

/** Lesions in one hidden layer: what comes out of its leaky ReLU is replaced where a unit is not intact. */
export interface DeepLesion {
  /** Number of the hidden layer, from 1. */
  readonly layer: number;
  /** 0 where the unit is lesioned, else 1, `[units of the layer]`. */
  readonly intact: Uint8Array;
  /** What lesioned units put out, `[units of the layer]`; default 0. */
  readonly replacement?: Float32Array;
}

/**
 * The outputs of a network of any number of hidden layers, one logit per class, on the tensor backend, or without TensorFlow.js where
 * it is not installed; everything is computed from the start.
 *
 * @param inputs `[count, network.inputs]`
 * @param lesions default none
 * @returns `[count, network.outputs]`
 */
export async function deepLogits(
  network: DeepMlp,
  inputs: Float32Array,
  lesions: readonly DeepLesion[] = [],
): Promise<Float32Array> {
  for (const { layer, intact, replacement } of lesions) {
    checkHiddenLayer(network, layer);
    const units = network.layers[layer - 1].outputs;
    if (intact.length !== units) throw invalid("intact", `one number for each of ${units} units`, intact);
    if (replacement && replacement.length !== units) {
      throw invalid("replacement", `one number for each of ${units} units`, replacement);
    }
  }
  const last = network.layers.length;
  const lesionOf = (layer: number) => lesions.find((each) => each.layer === layer);
  const change: Change = (tf, layer, values) => {
    const lesion = lesionOf(layer);
    if (!lesion) return values;
    const intact = tf.tensor1d(Float32Array.from(lesion.intact, Math.sign));
    const rest = lesion.replacement ? tf.mul(tf.sub(1, intact), tf.tensor1d(lesion.replacement)) : 0;
    return tf.add(tf.mul(values, intact), rest);
  };
  const plainChange: ChangeActivations = (layer, values, units) => {
    const { intact, replacement } = lesionOf(layer) ?? {};
    for (let i = 0; i < values.length; i++) if (intact?.[i % units] === 0) values[i] = replacement?.[i % units] ?? 0;
  };
  const [logits] = await through(network, inputs, [last], { change, plainChange });
  return logits;
}

/**
 * What the units of some hidden layers receive before their activation, nothing lesioned, on the tensor backend.
 *
 * @param inputs `[count, network.inputs]`
 * @param layers numbers of hidden layers, from 1
 * @param backend which one; default that in use, else the best
 * @returns one array per layer, `[count, units of the layer]`
 */
export async function deepPreActivations(
  network: DeepMlp,
  inputs: Float32Array,
  layers: readonly number[],
  backend?: BackendName,
): Promise<Float32Array[]> {
  for (const layer of layers) checkHiddenLayer(network, layer);
  return through(network, inputs, layers, { wanted: backend });
}

/** @throws RangeError for a number that no hidden layer has, saying how many there are */
export function checkHiddenLayer(network: DeepMlp, layer: unknown): void {
  const hidden = network.layers.length - 1;
  if (!Number.isInteger(layer) || (layer as number) < 1 || (layer as number) > hidden) {
    throw invalid("layer", `the number of a hidden layer, 1 to ${hidden}`, layer);
  }
}

/** What becomes of the activations of a hidden layer on their way to the next. */
type Change = (tf: Tensorflow, layer: number, values: Tensor2D) => Tensor2D;

/** How the sums of layers are computed: on which backend, with which change; without TensorFlow.js `plainChange` does the same. */
interface Through {
  readonly wanted?: BackendName | undefined;
  readonly change?: Change;
  readonly plainChange?: ChangeActivations;
}

/** Sums of the wanted layers, numbered from 1. */
async function through(
  network: DeepMlp,
  inputs: Float32Array,
  wanted: readonly number[],
  { wanted: backendWanted, change = (_tf, _layer, values) => values, plainChange }: Through,
): Promise<Float32Array[]> {
  const count = inputs.length / network.inputs;
  if (!Number.isInteger(count)) throw invalid("inputs", `a multiple of ${network.inputs} numbers`, inputs);
  const tensors = await tensorsIfInstalled(backendWanted);
  if (!tensors) return plainSums(network, inputs, wanted, plainChange);
  const { tf, backend } = tensors;
  const results = wanted.map((layer) => new Float32Array(count * network.layers[layer - 1].outputs));
  const depth = Math.max(...wanted);
  for (let from = 0; from < count; from += rowsAtOnce) {
    await loadTensorflow(backend); // should another have been asked for meanwhile
    const rows = Math.min(rowsAtOnce, count - from);
    const sums = tf.tidy(() => {
      const part = inputs.subarray(from * network.inputs, (from + rows) * network.inputs);
      let values: Tensor2D = tf.tensor2d(part, [rows, network.inputs]);
      const kept: Tensor2D[] = [];
      for (let layer = 1; layer <= depth; layer++) {
        const { inputs: columns, outputs, weights, biases } = network.layers[layer - 1];
        // A product with the transposed one is many times faster on WebAssembly than matMul's own transposition.
        const transposed = tf.transpose(tf.tensor2d(weights, [outputs, columns]));
        const sum: Tensor2D = tf.add(tf.matMul(values, transposed), tf.tensor1d(biases));
        if (wanted.includes(layer)) kept.push(sum);
        if (layer < depth) values = change(tf, layer, tf.leakyRelu(sum, network.negativeSlopes[layer - 1]));
      }
      return kept;
    });
    const ascending = [...new Set(wanted)].sort((a, b) => a - b);
    for (const [k, sum] of sums.entries()) {
      const values = await sum.data();
      wanted.forEach((layer, w) => {
        if (layer === ascending[k]) results[w].set(values, (from * values.length) / rows);
      });
      sum.dispose();
    }
  }
  return results;
}
