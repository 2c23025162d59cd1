import type { ImageSet } from "../../datasets/image-set.js";
import { FileError, invalid, positiveInteger, validSeed } from "../../errors.js";
import { checkWritable } from "../../files.js";
import type { JsonObject } from "../../json.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type BackendName, backendLabel, loadTensorflow } from "../../tensors/backend.js";
import type { Generator } from "./generator.js";
import { checkedRecipe, type DcganRecipe, dcganRecipes } from "./recipes.js";
import { imageSize } from "./size.js";
import { loadTraining, saveTraining, type TrainingPoint } from "./state-file.js";
import { batchesFrom } from "./training-batches.js";
import {
  averagedGenerator,
  initialState,
  readState,
  stateGroups,
  stateTensors,
  type TrainingState,
} from "./training-state.js";
import { type StepLosses, trainStep } from "./training-step.js";

/** How far a training is. */
export interface DcganProgress {
  /** Steps done, and steps in all. */
  readonly step: number;
  readonly steps: number;
  /** Images seen. */
  readonly images: number;
  /** Of this step. */
  readonly losses: StepLosses;
  /** Averages of every 50 steps so far. */
  readonly curves: readonly TrainingPoint[];
  /** The generator as it stands now, its weights averaged. */
  generator(): Promise<Generator>;
}

/** Options of {@link trainDcgan}. */
export interface DcganTrainingOptions {
  /** Decides the first weights, the order of the images and the latents; 0 is a seed. */
  readonly seed: number;
  /** Default `dcganRecipes.small`; `{ ...dcganRecipes.small, images: 30_000 }` changes one thing. */
  readonly recipe?: DcganRecipe;
  /**
   * A file for the whole state, optimiser included: where it is, training goes on from it; it is written every
   * `checkpointSteps` steps and at the end, whole or not at all. Default: none.
   */
  readonly resume?: string;
  /** Default 500 steps; rounded up to a multiple of 50. */
  readonly checkpointSteps?: number;
  /**
   * Stops the training after a step: the promise is rejected with the signal's reason, the checkpoint stays as it was.
   */
  readonly signal?: AbortSignal;
  /** Called after every step; training waits for what it returns, so that it can show samples. */
  readonly onStep?: (progress: DcganProgress) => void | Promise<void>;
}

/** The names of `DcganTrainingOptions`. */
export const dcganTrainingOptionNames: OptionNames<DcganTrainingOptions> = {
  seed: true,
  recipe: true,
  resume: true,
  checkpointSteps: true,
  signal: true,
  onStep: true,
};

/** A trained generator. */
export interface DcganTraining {
  /** With averaged weights. */
  readonly generator: Generator;
  readonly curves: readonly TrainingPoint[];
  /** What computed: equal seeds give equal bytes on equal backends. */
  readonly backend: BackendName;
}

/** Steps that a point of the curves averages over. */
const stretch = 50;
const nothing: StepLosses = { discriminator: 0, generator: 0, real: 0, fake: 0 };

/**
 * Trains a DCGAN on images, on any tensor backend. Same seed and same backend, same bytes, also when it was interrupted
 * and went on from its checkpoint.
 *
 * @throws TypeError, RangeError for options out of range, images of another size, or fewer than a batch; FileError for
 * a checkpoint of another training or another backend, or one that is further on; Error where a loss is no longer a
 * number: the checkpoint then holds the last good state
 */
