import { describe, expect, it } from "vitest";
import { isIntact } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import type { Game, Gate } from "../../src/games/game.js";
import { partOf } from "../../src/games/part.js";
import { fc } from "../helpers/properties.js";

/**
 * A game of random numbers, `[2, 3]`, whose every output has a gate: each row has outputs of the second unit, of the
 * last unit, and of the second again. The others decide, smoothly, what there is to let through.
 */
function gatedGame(others: number, seed: number): Game & { counted: () => number } {
  const random = randomStream(seed);
  const number = () => random.next() / 2 ** 31;
  const units = others + 2;
  const weights = Array.from({ length: 6 }, () => Array.from({ length: units }, number));
  const closed = Array.from({ length: 6 }, number);
  const [first, last] = [1, units - 1];
  const gateOf = [first, last, first];
  let evaluations = 0;
  return {
    units: Array.from({ length: units }, (_, u) => `u${u}`),
    outputShape: [2, 3],
    gates: [
      { unit: last, outputs: [1, 4].map((o) => [o, o + 1] as const) },
      {
        unit: first,
        outputs: [
          [0, 1],
          [2, 4],
          [5, 6],
        ] as Gate["outputs"],
      },
    ],
    counted: () => evaluations,
    async evaluate(coalitions) {
      const values = new Float64Array(6 * coalitions.count);
      for (let c = 0; c < coalitions.count; c++) {
        evaluations++;
        for (let o = 0; o < 6; o++) {
          let sum = 0;
          for (let u = 0; u < units; u++) {
            if (u !== first && u !== last && isIntact(coalitions, c, u)) sum += weights[o][u];
          }
          values[6 * c + o] = isIntact(coalitions, c, gateOf[o % 3]) ? Math.tanh(sum) + Math.sin(3 * sum) : closed[o];
        }
      }
      return values;
    },
  };
}

const gap = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most: number, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe("leverage, where every output has a gate", () => {
  it("is exact where each coalition of the other units is there once, beside open gates", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.nat(1000), async (others, seed) => {
        const game = gatedGame(others, seed);
        const exact = await shapley(game, { estimator: "exact" });
        const before = game.counted();
        const modes = await shapley(game, { estimator: "leverage", evaluations: 2 ** others + 1 });
        expect(gap(modes.values, exact.values)).toBeLessThan(1e-12);
        expect(modes.standardErrors?.every((error) => error === 0)).toBe(true);
        expect(modes.provenance.evaluations).toBe(2 ** others + 1);
        // Both gates are tried.
        expect(game.counted() - before).toBe(2 + 2 ** others + 1);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it("has less than half the error of gates played as units, and knows its errors, of means over outputs too", async () => {
    const game = gatedGame(11, 3);
    const exact = await shapley(game, { estimator: "exact" });
    const seeds = 40;
    const sums = {
      gated: 0,
      plain: 0,
      variances: 0,
      covered: 0,
      means: 0,
      meanVariances: 0,
      gates: 0,
      gateVariances: 0,
    };
    for (let seed = 1; seed <= seeds; seed++) {
      const options = { estimator: "leverage", evaluations: 250, seed } as const;
      const gated = await shapley(game, options);
      const plain = await shapley({ ...game, gates: [] }, options);
      expect(gated.efficiencyGap).toBeLessThan(1e-12);
      exact.values.forEach((value, i) => {
        const error = gated.standardErrors?.[i] as number;
        sums.gated += (gated.values[i] - value) ** 2;
        sums.plain += (plain.values[i] - value) ** 2;
        sums.variances += error ** 2;
        sums.covered += Math.abs(gated.values[i] - value) <= 2 * error + 1e-12 ? 1 : 0;
      });
      const [means, exactMeans] = [gated.meanOverOutputs(), exact.meanOverOutputs()];
      game.units.forEach((_, u) => {
        const which = u === 1 || u === game.units.length - 1 ? "gate" : "mean";
        sums[`${which}s`] += (means.values[u] - exactMeans.values[u]) ** 2;
        sums[`${which}Variances`] += (means.standardErrors?.[u] as number) ** 2;
      });
    }
    expect(sums.gated).toBeLessThan(0.5 * sums.plain);
    expect(sums.covered / (seeds * exact.values.length)).toBeGreaterThan(0.92);
    // Ratios of sums of squares over 40 seeds: within a third of 1.
    for (const ratio of [
      sums.gated / sums.variances,
      sums.means / sums.meanVariances,
      sums.gates / sums.gateVariances,
    ]) {
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(1.5);
    }
  });

  it("draws the same coalitions for a part of the outputs", async () => {
    const game = gatedGame(9, 5);
    const part = await shapley(partOf(game, 1, 2), { estimator: "leverage", evaluations: 60 });
    expect(part.provenance.pairs).toBe(58);
    const mixed = { ...game, gates: (game.gates ?? []).slice(1) };
    const [whole, behind] = [mixed, partOf({ ...mixed, outputShape: [6] }, 2, 3)];
    for (const each of [whole, behind]) {
      const { provenance } = await shapley(each, { estimator: "leverage", evaluations: 60 });
      expect(provenance.pairs).toBe(29);
    }
  });

  it("gives the units' names to the coalition in an error", async () => {
    const game = gatedGame(9, 5);
    const broken: Game = {
      ...game,
      evaluate: async (coalitions) => {
        const values = (await game.evaluate(coalitions)).slice();
        for (let c = 0; c < coalitions.count; c++) {
          if (!isIntact(coalitions, c, 0) && isIntact(coalitions, c, 1)) values[6 * c] = Number.NaN;
        }
        return values;
      },
    };
    await expect(shapley(broken, { estimator: "leverage", evaluations: 60 })).rejects.toThrow(/u1/);
  });
});
