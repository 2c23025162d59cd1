import { uniformIndex } from "../../coalitions/random.js";
import { type Random, randomStream } from "../../coalitions/random-streams.js";
import { pacer } from "../../pace.js";
import { quantile } from "../../quantiles.js";
import type { IndependentBlocks } from "./contribution-table.js";

/**
 * So many values as far out as the one observed are enough: a p value is then known to a tenth (Besag and Clifford
 * 1991).
 */
const enough = 200;
/** Sums that differ by less than this share are the same. */
const rounding = 1e-10;

/** Signs of the blocks, `[flips, blocks]`, and whether these are all there are. */
interface Signs {
  readonly flips: number;
  readonly signs: Float64Array;
  readonly all: boolean;
}

/** The least p that flipping the signs of so many blocks can give. */
export function leastSignFlipP(blocks: number, resamples: number): number {
  return Math.max(2 ** (1 - blocks), 1 / (resamples + 1));
}

function signsOf(blocks: number, resamples: number, seed: number): Signs {
  const every = 2 ** (blocks - 1);
  if (every <= resamples + 1) {
    // The first block keeps its sign: turning all of them gives the same distance from 0.
    const signs = new Float64Array(every * blocks);
    for (let f = 0; f < every; f++) {
      for (let b = 0; b < blocks; b++) signs[f * blocks + b] = b > 0 && (f >>> (b - 1)) & 1 ? -1 : 1;
    }
    return { flips: every, signs, all: true };
  }
  const random = randomStream(seed);
  const signs = new Float64Array(resamples * blocks);
  for (let f = 0; f < resamples; f++) {
    let bits = 0;
    for (let b = 0; b < blocks; b++) {
      if (b % 16 === 0) bits = random.next() >>> 16; // the higher bits are the better ones
      signs[f * blocks + b] = bits & 1 ? 1 : -1;
      bits >>>= 1;
    }
  }
  return { flips: resamples, signs, all: false };
}

/**
 * p values of sign-flip tests, one for each row: how often the weighted sum of the blocks' differences from the
 * reference is at least as far from 0 as it is, when each block's sign is turned at random. Exact, whatever the
 * distribution, where this is symmetric about the reference. All ways to turn signs where these are no more than the
 * resamples; else random ones, those of every row the same, no more than decide the matter.
 *
 * @param tested whether a row is tested: else its p is 1
 */
export async function signFlipTests(
  { count, weights, values }: IndependentBlocks,
  reference: Float64Array,
  tested: (row: number) => boolean,
  { resamples, seed, signal }: { resamples: number; seed: number; signal: AbortSignal | undefined },
): Promise<Float64Array> {
  const { flips, signs, all } = signsOf(count, resamples, seed);
  const pace = pacer(signal);
  const p = new Float64Array(reference.length).fill(1);
  const terms = new Float64Array(count);
  for (let row = 0; row < p.length; row++) {
    if (!tested(row)) continue;
    let sum = 0;
    for (let b = 0; b < count; b++) {
      terms[b] = weights[b] * (values[row * count + b] - reference[row]);
      sum += terms[b];
    }
    const bar = Math.abs(sum) * (1 - rounding);
    let beyond = 0;
    let flip = 0;
    for (; flip < flips && (all || beyond < enough); flip++) {
      let turned = 0;
      const from = flip * count;
      for (let b = 0; b < count; b++) turned += signs[from + b] * terms[b];
      if (Math.abs(turned) >= bar) beyond++;
    }
    p[row] = all ? beyond / flips : beyond >= enough ? beyond / flip : (1 + beyond) / (1 + flips);
    await pace();
  }
  return p;
}

/** What {@link bootstrapOf} gives of each row. */
export interface Bootstrapped {
  /** Of the studentised bootstrap test, `[rows]`. */
  readonly p: Float64Array;
  /** Ends of the studentised intervals, `[rows]`. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * The studentised bootstrap (bootstrap t: Efron 1981; Hall 1988): blocks are drawn anew with replacement, the same for
 * all rows, and the distance of their mean from the one observed is measured in standard errors of the draw itself.
 * Where all blocks of a row are the same there is nothing to draw: its interval has no width, and p is as small as it
 * can be.
 *
 * @param errors standard errors from the blocks' spread, `[rows]`
 * @param outside what intervals leave out
 */
export async function bootstrapOf(
  { count, weights, values }: IndependentBlocks,
  [means, errors, reference]: readonly [Float64Array, Float64Array, Float64Array],
  outside: number,
  { resamples, seed, signal }: { resamples: number; seed: number; signal: AbortSignal | undefined },
): Promise<Bootstrapped> {
  const random = randomStream(seed);
  const draws = drawsOf(random, count, resamples);
  const pace = pacer(signal);
  const rows = means.length;
  const [p, low, high] = [new Float64Array(rows), means.slice(), means.slice()];
  const t = new Float64Array(resamples);
  const unbiased = count / (count - 1);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * count, (row + 1) * count);
    const spread = errors[row] > rounding * Math.abs(means[row]);
    const distance = spread ? Math.abs(means[row] - reference[row]) / errors[row] : Number.POSITIVE_INFINITY;
    let beyond = 0;
    for (let draw = 0; spread && draw < resamples; draw++) {
      const from = draw * count;
      let [weight, sum, squares] = [0, 0, 0];
      for (let b = 0; b < count; b++) {
        const block = draws[from + b];
        weight += weights[block];
        sum += weights[block] * own[block];
      }
      const mean = sum / weight;
      for (let b = 0; b < count; b++) {
        const block = draws[from + b];
        const term = weights[block] * (own[block] - mean);
        squares += term * term;
      }
      const apart = mean - means[row];
      const error = Math.sqrt(squares * unbiased) / weight;
      t[draw] = apart === 0 ? 0 : apart / error;
      if (Math.abs(t[draw]) >= distance) beyond++;
    }
    p[row] = (1 + beyond) / (1 + resamples);
    if (spread) {
      t.sort();
      low[row] = means[row] - quantile(t, 1 - outside / 2) * errors[row];
      high[row] = means[row] - quantile(t, outside / 2) * errors[row];
    }
    await pace();
  }
  return { p, low, high };
}

function drawsOf(random: Random, count: number, resamples: number): Uint32Array {
  return Uint32Array.from({ length: count * resamples }, () => uniformIndex(random, count));
}
