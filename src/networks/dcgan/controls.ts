import { shuffle } from "../../coalitions/random.js";
import { type Random, randomStream } from "../../coalitions/random-streams.js";
import { validSeed } from "../../errors.js";
import { has } from "../../kinds.js";
import { type SeedOption, seedOf } from "../../options.js";
import { withBatchStatistics } from "./batch-statistics.js";
import { type Generator, type GeneratorLayer, generatorOf } from "./generator.js";
import { normalNumbers } from "./parameters.js";

/** Latents from which a control's BatchNorm statistics are taken. */
const statisticsLatents = 128;

/**
 * A control for what a generator has learned: in each layer the weights are put in random order. Their distribution
 * stays, and nothing else: filters lose their smoothness as well as what they paint.
 *
 * Means and variances of the BatchNorms are set anew from 128 latents of the seed, gamma and beta stay, so that as much
 * is active as in the trained network; the last layer, which has none, stays as it is. On one tensor backend equal
 * seeds give equal generators.
 *
 * @param options.seed an integer from 0 to 2^32 - 1; default 1
 */
export async function shuffledGenerator(generator: Generator, options: SeedOption = {}): Promise<Generator> {
  const seed = seedOf("shuffledGenerator", options);
  has("generator", generator, "a Generator", "layers", "latents");
  return control(generator, seed, ({ weights }, random) => shuffle(random, weights.slice()));
}

/**
 * A control that keeps what each filter bank can paint and destroys what the layers have agreed on: in each layer the
 * weights, as a matrix `[inputs, outputs x 16]`, are multiplied from the left by a random orthogonal matrix over the
 * inputs, as if the layer before spoke in other directions. The inner products of all (output, y, x) with each other
 * stay, and so do the singular values and the spatial spectrum of the filters taken together; which input paints what
 * does not. (Latents being normal, whose distribution no rotation changes, the first layer remains the same up to names
 * of the latents.)
 *
 * BatchNorm as in {@link shuffledGenerator}.
 *
 * @param options.seed an integer from 0 to 2^32 - 1; default 1
 */
export async function rotatedGenerator(generator: Generator, options: SeedOption = {}): Promise<Generator> {
  const seed = seedOf("rotatedGenerator", options);
  has("generator", generator, "a Generator", "layers", "latents");
  return control(generator, seed, ({ weights, inputs }, random) => {
    const rotated = Float64Array.from(weights);
    rotateRows(rotated, inputs, random);
    return Float32Array.from(rotated);
  });
}

/** A generator with other weights; stream 0 of the seed gives the latents, stream l those of layer l. */
async function control(
  generator: Generator,
  seed: number,
  other: (layer: GeneratorLayer, random: Random) => Float32Array,
): Promise<Generator> {
  validSeed(seed);
  const parts = generator.parts.map((layer, l) => ({ ...layer, weights: other(layer, randomStream(seed, l + 1)) }));
  const latents = normalNumbers(randomStream(seed), statisticsLatents * generator.latents);
  return withBatchStatistics(generatorOf(generator, parts), latents);
}

/**
 * Multiplies a matrix `[rows, columns]` from the left, in place, by a random orthogonal matrix of the uniform (Haar)
 * distribution, as a product of Householder reflections (Stewart 1980): Q_k = H diag(-sign x_1, Q_(k-1)), where the
 * reflection H takes the first axis to -sign(x_1) x / |x| and x is normal, so that the first column of Q_k is x / |x|.
 */
export function rotateRows(matrix: Float64Array, rows: number, random: Random): void {
  const columns = matrix.length / rows;
  const product = new Float64Array(columns);
  for (let first = rows - 1; first >= 0; first--) {
    const mirror = Float64Array.from(normalNumbers(random, rows - first)); // x, then x + sign(x_1) |x| e_1
    const sign = mirror[0] < 0 ? -1 : 1;
    mirror[0] += sign * Math.sqrt(squared(mirror));
    for (let c = 0; c < columns; c++) matrix[first * columns + c] *= -sign;
    product.fill(0);
    mirror.forEach((v, i) => {
      const row = (first + i) * columns;
      for (let c = 0; c < columns; c++) product[c] += v * matrix[row + c];
    });
    const scale = 2 / squared(mirror);
    mirror.forEach((v, i) => {
      const row = (first + i) * columns;
      for (let c = 0; c < columns; c++) matrix[row + c] -= scale * v * product[c];
    });
  }
}

function squared(vector: Float64Array): number {
  return vector.reduce((sum, x) => sum + x * x, 0);
}
