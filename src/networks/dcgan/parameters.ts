import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import type { Random } from "../../coalitions/random-streams.js";
import { shapeSize } from "../../shape-size.js";
import { channels, type DcganSize } from "./size.js";

/** A parameter or other state of a network that is being trained. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a discriminator is made of. */
export interface DiscriminatorOptions {
  /** Channels of its first layer, ndf; every further one has twice as many. */
  readonly filters: number;
  /** BatchNorm between the layers. */
  readonly batchNorm: boolean;
  /** Biases of the convolutions. */
  readonly biases: boolean;
  /** Images are taken to [-1, 1] first. */
  readonly centred: boolean;
  /** A channel with the batch's standard deviation before the last convolution. */
  readonly deviation: boolean;
}

/** Numbers in the order in which a stream gives them, so that equal seeds give equal networks. */
export function normalNumbers(random: Random, length: number, mean = 0, deviation = 1): Float32Array {
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    // Box and Muller; 1 - u is never 0
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    const angle = 2 * Math.PI * uniformFloat64(random);
    numbers[i] = mean + radius * Math.cos(angle);
    if (i + 1 < length) numbers[i + 1] = mean + radius * Math.sin(angle);
  }
  return numbers;
}

/**
 * Parameters of a generator that has not learned yet: weights normal with standard deviation 0.02, BatchNorm scales
 * normal around 1 with 0.02, shifts 0, as DCGANs are (Radford et al. 2016). Filters are `[4, 4, outputs, inputs]`; the
 * first, which acts on single pixels, is a matrix `[inputs, 16 outputs]`.
 */
export function initialGenerator(size: DcganSize, random: Random): Parameter[] {
  const widths = channels(size);
  return widths.flatMap((outputs, l) => {
    const inputs = l === 0 ? size.latents : widths[l - 1];
    const shape = l === 0 ? [inputs, 16 * outputs] : [4, 4, outputs, inputs];
    const filter = weights(`generator.${l}.filter`, shape, random);
    return l === size.layers - 1 ? [filter] : [filter, ...norm(`generator.${l}`, outputs, random)];
  });
}

/** Running mean 0 and variance 1 of each BatchNorm of a generator, as PyTorch starts them. */
export function initialStatistics(size: DcganSize): Parameter[] {
  return channels(size)
    .slice(0, -1)
    .flatMap((width, l) => [
      { name: `generator.${l}.mean`, shape: [width], data: new Float32Array(width) },
      { name: `generator.${l}.variance`, shape: [width], data: new Float32Array(width).fill(1) },
    ]);
}

/** Channels that each convolution of a discriminator takes, and the 1 that the last one gives. */
export function discriminatorWidths(layers: number, { filters, deviation }: DiscriminatorOptions) {
  return Array.from({ length: layers }, (_, l) => ({
    inputs: l === 0 ? 3 : filters * 2 ** (l - 1) + (deviation && l === layers - 1 ? 1 : 0),
    outputs: l === layers - 1 ? 1 : filters * 2 ** l,
  }));
}

/** Whether BatchNorm follows a layer of a discriminator: all but the first and the last. */
export function isNormalised(l: number, layers: number, { batchNorm }: DiscriminatorOptions): boolean {
  return batchNorm && l > 0 && l < layers - 1;
}

/** Parameters of a discriminator that has not learned yet; filters are `[4, 4, inputs, outputs]`, biases 0. */
export function initialDiscriminator(layers: number, options: DiscriminatorOptions, random: Random): Parameter[] {
  return discriminatorWidths(layers, options).flatMap(({ inputs, outputs }, l) => {
    const parts = [weights(`discriminator.${l}.filter`, [4, 4, inputs, outputs], random)];
    if (options.biases) {
      parts.push({ name: `discriminator.${l}.bias`, shape: [outputs], data: new Float32Array(outputs) });
    }
    if (isNormalised(l, layers, options)) parts.push(...norm(`discriminator.${l}`, outputs, random));
    return parts;
  });
}

/** A unit vector of outputs for each filter of a discriminator: where power iteration starts. */
export function initialDirections(layers: number, options: DiscriminatorOptions, random: Random): Parameter[] {
  return discriminatorWidths(layers, options).map(({ outputs }, l) => {
    const data = normalNumbers(random, outputs);
    const length = Math.hypot(...data);
    return { name: `discriminator.${l}.direction`, shape: [1, outputs], data: data.map((x) => x / length) };
  });
}

function weights(name: string, shape: readonly number[], random: Random): Parameter {
  return { name, shape, data: normalNumbers(random, shapeSize(shape), 0, 0.02) };
}

function norm(name: string, width: number, random: Random): Parameter[] {
  return [
    { name: `${name}.scale`, shape: [width], data: normalNumbers(random, width, 1, 0.02) },
    { name: `${name}.shift`, shape: [width], data: new Float32Array(width) },
  ];
}
