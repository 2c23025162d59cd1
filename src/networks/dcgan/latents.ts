import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, positiveInteger } from "../../errors.js";
import { has } from "../../kinds.js";
import { type SeedOption, seedOf } from "../../options.js";
import type { Generator } from "./generator.js";
import { normalNumbers } from "./parameters.js";

/**
 * Latents, each standard normal, `[count, latents]`: the seeds from which a generator makes its images.
 *
 * @param options.seed an integer from 0 to 2^32 - 1; equal seeds give equal latents, and the first of more are the same
 *   ones
 */
export function randomLatents(
  generator: Pick<Generator, "latents">,
  count: number,
  options: SeedOption = {},
): Float32Array {
  const random = randomStream(seedOf("randomLatents", options));
  has("generator", generator, "a Generator");
  const { latents } = generator;
  const numbers = new Float32Array(positiveInteger("count", count) * latents);
  for (let row = 0; row < count; row++) numbers.set(normalNumbers(random, latents), row * latents);
  return numbers;
}

/** How many latents an array holds. @throws RangeError where it does not hold whole ones, at least one */
export function countLatents({ latents }: Pick<Generator, "latents">, array: Float32Array): number {
  const count = array.length / latents;
  if (!Number.isInteger(count) || count < 1) {
    throw invalid("latents", `${latents} numbers for each image, at least one image`, array);
  }
  if (!array.every(Number.isFinite))
    throw invalid(
      "latents",
      "finite numbers",
      array.find((x) => !Number.isFinite(x)),
    );
  return count;
}
