import type { Scalar, Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import {
  type DiscriminatorOptions,
  initialDirections,
  initialDiscriminator,
  initialGenerator,
  normalNumbers,
  type Parameter,
} from "../../../src/networks/dcgan/parameters.js";
import { dcganRecipes } from "../../../src/networks/dcgan/recipes.js";
import { crossEntropy } from "../../../src/networks/dcgan/training-layers.js";
import { generated, judged, powerIteration } from "../../../src/networks/dcgan/training-networks.js";
import { loadOnProcessor } from "../../tensors/processor.js";
import { type Plain, plainCrossEntropy, plainGenerated, plainJudged } from "./plain.js";

const size = { layers: 3, filters: 2, latents: 3 };
const count = 4;
const discriminators: [string, DiscriminatorOptions][] = [
  ["small", { ...dcganRecipes.small.discriminator, filters: 2 }],
  ["paper", { ...dcganRecipes.paper.discriminator, filters: 2 }],
];

/** Parameters far from their start, so that no gradient is tiny. */
const grown = (parameters: readonly Parameter[], seed: number) =>
  parameters.map(({ shape, data }, p) => ({
    shape,
    data: normalNumbers(randomStream(seed + p), data.length, 0, 0.3).map((x, i) => x + data[i]),
  }));
const wide = (arrays: readonly { readonly data: Float32Array }[]) => arrays.map(({ data }) => Float64Array.from(data));
const ofGenerator = grown(initialGenerator(size, randomStream(1)), 10);
const latents = normalNumbers(randomStream(2), count * size.latents);
const real = Float32Array.from({ length: count * 16 * 16 * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(i * i + 1));
const plainReal: Plain = { count, width: 16, channels: 3, data: Float64Array.from(real) };

/** The loss and its gradients against central differences of the same loss by definition, in float64. */
function compare(
  found: { readonly value: number; readonly gradients: readonly Float32Array[] },
  at: readonly Float64Array[],
  loss: (parameters: readonly Float64Array[]) => number,
): void {
  expect(found.value).toBeCloseTo(loss(at), 5);
  at.forEach((parameter, p) => {
    const largest = Math.max(...found.gradients[p].map(Math.abs));
    // Some of every parameter: a step across a kink of ReLU would spoil single ones, so the step is small.
    for (let i = 0; i < parameter.length; i += Math.ceil(parameter.length / 12)) {
      const moved = at.map((array) => array.slice());
      const value = (change: number) => {
        moved[p][i] = parameter[i] + change;
        return loss(moved);
      };
      const slope = (value(1e-6) - value(-1e-6)) / 2e-6;
      expect(Math.abs(found.gradients[p][i] - slope), `parameter ${p}, number ${i}`).toBeLessThan(
        1e-4 * largest + 1e-6,
      );
    }
  });
}

describe.each(discriminators)("the networks in training, with the discriminator of recipe %s", (_name, options) => {
  const ofDiscriminator = grown(initialDiscriminator(size.layers, options, randomStream(3)), 30);

  /** Singular vectors after one step, from the tensor library and as plain numbers. */
  async function prepared() {
    const { tf } = await loadOnProcessor();
    const tensors = (parts: readonly { shape: readonly number[]; data: Float32Array }[]) =>
      parts.map(({ data, shape }) => tf.tensor(data, [...shape]));
    const discriminator = tensors(ofDiscriminator);
    const start = tensors(initialDirections(size.layers, options, randomStream(4)));
    const filters = discriminator.filter((parameter) => parameter.rank === 4);
    const directions = filters.map((filter, f) => powerIteration(tf, filter, start[f]));
    const plain = await Promise.all(
      directions.map(async ({ left, right }) => ({
        left: Float64Array.from(await left.data()),
        right: Float64Array.from(await right.data()),
      })),
    );
    const noise = tf.tensor2d(latents, [count, size.latents]);
    return { tf, discriminator, generator: tensors(ofGenerator), directions, plain, noise };
  }

  test("descend for the discriminator as differences of the loss by definition say", async () => {
    const { tf, discriminator, directions, plain } = await prepared();
    const images = tf.tensor4d(real, [count, 16, 16, 3]);
    const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) =>
      crossEntropy(tf, judged(tf, 3, options, parameters, directions, images), 0.9),
    )(discriminator);
    const gradients = await Promise.all(grads.map((gradient) => gradient.data<"float32">()));
    compare({ value: (await value.data())[0], gradients }, wide(ofDiscriminator), (parameters) =>
      plainCrossEntropy(plainJudged(3, options, parameters, plain, plainReal), 0.9),
    );
  });

  test("descend for the generator, through the discriminator, as differences of the loss by definition say", async () => {
    const { tf, discriminator, directions, plain, generator, noise } = await prepared();
    const loss = (...parameters: Tensor[]): Scalar => {
      const images: Tensor4D = generated(tf, size, parameters, noise as Tensor2D);
      return crossEntropy(tf, judged(tf, 3, options, discriminator, directions, images), 1);
    };
    const { value, grads } = tf.valueAndGrads(loss)(generator);
    const gradients = await Promise.all(grads.map((gradient) => gradient.data<"float32">()));
    compare({ value: (await value.data())[0], gradients }, wide(ofGenerator), (parameters) => {
      const images = plainGenerated(size, parameters, Float64Array.from(latents));
      return plainCrossEntropy(plainJudged(3, options, wide(ofDiscriminator), plain, images), 1);
    });
  });
});

test("power iteration comes to the largest singular value of a filter", async () => {
  const { tf } = await loadOnProcessor();
  const diagonal = new Float32Array(4 * 4 * 2 * 3);
  diagonal.set([0.5, 0, 0], 0);
  diagonal.set([0, 3, 0], 3);
  diagonal.set([0, 0, 1], 6);
  const filter = tf.tensor4d(diagonal, [4, 4, 2, 3]);
  let right: Tensor = tf.tensor2d([0.6, 0.64, 0.48], [1, 3]);
  for (let i = 0; i < 20; i++) right = powerIteration(tf, filter, right).right;
  expect([...(await right.data())].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0, 1, 0]);
});
