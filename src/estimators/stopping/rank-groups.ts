import type { Json, JsonObject } from "../../json.js";
import { spearman } from "../../modes/rank-correlation.js";
import type { UnitMeans } from "../estimator.js";

/** Groups that chunks are dealt to in turn: all 35 ways to make two halves of them are looked at. */
const groups = 8;

/**
 * Units' contributions in eight groups of independent samples: how alike rankings of two halves of them are. Memory is
 * 8 x units.
 */
export class RankGroups {
  #samples = new Float64Array(groups);
  /** Sums over the samples, `[groups, units]`. */
  #sums: Float64Array;

  constructor(readonly units: number) {
    this.#sums = new Float64Array(groups * units);
  }

  /** Takes in the means of a chunk, in the order of chunks. */
  add(chunk: number, { samples, means }: UnitMeans): void {
    const group = chunk % groups;
    this.#samples[group] += samples;
    for (let u = 0; u < this.units; u++) this.#sums[group * this.units + u] += samples * means[u];
  }

  /**
   * Rank correlation to be expected between all of this and as many samples more: that of two halves, averaged over the
   * ways to make them and stepped up to the whole (Spearman and Brown 1910). NaN while a group is empty.
   */
  stability(): number {
    if (this.#samples.includes(0)) return Number.NaN;
    let sum = 0;
    let ways = 0;
    // Group 7 is in the second half.
    for (let half = 0; half < 1 << (groups - 1); half++) {
      if (bits(half) !== groups / 2) continue;
      const inFirst = (group: number) => ((half >> group) & 1) === 1;
      sum += halvesCorrelation(
        this.#scores(inFirst),
        this.#scores((group) => !inFirst(group)),
      );
      ways++;
    }
    return steppedUp(sum / ways);
  }

  /** What a checkpoint keeps. */
  toJson(): JsonObject {
    return { samples: [...this.#samples], sums: [...this.#sums] };
  }

  /** Takes what {@link toJson} gave. */
  restore(saved: Json): void {
    const { samples, sums } = saved as { samples: number[]; sums: number[] };
    this.#samples = Float64Array.from(samples);
    this.#sums = Float64Array.from(sums);
  }

  #scores(taken: (group: number) => boolean): Float64Array {
    const means = new Float64Array(this.units);
    let samples = 0;
    for (let group = 0; group < groups; group++) {
      if (!taken(group)) continue;
      samples += this.#samples[group];
      for (let u = 0; u < this.units; u++) means[u] += this.#sums[group * this.units + u];
    }
    return means.map((sum) => Math.abs(sum / samples));
  }
}

/** {@link RankGroups.stability} from two halves that are there. */
export function stabilityOfHalves([one, other]: readonly [UnitMeans, UnitMeans]): number {
  return steppedUp(halvesCorrelation(one.means.map(Math.abs), other.means.map(Math.abs)));
}

/**
 * Spearman's correlation of two lists: 1 where each is all alike, so that there is nothing to rank, and 0 where only
 * one is.
 */
function halvesCorrelation(one: Float64Array, other: Float64Array): number {
  const alike = (list: Float64Array) => list.every((value) => value === list[0]);
  if (alike(one) || alike(other)) return alike(one) && alike(other) ? 1 : 0;
  return spearman(one, other);
}

/** From the correlation of two halves to that of two wholes (Spearman and Brown 1910). */
function steppedUp(half: number): number {
  return half > 0 ? (2 * half) / (1 + half) : half;
}

function bits(number: number): number {
  let count = 0;
  for (let left = number; left > 0; left >>= 1) count += left & 1;
  return count;
}