export async function trainDcgan(images: ImageSet, options: DcganTrainingOptions): Promise<DcganTraining> {
  knownOptions("trainDcgan", options, dcganTrainingOptionNames);
  const recipe = checkedRecipe(options.recipe ?? dcganRecipes.small);
  const seed = validSeed(options.seed);
  const every = positiveInteger("checkpointSteps", options.checkpointSteps ?? 500);
  const { batchSize } = recipe;
  const size = imageSize(recipe);
  if (images.size !== size)
    throw invalid("images", `${size} x ${size} pixels for ${recipe.layers} layers`, images.size);
  if (images.count < batchSize) throw invalid("images", `at least a batch, ${batchSize}`, images.count);
  const { resume: checkpoint } = options;
  const between = stretch * Math.ceil(every / stretch); // so that a stretch is never cut in two
  if (checkpoint !== undefined) checkWritable(checkpoint);

  const tensorBackend = await loadTensorflow();
  const { tf, backend } = tensorBackend;
  const start = initialState(recipe, recipe.discriminator, seed);
  const { images: _length, ...rest } = recipe; // a training may go on for longer
  const about = {
    recipe: rest as unknown as JsonObject,
    seed,
    images: images.sha256,
    backend: backendLabel(tensorBackend),
  };
  const stored = checkpoint === undefined ? undefined : loadTraining(checkpoint, start, about);
  const steps = Math.max(1, Math.floor(recipe.images / batchSize));
  if (stored && stored.steps > steps) {
    const problem = `holds a training of ${stored.steps * batchSize} images; ${recipe.images} were asked for`;
    throw new FileError(checkpoint as string, problem);
  }
  const tensors = stateTensors(tf, stored?.state ?? start);
  const curves = [...(stored?.curves ?? [])];
  const generator = async () => averagedGenerator(recipe, await readState(tensors, start));
  const diverged = (problem: string, step: number) => {
    const kept = checkpoint === undefined ? "" : `; ${checkpoint} holds the last good state`;
    return new Error(`training stopped at step ${step}: ${problem}; seed ${seed}${kept}`);
  };
  let sums = nothing;

  try {
    const batches = batchesFrom(images, seed, recipe, stored?.steps ?? 0);
    for (let step = (stored?.steps ?? 0) + 1; step <= steps; step++) {
      await loadTensorflow(backend); // should another have been asked for meanwhile
      const { pixels, latents } = batches();
      const real = tf.tensor4d(pixels, [batchSize, size, size, 3]);
      const noise = tf.tensor2d(latents, [batchSize, recipe.latents]);
      const share = recipe.quarterAfter > 0 && step * batchSize > recipe.quarterAfter ? 0.25 : 1;
      const rates = {
        generator: share * recipe.learningRates.generator,
        discriminator: share * recipe.learningRates.discriminator,
      };
      const { discriminator, realTarget, averaging: decay } = recipe;
      const losses = await trainStep(tf, tensors, real, noise, step, {
        size: recipe,
        discriminator,
        rates,
        realTarget,
        decay,
      });
      tf.dispose([real, noise]);
      if (!Number.isFinite(losses.discriminator + losses.generator)) {
        throw diverged(`the losses are discriminator ${losses.discriminator}, generator ${losses.generator}`, step);
      }
      sums = added(sums, losses, 1 / stretch);
      if (step % stretch === 0) {
        curves.push({ images: step * batchSize, ...sums });
        sums = nothing;
      }
      if (checkpoint !== undefined && (step % between === 0 || step === steps)) {
        const state = await readState(tensors, start);
        if (!allFinite(state)) throw diverged("a weight is no longer a number", step);
        saveTraining(checkpoint, { state, steps: step, curves }, about);
      }
      await options.onStep?.({ step, steps, images: step * batchSize, losses, curves, generator });
      await new Promise((resolve) => setImmediate(resolve));
      options.signal?.throwIfAborted();
    }
    return { generator: await generator(), curves, backend };
  } finally {
    tf.dispose(Object.values(tensors).flat());
  }
}

function added(sums: StepLosses, losses: StepLosses, share: number): StepLosses {
  return {
    discriminator: sums.discriminator + share * losses.discriminator,
    generator: sums.generator + share * losses.generator,
    real: sums.real + share * losses.real,
    fake: sums.fake + share * losses.fake,
  };
}

function allFinite(state: TrainingState): boolean {
  return stateGroups.every((group) => state[group].every(({ data }) => data.every(Number.isFinite)));
}
