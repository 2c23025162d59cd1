import { type Random, randomStreams } from "../../coalitions/random-streams.js";
import { positiveInteger, validSeed } from "../../errors.js";
import { checkWritable } from "../../files.js";
import type { DenseTensor } from "../../formats/tensor.js";
import type { JsonObject } from "../../json.js";
import { knownOptions, type OptionNames, type SignalOption } from "../../options.js";
import { type BatchLoss, type TrainingBatch, TrainingNetwork } from "./network.js";
import { checkedDecoderRecipe, type DecoderRecipe, learningRate } from "./recipe.js";
import { initialWeights } from "./state.js";
import { type DecoderTrainingPoint, loadDecoderTraining, saveDecoderTraining } from "./state-file.js";

/** Sequences to learn from, and of which kind each is: curves are kept by kind. */
export interface LessonBatch extends TrainingBatch {
  readonly kinds: readonly string[];
}

/** Where sequences come from. */
export interface Lessons {
  /** Checksum of all that decides them but the random numbers. */
  readonly sha256: string;
  /** Sequences of so many tokens each, by lot. */
  batch(sequences: number, length: number, random: Random): LessonBatch;
}

/** How far a decoder's training is. */
export interface DecoderProgress {
  /** Steps done, and steps in all. */
  readonly step: number;
  readonly steps: number;
  /** Of this step. */
  readonly loss: BatchLoss;
  /** Averages of every 50 steps so far. */
  readonly curves: readonly DecoderTrainingPoint[];
}

/** Options of {@link trainDecoder}. */
export interface DecoderTrainingOptions extends SignalOption {
  /** Decides the first weights and the sequences of every step; 0 is a seed. */
  readonly seed: number;
  readonly recipe: DecoderRecipe;
  /**
   * A file for the whole state, optimiser included: where it is, training goes on from it; it is written every
   * `checkpointSteps` steps and at the end, whole or not at all. Default: none.
   */
  readonly resume?: string;
  /** Default 100 steps; rounded up to a multiple of 50. */
  readonly checkpointSteps?: number;
  /** Called after every step. */
  readonly onStep?: (progress: DecoderProgress) => void;
}

/** The names of `DecoderTrainingOptions`. */
export const decoderTrainingOptionNames: OptionNames<DecoderTrainingOptions> = {
  seed: true,
  recipe: true,
  resume: true,
  checkpointSteps: true,
  signal: true,
  onStep: true,
};

/** A trained decoder. */
export interface DecoderTraining {
  /** Its weights as Hugging Face names them. */
  readonly tensors: ReadonlyMap<string, DenseTensor>;
  readonly curves: readonly DecoderTrainingPoint[];
}

/** Steps that a point of the curves averages over. */
const stretch = 50;

/**
 * Trains a decoder of Mixtral's kind, or of Llama's where the recipe has no experts, on one core: forward and backward
 * passes and AdamW in WebAssembly, all numbers float32. Same seed, same bytes, also when it was interrupted and went on
 * from its checkpoint.
 *
 * @throws TypeError, RangeError for a recipe or options out of range; FileError for a checkpoint of another training;
 *   Error where the loss is no longer a number: the checkpoint then holds the last good state; the signal's reason once
 *   it is aborted, the checkpoint stays as it was
 */
