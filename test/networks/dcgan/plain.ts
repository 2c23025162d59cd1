import { randomStream } from "../../../src/coalitions/random-streams.js";
import { type Generator, generatorOf } from "../../../src/networks/dcgan/generator.js";
import type { DiscriminatorOptions } from "../../../src/networks/dcgan/parameters.js";
import { isNormalised, normalNumbers } from "../../../src/networks/dcgan/parameters.js";
import { channels, type DcganSize } from "../../../src/networks/dcgan/size.js";

/** DCGANs by their definition, in float64 and one number at a time: what the fast ones are held against. */

/** Images by place: `at(image, y, x, channel)`. */
export interface Plain {
  readonly count: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float64Array;
}

const place = ({ width, channels }: Plain, n: number, y: number, x: number, c: number) =>
  ((n * width + y) * width + x) * channels + c;

function filled(
  count: number,
  width: number,
  channels: number,
  value: (n: number, y: number, x: number, c: number) => number,
) {
  const plain: Plain = { count, width, channels, data: new Float64Array(count * width * width * channels) };
  for (let n = 0; n < count; n++) {
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) plain.data[place(plain, n, y, x, c)] = value(n, y, x, c);
      }
    }
  }
  return plain;
}

const each = (plain: Plain, change: (value: number, channel: number) => number): Plain => ({
  ...plain,
  data: plain.data.map((value, i) => change(value, i % plain.channels)),
});

/** A transposed convolution of kernel 4: `y[stride i + k - pad] += x[i] weight(k)`. */
export function transposed(
  x: Plain,
  outputs: number,
  stride: number,
  pad: number,
  weight: (ky: number, kx: number, from: number, to: number) => number,
): Plain {
  const width = stride * (x.width - 1) + 4 - 2 * pad;
  const y = filled(x.count, width, outputs, () => 0);
  for (let n = 0; n < x.count; n++) {
    for (let i = 0; i < x.width; i++) {
      for (let j = 0; j < x.width; j++) {
        for (let ky = 0; ky < 4; ky++) {
          for (let kx = 0; kx < 4; kx++) {
            const [row, column] = [stride * i + ky - pad, stride * j + kx - pad];
            if (row < 0 || column < 0 || row >= width || column >= width) continue;
            for (let from = 0; from < x.channels; from++) {
              for (let to = 0; to < outputs; to++) {
                y.data[place(y, n, row, column, to)] += x.data[place(x, n, i, j, from)] * weight(ky, kx, from, to);
              }
            }
          }
        }
      }
    }
  }
  return y;
}

/** A convolution of kernel 4. */
export function convolved(
  x: Plain,
  outputs: number,
  stride: number,
  pad: number,
  weight: (ky: number, kx: number, from: number, to: number) => number,
): Plain {
  const width = (x.width + 2 * pad - 4) / stride + 1;
  return filled(x.count, width, outputs, (n, i, j, to) => {
    let sum = 0;
    for (let ky = 0; ky < 4; ky++) {
      for (let kx = 0; kx < 4; kx++) {
        const [row, column] = [stride * i + ky - pad, stride * j + kx - pad];
        if (row < 0 || column < 0 || row >= x.width || column >= x.width) continue;
        for (let from = 0; from < x.channels; from++) {
          sum += x.data[place(x, n, row, column, from)] * weight(ky, kx, from, to);
        }
      }
    }
    return sum;
  });
}

/** BatchNorm with the batch's own statistics. */
export function normalised(x: Plain, scale: Float64Array, shift: Float64Array): Plain {
  const rows = x.data.length / x.channels;
  const mean = new Float64Array(x.channels);
  const variance = new Float64Array(x.channels);
  x.data.forEach((value, i) => (mean[i % x.channels] += value / rows));
  x.data.forEach((value, i) => (variance[i % x.channels] += (value - mean[i % x.channels]) ** 2 / rows));
  return each(x, (value, c) => (scale[c] * (value - mean[c])) / Math.sqrt(variance[c] + 1e-5) + shift[c]);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Images of a generator in training; parameters in the order and layout of `initialGenerator`. */
export function plainGenerated(size: DcganSize, parameters: readonly Float64Array[], latents: Float64Array): Plain {
  const widths = channels(size);
  let next = 0;
  let x: Plain = { count: latents.length / size.latents, width: 1, channels: size.latents, data: latents };
  widths.forEach((outputs, l) => {
    const filter = parameters[next++];
    const inputs = x.channels;
    x =
      l === 0
        ? transposed(x, outputs, 1, 0, (ky, kx, from, to) => filter[((from * 4 + ky) * 4 + kx) * outputs + to])
        : transposed(x, outputs, 2, 1, (ky, kx, from, to) => filter[((ky * 4 + kx) * outputs + to) * inputs + from]);
    if (l < widths.length - 1) x = each(normalised(x, parameters[next++], parameters[next++]), (v) => Math.max(0, v));
  });
  return each(x, sigmoid);
}

/** Logits of a discriminator; parameters in the order and layout of `initialDiscriminator`. */
export function plainJudged(
  layers: number,
  options: DiscriminatorOptions,
  parameters: readonly Float64Array[],
  directions: readonly { readonly left: Float64Array; readonly right: Float64Array }[],
  images: Plain,
): Float64Array {
  let next = 0;
  let x = options.centred ? each(images, (v) => 2 * v - 1) : images;
  for (let l = 0; l < layers; l++) {
    const last = l === layers - 1;
    const filter = parameters[next++];
    const { left, right } = directions[l];
    const outputs = right.length;
    let norm = 0;
    filter.forEach((w, i) => (norm += w * left[Math.floor(i / outputs)] * right[i % outputs]));
    if (last && options.deviation) x = deviated(x);
    const inputs = x.channels;
    const weight = (ky: number, kx: number, from: number, to: number) =>
      filter[((ky * 4 + kx) * inputs + from) * outputs + to] / norm;
    x = convolved(x, outputs, last ? 1 : 2, last ? 0 : 1, weight);
    if (options.biases) {
      const bias = parameters[next++];
      x = each(x, (v, c) => v + bias[c]);
    }
    if (isNormalised(l, layers, options)) x = normalised(x, parameters[next++], parameters[next++]);
    if (!last) x = each(x, (v) => (v > 0 ? v : 0.2 * v));
  }
  return x.data;
}

function deviated(x: Plain): Plain {
  const size = x.data.length / x.count;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const values = Array.from({ length: x.count }, (_, n) => x.data[n * size + i]);
    const mean = values.reduce((a, b) => a + b, 0) / x.count;
    sum += Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / x.count + 1e-8) / size;
  }
  return filled(x.count, x.width, x.channels + 1, (n, row, column, c) =>
    c === x.channels ? sum : x.data[place(x, n, row, column, c)],
  );
}

