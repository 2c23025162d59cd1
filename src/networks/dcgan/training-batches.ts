import { shuffle } from "../../coalitions/random.js";
import { trainingStreams } from "../../coalitions/random-streams.js";
import type { ImageSet } from "../../datasets/image-set.js";
import { normalNumbers } from "./parameters.js";
import type { DcganRecipe } from "./recipes.js";
import { passStream } from "./training-state.js";

/**
 * A function that gives one batch after another: each pass through the images in an order of its own, with latents from
 * the same stream. Starts after the steps already done.
 */
export function batchesFrom(
  images: ImageSet,
  seed: number,
  recipe: Pick<DcganRecipe, "batchSize" | "latents">,
  done: number,
) {
  const { batchSize, latents } = recipe;
  const perPass = Math.floor(images.count / batchSize);
  const pixels = new Float32Array(batchSize * 3 * images.size ** 2);
  const streams = trainingStreams(seed);
  let pass = Math.floor(done / perPass);
  let [order, random] = startPass();
  let step = done % perPass;
  for (let s = 0; s < step; s++) normalNumbers(random, batchSize * latents);

  function startPass() {
    const stream = streams(passStream + pass);
    const members = Uint32Array.from({ length: images.count }, (_, i) => i);
    return [shuffle(stream, members), stream] as const;
  }

  return () => {
    if (step === perPass) {
      pass++;
      step = 0;
      [order, random] = startPass();
    }
    channelsLast(images, order.subarray(step * batchSize, (step + 1) * batchSize), pixels);
    step++;
    return { pixels, latents: normalNumbers(random, batchSize * latents) };
  };
}

/** Some images as numbers from 0 to 1, `[members, height, width, 3]`. */
function channelsLast({ pixels, size }: ImageSet, members: Uint32Array, target: Float32Array): void {
  const area = size * size;
  members.forEach((image, row) => {
    for (let c = 0; c < 3; c++) {
      const from = (3 * image + c) * area;
      const to = 3 * row * area + c;
      for (let p = 0; p < area; p++) target[to + 3 * p] = pixels[from + p] / 255;
    }
  });
}
