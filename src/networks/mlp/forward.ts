import type { LabelledInputs } from "../../datasets/inputs.js";
import { invalid } from "../../errors.js";
import type { Numbers } from "../../modes/numbers.js";
import { type BackendName, loadTensorflow, type Tensorflow, tensorsIfInstalled } from "../../tensors/backend.js";
import type { Tensor2D } from "../../tensors/tensorflow.js";
import { deepFromMlp } from "./deep.js";
import { checkedInputs } from "./inputs.js";
import type { Mlp } from "./mlp.js";
import { type ChangeActivations, plainSums } from "./plain-forward.js";

/** Inputs that go through the network at once: bounds the memory that the whole of MNIST takes. */
const rowsAtOnce = 2048;

/**
 * What each hidden unit receives before its activation, on the tensor backend; where TensorFlow.js is not installed, without it.
 *
 * @param inputs `[count, mlp.inputs]`
 * @param backend which one; default that in use, else the best
 * @returns `[count, hidden]`
 */
export async function preActivations(mlp: Mlp, inputs: Float32Array, backend?: BackendName): Promise<Float32Array> {
  return inParts(mlp, inputs, 1, (tf, rows) => hiddenLayer(tf, mlp, rows), { wanted: backend });
}

/**
 * The network's outputs, one logit per class, on the tensor backend; where TensorFlow.js is not installed, without it.
 *
 * @param inputs `[count, mlp.inputs]`
 * @param intact per hidden unit 0 where it is lesioned, else 1: its pre-activation, and so its activation, is then 0;
 *   default all intact
 * @returns `[count, outputs]`
 */
export async function logits(mlp: Mlp, inputs: Float32Array, intact?: Uint8Array): Promise<Float32Array> {
  if (intact && intact.length !== mlp.hidden)
    throw invalid("intact", `one number for each of ${mlp.hidden} units`, intact);
  const run = (tf: Tensorflow, rows: Tensor2D): Tensor2D => {
    const received = hiddenLayer(tf, mlp, rows);
    const kept = intact
      ? tf.mul(received, tf.tensor2d(Float32Array.from(intact, Math.sign), [1, mlp.hidden]))
      : received;
    const weights = tf.transpose(tf.tensor2d(mlp.outputWeights, [mlp.outputs, mlp.hidden]));
    return tf.add(tf.matMul(tf.leakyRelu(kept as Tensor2D, mlp.negativeSlope), weights), mlp.outputBiases) as Tensor2D;
  };
  const silence = (values: Float32Array): void => {
    for (let i = 0; i < values.length; i++) if (intact?.[i % mlp.hidden] === 0) values[i] = 0;
  };
  return inParts(mlp, inputs, 2, run, { change: (_layer, values) => silence(values) });
}

/**
 * Share of the inputs whose largest logit is at their label; the first of equal ones counts.
 *
 * @param intact as for `logits`
 * @throws TypeError, RangeError for inputs or labels that do not fit the network or each other
 */
export async function accuracy(mlp: Mlp, labelled: LabelledInputs<Numbers>, intact?: Uint8Array): Promise<number> {
  const { inputs, labels, count } = checkedInputs(mlp, labelled);
  const values = await logits(mlp, inputs, intact);
  let correct = 0;
  for (let i = 0; i < count; i++) {
    const row = values.subarray(i * mlp.outputs, (i + 1) * mlp.outputs);
    let best = 0;
    for (let k = 1; k < mlp.outputs; k++) if (row[k] > row[best]) best = k;
    if (best === labels[i]) correct++;
  }
  return correct / count;
}

function hiddenLayer(tf: Tensorflow, mlp: Mlp, rows: Tensor2D): Tensor2D {
  const weights = tf.transpose(tf.tensor2d(mlp.hiddenWeights, [mlp.hidden, mlp.inputs]));
  return tf.add(tf.matMul(rows, weights), mlp.hiddenBiases);
}

/** Runs rows through the first or both layers, a part at a time. Without TensorFlow.js `change` does what `run` does in between. */
async function inParts(
  mlp: Mlp,
  inputs: Float32Array,
  layer: 1 | 2,
  run: (tf: Tensorflow, rows: Tensor2D) => Tensor2D,
  { wanted, change }: { wanted?: BackendName | undefined; change?: ChangeActivations } = {},
): Promise<Float32Array> {
  const width = layer === 1 ? mlp.hidden : mlp.outputs;
  const count = inputs.length / mlp.inputs;
  if (!Number.isInteger(count)) throw invalid("inputs", `a multiple of ${mlp.inputs} numbers`, inputs);
  const tensors = await tensorsIfInstalled(wanted);
  if (!tensors) return plainSums(deepFromMlp(mlp), inputs, [layer], change)[0];
  const { tf, backend } = tensors;
  const results = new Float32Array(count * width);
  for (let from = 0; from < count; from += rowsAtOnce) {
    await loadTensorflow(backend); // should another have been asked for meanwhile
    const rows = Math.min(rowsAtOnce, count - from);
    const part = inputs.subarray(from * mlp.inputs, (from + rows) * mlp.inputs);
    const values = tf.tidy(() => run(tf, tf.tensor2d(part, [rows, mlp.inputs])));
    results.set(await values.data(), from * width);
    values.dispose();
  }
  return results;
}