/** Mean binary cross-entropy of logits against a target. */
export function plainCrossEntropy(logits: Float64Array, target: number): number {
  let sum = 0;
  for (const x of logits) sum -= target * Math.log(sigmoid(x)) + (1 - target) * Math.log(1 - sigmoid(x));
  return sum / logits.length;
}

/** A trained generator with some channels lesioned: images `[count, 3, size, size]`. */
export function plainImages(
  generator: Generator,
  latents: Float32Array,
  intact: (layer: number, channel: number) => boolean = () => true,
): Float64Array {
  let x: Plain = {
    count: latents.length / generator.latents,
    width: 1,
    channels: generator.latents,
    data: Float64Array.from(latents),
  };
  generator.parts.forEach(({ outputs, weights, norm }, l) => {
    const first = l === 0;
    x = transposed(
      x,
      outputs,
      first ? 1 : 2,
      first ? 0 : 1,
      (ky, kx, from, to) => weights[((from * outputs + to) * 4 + ky) * 4 + kx],
    );
    x = each(x, (v, c) => {
      if (!intact(l, c)) return 0;
      if (!norm) return sigmoid(v);
      return Math.max(0, (norm.scale[c] * (v - norm.mean[c])) / Math.sqrt(norm.variance[c] + 1e-5) + norm.shift[c]);
    });
  });
  const images = new Float64Array(x.data.length);
  const area = x.width ** 2;
  for (let n = 0; n < x.count; n++) {
    for (let c = 0; c < 3; c++) {
      for (let p = 0; p < area; p++) images[(n * 3 + c) * area + p] = x.data[(n * area + p) * 3 + c];
    }
  }
  return images;
}

/** A generator of random weights in which about half of the activations are above 0. */
export function randomGenerator(size: DcganSize, seed = 1): Generator {
  const random = randomStream(seed);
  const widths = channels(size);
  return generatorOf(
    size,
    widths.map((outputs, l) => {
      const inputs = l === 0 ? size.latents : widths[l - 1];
      const norm = () => ({
        scale: normalNumbers(random, outputs, 1, 0.3),
        shift: normalNumbers(random, outputs, 0, 0.5),
        mean: normalNumbers(random, outputs, 0, 0.5),
        variance: normalNumbers(random, outputs, 1, 0.2).map(Math.abs),
      });
      const weights = normalNumbers(random, inputs * outputs * 16, 0, 1 / Math.sqrt(4 * inputs));
      return { inputs, outputs, weights, norm: l === widths.length - 1 ? undefined : norm() };
    }),
  );
}

/**
 * How far an image computed in single precision is off at most, whatever channels are lesioned and whatever the order
 * of the sums: a sum of n products is off by n u times the sum of their sizes (Higham, Accuracy and Stability, 3.5),
 * slope and shift by 2 u more, the sigmoid by a quarter of its argument's error and by 3e-7 of its own (four times the
 * unit roundoff u, rounded up). Sums with fewer products (folding.as.ts) round a few times more often, but n roundings
 * never all go the same way: they stay far below it.
 */
export function roundingBound(generator: Generator, latents: Float32Array): number {
  const u = 2 ** -24;
  const count = latents.length / generator.latents;
  /** Sizes that values can not pass, whoever is lesioned, and their errors. */
  let size: Plain = { count, width: 1, channels: generator.latents, data: Float64Array.from(latents, Math.abs) };
  let error: Plain = { ...size, data: new Float64Array(latents.length) };
  generator.parts.forEach(({ inputs, outputs, weights, norm }, l) => {
    const place: [number, number] = l === 0 ? [1, 0] : [2, 1];
    const weight = (ky: number, kx: number, from: number, to: number) =>
      Math.abs(weights[((from * outputs + to) * 4 + ky) * 4 + kx]);
    const products = l === 0 ? inputs : 4 * inputs;
    const sizes = transposed(size, outputs, ...place, weight);
    const errors = transposed(error, outputs, ...place, weight);
    errors.data.forEach((_, i) => (errors.data[i] += (products + 2) * u * sizes.data[i]));
    const slope = (c: number) => (norm ? Math.abs(norm.scale[c]) / Math.sqrt(norm.variance[c] + 1e-5) : 1);
    const shift = (c: number) => (norm ? Math.abs(norm.shift[c]) + Math.abs(norm.mean[c]) * slope(c) : 0);
    size = each(sizes, (x, c) => slope(c) * x + shift(c));
    error = { ...errors, data: errors.data.map((e, i) => slope(i % outputs) * e + 4 * u * size.data[i]) };
  });
  return error.data.reduce((most, e) => Math.max(most, e / 4), 0) + 3e-7;
}
