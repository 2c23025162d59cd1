import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor, Tensor2D, Tensor4D } from "../../tensors/tensorflow.js";
import type { Regulariser } from "../mlp/regulariser.js";
import type { ResidualLayers } from "./shape.js";
import { meanCrossEntropy, trainingLogits } from "./training-network.js";

/** Tensors that change from step to step. */
export interface ResidualTensors {
  parameters: Tensor[];
  /** Running means and variances, BatchNorm by BatchNorm. */
  statistics: Tensor[];
  /** Adam's. */
  means: Tensor[];
  squares: Tensor[];
}

/** How a step goes downhill. */
export interface StepPlan {
  readonly regulariser: Regulariser;
  /** Weight of the regulariser. */
  readonly strength: number;
  /** Of this step. */
  readonly learningRate: number;
  /** AdamW's: this share of the learning rate is taken from every parameter before the step. */
  readonly weightDecay: number;
  /** From 1. */
  readonly step: number;
}

const decay1 = 0.9;
const decay2 = 0.999;
const epsilon = 1e-8;
/** Share of a batch in the running statistics, PyTorch's. */
const momentum = 0.1;

/**
 * One step of AdamW (Loshchilov and Hutter 2019, as in torch.optim.AdamW) on the mean cross-entropy of a batch and the
 * penalty: `p (1 - rate weightDecay) - rate m / (1 - b1^t) / (sqrt(v) / sqrt(1 - b2^t) + 1e-8)`, betas 0.9 and 0.999.
 * The penalty is that of the paper's MLPs: L1 adds strength times the sum of absolute values of all parameters to the
 * loss, L2 strength times each parameter to its gradient. The tensors of `state` are replaced.
 *
 * @param images `[count, size, size, 3]`
 * @param targets `[count, classes]`
 * @returns mean cross-entropy of the batch, nats, before the step
 */
export async function residualStep(
  tf: Tensorflow,
  layers: ResidualLayers,
  state: ResidualTensors,
  images: Tensor4D,
  targets: Tensor2D,
  plan: StepPlan,
): Promise<number> {
  const { step, learningRate, weightDecay } = plan;
  const seen: Tensor[] = [];
  const told: number[] = [];
  const root = Math.sqrt(1 - decay2 ** step);
  const rate = learningRate / (1 - decay1 ** step);
  const left = 1 - learningRate * weightDecay;
  const old = { ...state };
  const { loss, ...next } = tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) => {
      const logits = trainingLogits(tf, layers, parameters, images, (mean, variance, count) => {
        seen.push(mean, variance);
        told.push(1, count / (count - 1));
      });
      return meanCrossEntropy(tf, logits, targets);
    })(old.parameters);
    const gradients = grads.map((gradient, p) => penalised(tf, gradient, old.parameters[p], plan));
    const means = old.means.map((mean, p) => tf.add(tf.mul(mean, decay1), tf.mul(gradients[p], 1 - decay1)));
    const squares = old.squares.map((square, p) =>
      tf.add(tf.mul(square, decay2), tf.mul(tf.square(gradients[p]), 1 - decay2)),
    );
    const parameters = old.parameters.map((parameter, p) => {
      const spread = tf.add(tf.div(tf.sqrt(squares[p]), root), epsilon);
      return tf.sub(tf.mul(parameter, left), tf.mul(tf.div(means[p], spread), rate));
    });
    const statistics = old.statistics.map((running, s) =>
      tf.add(tf.mul(running, 1 - momentum), tf.mul(tf.reshape(seen[s], running.shape), momentum * told[s])),
    );
    return { loss: value, parameters, statistics, means, squares };
  });
  tf.dispose([seen, Object.values(old)]);
  Object.assign(state, next);
  const [value] = await loss.data();
  loss.dispose();
  return value;
}

function penalised(tf: Tensorflow, gradient: Tensor, parameter: Tensor, { regulariser, strength }: StepPlan): Tensor {
  if (regulariser === "none") return gradient;
  if (regulariser === "l2") return tf.add(gradient, tf.mul(parameter, strength));
  // the sign of each parameter times strength; tf.sign takes twenty times as long on WebAssembly
  return tf.add(gradient, tf.clipByValue(tf.mul(parameter, 1e38), -strength, strength));
}
