import { invalid } from "../../errors.js";
import type { Generator, GeneratorLayer } from "./generator.js";
import { affine } from "./inference.js";
import { countLatents } from "./latents.js";
import { checkKernelFits, doublingKernel, passesMemory } from "./passes-memory.js";
import { imageSize } from "./size.js";

/** A generator with some of its channels lesioned, as it paints the images of a few latents. */
export interface GeneratorPasses {
  /** How many images. */
  readonly count: number;
  /** What computes. */
  readonly backend: string;
  /** The images, `[count, 3, size, size]`; other ones, or the same array written anew, after `set` and `add`. */
  readonly images: Float32Array;
  /** Leaves only these channels intact, by layer, in ascending order. What no change reaches is not computed again. */
  set(intact: readonly (readonly number[])[]): void | Promise<void>;
  /** Brings one channel back. */
  add(layer: number, channel: number): void | Promise<void>;
  /** Frees the memory. */
  dispose(): void;
}

/** Passes that are done when they return. */
export interface KernelPasses extends GeneratorPasses {
  /** Paints the images of as many other latents, with the same channels intact. */
  change(latents: Float32Array): void;
  set(intact: readonly (readonly number[])[]): void;
  add(layer: number, channel: number): void;
}

/**
 * Passes of a generator on WebAssembly SIMD. The first layer is computed once, and again only where the latents change.
 * Lesioned channels take no part: neither their sums nor what they would give the next layer is computed. A channel
 * that comes back adds its part to the sums of the next layer, and only the layers behind that are computed again. A
 * layer keeps the sums of its intact channels; those of one that comes back are computed then.
 *
 * A lesioned channel is 0 after its ReLU, and in the last layer after the sigmoid.
 *
 * @param latents `[count, latents]`
 * @throws RangeError for another number of latents, or where all does not fit in 4 GB
 */
