import { uniformInt } from "pure-rand/distribution/uniformInt";
import { type Random, trainingStreams } from "../../coalitions/random-streams.js";
import type { LabelledInputs } from "../../datasets/inputs.js";
import { checkLabelled } from "../../datasets/labelled-inputs.js";
import { finiteFromZero, invalid, oneOf, positiveInteger, validSeed, wrongKind } from "../../errors.js";
import type { Numbers } from "../../formats/numbers.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type BackendName, loadTensorflow } from "../../tensors/backend.js";
import { type Adam, createAdam } from "./adam.js";
import { batcher } from "./batch.js";
import { initialParameters } from "./initialise.js";
import { checkedInputs, singlePrecision } from "./inputs.js";
import { isMlp, type Mlp, type MlpSize, mlpFromParameters } from "./mlp.js";
import { type Regulariser, regularisers } from "./regulariser.js";

/** How a network is trained. The defaults are the paper's. */
export interface TrainingOptions {
  /** Hidden units. */
  readonly hidden: number;
  readonly regulariser: Regulariser;
  /** Decides the initial parameters and the order of the images; 0 is a seed. */
  readonly seed: number;
  /** Passes through the images, default 6. */
  readonly epochs?: number;
  /** Images per step, default 64; what is left at the end of an epoch is a smaller batch. */
  readonly batchSize?: number;
  /** Adam's, default 0.01. */
  readonly learningRate?: number;
  /** Weight of the regulariser, default 1e-4. */
  readonly strength?: number;
  /** Slope of the leaky ReLU below 0, default 0.01. */
  readonly negativeSlope?: number;
  /** Stops the training: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then during an epoch. */
  readonly onStep?: (progress: { step: number; steps: number }) => void;
  /** Called after each epoch, which starts at 1, with the mean cross-entropy of its batches as they were trained. */
  readonly onEpoch?: (progress: { epoch: number; epochs: number; loss: number }) => void;
}

/** The names of `TrainingOptions`. */
export const trainingOptionNames: OptionNames<TrainingOptions> = {
  hidden: true,
  regulariser: true,
  seed: true,
  epochs: true,
  batchSize: true,
  learningRate: true,
  strength: true,
  negativeSlope: true,
  signal: true,
  onStep: true,
  onEpoch: true,
};

/** A trained network. */
export interface Training {
  readonly mlp: Mlp;
  /** Mean cross-entropy (nats per image, without the penalty) of each epoch, as it was trained. */
  readonly losses: readonly number[];
  /** What computed: equal seeds give equal bytes on equal backends. */
  readonly backend: BackendName;
}

/** Steps between two looks at the clock, the signal and the loss. */
const stepsBetweenPauses = 32;

/**
 * Trains a network as the paper did (arXiv 2506.19732): Adam, learning rate 0.01, 6 epochs, batches of 64,
 * cross-entropy; L1: 1e-4 times the sum of absolute values of all parameters; L2: weight decay 1e-4. Images are
 * shuffled anew each epoch. Same seed and same tensor backend, same bytes. Networks of one seed see the images in the
 * same order, whatever their width and regulariser.
 *
 * @throws TypeError, RangeError for options out of range, or inputs and labels that do not fit each other; Error where
 *   the loss is no longer a number
 */
export async function trainMlp(labelled: LabelledInputs<Numbers>, options: TrainingOptions): Promise<Training> {
  knownOptions("trainMlp", options, trainingOptionNames);
  const hidden = positiveInteger("hidden", options.hidden);
  const plan = checked(options, options.negativeSlope);
  const { features: inputs, classes: outputs } = checkLabelled(labelled);
  const size = { inputs, hidden, outputs };
  return descended(labelled, plan, size, (random) => initialParameters(size, random));
}

/** How a network is trained further: as {@link TrainingOptions}. */
export type FineTuneOptions = Omit<TrainingOptions, "hidden" | "negativeSlope">;

const { hidden: _hidden, negativeSlope: _negativeSlope, ...fineTuneOptionNames } = trainingOptionNames;

/**
 * Trains a network of one hidden layer further, from where it is, as `trainMlp` trains: for what `compress` has left.
 * Adam begins anew; `learningRate` is to be smaller than the 0.01 of training for a network that should stay what it
 * is.
 *
 * @throws TypeError, RangeError for a network of several hidden layers, options out of range, or inputs and labels that
 *   do not fit; Error where the loss is no longer a number
 * @example
 * const smaller = await compress(await checkpoint({ width: 10, regulariser: "l1", trial: 0 }), { hidden: [0, 1, 2] });
 * const options = { regulariser: "l1", seed: 0, epochs: 1, learningRate: 0.001 } as const;
 * const { mlp } = await fineTuneMlp(smaller.network, loadInputs("mnist-train:0-99"), options);
 */
