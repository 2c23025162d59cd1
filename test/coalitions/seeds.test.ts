import { describe, expect, it } from "vitest";
import { isIntact } from "../../src/coalitions/coalition.js";
import { randomOrdering } from "../../src/coalitions/random.js";
import { randomStream, trainingStreams } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import type { Game } from "../../src/games/game.js";

/** Neighbouring seeds, compared with each other in every way. */
const seeds = 4096;
/**
 * Of `pairs` fair coins the heads lie within this of the half but for 2 exp(-2 bound^2 / pairs) (Hoeffding 1963), here
 * 1e-9: of the 6143 pairings of one draw one is outside, by chance, once in 160,000 draws.
 */
const bound = (pairs: number) => Math.sqrt((pairs * Math.log(2e9)) / 2);

/** Which unit of two comes first, for each seed, in a draw of its stream. */
function firstUnits(draw: number, stream = 0, streamOf = randomStream): Uint8Array {
  return Uint8Array.from({ length: seeds }, (_, seed) => {
    const random = streamOf(seed, stream);
    for (let before = 0; before < draw; before++) randomOrdering(random, 2);
    return randomOrdering(random, 2)[0];
  });
}

/**
 * The pairings in which two seeds agree more or less often than by chance: seed s with s XOR d, and with s + d, for
 * every d.
 */
function unlikelyPairings(first: ArrayLike<number>): string[] {
  const unlikely: string[] = [];
  const look = (name: string, d: number, pairs: number, partner: (seed: number) => number) => {
    let agreeing = 0;
    for (let seed = 0; seed < seeds; seed++) {
      const other = partner(seed);
      if (other > seed && other < seeds && first[seed] === first[other]) agreeing++;
    }
    if (Math.abs(agreeing - pairs / 2) > bound(pairs)) unlikely.push(`${name} ${d}: ${agreeing} of ${pairs}`);
  };
  for (let d = 1; d < seeds; d++) look("XOR", d, seeds / 2, (seed) => seed ^ d);
  for (let d = 1; d <= seeds / 2; d++) look("+", d, seeds - d, (seed) => seed + d);
  return unlikely;
}

describe("seeds are independent: of 4096 neighbours any two agree by chance", () => {
  it.each([0, 1, 2, 3, 7, 100])("in draw %i of an ordering of two units", (draw) => {
    expect(unlikelyPairings(firstUnits(draw))).toEqual([]);
  });

  it.each([1, 2, 3])("in the first ordering of stream %i", (stream) => {
    expect(unlikelyPairings(firstUnits(0, stream))).toEqual([]);
  });

  it("in the first ordering that shapley plays", async () => {
    const first = new Uint8Array(seeds);
    for (let seed = 0; seed < seeds; seed++) {
      let alone: number | undefined;
      const game: Game = {
        units: ["a", "b"],
        outputShape: [],
        async evaluate(coalitions) {
          for (let c = 0; c < coalitions.count; c++) {
            const [a, b] = [isIntact(coalitions, c, 0), isIntact(coalitions, c, 1)];
            if (a !== b) alone ??= a ? 0 : 1;
          }
          return new Float64Array(coalitions.count);
        },
      };
      await shapley(game, { orderings: 1, seed });
      first[seed] = alone as number;
    }
    expect(unlikelyPairings(first)).toEqual([]);
    expect(first).toEqual(firstUnits(0));
  });

  it("which the streams of training are not: the test sees it", () => {
    const training = firstUnits(0, 0, (seed, stream = 0) => trainingStreams(seed)(stream));
    expect(unlikelyPairings(training).length).toBeGreaterThan(0);
  });
});