export function generatorPasses(generator: Generator, latents: Float32Array): KernelPasses {
  const count = countLatents(generator, latents);
  checkKernelFits(generator, count);
  const { bytes, layers, lanes, spread, images: imagesAt } = passesMemory(generator, count);
  const kernel = doublingKernel(bytes);
  const { buffer } = kernel.memory;
  const images = new Float32Array(buffer, imagesAt, count * 3 * imageSize(generator) ** 2);
  const lists = layers.map(({ list, channels }) => new Uint32Array(buffer, list, channels));
  const singles = layers.map(({ single }) => new Uint32Array(buffer, single, 1));
  generator.parts.forEach((part, l) => {
    const { weights, norm } = part;
    if (l > 0) new Float32Array(buffer, layers[l].filter, weights.length).set(weights);
    if (layers[l].folded) new Float32Array(buffer, layers[l].folded, (weights.length / 16) * 36).set(folded(part));
    if (!norm) return;
    const { slope, shift } = affine(norm);
    new Float32Array(buffer, layers[l].slopes, slope.length).set(slope);
    new Float32Array(buffer, layers[l].shifts, shift.length).set(shift);
  });
  const last = layers.length - 1;
  firstValues(latents);

  /** The first layer's framed activations of all channels: those of a lesioned one are never looked at. */
  function firstValues(latents: Float32Array): void {
    const { inputs, outputs, weights, norm } = generator.parts[0];
    const { slope, shift } = affine(norm as NonNullable<typeof norm>);
    const values = new Float32Array(buffer, layers[0].values, outputs * 36 * lanes);
    for (let c = 0; c < outputs; c++) {
      for (let tap = 0; tap < 16; tap++) {
        const place = (c * 6 + 1 + (tap >> 2)) * 6 + 1 + (tap & 3);
        for (let n = 0; n < count; n++) {
          let sum = 0;
          for (let i = 0; i < inputs; i++) sum += latents[n * inputs + i] * weights[(i * outputs + c) * 16 + tap];
          values[place * lanes + n] = Math.max(0, sum * slope[c] + shift[c]);
        }
      }
    }
  }

  /** Sums of some channels of a layer, from the intact channels of the one before, or from one that has come back. */
  function sum(l: number, outs: number, outCount: number, added = false): void {
    const before = layers[l - 1];
    const ins = added ? before.single : before.list;
    const inCount = added ? 1 : before.intact.length;
    const { filter, folded, sums, channels, width } = layers[l];
    if (folded && !added && worthFolding(inCount, outCount)) {
      kernel.differences(ins, inCount, before.values, spread, width, lanes);
      kernel.fewer(ins, inCount, outs, outCount, spread, folded, sums, before.channels, width, lanes);
      return;
    }
    kernel.double(ins, inCount, outs, outCount, before.values, filter, sums, channels, width, lanes, added ? 0 : 1);
  }

  /** What some channels say, once their sums are known. */
  function say(l: number, outs: number, outCount: number): void {
    const { sums, slopes, shifts, values, channels, width } = layers[l];
    if (l === last) kernel.paint(outs, outCount, sums, imagesAt, channels, width, lanes, count);
    else kernel.activate(outs, outCount, sums, slopes, shifts, values, width, lanes);
  }

  /** Everything from a layer on. */
  function compute(from: number): void {
    for (let l = from; l <= last; l++) {
      const { list, intact } = layers[l];
      sum(l, list, intact.length);
      say(l, list, intact.length);
    }
  }

  function clear(colour: number): void {
    const area = imageSize(generator) ** 2;
    for (let n = 0; n < count; n++) images.fill(0, (3 * n + colour) * area, (3 * n + colour + 1) * area);
  }

  return {
    count,
    backend: "kernel",
    images,
    dispose() {}, // goes with the object
    change(others) {
      const given = countLatents(generator, others);
      if (given !== count) throw invalid("number of latents", `${count}, as before`, given);
      firstValues(others);
      compute(1);
    },
    set(intact) {
      let from = layers.length;
      layers.forEach((layer, l) => {
        const next = intact[l];
        if (
          from === layers.length &&
          (next.length !== layer.intact.length || next.some((c, i) => c !== layer.intact[i]))
        ) {
          from = l;
        }
        layer.intact.splice(0, layer.intact.length, ...next);
        lists[l].set(next);
      });
      for (let colour = 0; colour < 3; colour++) if (!intact[last].includes(colour)) clear(colour);
      compute(Math.max(1, from));
    },
    add(l, channel) {
      const layer = layers[l];
      singles[l][0] = channel;
      if (l > 0) {
        sum(l, layer.single, 1);
        say(l, layer.single, 1);
      }
      lists[l][layer.intact.length] = channel;
      layer.intact.push(channel);
      if (l === last) return;
      const next = layers[l + 1];
      sum(l + 1, next.list, next.intact.length, true);
      say(l + 1, next.list, next.intact.length);
      compute(l + 2);
    },
  };
}

/**
 * Whether 9 products for 16 save more than it costs to take differences of all inputs (about 12 products each) and to
 * put the outputs together (about 10 each).
 */
function worthFolding(ins: number, outs: number): boolean {
  return 7 * ins * outs > 12 * ins + 10 * outs;
}

/** A layer's filter as `fewer` takes it: `[outputs, 4 phases, 3, inputs, 3]`. */
function folded({ inputs, outputs, weights }: GeneratorLayer): Float32Array {
  const result = new Float32Array(inputs * outputs * 36);
  /** g0, g0 + g1 and -g1 from the two taps of a phase. */
  const parts: readonly (readonly [number, number])[] = [
    [1, 0],
    [1, 1],
    [0, -1],
  ];
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let phase = 0; phase < 4; phase++) {
      // Taps (t, u) of the phase: 3 - a - 2t, 3 - b - 2u.
      const last = 4 * (3 - (phase >> 1)) + 3 - (phase & 1);
      for (const [y0, y1] of parts) {
        for (let i = 0; i < inputs; i++) {
          const tap = (i * outputs + o) * 16 + last;
          const left = y0 * weights[tap] + y1 * weights[tap - 8];
          const right = y0 * weights[tap - 2] + y1 * weights[tap - 10];
          for (const [x0, x1] of parts) result[at++] = x0 * left + x1 * right;
        }
      }
    }
  }
  return result;
}
