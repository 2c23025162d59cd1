import { describe, expect, it } from "vitest";
import { attributionCurves } from "../../../src/analysis/attribution-curves.js";
import { fewestKept, firstUnits, pruningCurve } from "../../../src/analysis/smaller/pruning-curve.js";
import { shapley } from "../../../src/engine/shapley.js";
import { pruningCurveFigure } from "../../../src/figures/pruning-curve.js";
import { gameFrom } from "../../../src/games/from-function.js";
import { mlpGame } from "../../../src/lesion/mlp-game.js";
import { accuracy } from "../../../src/networks/mlp/forward.js";
import { fc } from "../../helpers/properties.js";
import { smallInputs, smallMlp } from "../../networks/mlp/small.js";

describe("pruningCurve", () => {
  it("adds up the units of each ranking, in an additive game", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 12 }), async (worth) => {
        const game = await gameFrom(worth.length, (intact) =>
          worth.reduce((sum, value, unit) => sum + (intact.has(String(unit)) ? value : 0), 0),
        );
        const { curves, intact } = await pruningCurve(game, { best: worth, worst: worth.map((value) => -value) });
        const sorted = [...worth].sort((a, b) => b - a);
        const sums = (list: number[]) => [0, ...list.map((_, k) => list.slice(0, k + 1).reduce((a, b) => a + b))];
        expect(Array.from(curves[0].scores)).toEqual(sums(sorted));
        expect(Array.from(curves[1].scores)).toEqual(sums([...sorted].reverse()));
        expect(intact).toBe(sums(sorted)[worth.length]);
        const { scores, lowest, highest } = curves[2];
        for (const k of scores.keys()) {
          // No ranking is above the best or below the worst.
          expect(curves[1].scores[k]).toBeLessThanOrEqual(lowest![k]);
          expect(lowest![k] - 1e-9).toBeLessThanOrEqual(scores[k]);
          expect(scores[k] - 1e-9).toBeLessThanOrEqual(highest![k]);
          expect(highest![k]).toBeLessThanOrEqual(curves[0].scores[k]);
        }
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it("is the accuracy of the network with the others lesioned", async () => {
    const mlp = smallMlp({ inputs: 3, hidden: 5, outputs: 2 });
    const data = smallInputs(50, 3, 2);
    const order = ["hidden/3", "hidden/0", "hidden/4", "hidden/1", "hidden/2"];
    const curve = await pruningCurve(await mlpGame(mlp, data, { score: "accuracy" }), { order }, { random: 0 });
    for (let kept = 0; kept <= 5; kept++) {
      const intact = Uint8Array.from([0, 1, 2, 3, 4], (unit) =>
        order.slice(0, kept).includes(`hidden/${unit}`) ? 1 : 0,
      );
      expect(curve.curves[0].scores[kept]).toBeCloseTo(await accuracy(mlp, data, intact), 12);
    }
    expect(firstUnits(curve, "order", 2)).toEqual(["hidden/3", "hidden/0"]);
    expect(firstUnits(curve, "order", 0)).toEqual([]); // as `fewestKept` may say
    expect(() => firstUnits(curve, "order", 6)).toThrow("invalid kept; expected 0 to 5; received 6");
  });

  it("says the fewest units that are enough also with any more of them", () => {
    const curve = { units: 4, intact: 1, curves: [{ name: "a", scores: Float64Array.of(0, 0.995, 0.9, 0.99, 1) }] };
    expect(fewestKept(curve, 0.01)).toEqual([{ ranking: "a", kept: 3, removed: 1, score: 0.99 }]);
    expect(fewestKept(curve, 0)).toEqual([{ ranking: "a", kept: 4, removed: 0, score: 1 }]);
    expect(fewestKept(curve, 1)[0].kept).toBe(0);
    expect(() => fewestKept(curve, -1)).toThrow("invalid loss");
    expect(() => firstUnits(curve, "a", 2)).toThrow("invalid ranking");
  });

  it("a loss that is right on the line is none too many, whatever the rounding", () => {
    let beyond = 0;
    const keptOf = (score: number, intact: number, lowerIsBetter = false) => {
      const curves = [{ name: "a", scores: Float64Array.of(score, intact) }];
      return fewestKept({ units: 1, intact, curves, lowerIsBetter }, 0.01)[0].kept;
    };
    for (let right = 11; right <= 1000; right++) {
      const [intact, score] = [right / 1000, (right - 10) / 1000];
      if (!(score >= intact - 0.01)) beyond++;
      expect([keptOf(score, intact), keptOf(Math.fround(score), Math.fround(intact))]).toEqual([0, 0]);
      expect(keptOf(intact, score, true)).toBe(0);
      expect(keptOf((right - 11) / 1000, intact)).toBe(1);
    }
    expect(beyond).toBeGreaterThan(20); // of 990 that a plain comparison has wrong
  });

  it("a small loss of a large score is none to overlook, unless the score may be rounded to single precision", async () => {
    const of = async (v: (kept: number) => number) => {
      const game = await gameFrom(2, ({ size }) => v(size));
      return fewestKept(await pruningCurve(game, { a: [2, 1] }, { random: 0 }), 0.1)[0].kept;
    };
    const logLikelihood = (kept: number) => -1_234_567.8 - 0.15 * (2 - kept); // 0.15 is 1.2e-7 of it
    expect(await of(logLikelihood)).toBe(2);
    expect(await of((kept) => Math.fround(logLikelihood(kept)))).toBe(0); // single precision has steps of 0.125 here
    expect(await of((kept) => 0.957 - 0.05 * (2 - kept))).toBe(0);
  });

  it("says where units that a ranking does not tell apart matter", async () => {
    const game = await gameFrom(4, (S) => (S.has(0) ? 1 : 0) + (S.has(1) ? 2 : 0));
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    await pruningCurve(game, { told: [1, 2, 0, 0] }, { onRemark, random: 0 }); // of two that do nothing the order does not
    expect(remarks).toEqual([]);
    await pruningCurve(game, { flat: [1, 1, 0, 0] }, { onRemark, random: 0 });
    expect(remarks).toEqual([expect.stringContaining("2 units are equal to others in the ranking flat")]);
  });

  it("says where the mean over the outputs is the same whatever is lesioned", async () => {
    const game = await gameFrom(3, ({ size }) => [size / 3, 1 - size / 3]);
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    await pruningCurve(game, { a: [1, 2, 3] }, { onRemark });
    await attributionCurves(game, { a: [1, 2, 3] }, { onRemark });
    expect(remarks).toEqual(Array(2).fill(expect.stringContaining("`value` follows another one")));
    await pruningCurve(game, { a: [1, 2, 3] }, { onRemark, value: ([first]) => first });
    expect(remarks).toHaveLength(2);
  });

  it("of a score of which less is better counts what it rises by, and ranks modes by what lowers it", async () => {
    const mlp = smallMlp({ inputs: 3, hidden: 5, outputs: 2 });
    const game = await mlpGame(mlp, smallInputs(50, 3, 2), { score: "cross-entropy" });
    const modes = await shapley(game, { estimator: "exact" });
    const curve = await pruningCurve(game, { modes }, { random: 0 });
    expect(curve.lowerIsBetter).toBe(true);
    const [first] = curve.curves[0].order!;
    expect(modes.unit(first).values[0]).toBe(Math.min(...modes.values));
    const scores = [1, 0.3, 0.6, 0.21, 0.2];
    const down = {
      units: 4,
      intact: 0.2,
      curves: [{ name: "a", scores: Float64Array.from(scores) }],
      lowerIsBetter: true,
    };
    expect(fewestKept(down, 0.1)).toEqual([{ ranking: "a", kept: 3, removed: 1, score: 0.21 }]);
    expect((await pruningCurve(game, { modes }, { random: 0, value: (v) => -v[0] })).lowerIsBetter).toBeUndefined();
    const figure = pruningCurveFigure(down, { loss: 0.1 });
    expect(figure.caption).toContain("0.1 above the score");
    expect(figure.layout.shapes?.[0]).toMatchObject({ y0: expect.closeTo(0.3, 12) });
  });

  it("gives the same random rankings for a seed, and names what is wrong", async () => {
    const own = await gameFrom(4, (intact) => intact.size);
    const twice = await Promise.all([1, 1].map((seed) => pruningCurve(own, {}, { seed, random: 3 })));
    expect(twice[0]).toEqual(twice[1]);
    const refused = (rankings: unknown, options = {}) => expect(pruningCurve(own, rankings as never, options)).rejects;
    await refused({ a: [1, 2] }).toThrow("invalid ranking a; expected 4 numbers, one for each unit");
    await refused({ a: ["0", "1", "2", "2"] }).toThrow("one of all 4 units of the game");
    await refused({ a: [1, 2, 3, Number.NaN] }).toThrow("finite numbers");
    await refused({}, { random: 0 }).toThrow("at least one");
    await refused({ random: [1, 2, 3, 4] }).toThrow("another name than random");
    const vector = await gameFrom(2, () => [1, 2]);
    const mean = await pruningCurve(vector, { a: [1, 2] }, { random: 0 });
    expect(Array.from(mean.curves[0].scores)).toEqual([1.5, 1.5, 1.5]);
    const summed = await pruningCurve(vector, { a: [1, 2] }, { value: ([x, y]) => x + y, random: 0 });
    expect(Array.from(summed.curves[0].scores)).toEqual([3, 3, 3]);
  });
});
