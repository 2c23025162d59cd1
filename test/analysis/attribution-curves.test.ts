import { describe, expect, it } from "vitest";
import { attributionCurves } from "../../src/analysis/attribution-curves.js";
import { pruningCurve } from "../../src/analysis/smaller/pruning-curve.js";
import { unitActivations, unitMagnitudes } from "../../src/analysis/unit-scores.js";
import { shapley } from "../../src/engine/shapley.js";
import { attributionCurvesFigure } from "../../src/figures/attribution-curves.js";
import { additiveGame, interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { fc } from "../helpers/properties.js";

const weights = [0.5, -1, 3, 0, 2];

describe("attributionCurves", () => {
  it("follows v down and up, in the order of the ranking", async () => {
    const game = additiveGame(weights);
    const found = await attributionCurves(game, { shapley: await shapley(game, { estimator: "exact" }) });
    const [curve] = found.curves;
    expect(curve.order).toEqual([2, 4, 0, 3, 1].map((u) => game.units[u]));
    expect(Array.from(curve.deletion)).toEqual([4.5, 1.5, -0.5, -1, -1, 0]);
    expect(Array.from(curve.insertion)).toEqual([0, 3, 5, 5.5, 5.5, 4.5]);
    expect(curve.deletionArea).toBeCloseTo((4.5 / 2 + 1.5 - 0.5 - 1 - 1) / 5, 12);
    // What goes in the one is what is left in the other: v is additive.
    curve.deletion.forEach((value, step) => {
      expect(value + curve.insertion[step]).toBeCloseTo(4.5, 12);
    });
  });

  it("of an additive game no order is better than that of its values, and random ones are a straight line on average", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 2, maxLength: 7 }),
        fc.integer({ min: 0, max: 99 }),
        async (own, seed) => {
          const game = additiveGame(own);
          const { curves, random } = await attributionCurves(game, { values: own }, { seed, random: 5 });
          for (const other of random) {
            expect(other.deletionArea).toBeGreaterThanOrEqual(curves[0].deletionArea - 1e-9);
            expect(other.insertionArea).toBeLessThanOrEqual(curves[0].insertionArea + 1e-9);
          }
        },
      ),
      { numRuns: 30 },
    );
    const many = await attributionCurves(additiveGame(weights), {}, { random: 2000, singleLesions: false });
    const { deletion, insertion } = many.rows[0];
    // The mean of v over sets of every size is half of v(all); a curve's area has a standard deviation below 1.
    expect(Math.abs(deletion - 2.25)).toBeLessThan(4 / Math.sqrt(2000));
    expect(Math.abs(insertion - 2.25)).toBeLessThan(4 / Math.sqrt(2000));
  });

  it("takes modes, scores, numbers and names alike, and units in another order", async () => {
    const game = additiveGame(weights);
    const modes = await shapley(game, { estimator: "exact" });
    const reversed = { units: [...game.units].reverse(), values: Float64Array.from(weights).reverse() };
    const names = [2, 4, 0, 3, 1].map((u) => game.units[u]);
    const { curves } = await attributionCurves(game, {
      modes,
      reversed,
      weights,
      names,
      selected: modes.select([4, 3, 2, 1, 0]),
    });
    for (const { order, name } of curves) expect(order, name).toEqual(names);
    const [bySize] = (await attributionCurves(game, { weights }, { by: "size" })).curves;
    expect(bySize.order).toEqual([2, 4, 1, 0, 3].map((u) => game.units[u]));
  });

  it("single lesions miss what either of two units is enough for, Shapley values do not", async () => {
    const game = await gameFrom(
      ["a", "b", "c", "d"],
      (S) => (S.has("a") || S.has("b") ? 4 : 0) + (S.has("c") ? 1 : 0) + (S.has("d") ? 0.5 : 0),
    );
    const found = await attributionCurves(game, { shapley: await shapley(game) });
    const [ours, single] = found.rows;
    expect(single.ranking).toBe("single lesions");
    expect(single.insertion).toBeLessThan(ours.insertion);
    expect(ours.deletion).toBeLessThan(single.deletion);
    expect(ours.deletionP).toBeLessThan(0.4);
    expect(`${found}`).toContain("single lesions");
  });

  it("takes rankings that differ by rounding alone for equally good", async () => {
    const worth = Array.from({ length: 10 }, (_, u) => 0.1 + 0.37 * u);
    // Every unit adds the same to the mean, in another order.
    const game = await gameFrom(10, (S) =>
      worth.map((_, o) => S.indices.reduce((sum, u) => sum + worth[(u + o) % 10], 0)),
    );
    const { rows } = await attributionCurves(game, { first: worth }, { random: 40 });
    for (const { deletionP, insertionP } of rows.slice(0, -1)) expect([deletionP, insertionP]).toEqual([1, 1]);
  });

  it("takes units that a ranking does not tell apart in random orders, and means of their curves", async () => {
    const own = [4, 3, 2, 1];
    const game = additiveGame(own);
    const rankings = { flat: [1, 1, 1, 1 + 1e-15], two: [2, 1, 1, 0], values: own };
    const found = await attributionCurves(game, rankings, { random: 200, singleLesions: false, seed: 3 });
    expect(found.curves.map(({ equal }) => equal)).toEqual([4, 2, 0]);
    const [flat, two, values] = found.rows;
    const chance = found.rows[3];
    // By their place they would have the best area of all, as `values` has.
    expect(values.deletionP).toBeLessThan(0.1);
    expect(Math.abs(flat.deletion - chance.deletion)).toBeLessThan(0.6); // 2 sd of a mean of 20 are 0.4
    expect(flat.deletionP).toBeGreaterThan(0.2);
    const { deletion } = found.curves[1];
    expect([deletion[0], deletion[1], deletion[3], deletion[4]]).toEqual([10, 6, 1, 0]);
    expect(deletion[2]).toBeGreaterThan(3); // 3 and 4, in about half of the orders each
    expect(deletion[2]).toBeLessThan(4);
    expect(two.deletion).toBeGreaterThan(values.deletion);
    expect(String(found)).toContain("flat: 4 units are equal to others");
    const again = await attributionCurves(game, rankings, { random: 200, singleLesions: false, seed: 3 });
    expect(again.rows).toEqual(found.rows);
  });

  it("refuses modes whose contributions cancel in the mean over the outputs, which would rank by rounding", async () => {
    const game = await gameFrom(4, (S) => {
      const p = S.indices.reduce((sum, u) => sum + 0.1 * (u + 1), 0) / 1.7;
      return [p, 1 - p];
    });
    const modes = await shapley(game, { estimator: "exact" });
    const follow = { value: (values: ArrayLike<number>) => values[0] } as const;
    const message = "invalid ranking modes; expected contributions that do not cancel in the mean over the outputs";
    await expect(attributionCurves(game, { modes }, follow)).rejects.toThrow(message);
    await expect(pruningCurve(game, { modes }, follow)).rejects.toThrow(message);
    const [curve] = (await attributionCurves(game, { modes: modes.slice(0) }, follow)).curves;
    expect(curve.order).toEqual(["3", "2", "1", "0"]);
  });

  it("of v of which less is better are those of its negative", async () => {
    const worth = [3, -1, 2, 0.5];
    const of = (sign: number) => gameFrom(4, (S) => sign * S.indices.reduce((sum, u) => sum + worth[u], 0));
    const up = await attributionCurves(await of(1), { worth });
    const down = await attributionCurves(await of(-1), { worth }, { lowerIsBetter: true });
    const negative = up.rows.map((row) => ({ ...row, deletion: -row.deletion, insertion: -row.insertion }));
    expect(down.rows).toEqual(
      negative.map((row) =>
        JSON.parse(JSON.stringify(row), (_, x) => (typeof x === "number" ? expect.closeTo(x, 12) : (x ?? Number.NaN))),
      ),
    );
    expect(attributionCurvesFigure(down).caption).toContain("deletion (higher is better)");
  });

  it("is the same for the same seed, in steps of several units, and of one number of v", async () => {
    const game = interactionGame(9, { outputs: 3, seed: 2 });
    const options = { seed: 5, steps: 4, random: 3, value: (v: ArrayLike<number>) => v[1] };
    const one = await attributionCurves(game, { zeros: new Float64Array(9) }, options);
    const two = await attributionCurves(game, { zeros: new Float64Array(9) }, options);
    expect(two).toEqual(one);
    expect(one.counts).toEqual([0, 2, 5, 7, 9]);
    expect(one.vNone).toBe(0);
  });

  it("refuses rankings that are none before anything is evaluated", async () => {
    const game = await gameFrom(["a", "b"], ({ size }) => size);
    const refused = (ranking: unknown) => expect(attributionCurves(game, { ranking } as never)).rejects;
    await refused([1]).toThrow("invalid ranking ranking; expected 2 numbers, one for each unit; received [1]");
    await refused(["a", "a"]).toThrow("invalid ranking ranking; expected one of all 2 units of the game");
    await refused([1, Number.NaN]).toThrow("invalid ranking ranking; expected finite numbers; received NaN");
    await refused(7).toThrow("invalid ranking ranking; expected modes");
    await expect(attributionCurves(game, { random: [1, 2] })).rejects.toThrow("other names than those of random");
    await expect(attributionCurves(game, {}, { steps: 3 })).rejects.toThrow("invalid steps; expected at most 2");
  });
});

describe("scores of units", () => {
  const network = mlpNetwork(
    [
      { weights: Float32Array.of(1, 0, -2, 4), biases: Float32Array.of(0, 1) },
      { weights: Float32Array.of(3, -1), biases: Float32Array.of(0) },
    ],
    0,
  );

  it("magnitudes are means of |weights| in and out", () => {
    // Unit 0: (1 + 0) / 2 in, 3 out; unit 1: (2 + 4) / 2 in, 1 out.
    expect(unitMagnitudes(network)).toEqual({ units: ["hidden/0", "hidden/1"], values: Float64Array.of(1.75, 2) });
  });

  it("activations are means of |activations| over the inputs", async () => {
    const { units, values } = await unitActivations(network, Float32Array.of(1, 1, 3, 0, -1, 2), { sites: ["hidden"] });
    // ReLU of x and of -2 x + 4 y + 1: 1, 3, 0 and 3, 0, 11.
    expect(units).toEqual(["hidden/0", "hidden/1"]);
    expect(Array.from(values)).toEqual([expect.closeTo(4 / 3, 6), expect.closeTo(14 / 3, 6)]);
  });
});
