import { randomOrdering } from "../../coalitions/random.js";
import { randomStreams } from "../../coalitions/random-streams.js";
import type { LabelledInputs } from "../../datasets/inputs.js";
import { checkLabelled } from "../../datasets/labelled-inputs.js";
import { finiteFromZero, invalid, oneOf, positiveInteger, validSeed } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type BackendName, loadTensorflow } from "../../tensors/backend.js";
import type { Tensor, Tensorflow } from "../../tensors/tensorflow.js";
import type { Parameter } from "../dcgan/parameters.js";
import { type Regulariser, regularisers } from "../mlp/regulariser.js";
import { foldedResidual, type Residual } from "./residual.js";
import { type ResidualShape, residualLayers, smallResidual } from "./shape.js";
import { initialNorms, initialResidual } from "./training-state.js";
import { type ResidualTensors, residualStep } from "./training-step.js";

/** How a convolution network is trained. */
export interface ResidualTrainingOptions {
  readonly regulariser: Regulariser;
  /** Decides the first parameters and the order of the images; 0 is a seed. */
  readonly seed: number;
  /** Default `smallResidual`. */
  readonly shape?: ResidualShape;
  /** Passes through the images, default 6; in the published code 50. */
  readonly epochs?: number;
  /** Images per step, default 16; what is left at the end of an epoch waits for another one. */
  readonly batchSize?: number;
  /** AdamW's at the start, default 1e-3; it falls along a cosine to a hundredth of that. */
  readonly learningRate?: number;
  /**
   * AdamW's decoupled decay, of all parameters and whatever the regulariser: each step first multiplies them by 1 -
   * learning rate times this. Default 0.01, PyTorch's; 0 is Adam.
   */
  readonly weightDecay?: number;
  /** Weight of the regulariser, default 1e-4. */
  readonly strength?: number;
  /** Stops the training: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onStep?: (progress: { step: number; steps: number; loss: number }) => void;
}

/** The names of `ResidualTrainingOptions`. */
export const residualTrainingOptionNames: OptionNames<ResidualTrainingOptions> = {
  regulariser: true,
  seed: true,
  shape: true,
  epochs: true,
  batchSize: true,
  learningRate: true,
  weightDecay: true,
  strength: true,
  signal: true,
  onStep: true,
};

/** A trained convolution network. */
export interface ResidualTraining {
  readonly network: Residual;
  /** Mean cross-entropy of each epoch's batches as they were trained, nats per image, without the penalty. */
  readonly losses: readonly number[];
  /** What computed: equal seeds give equal bytes on equal backends. */
  readonly backend: BackendName;
}

/**
 * Trains a network of residual blocks: AdamW, learning rate 1e-3 along a cosine to 1e-5, cross-entropy, the penalties
 * of `trainMlp`. Images are shuffled anew each epoch. Same seed and same tensor backend, same bytes. Networks of one
 * seed begin alike and see the images in the same order, whatever their regulariser.
 *
 * @param labelled images `[3, size, size]` with their classes
 * @throws TypeError, RangeError for options out of range, images of another shape, more classes than the network has,
 *   or fewer images than a batch; Error where the loss is no longer a number
 */
export async function trainResidual(
  labelled: LabelledInputs,
  options: ResidualTrainingOptions,
): Promise<ResidualTraining> {
  knownOptions("trainResidual", options, residualTrainingOptionNames);
  const plan = checked(options);
  const { shape, seed, epochs, batchSize } = plan;
  const layers = residualLayers(shape);
  const data = checkLabelled(labelled);
  const { size, classes } = shape;
  if (String(data.shape) !== String([3, size, size]))
    throw invalid("inputs", `images [3, ${size}, ${size}]`, data.shape);
  if (data.classes > classes) throw invalid("inputs", `at most ${classes} classes`, data.classes);
  if (data.count < batchSize) throw invalid("inputs", `at least a batch, ${batchSize}`, data.count);

  const { tf, backend } = await loadTensorflow();
  const streams = randomStreams(seed);
  const start = initialResidual(layers, shape, streams(0));
  const norms = initialNorms(layers);
  const state = tensorsOf(tf, start, norms);
  const perEpoch = Math.floor(data.count / batchSize);
  const steps = epochs * perEpoch;
  const losses: number[] = [];
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = randomOrdering(streams(1 + epoch), data.count);
      let sum = 0;
      for (let b = 0; b < perEpoch; b++) {
        await loadTensorflow(backend); // should another have been asked for meanwhile
        const rows = order.subarray(b * batchSize, (b + 1) * batchSize);
        const done = epoch * perEpoch + b;
        const learningRate = plan.learningRate * cosine(done / steps);
        const images = tf.tensor4d(channelsLast(data, rows, size), [batchSize, size, size, 3]);
        const targets = tf.tensor2d(oneHot(data, rows, classes), [batchSize, classes]);
        const { regulariser, strength, weightDecay } = plan;
        const how = { regulariser, strength, weightDecay, learningRate, step: done + 1 };
        const loss = await residualStep(tf, layers, state, images, targets, how);
        tf.dispose([images, targets]);
        if (!Number.isFinite(loss)) {
          throw new Error(`training stopped at step ${done + 1}: the loss is ${loss}; seed ${seed}`);
        }
        sum += loss;
        plan.onStep?.({ step: done + 1, steps, loss });
        await new Promise((resolve) => setImmediate(resolve));
        plan.signal?.throwIfAborted();
      }
      losses.push(sum / perEpoch);
    }
    const read = (like: readonly Parameter[], tensors: readonly Tensor[]) =>
      Promise.all(
        like.map(async (parameter, p) => ({
          ...parameter,
          data: Float32Array.from(await tensors[p].data<"float32">()),
        })),
      );
    const trained = [...(await read(start, state.parameters)), ...(await read(norms, state.statistics))];
    return { network: foldedResidual(shape, trained), losses, backend };
  } finally {
    tf.dispose(Object.values(state).flat());
  }
}

