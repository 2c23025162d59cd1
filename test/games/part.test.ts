import { describe, expect, it } from "vitest";
import { isIntact } from "../../src/coalitions/coalition.js";
import { shapley } from "../../src/engine/shapley.js";
import type { EstimatorName } from "../../src/estimators/registry.js";
import type { Game, Values } from "../../src/games/game.js";
import { partOf } from "../../src/games/part.js";

const rows = 3;
const width = 3000;
const outputs = rows * width;

/**
 * Four units and 9000 outputs, so that estimators work on several blocks of them; the last unit gates 4500 outputs in
 * the middle.
 */
function wideGame(gates: boolean): Game {
  const value = (intact: readonly boolean[], o: number): number => {
    if (o >= 2000 && o < 6500 && !intact[3]) return 0.25;
    const sum = intact.slice(0, 3).reduce((total, is, u) => (is ? total + Math.sin(o * (u + 1)) : total), 1);
    return sum * sum;
  };
  const evaluate = async (coalitions: Parameters<Game["evaluate"]>[0]): Promise<Values> => {
    const values = new Float64Array(coalitions.count * outputs);
    for (let c = 0; c < coalitions.count; c++) {
      const intact = [0, 1, 2, 3].map((unit) => isIntact(coalitions, c, unit));
      for (let o = 0; o < outputs; o++) values[c * outputs + o] = value(intact, o);
    }
    return values;
  };
  return {
    units: ["a", "b", "c", "gate"],
    outputShape: [rows, width],
    evaluate,
    ...(gates ? { gates: [{ unit: 3, outputs: [[2000, 6500]] }] } : {}),
  };
}

/** The same with a walk of its own. */
function walking(game: Game): Game {
  return {
    ...game,
    async walk(ordering, visit) {
      const words = new Uint32Array(1);
      for (let rank = 0; rank < ordering.length; rank++) {
        words[0] |= 1 << ordering[rank];
        visit(rank, await game.evaluate({ count: 1, units: ordering.length, words }));
      }
    },
  };
}

describe("partOf", () => {
  const cases = (["permutation", "antithetic", "exact"] as EstimatorName[]).flatMap((estimator) =>
    [false, true].flatMap((gates) => [false, true].map((walks) => ({ estimator, gates, walks }))),
  );
  it.each(cases)(
    "is played as in the whole: a part of its modes, bit for bit ($estimator, gates $gates, walk $walks)",
    async ({ estimator, gates, walks }) => {
      const game = walks ? walking(wideGame(gates)) : wideGame(gates);
      const options = { estimator, orderings: 8, seed: 2 };
      const whole = await shapley(game, options);
      expect(whole.efficiencyGap).toBeLessThan(1e-13);
      for (const [from, to] of [
        [0, 1],
        [1, 3],
        [2, 3],
      ]) {
        const part = await shapley(partOf(game, from, to), options);
        expect(part.outputShape).toEqual([to - from, width]);
        for (let row = from; row < to; row++) {
          expect(part.slice(row - from).values).toEqual(whole.slice(row).values);
          expect(part.slice(row - from).standardErrors).toEqual(whole.slice(row).standardErrors);
        }
      }
    },
  );

  it("takes the game's own way to a part where it has one, and a part of a part is one of the whole", () => {
    const asked: number[][] = [];
    const part = (from: number, to: number): Game => {
      asked.push([from, to]);
      return { ...wideGame(false), outputShape: [to - from, width] };
    };
    const half = partOf({ ...wideGame(false), part }, 1, 3);
    expect(asked).toEqual([[1, 3]]);
    expect(half.wholeOutputs).toBe(outputs);
    expect(partOf(half, 0, 1).wholeOutputs).toBe(outputs);
  });

  it("refuses what is no part", () => {
    const game = wideGame(false);
    for (const [from, to] of [
      [0, 4],
      [-1, 1],
      [1, 1],
      [0.5, 1],
    ]) {
      expect(() => partOf(game, from, to)).toThrow("invalid part; expected a range within 0 to 3");
    }
    expect(() => partOf({ ...game, outputShape: [] }, 0, 1)).toThrow("invalid output shape");
  });
});
