import type { Tensorflow } from "../../tensors/backend.js";
import type { Scalar, Tensor } from "../../tensors/tensorflow.js";
import type { Batch } from "./batch.js";
import { type MlpSize, parameterCount } from "./mlp.js";
import type { Regulariser } from "./regulariser.js";

/** Parameters, moments and loss between steps. Holds seven tensors until `dispose`. */
export interface Adam {
  /** One step of gradient descent on a batch, whose arrays may be written to again afterwards. */
  step(batch: Batch): void;
  /** Cross-entropy summed over the images since the last call; starts again from 0. */
  takeLoss(): Promise<number>;
  /** The parameters, in the order of `Mlp`'s fields. */
  parameters(): Promise<Float32Array>;
  dispose(): void;
}

export interface AdamOptions {
  readonly size: MlpSize;
  readonly regulariser: Regulariser;
  readonly strength: number;
  readonly learningRate: number;
  readonly negativeSlope: number;
}

const decay1 = 0.9;
const decay2 = 0.999;
const epsilon = 1e-8;

/**
 * Adam as PyTorch computes it, on the mean cross-entropy of a batch:
 * `m / (1 - b1^t) / (sqrt(v) / sqrt(1 - b2^t) + 1e-8)`, betas 0.9 and 0.999. L2 is `weight_decay`, added to the
 * gradient before the moments (not decoupled, as in AdamW); L1 adds the gradient of `strength * sum |parameter|`, 0
 * at 0.
 *
 * Made of few tensor operations, since each costs time before it computes anything: all parameters but the large
 * hidden weights are one tensor, the gradients are written out, and the moments are kept without their factors (1 - b).
 */
export function createAdam(tf: Tensorflow, initial: Float32Array, options: AdamOptions): Adam {
  const { inputs, hidden } = options.size;
  const large = hidden * inputs;
  let parameters: Tensor[] = [
    tf.tensor2d(initial.slice(0, large), [hidden, inputs]),
    tf.tensor1d(initial.slice(large)),
  ];
  let means: Tensor[] = parameters.map((part) => tf.zerosLike(part));
  let squares: Tensor[] = parameters.map((part) => tf.zerosLike(part));
  let loss: Scalar = tf.scalar(0);
  let steps = 0;

  function step(batch: Batch): void {
    steps++;
    const scale = Math.sqrt((1 - decay2 ** steps) / (1 - decay2)); // of the root of the uncorrected, unscaled square
    const rate = (options.learningRate * (1 - decay1) * scale) / (1 - decay1 ** steps);
    const old = [parameters, means, squares, loss];
    [parameters, means, squares, loss] = tf.tidy(() => {
      const { gradients, crossEntropy } = gradientsOf(tf, parameters, batch, options);
      const m = gradients.map((gradient, p) => tf.add(tf.mul(means[p], decay1), gradient));
      const v = gradients.map((gradient, p) => tf.add(tf.mul(squares[p], decay2), tf.square(gradient)));
      const next = parameters.map((part, p) =>
        tf.sub(part, tf.mul(tf.div(m[p], tf.add(tf.sqrt(v[p]), epsilon * scale)), rate)),
      );
      return [next, m, v, tf.add(loss, crossEntropy)] as [Tensor[], Tensor[], Tensor[], Scalar];
    });
    tf.dispose(old);
  }

  return {
    step,
    async takeLoss() {
      const [sum] = await loss.data();
      loss.dispose();
      loss = tf.scalar(0);
      return sum;
    },
    async parameters() {
      const [first, rest] = await Promise.all(parameters.map((part) => part.data()));
      const all = new Float32Array(large + rest.length);
      all.set(first);
      all.set(rest, large);
      return all;
    },
    dispose: () => tf.dispose([parameters, means, squares, loss]),
  };
}

/** Gradients of mean cross-entropy + penalty, shaped as the parameters, and the cross-entropy summed over the batch. */
function gradientsOf(tf: Tensorflow, parameters: readonly Tensor[], batch: Batch, options: AdamOptions) {
  const { inputs, hidden, outputs } = options.size;
  const { count } = batch;
  const rows = tf.tensor2d(batch.rows, [count, inputs]);
  const columns = tf.tensor2d(batch.columns, [inputs, count]);
  const targets = tf.tensor2d(batch.targets, [count, outputs]);
  const [hiddenWeights, rest] = parameters;
  const hiddenBiases = tf.reshape(tf.slice(rest, 0, hidden), [hidden, 1]);
  const outputWeights = tf.reshape(tf.slice(rest, hidden, outputs * hidden), [outputs, hidden]);
  const outputBiases = tf.slice(rest, parameterCount(options.size) - hidden * inputs - outputs, outputs);

  const preActivations = tf.add(tf.matMul(hiddenWeights, columns), hiddenBiases); // [hidden, count]
  const activations = tf.transpose(tf.leakyRelu(preActivations, options.negativeSlope)); // [count, hidden]
  const logits = tf.add(tf.matMul(activations, tf.transpose(outputWeights)), outputBiases); // [count, outputs]
  const logProbabilities = tf.logSoftmax(logits);
  const crossEntropy = tf.neg(tf.sum(tf.mul(targets, logProbabilities)));

  const atLogits = tf.div(tf.sub(tf.exp(logProbabilities), targets), count); // [count, outputs]
  const atLogitsColumns = tf.transpose(atLogits);
  const slope = tf.step(preActivations, options.negativeSlope);
  const atHidden = tf.mul(tf.matMul(tf.transpose(outputWeights), atLogitsColumns), slope); // [hidden, count]
  const ofRest = [
    tf.sum(atHidden, 1),
    tf.reshape(tf.matMul(atLogitsColumns, activations), [outputs * hidden]),
    tf.sum(atLogits, 0),
  ];
  const ofLoss = [tf.matMul(atHidden, rows), tf.concat(ofRest)];
  return { gradients: ofLoss.map((part, p) => penalised(tf, part, parameters[p], options)), crossEntropy };
}

function penalised(tf: Tensorflow, gradient: Tensor, parameters: Tensor, { regulariser, strength }: AdamOptions) {
  if (regulariser === "none") return gradient;
  if (regulariser === "l2") return tf.add(gradient, tf.mul(parameters, strength));
  // the sign of each parameter times strength; tf.sign takes twenty times as long on WebAssembly
  return tf.add(gradient, tf.clipByValue(tf.mul(parameters, 1e38), -strength, strength));
}
