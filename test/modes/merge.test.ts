import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { Moments } from "../../src/estimators/moments.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { memoised } from "../../src/games/memoised.js";
import { degreesOfFreedom } from "../../src/modes/confidence.js";
import { mergeModes } from "../../src/modes/merge.js";
import { fromNpz, toNpz } from "../../src/modes/npz.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { fc } from "../helpers/properties.js";

/** Relative to the largest: float64 sums in another order. */
function expectClose(ours: Float64Array | undefined, theirs: Float64Array | undefined): void {
  const [a, b] = [ours as Float64Array, theirs as Float64Array];
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  a.forEach((value, i) => {
    expect(Math.abs(value - b[i])).toBeLessThanOrEqual(1e-12 * scale);
  });
}

/** The result of a run whose samples are these, `[samples][units * outputs]`, each one ordering. */
function resultOf(samples: readonly Float64Array[], units: number, outputs: number, seed: number): ShapleyModes {
  const moments = new Moments(units, outputs);
  for (const sample of samples) {
    moments.begin();
    for (let u = 0; u < units; u++) moments.add(u, sample.subarray(u * outputs, (u + 1) * outputs), 0);
  }
  return new ShapleyModes({
    ...moments.estimate(),
    units: Array.from({ length: units }, (_, u) => `u${u}`),
    outputShape: [outputs],
    provenance: { estimator: "permutation", evaluations: samples.length, orderings: samples.length, seed },
  });
}

const runs = fc
  .record({ units: fc.integer({ min: 1, max: 3 }), outputs: fc.integer({ min: 1, max: 3 }) })
  .chain(({ units, outputs }) => {
    const count = units * outputs;
    const sample = fc
      .array(fc.double({ noNaN: true, min: -100, max: 100 }), { minLength: count, maxLength: count })
      .map((numbers) => Float64Array.from(numbers, (x) => (Math.abs(x) < 1e-100 ? 0 : x))); // squares are not lost
    const list = fc.array(sample, { minLength: 1, maxLength: 8 });
    return fc.record({ units: fc.constant(units), outputs: fc.constant(outputs), a: list, b: list, c: list });
  });

