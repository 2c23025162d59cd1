import { describe, expect, it } from "vitest";
import { type Coalitions, isIntact } from "../../src/coalitions/coalition.js";
import { subsetsUpTo } from "../../src/coalitions/subsets.js";
import { interactions } from "../../src/engine/interactions/interactions.js";
import { shapley } from "../../src/engine/shapley.js";
import { additiveGame, gloveGame, interactionGame, majorityGame, unanimityGame } from "../../src/games/closed-form.js";
import type { Game } from "../../src/games/game.js";
import { interactionIndices } from "../../src/modes/interaction-index.js";
import { fc } from "../helpers/properties.js";
import { byDefinition, type Table } from "./definitions.js";

/** The game of tables: one for each output. */
function tableGame(units: number, tables: readonly Table[]): Game {
  return {
    units: Array.from({ length: units }, (_, unit) => `u${unit}`),
    outputShape: [tables.length],
    async evaluate(coalitions: Coalitions) {
      const values = new Float64Array(coalitions.count * tables.length);
      for (let c = 0; c < coalitions.count; c++) {
        let mask = 0;
        for (let unit = 0; unit < units; unit++) if (isIntact(coalitions, c, unit)) mask |= 1 << unit;
        tables.forEach((table, o) => (values[c * tables.length + o] = table[mask]));
      }
      return values;
    },
  };
}

const table = (units: number) =>
  fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1 << units, maxLength: 1 << units });
const gameOf = (units: number, outputs: number) => fc.array(table(units), { minLength: outputs, maxLength: outputs });
const near = (a: number, b: number, rounding = 1e-10) => Math.abs(a - b) <= rounding * (1 + Math.abs(b));

describe.each(interactionIndices)("exact interactions, %s", (index) => {
  it.each([1, 2, 3])(
    "are what their definition says, for every set of up to %i units and every output",
    async (order) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: order, max: 5 }),
          fc.integer({ min: 1, max: 2 }),
          fc.nat(1e6),
          async (units, outputs, seed) => {
            const [tables] = fc.sample(gameOf(units, outputs), { seed, numRuns: 1 });
            const found = await interactions(tableGame(units, tables), { index, order });
            expect(found.subsets).toEqual(subsetsUpTo(units, order));
            found.subsets.forEach((set, s) => {
              tables.forEach((v, o) => {
                const wanted = byDefinition[index](v, units, set, order);
                expect(near(found.values[s * outputs + o], wanted, 1e-8), `${index} ${set} ${wanted}`).toBe(true);
              });
            });
          },
        ),
        { numRuns: 12 },
      );
    },
  );

  it("give a dummy nothing with anybody, interchangeable units the same, and add up as games do", async () => {
    await fc.assert(
      fc.asyncProperty(table(5), table(5), fc.integer({ min: 2, max: 4 }), async (a, b, order) => {
        const of = async (...tables: Table[]) => interactions(tableGame(5, tables), { index, order });
        // Unit 4 never changes v; units 0 and 1 stand for each other.
        const dummy = a.map((_, c) => a[c & 15]);
        const swapped = (c: number) => (c & ~3) | ((c & 1) << 1) | ((c & 2) >> 1);
        const alike = a.map((value, c) => (value + a[swapped(c)]) / 2);
        const sum = a.map((value, c) => 2 * value - b[c]);
        const found = await of(dummy, alike, sum, a, b);
        const at = (set: readonly number[], o: number) => found.of(...set).values[o];
        for (const set of found.subsets) {
          if (set.includes(4) && set.length > 1) expect(near(at(set, 0), 0)).toBe(true);
          const others = set.map((unit) => (unit === 0 ? 1 : unit === 1 ? 0 : unit));
          expect(near(at(set, 1), at(others, 1))).toBe(true);
          expect(near(at(set, 2), 2 * at(set, 3) - at(set, 4), 1e-9)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("of order 1 are the Shapley values, or Banzhaf's; modes come along with every order", async () => {
    const game = gloveGame(2, 3);
    const modes = await shapley(game, { estimator: "exact" });
    const ones = await interactions(game, { index, order: 1 });
    const threes = await interactions(game, { index, order: 3 });
    modes.values.forEach((value, u) => {
      if (index !== "banzhaf") expect(near(ones.of(u).values[0], value)).toBe(true);
      expect(near(threes.modes?.values[u] ?? Number.NaN, value)).toBe(true);
    });
    expect(threes.modes?.efficiencyGap).toBeLessThan(1e-12);
  });

  it("are 0 between units that just add", async () => {
    const found = await interactions(additiveGame([0.5, -1, 3, 0, 2]), { index, order: 3 });
    found.subsets.forEach((set, s) => {
      const wanted = set.length > 1 ? 0 : [0.5, -1, 3, 0, 2][set[0]];
      expect(near(found.values[s], wanted, 1e-12)).toBe(true);
    });
  });

  it("of a game of pair interactions of order 2 are these", async () => {
    const game = interactionGame(7, { outputs: 2, seed: 4 });
    const found = await interactions(game, { index });
    const v = async (...units: number[]) =>
      game.evaluate({ count: 1, units: 7, words: Uint32Array.of(units.reduce((mask, u) => mask | (1 << u), 0)) });
    for (const [i, j] of found.subsets.filter(({ length }) => length === 2)) {
      const [both, a, b] = [await v(i, j), await v(i), await v(j)];
      found.pair(i, j).values.forEach((value, o) => expect(near(value, both[o] - a[o] - b[o])).toBe(true));
    }
  });

  it("are efficient where they say so", async () => {
    for (const game of [majorityGame(7), unanimityGame(6, [1, 4, 5]), gloveGame(3, 4)]) {
      for (const order of [1, 2, 3, 4]) {
        const { efficiencyGap } = await interactions(game, { index, order });
        if (index === "sii" || index === "banzhaf") expect(efficiencyGap).toBeNaN();
        else expect(efficiencyGap).toBeLessThan(1e-10);
      }
    }
  });
});

describe("exact interactions", () => {
  it("of a unanimity game are the closed forms of every index", async () => {
    // v = 1 where units 0, 1, 2 are all there: one dividend, m({0, 1, 2}) = 1.
    const game = unanimityGame(5, [0, 1, 2]);
    const pair = async (index: (typeof interactionIndices)[number]) =>
      (await interactions(game, { index })).pair(0, 2).values[0];
    expect(await pair("sii")).toBeCloseTo(1 / 2, 12);
    expect(await pair("k-sii")).toBeCloseTo(1 / 2, 12);
    expect(await pair("stii")).toBeCloseTo(1 / 3, 12);
    expect(await pair("banzhaf")).toBeCloseTo(1 / 2, 12);
    // s / (k + s) C(k, s) C(t - 1, k) / C(t + k - 1, k + s) = 2/4 · 1 · 1 / 1 with s = k = 2, t = 3.
    expect(await pair("fsii")).toBeCloseTo(1 / 2, 12);
  });

  it("are right to 1e-9 at 16 units", async () => {
    const game = interactionGame(16, { outputs: 1, seed: 2 });
    const found = await interactions(game, { order: 3 });
    found.modes?.values.forEach((value, u) => expect(near(value, game.shapleyValues[u], 1e-9)).toBe(true));
    found.subsets.forEach((set, s) => {
      if (set.length === 3) expect(Math.abs(found.values[s])).toBeLessThan(1e-9);
    });
    expect(found.provenance.evaluations).toBe(65_536);
  });
});
