import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import { generatorCheckpoint } from "../networks/dcgan/checkpoints.js";
import type { Generator } from "../networks/dcgan/generator.js";
import { randomLatents } from "../networks/dcgan/latents.js";
import { type GeneratorPasses, generatorPasses } from "../networks/dcgan/passes.js";
import { channels } from "../networks/dcgan/size.js";
import { pacer } from "../pace.js";
import { type Answer, firstRound, median, short } from "./question.js";

/** Intact channels by layer. */
export type Intact = readonly (readonly number[])[];

/** The generator that all questions about generators are asked of, and coalitions of its channels. */
export interface GanParts {
  readonly generator: Generator;
  readonly latents: Float32Array;
  /** Layer and channel of each unit. */
  readonly places: readonly (readonly [number, number])[];
  readonly all: Intact;
  readonly none: Intact;
  /** Random ones of all sizes, no two neighbours with the same first layer. */
  readonly coalitions: readonly Intact[];
  intact(units: Iterable<number>): Intact;
  /** A random ordering in which the colours come back first, as estimators play them, since they are gates. */
  readonly ordering: readonly number[];
}

/** Images of a batch. */
export const faces = 8;
/** What the questions are asked of, in words. */
export const ganCase = `the generator faces-16 (243 units, 64 pixels), ${faces} images in a batch`;
const coalitionCount = 16;
/** Lesioned evaluation is to take at most so many times as long as a plain forward pass. */
const mostSlower = 1.1;

/** Loads the generator; coalitions are the same each time. */
export async function ganParts(): Promise<GanParts> {
  const generator = await generatorCheckpoint("faces-16");
  const widths = channels(generator);
  const places = widths.flatMap((width, l) => Array.from({ length: width }, (_, c) => [l, c] as const));
  function intact(units: Iterable<number>): Intact {
    const lists = widths.map((): number[] => []);
    for (const unit of [...units].sort((a, b) => a - b)) lists[places[unit][0]].push(places[unit][1]);
    return lists;
  }
  const random = randomStream(1);
  const coalitions = Array.from({ length: coalitionCount }, (_, c) => {
    const size = Math.round(((c + 0.5) / coalitionCount) * places.length);
    return intact(randomOrdering(random, places.length).subarray(0, size));
  });
  const filters = places.length - 3;
  const ordering = [filters, filters + 1, filters + 2, ...randomOrdering(randomStream(2), filters)];
  const latents = randomLatents(generator, faces, { seed: 1 });
  return { ordering, generator, latents, places, all: intact(places.keys()), none: intact([]), coalitions, intact };
}

/** Brings all units back, one by one. */
export async function walk(passes: GeneratorPasses, { places, none, ordering }: GanParts): Promise<void> {
  await passes.set(none);
  for (const unit of ordering) await passes.add(...places[unit]);
}

/** Something that paints, and how it makes a plain forward pass: the same images, nothing lesioned, no masks. */
export interface Painter {
  readonly passes: GeneratorPasses;
  forward(): Float32Array | Promise<Float32Array>;
}

/** How long random coalitions take, against plain forward passes in the same run, in milliseconds for each image. */
export interface PaintTimes {
  readonly lesioned: number;
  readonly forward: number;
  /** Largest difference from the images of this package's own kernel, over all coalitions and the forward pass. */
  readonly largestError: number;
}

/** Checks the images of a painter against the kernel's and measures its times. */
export async function paintTimes(
  parts: GanParts,
  { passes, forward }: Painter,
  repetitions: number,
  signal: AbortSignal,
): Promise<PaintTimes> {
  const { coalitions } = parts;
  const kernel = generatorPasses(parts.generator, parts.latents);
  kernel.set(parts.all);
  let largestError = difference(await forward(), kernel.images);
  for (const coalition of coalitions) {
    kernel.set(coalition);
    await passes.set(coalition);
    largestError = Math.max(largestError, difference(passes.images, kernel.images));
  }
  checkSmall(largestError);
  const sums: { lesioned: number; forward: number }[] = [];
  const pace = pacer(signal);
  for (let round = firstRound(repetitions); round <= repetitions; round++) {
    const sum = { lesioned: 0, forward: 0 };
    // In turn for each coalition, so that whatever else the machine does falls on both alike.
    for (const coalition of coalitions) {
      const start = performance.now();
      await passes.set(coalition);
      const middle = performance.now();
      await forward();
      sum.lesioned += middle - start;
      sum.forward += performance.now() - middle;
      await pace();
    }
    if (round > 0) sums.push(sum); // the first one warms up
  }
  const images = coalitions.length * faces;
  const lesioned = median(sums.map((sum) => sum.lesioned)) / images;
  return { lesioned, forward: median(sums.map((sum) => sum.forward)) / images, largestError };
}

/** The answer whose target is that lesions cost at most a tenth. */
export function paintAnswer(what: string, times: PaintTimes, repetitions: number, lines: readonly string[]): Answer {
  return {
    figure: {
      value: times.lesioned,
      unit: "ms",
      of: `a coalition and image on ${what}, ${coalitionCount} random coalitions`,
    },
    baseline: { value: times.forward, unit: "ms", of: "an image in a plain forward pass, nothing lesioned, no masks" },
    ratio: times.forward / times.lesioned,
    target: { ratio: 1 / mostSlower },
    lines: [
      `of        ${ganCase}`,
      `checked   all images are those of the kernel (largest error ${times.largestError.toExponential(1)}, colours go from 0 to 1)`,
      `cost      ${short(times.lesioned / times.forward)} times a plain forward pass; at most ${mostSlower} is aimed at`,
      `repeated  ${repetitions} times in turn, medians`,
      ...lines,
    ],
    numbers: { faces, coalitions: coalitionCount, repetitions, ...times },
  };
}

/** @throws Error where images differ by more than rounding in single precision can explain */
export function checkSmall(largestError: number): void {
  if (!(largestError < 1e-4)) throw new Error(`images are off by ${largestError}`);
}

/** Largest difference of two lists of numbers. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers instead of ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