export async function trainDecoder(lessons: Lessons, options: DecoderTrainingOptions): Promise<DecoderTraining> {
  knownOptions("trainDecoder", options, decoderTrainingOptionNames);
  const recipe = checkedDecoderRecipe(options.recipe);
  const seed = validSeed(options.seed);
  const every = positiveInteger("checkpointSteps", options.checkpointSteps ?? 100);
  const between = stretch * Math.ceil(every / stretch); // so that a stretch is never cut in two
  const { resume: checkpoint, signal } = options;
  if (checkpoint !== undefined) checkWritable(checkpoint);
  const { sequences, length, shape, steps } = recipe;

  const network = new TrainingNetwork(shape, { sequences, length }, recipe.balance);
  const adam = new AdamW(network, recipe);
  const about = { recipe: recipe as unknown as JsonObject, seed, lessons: lessons.sha256 };
  const stored = checkpoint === undefined ? undefined : loadDecoderTraining(checkpoint, network.size, about);
  network.weights.set(stored?.weights ?? initialWeights(shape, seed));
  if (stored) adam.restore(stored);
  const curves = [...(stored?.curves ?? [])];
  const streams = randomStreams(seed); // of stream 0 are the first weights, of stream i the sequences of step i
  let sums = new Averages();

  for (let step = (stored?.steps ?? 0) + 1; step <= steps; step++) {
    const batch = lessons.batch(sequences, length, streams(step));
    const loss = network.learn(batch);
    const norm = adam.step(step);
    if (!Number.isFinite(loss.surprise + loss.balance + norm)) {
      const kept = checkpoint === undefined ? "" : `; ${checkpoint} holds the last good state`;
      throw new Error(
        `training stopped at step ${step}: the loss is ${loss.surprise}, the gradient's norm ${norm}; seed ${seed}${kept}`,
      );
    }
    sums.add(loss, batch, network.surprises);
    if (step % stretch === 0 || step === steps) {
      curves.push(sums.point(step));
      sums = new Averages();
    }
    if (checkpoint !== undefined && (step % between === 0 || step === steps)) {
      saveDecoderTraining(checkpoint, { steps: step, curves, weights: network.weights, ...adam.moments() }, about);
    }
    options.onStep?.({ step, steps, loss, curves });
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  const weights = network.weights.slice();
  const tensors = network.places.map(({ name, shape: own, from, count }): [string, DenseTensor] => [
    name,
    { shape: own, data: weights.slice(from, from + count) },
  ]);
  return { tensors: new Map(tensors), curves };
}

/** AdamW over the weights of a network. */
class AdamW {
  readonly #means: number;
  readonly #squares: number;

  constructor(
    private readonly network: TrainingNetwork,
    private readonly recipe: DecoderRecipe,
  ) {
    this.#means = network.memory.take(network.size);
    this.#squares = network.memory.take(network.size);
  }

  moments(): { means: Float32Array; squares: Float32Array } {
    const { memory, size } = this.network;
    return { means: memory.numbers(this.#means, size), squares: memory.numbers(this.#squares, size) };
  }

  restore({ means, squares }: { readonly means: Float32Array; readonly squares: Float32Array }): void {
    const own = this.moments();
    own.means.set(means);
    own.squares.set(squares);
  }

  /** @returns the norm of the gradients, before they are cut */
  step(step: number): number {
    const { network, recipe } = this;
    const { kernels } = network.memory;
    const [beta1, beta2] = recipe.betas;
    const norm = Math.sqrt(kernels.sumOfSquares(network.size, network.gradientsAt));
    const scale = norm > recipe.clip ? recipe.clip / norm : 1;
    const rate = learningRate(recipe, step);
    for (const { shape, from, count } of network.places) {
      const [weights, gradients, means, squares] = [
        network.weightsAt,
        network.gradientsAt,
        this.#means,
        this.#squares,
      ].map((at) => at + 4 * from);
      const keep = shape.length > 1 ? 1 - rate * recipe.decay : 1;
      kernels.adamStep(
        ...([count, weights, gradients, means, squares, scale, beta1, beta2, rate / (1 - beta1 ** step)] as const),
        ...([1 / (1 - beta2 ** step), 1e-8, keep] as const),
      );
    }
    return norm;
  }
}

/** Averages of a stretch of steps. */
class Averages {
  #steps = 0;
  #surprise = 0;
  #balance = 0;
  readonly #kinds = new Map<string, { sum: number; weight: number }>();

  add({ surprise, balance }: BatchLoss, { kinds, weights }: LessonBatch, surprises: Float32Array): void {
    this.#steps++;
    this.#surprise += surprise;
    this.#balance += balance;
    const length = weights.length / kinds.length;
    kinds.forEach((kind, s) => {
      const own = this.#kinds.get(kind) ?? { sum: 0, weight: 0 };
      for (let i = s * length; i < (s + 1) * length; i++) {
        own.sum += weights[i] * surprises[i];
        own.weight += weights[i];
      }
      this.#kinds.set(kind, own);
    });
  }

  point(step: number): DecoderTrainingPoint {
    const kinds = [...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      step,
      surprise: this.#surprise / this.#steps,
      balance: this.#balance / this.#steps,
      kinds: Object.fromEntries(kinds.map(([kind, { sum, weight }]) => [kind, sum / weight])),
    };
  }
}