export async function fineTuneMlp(
  network: Mlp,
  labelled: LabelledInputs<Numbers>,
  options: FineTuneOptions,
): Promise<Training> {
  knownOptions("fineTuneMlp", options, fineTuneOptionNames);
  if (!isMlp(network)) throw wrongKind("network", "one of dense layers", network);
  const { layers, negativeSlopes } = network;
  if (layers.length !== 2) throw invalid("network", "one hidden layer, as trainMlp trains", negativeSlopes.length);
  const plan = checked(options, negativeSlopes[0]);
  checkedInputs(network, labelled);
  const [{ inputs, outputs: hidden }, { outputs }] = layers;
  return descended(labelled, plan, { inputs, hidden, outputs }, () => {
    const parts = layers.flatMap(({ weights, biases }) => [weights, biases]);
    const parameters = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      parameters.set(part, at);
      at += part.length;
    }
    return parameters;
  });
}

/** Descends from the initial parameters, which may be drawn. */
async function descended(
  labelled: LabelledInputs<Numbers>,
  plan: Plan,
  size: MlpSize,
  initial: (random: Random) => Float32Array,
): Promise<Training> {
  const given = checkLabelled(labelled);
  const data = { ...given, inputs: singlePrecision(given.inputs, given.features) };
  const { tf, backend } = await loadTensorflow();
  const streams = trainingStreams(plan.seed);
  const [ofWeights, ofOrder] = [streams(0), streams(1)];
  const adam = createAdam(tf, initial(ofWeights), { size, ...plan });
  try {
    const order = Uint32Array.from({ length: data.count }, (_, i) => i);
    const losses: number[] = [];
    for (let epoch = 1; epoch <= plan.epochs; epoch++) {
      shuffle(order, (to) => uniformInt(ofOrder, 0, to));
      losses.push(await trainEpoch(adam, order, data, plan, epoch, backend));
      plan.onEpoch?.({ epoch, epochs: plan.epochs, loss: losses[epoch - 1] });
    }
    return { mlp: mlpFromParameters(size, await adam.parameters(), plan.negativeSlope), losses, backend };
  } finally {
    adam.dispose();
  }
}

type Plan = ReturnType<typeof checked>;

async function trainEpoch(
  adam: Adam,
  order: Uint32Array,
  data: LabelledInputs,
  plan: Plan,
  epoch: number,
  backend: BackendName,
) {
  const { batchSize, epochs, signal, onStep } = plan;
  const stepsPerEpoch = Math.ceil(data.count / batchSize);
  const batchOf = batcher(data, batchSize);
  let loss = 0;
  for (let step = 1; step <= stepsPerEpoch; step++) {
    adam.step(batchOf(order.subarray((step - 1) * batchSize, step * batchSize)));
    if (step % stepsBetweenPauses !== 0 && step !== stepsPerEpoch) continue;
    loss += await adam.takeLoss();
    if (!Number.isFinite(loss)) {
      throw new Error(`training stopped in epoch ${epoch}, step ${step}: the loss is ${loss}; seed ${plan.seed}`);
    }
    await new Promise((resolve) => setImmediate(resolve));
    await loadTensorflow(backend); // should another have been asked for meanwhile
    signal?.throwIfAborted();
    onStep?.({ step: (epoch - 1) * stepsPerEpoch + step, steps: epochs * stepsPerEpoch });
  }
  return loss / data.count;
}

/** Fisher and Yates' shuffle, in place. */
function shuffle(order: Uint32Array, uniform: (to: number) => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = uniform(i);
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
}

function checked(options: FineTuneOptions, negativeSlope = 0.01) {
  const { epochs = 6, batchSize = 64, learningRate = 0.01, strength = 1e-4 } = options;
  return {
    regulariser: oneOf("regulariser", regularisers, options.regulariser),
    seed: validSeed(options.seed),
    epochs: positiveInteger("epochs", epochs),
    batchSize: positiveInteger("batchSize", batchSize),
    learningRate: finiteFromZero("learningRate", learningRate),
    strength: finiteFromZero("strength", strength),
    negativeSlope: finiteFromZero("negativeSlope", negativeSlope),
    signal: options.signal,
    onStep: options.onStep,
    onEpoch: options.onEpoch,
  };
}
