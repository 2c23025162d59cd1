import type { LabelledInputs } from "../../datasets/inputs.js";
import { invalid, wrongKind } from "../../errors.js";
import type { Numbers } from "../../formats/numbers.js";
import { has } from "../../kinds.js";
import { type BackendName, loadTensorflow, type Tensorflow, tensorsIfInstalled } from "../../tensors/backend.js";
import type { Tensor2D } from "../../tensors/tensorflow.js";
import { layerSums } from "./dense.js";
import { checkedInputs } from "./inputs.js";
import { hiddenSites, type Mlp } from "./mlp.js";
import { type ChangeActivations, plainSums } from "./plain-forward.js";

/** Inputs that go through the network at once: bounds the memory that the whole of MNIST takes. */
const rowsAtOnce = 2048;

/** Lesions in one hidden layer: what comes out of its leaky ReLU is replaced where a unit is not intact. */
export interface LayerLesion {
  /** Number of the hidden layer, from 1. */
  readonly layer: number;
  /** 0 where the unit is lesioned, else 1, `[units of the layer]`. */
  readonly intact: Uint8Array;
  /** What lesioned units put out, `[units of the layer]`; default 0. */
  readonly replacement?: Float32Array;
}

/**
 * Which units are lesioned: for each unit of all hidden layers one after the other 0 where it is, so that it puts out
 * 0, else 1; or layer by layer.
 */
export type MlpLesions = Uint8Array | readonly LayerLesion[];

/**
 * The network's outputs, one logit per class, on the tensor backend, or where TensorFlow.js is not installed without
 * it; everything is computed from the start.
 *
 * @param inputs `[count, inputs of the network]`
 * @param lesions default none
 * @returns `[count, outputs of the network]`
 * @throws RangeError for inputs, masks or replacements of another length, and for layers that there are not
 */
export async function logits(mlp: Mlp, inputs: Float32Array, lesions: MlpLesions = []): Promise<Float32Array> {
  has("mlp", mlp, "an Mlp", "layers", "inputs");
  const ofLayers = lesions instanceof Uint8Array ? layerByLayer(mlp, lesions) : lesions;
  for (const { layer, intact, replacement } of ofLayers) {
    checkHiddenLayer(mlp, layer);
    const units = mlp.layers[layer - 1].outputs;
    if (intact.length !== units) throw invalid("intact", `one number for each of ${units} units`, intact);
    if (replacement && replacement.length !== units) {
      throw invalid("replacement", `one number for each of ${units} units`, replacement);
    }
  }
  const lesionOf = (layer: number) => ofLayers.find((each) => each.layer === layer);
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
  const [result] = await through(mlp, inputs, [mlp.layers.length], { change, plainChange });
  return result;
}

/**
 * Share of the inputs whose largest logit is at their label; the first of equal ones counts.
 *
 * @param lesions as for `logits`
 * @throws TypeError for a network that is not of dense layers; TypeError, RangeError for inputs or labels that do not
 *   fit the network or each other
 */
export async function accuracy(mlp: Mlp, labelled: LabelledInputs<Numbers>, lesions?: MlpLesions): Promise<number> {
  checkDense(mlp);
  const { inputs, labels, count, classes } = checkedInputs(mlp, labelled);
  const values = await logits(mlp, inputs, lesions);
  let correct = 0;
  for (let i = 0; i < count; i++) {
    const row = values.subarray(i * classes, (i + 1) * classes);
    let best = 0;
    for (let k = 1; k < classes; k++) if (row[k] > row[best]) best = k;
    if (best === labels[i]) correct++;
  }
  return correct / count;
}

/**
 * What the units of some hidden layers receive before their activation, nothing lesioned, on the tensor backend, or
 * where TensorFlow.js is not installed without it.
 *
 * @param inputs `[count, inputs of the network]`
 * @param layers numbers of hidden layers, from 1; default the first
 * @param backend which one; default that of the network, else that in use, else the best
 * @returns one array per layer, `[count, units of the layer]`
 */
