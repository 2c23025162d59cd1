import { describe, expect, it, test } from "vitest";
import { isIntact } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import { gatesOf } from "../../src/estimators/gates.js";
import type { EstimatorName } from "../../src/estimators/registry.js";
import type { Game, Gate, Values } from "../../src/games/game.js";
import { memoised } from "../../src/games/memoised.js";

/**
 * A game of random numbers with gates: outputs 0 and 1 belong to the first gate, 2 to the second, 3 to none. Gates are
 * the first unit and the last; the others decide what there is to let through.
 */
function gatedGame(others: number, seed: number): Game & { counted: () => number } {
  const random = randomStream(seed);
  const table = Float64Array.from({ length: 4 * 2 ** others }, () => random.next() / 2 ** 31);
  const closed = [0.3, -0.2, 0.1];
  const units = others + 2;
  const gates: Gate[] = [
    { unit: 0, outputs: [[0, 2]] },
    { unit: units - 1, outputs: [[2, 3]] },
  ];
  let evaluations = 0;
  return {
    units: Array.from({ length: units }, (_, u) => `u${u}`),
    outputShape: [4],
    gates,
    counted: () => evaluations,
    async evaluate(coalitions): Promise<Values> {
      const values = new Float64Array(4 * coalitions.count);
      for (let c = 0; c < coalitions.count; c++) {
        evaluations++;
        let bits = 0;
        let bit = 0;
        for (let u = 0; u < units; u++) {
          if (u === 0 || u === units - 1) continue;
          if (isIntact(coalitions, c, u)) bits |= 1 << bit;
          bit++;
        }
        const open = [isIntact(coalitions, c, 0), isIntact(coalitions, c, 0), isIntact(coalitions, c, units - 1), true];
        for (let o = 0; o < 4; o++) values[4 * c + o] = open[o] ? table[4 * bits + o] : closed[o];
      }
      return values;
    },
  };
}

/** The same game with a walk of its own. */
function walking(game: Game): Game {
  return {
    ...game,
    async walk(ordering, visit) {
      for (let rank = 0; rank < ordering.length; rank++) {
        const words = new Uint32Array(1);
        for (const unit of ordering.subarray(0, rank + 1)) words[0] |= 1 << unit;
        visit(rank, await game.evaluate({ count: 1, units: ordering.length, words }));
      }
    },
  };
}

const gap = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most: number, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe("gates", () => {
  it("are integrated out exactly: one pair of orderings of two other units is all there is", async () => {
    for (const seed of [1, 2, 3]) {
      const game = gatedGame(2, seed);
      const exact = await shapley(game, { estimator: "exact" });
      const pair = await shapley(game, { estimator: "antithetic", orderings: 2 });
      expect(gap(pair.values, exact.values)).toBeLessThan(1e-14);
      const alone = await shapley(gatedGame(0, seed), { orderings: 1 });
      expect(gap(alone.values, (await shapley(gatedGame(0, seed), { estimator: "exact" })).values)).toBeLessThan(1e-14);
    }
  });

  it.each(["permutation", "antithetic"] as EstimatorName[])(
    "give %s the same values as without, to within standard errors, and smaller ones",
    async (estimator) => {
      const game = gatedGame(6, 4);
      const exact = await shapley(game, { estimator: "exact" });
      const gated = await shapley(game, { estimator, orderings: 2000, seed: 5 });
      const plain = await shapley({ ...game, gates: [] }, { estimator, orderings: 2000, seed: 5 });
      let [ofGated, ofPlain] = [0, 0];
      exact.values.forEach((value, i) => {
        const [a, b] = [gated.standardErrors?.[i] as number, plain.standardErrors?.[i] as number];
        expect(Math.abs(gated.values[i] - value)).toBeLessThan(5 * a + 1e-12);
        expect(Math.abs(plain.values[i] - value)).toBeLessThan(5 * b + 1e-12);
        ofGated += a * a;
        ofPlain += b * b;
      });
      expect(ofGated).toBeLessThan(0.75 * ofPlain);
      expect(gap(gated.values, plain.values)).toBeGreaterThan(0);
    },
  );

  it("keep every single ordering efficient, with or without a walk, and a walk gives the same bytes", async () => {
    const game = gatedGame(5, 6);
    for (const seed of [0, 1, 2]) {
      const modes = await shapley(game, { orderings: 1, seed });
      expect(modes.efficiencyGap).toBeLessThan(1e-14);
      expect((await shapley(walking(game), { orderings: 1, seed })).values).toEqual(modes.values);
      expect((await shapley(memoised(game), { orderings: 1, seed })).values).toEqual(modes.values);
    }
  });

  it("cost no evaluations but one each to be tried: as many as the plan says are made", async () => {
    const game = gatedGame(5, 7);
    const modes = await shapley(game, { orderings: 3 });
    // both ends once; of each ordering the gates together and then each other unit but the last, which makes v(all)
    expect(modes.provenance.evaluations).toBe(2 + 3 * 5);
    expect(game.counted()).toBe(2 + 2 + 3 * 5);
    const walked = await shapley(walking(game), { orderings: 3 });
    expect(walked.provenance.evaluations).toBe(2 + 3 * 7);
  });
});

test.each<[Gate[], string]>([
  [[{ unit: 7, outputs: [[0, 1]] }], "invalid gate; expected units of the game, 0 to 3, each once; received 7"],
  [
    [
      { unit: 1, outputs: [[0, 1]] },
      { unit: 1, outputs: [[1, 2]] },
    ],
    "invalid gate",
  ],
  [
    [
      { unit: 1, outputs: [[2, 3]] },
      { unit: 2, outputs: [[2, 3]] },
    ],
    "invalid outputs of the gate u2; expected ranges within the 4 outputs, none of them another gate's; received [2, 3]",
  ],
  [[{ unit: 1, outputs: [[4, 5]] }], "invalid outputs of the gate u1"],
])("gatesOf refuses gates that can not be: %#", async (gates, message) => {
  const game = { ...gatedGame(2, 1), gates };
  expect(() => gatesOf(game)).toThrow(message);
  await expect(shapley(game, { orderings: 2 })).rejects.toThrow(message);
});

describe("a gate that does not gate", () => {
  it.each(["permutation", "antithetic", "leverage", "exact"] as const)("is refused by name (%s)", async (estimator) => {
    const game = gatedGame(4, 3);
    let asked = 0;
    const leaking = (output: number, value: number): Game => ({
      ...game,
      async evaluate(coalitions) {
        asked += coalitions.count;
        const values = Float64Array.from(await game.evaluate(coalitions));
        // Without the first gate an output says who else is there.
        for (let c = 0; c < coalitions.count; c++) {
          if (!isIntact(coalitions, c, 0) && isIntact(coalitions, c, 2)) values[4 * c + output] += value;
        }
        return values;
      },
    });
    await expect(shapley(leaking(1, 0.5), { estimator, evaluations: 64 })).rejects.toThrow(
      /invalid gate u0; expected a unit without which, all others being intact, output 1, that is behind it is to be that of v\(none\)/,
    );
    await expect(shapley(leaking(3, 0.5), { estimator, evaluations: 64 })).rejects.toThrow(
      /invalid gate u0; .* output 3, that is not behind it is to be that of v\(all\)/,
    );
    expect(asked).toBe(6);
    const certain = (game.gates ?? []).map((gate) => ({ ...gate, certain: true }));
    asked = 0;
    await shapley({ ...leaking(0, 1e-14), gates: certain }, { estimator: "exact" });
    expect(asked).toBe(64);
  });
});