describe("mergeModes", () => {
  it("is the result of all samples: means, standard errors, and those of the means over outputs", () => {
    fc.assert(
      fc.property(runs, ({ units, outputs, a, b, c }) => {
        const of = (samples: readonly Float64Array[], seed: number) => resultOf(samples, units, outputs, seed);
        const merged = mergeModes(mergeModes(of(a, 1), of(b, 2)), of(c, 3));
        const all = of([...a, ...b, ...c], 0);
        for (const name of ["values", "standardErrors", "meanStandardErrors"] as const) {
          merged[name]?.forEach((value, i) => {
            // Sums of squares are of numbers up to 200.
            expect(value).toBeCloseTo((all[name] as Float64Array)[i], name === "values" ? 9 : 4);
          });
        }
        expect(merged.provenance.orderings).toBe(a.length + b.length + c.length);
      }),
    );
  });

  it.each(["permutation", "antithetic"] as const)(
    "of two %s runs has the mean of all, and adds up",
    async (estimator) => {
      const game = interactionGame(7, { outputs: 3, seed: 5 });
      const [a, b] = await Promise.all([
        shapley(game, { estimator, orderings: 20, seed: 1 }),
        shapley(game, { estimator, orderings: 60, seed: 2 }),
      ]);
      const merged = mergeModes(a, b);
      expectClose(
        merged.values,
        a.values.map((value, i) => (value + 3 * b.values[i]) / 4),
      );
      expect(merged.efficiencyGap).toBeLessThan(1e-12);
      expect(merged.provenance).toMatchObject({
        estimator,
        orderings: 80,
        evaluations: (a.provenance.evaluations as number) + (b.provenance.evaluations as number),
        seed: null,
        merged: [
          { seed: 1, orderings: 20 },
          { seed: 2, orderings: 60 },
        ],
      });
    },
  );

  it("of two leverage runs weighs by evaluations, with the error of two independent estimates", async () => {
    const play = async (evaluations: number, seed: number) => {
      const game = await gameFrom(14, (intact) => Math.sin(intact.indices.reduce((sum, i) => sum + (i + 1) ** 1.5, 0)));
      return shapley(game, { estimator: "leverage", evaluations, seed });
    };
    const [a, b] = await Promise.all([play(100, 1), play(300, 2)]);
    const merged = mergeModes(a, b);
    expectClose(
      merged.values,
      a.values.map((value, i) => (value + 3 * b.values[i]) / 4),
    );
    expectClose(
      merged.standardErrors,
      (a.standardErrors as Float64Array).map(
        (error, i) => Math.hypot(error, 3 * (b.standardErrors as Float64Array)[i]) / 4,
      ),
    );
    const [d, e] = [a, b].map(({ provenance }) => provenance.degrees_of_freedom as number);
    expect(d).toBeGreaterThan(0);
    expect(degreesOfFreedom(merged.provenance)).toBeCloseTo(16 / (1 / d + 9 / e), 10);
  });

  it("is not complete where one was interrupted, and says how much was planned for both", () => {
    const samples = [1, 2, 3].map((x) => Float64Array.of(x, 0));
    const whole = resultOf(samples, 2, 1, 1);
    const two = resultOf(samples.slice(1), 2, 1, 2);
    const part = new ShapleyModes({ ...two, provenance: { ...two.provenance, orderings_planned: 10 } });
    const third = resultOf(samples, 2, 1, 3);
    for (const merged of [mergeModes(whole, part), mergeModes(part, whole)]) {
      expect(merged.provenance).toMatchObject({ orderings: 5, orderings_planned: 13 });
      expect(merged.complete).toBe(false);
      expect(mergeModes(merged, third).provenance).toMatchObject({ orderings: 8, orderings_planned: 16 });
    }
    expect(mergeModes(whole, third).complete).toBe(true);
  });

  it("gives the same bytes the other way round", async () => {
    const game = interactionGame(5, { outputs: 2 });
    const [a, b] = await Promise.all([1, 2].map((seed) => shapley(game, { orderings: 10 * seed, seed })));
    expect(toNpz(mergeModes(b, a))).toEqual(toNpz(mergeModes(a, b)));
  });

  it("tells two closures with the same v(all) and v(none) apart by their text", async () => {
    const a = await shapley(await gameFrom(4, (s) => (s.has(0) && s.has(1) ? 1 : 0)), { orderings: 10, seed: 1 });
    const b = await shapley(await gameFrom(4, (s) => (s.has(2) && s.has(3) ? 1 : 0)), { orderings: 10, seed: 2 });
    expect(() => mergeModes(a, b)).toThrow("invalid game_code of b; expected that of a");
    expect(() => mergeModes(fromNpz(toNpz(a)), b)).toThrow("invalid game_code of b");
  });

  it("refuses by name what is not of the same game, or shares orderings", async () => {
    const count = (weight: number, provenance?: { score: string }) =>
      gameFrom(["x", "y", "z"], (intact) => weight * intact.size, provenance && { provenance });
    const play = async (seed: number, weight = 1, provenance?: { score: string }) =>
      shapley(await count(weight, provenance), { orderings: 4, seed });
    const a = await play(1);
    expect(() => mergeModes(a, {} as never)).toThrow("invalid b; expected ShapleyModes");
    expect(() => mergeModes(a, a)).toThrow("invalid seed of b; expected one that a does not have");
    const other = await play(2);
    const third = await play(3);
    expect(() => mergeModes(mergeModes(a, other), mergeModes(third, other))).toThrow("received 2");
    expect(() => mergeModes(a, a.select(["x", "y"]))).toThrow("invalid units of b; expected 3 units; received 2");
    expect(() => mergeModes(a, a.select(["x", "z", "y"]))).toThrow("expected those of a, in their order, such as y");
    expect(() => mergeModes(a, other.select(["x", "y", "z"]))).toThrow("invalid v(all) of b");
    const heavier = await play(2, 2);
    expect(() => mergeModes(a, heavier)).toThrow("invalid v(all) of b");
    const [sums, means] = await Promise.all([play(1, 1, { score: "sum" }), play(2, 1, { score: "mean" })]);
    expect(() => mergeModes(sums, means)).toThrow(
      'invalid game of b; expected that of a (score: "sum" in a, "mean" in b)',
    );
    const exact = await shapley(await count(1), { estimator: "exact" });
    expect(() => mergeModes(a, exact)).toThrow("invalid b; expected sampled modes");
    const antithetic = await shapley(memoised(await count(1)), { estimator: "antithetic", orderings: 4, seed: 9 });
    expect(() => mergeModes(a, antithetic)).toThrow("invalid estimator of b");
    const bare = new ShapleyModes({ units: ["x"], outputShape: [], values: Float64Array.of(1) });
    expect(() => mergeModes(bare, bare)).toThrow("say their estimator, seed and evaluations");
    const all = await shapley(await count(1), { estimator: "leverage", evaluations: 100 });
    expect(() => mergeModes(all, all)).toThrow("all coalitions are in these");
  });
});