export async function preActivations(
  mlp: Mlp,
  inputs: Float32Array,
  layers: readonly number[] = [1],
  backend?: BackendName,
): Promise<Float32Array[]> {
  has("mlp", mlp, "an Mlp", "layers", "inputs");
  for (const layer of layers) checkHiddenLayer(mlp, layer);
  return through(mlp, inputs, layers, { wanted: backend });
}

/** @throws TypeError for another network, and for the promise of one */
function checkDense(mlp: unknown): void {
  if (mlp !== null && typeof mlp === "object" && "negativeSlopes" in mlp) return;
  const other =
    mlp !== null && typeof mlp === "object" && "sites" in mlp
      ? '; the accuracy of others is what networkGame(network, inputs, { score: "accuracy" }) plays, with all units intact'
      : "";
  throw wrongKind("network", `a network of dense layers, as loadMlp gives it${other}`, mlp);
}

/** @throws RangeError for a number that no hidden layer has, saying how many there are */
function checkHiddenLayer(mlp: Mlp, layer: unknown): void {
  const hidden = hiddenSites(mlp).length;
  if (!Number.isInteger(layer) || (layer as number) < 1 || (layer as number) > hidden) {
    throw invalid("layer", `the number of a hidden layer, 1 to ${hidden}`, layer);
  }
}

function layerByLayer(mlp: Mlp, intact: Uint8Array): LayerLesion[] {
  const sites = hiddenSites(mlp);
  const all = sites.reduce((sum, { units }) => sum + units, 0);
  if (intact.length !== all) throw invalid("intact", `one number for each of ${all} units`, intact);
  let start = 0;
  return sites.map(({ units }, l) => {
    start += units;
    return { layer: l + 1, intact: intact.subarray(start - units, start) };
  });
}

/** What becomes of the activations of a hidden layer on their way to the next. */
type Change = (tf: Tensorflow, layer: number, values: Tensor2D) => Tensor2D;

/**
 * How the sums of layers are computed: on which backend, with which change; without TensorFlow.js `plainChange` does
 * the same.
 */
interface Through {
  readonly wanted?: BackendName | undefined;
  readonly change?: Change;
  readonly plainChange?: ChangeActivations;
}

/** Sums of the wanted layers, numbered from 1. */
async function through(
  mlp: Mlp,
  inputs: Float32Array,
  wanted: readonly number[],
  { wanted: backendWanted = mlp.tensorBackend, change = (_tf, _layer, values) => values, plainChange }: Through,
): Promise<Float32Array[]> {
  const { layers, negativeSlopes } = mlp;
  const features = layers[0].inputs;
  const count = inputs.length / features;
  if (!Number.isInteger(count)) throw invalid("inputs", `a multiple of ${features} numbers`, inputs);
  const tensors = await tensorsIfInstalled(backendWanted);
  if (!tensors) return plainSums(mlp, inputs, wanted, plainChange);
  const { tf, backend } = tensors;
  const results = wanted.map((layer) => new Float32Array(count * layers[layer - 1].outputs));
  const depth = Math.max(...wanted);
  for (let from = 0; from < count; from += rowsAtOnce) {
    await loadTensorflow(backend); // should another have been asked for meanwhile
    const rows = Math.min(rowsAtOnce, count - from);
    const sums = tf.tidy(() => {
      const part = inputs.subarray(from * features, (from + rows) * features);
      let values: Tensor2D = tf.tensor2d(part, [rows, features]);
      const kept: Tensor2D[] = [];
      for (let layer = 1; layer <= depth; layer++) {
        const sum = layerSums(tf, layers[layer - 1], values);
        if (wanted.includes(layer)) kept.push(sum);
        if (layer < depth) values = change(tf, layer, tf.leakyRelu(sum, negativeSlopes[layer - 1]));
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