/** Share of the learning rate, from 1 at 0 to 0.01 at 1. */
function cosine(done: number): number {
  return 0.01 + 0.99 * (0.5 + 0.5 * Math.cos(Math.PI * done));
}

function tensorsOf(tf: Tensorflow, parameters: readonly Parameter[], norms: readonly Parameter[]): ResidualTensors {
  const tensors = (list: readonly Parameter[]) => list.map(({ data, shape }) => tf.tensor(data.slice(), [...shape]));
  const zeros = () => parameters.map(({ shape }): Tensor => tf.zeros([...shape]));
  return { parameters: tensors(parameters), statistics: tensors(norms), means: zeros(), squares: zeros() };
}

/** Some images `[rows, size, size, 3]`. */
function channelsLast({ inputs }: LabelledInputs, rows: ArrayLike<number>, size: number): Float32Array {
  const area = size * size;
  const images = new Float32Array(rows.length * 3 * area);
  for (let row = 0; row < rows.length; row++) {
    for (let c = 0; c < 3; c++) {
      const from = (3 * rows[row] + c) * area;
      const to = 3 * row * area + c;
      for (let p = 0; p < area; p++) images[to + 3 * p] = inputs[from + p];
    }
  }
  return images;
}

function oneHot({ labels }: LabelledInputs, rows: ArrayLike<number>, classes: number): Float32Array {
  const targets = new Float32Array(rows.length * classes);
  for (let row = 0; row < rows.length; row++) targets[row * classes + labels[rows[row]]] = 1;
  return targets;
}

function checked(options: ResidualTrainingOptions) {
  const { epochs = 6, batchSize = 16, learningRate = 1e-3, weightDecay = 0.01, strength = 1e-4 } = options;
  const { shape = smallResidual } = options;
  return {
    regulariser: oneOf("regulariser", regularisers, options.regulariser),
    seed: validSeed(options.seed),
    shape,
    epochs: positiveInteger("epochs", epochs),
    batchSize: positiveInteger("batchSize", batchSize),
    learningRate: finiteFromZero("learningRate", learningRate),
    weightDecay: finiteFromZero("weightDecay", weightDecay),
    strength: finiteFromZero("strength", strength),
    signal: options.signal,
    onStep: options.onStep,
  };
}
