import { randomUUID } from "node:crypto";
import { notNegative, positiveInteger, validSeed } from "../../errors.js";
import { facesFigure } from "../../figures/faces.js";
import type { Figure } from "../../figures/kit/figure.js";
import { trainingFigure } from "../../figures/training.js";
import { cellSignal, kernelHook } from "../../kernel-hook.js";
import { generateImages } from "../../networks/dcgan/forward.js";
import { randomLatents } from "../../networks/dcgan/latents.js";
import { imageSize } from "../../networks/dcgan/size.js";
import type { DcganProgress } from "../../networks/dcgan/train.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { display } from "../display/display.js";

/** Options of {@link showTraining}. */
export interface ShowTrainingOptions {
  /** Seconds between two looks at least; default 5. */
  readonly every?: number;
  /** How many images of the generator are shown; default 16. */
  readonly samples?: number;
  /** Seed of the latents that they are made of, the same ones in every look; default 1. */
  readonly seed?: number;
}

/** The names of `ShowTrainingOptions`. */
export const showTrainingOptionNames: OptionNames<ShowTrainingOptions> = { every: true, samples: true, seed: true };

/**
 * Shows a training while it goes on, to be given to `trainDcgan`: in a notebook one display of sample images and
 * curves, replaced every few seconds, the last of which stays with a picture for viewers that run no scripts;
 * interrupting the cell ends the training. Outside a notebook a line on stderr. What is trained does not depend on it.
 *
 * @example
 * const { generator } = await trainDcgan(faces, { seed: 1, onStep: showTraining() });
 */
export function showTraining(options: ShowTrainingOptions = {}): (progress: DcganProgress) => Promise<void> {
  knownOptions("showTraining", options, showTrainingOptionNames);
  const every = 1000 * notNegative("every", options.every ?? 5);
  const count = positiveInteger("samples", options.samples ?? 16);
  const seed = validSeed(options.seed ?? 1);
  const id = `training-${randomUUID()}`;
  let shown = false;
  let next = 0;
  return async (progress) => {
    cellSignal()?.throwIfAborted();
    const last = progress.step === progress.steps;
    if (!last && performance.now() < next) return;
    if (kernelHook()) {
      await display(await figureOf(progress, count, seed), { id, update: shown });
      shown = true;
    } else {
      process.stderr.write(`${lineOf(progress)}\n`);
    }
    // From the end of the look: however long it takes, training has its time.
    next = performance.now() + every;
  };
}

async function figureOf(progress: DcganProgress, count: number, seed: number): Promise<Figure> {
  const generator = await progress.generator();
  const images = await generateImages(generator, randomLatents(generator, count, { seed }));
  const size = imageSize(generator);
  const shape = [count, 3, size, size];
  const planned = plannedImages(progress);
  const note = progress.step < progress.steps ? `${planned.toLocaleString("en-GB")} images are planned.` : undefined;
  const said = note === undefined ? {} : { note };
  if (progress.curves.length > 0) {
    return trainingFigure(progress.curves, { samples: { images, shape }, images: planned, ...said });
  }
  // Before the first stretch of steps is over there are no curves.
  return facesFigure(images, shape, { title: "Training of the generator", ...said });
}

function lineOf(progress: DcganProgress): string {
  const { images, losses } = progress;
  const [seen, all] = [images, plannedImages(progress)].map((number) => number.toLocaleString("en-GB"));
  const nats = `discriminator ${losses.discriminator.toFixed(2)}, generator ${losses.generator.toFixed(2)}`;
  return `training: ${seen} of ${all} images; losses in nats: ${nats}`;
}

function plannedImages({ images, step, steps }: DcganProgress): number {
  return Math.round((images / step) * steps);
}
