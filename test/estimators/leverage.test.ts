import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { confidenceIntervals } from "../../src/analysis/inference/confidence-intervals.js";
import { coalitionKey, coalitionSize, coalitionsOf, intactUnits } from "../../src/coalitions/coalition.js";
import { allPairs, coalitionsOfPairs, complementPairs } from "../../src/coalitions/complement-pairs.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { designOf } from "../../src/estimators/regression/design.js";
import { bestTriples, screenTriples } from "../../src/estimators/regression/screen-triples.js";
import { tripleCount } from "../../src/estimators/regression/triple-places.js";
import {
  additiveGame,
  type ClosedFormGame,
  gloveGame,
  interactionGame,
  majorityGame,
  unanimityGame,
} from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { memoised } from "../../src/games/memoised.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { checkpoint } from "../../src/networks/mlp/checkpoints.js";
import { atOnce } from "../../src/pace.js";
import { fc } from "../helpers/properties.js";

const largestDifference = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe("complementPairs", () => {
  it("draws no pair twice, of each size as many as it says, give or take one, and all where there are enough", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(99),
        (units, wanted, seed) => {
          const { sets, sizes, expected, inclusion, complete } = complementPairs(units, wanted, seed);
          const both = coalitionsOfPairs(sets, 0, sizes.length);
          const keys = new Set(Array.from({ length: both.count }, (_, c) => coalitionKey(both, c)));
          expect(sizes.length).toBe(Math.min(wanted, allPairs(units)));
          expect(keys.size).toBe(2 * sizes.length);
          expect(complete).toBe(wanted >= allPairs(units));
          const drawn = new Float64Array(expected.length);
          sizes.forEach((size, pair) => {
            drawn[size]++;
            expect(coalitionSize(both, 2 * pair)).toBe(size);
            expect(coalitionSize(both, 2 * pair + 1)).toBe(units - size);
          });
          drawn.forEach((number, size) => expect(Math.abs(number - expected[size])).toBeLessThan(1));
          inclusion.forEach((probability) => expect(probability).toBeLessThanOrEqual(1));
        },
      ),
    );
  });

  it("draws every pair of a size equally often", () => {
    const times = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++) {
      const { sets, sizes } = complementPairs(6, 10, seed);
      sizes.forEach((size, pair) => {
        if (size === 3) times.set(coalitionKey(sets, pair), (times.get(coalitionKey(sets, pair)) ?? 0) + 1);
      });
    }
    const { inclusion } = complementPairs(6, 10, 0);
    const mean = 2000 * inclusion[3];
    expect(times.size).toBe(10);
    for (const number of times.values()) {
      expect(Math.abs(number - mean)).toBeLessThan(4.5 * Math.sqrt(mean * (1 - inclusion[3])));
    }
  });

  it("gives weights that are finite where numbers of coalitions are not", () => {
    const { weights } = designOf(complementPairs(1500, 900, 1));
    expect(weights.every((weight) => weight > 0 && weight <= 1)).toBe(true);
  });
});

describe("screenTriples", () => {
  it.each([3, 7, 10])("scores every triple as its definition says, %i units", (units) => {
    const design = designOf(complementPairs(units, 50, 3));
    const { pairs, x, weights } = design;
    const random = randomStream(5);
    const residuals = Float64Array.from({ length: pairs * 2 }, () => random.next() / 2 ** 31);
    const folds = 3;
    const scores = atOnce(screenTriples(design, residuals, 2, folds));
    let index = 0;
    for (let k = 2; k < units; k++) {
      for (let j = 1; j < k; j++) {
        for (let i = 0; i < j; i++, index++) {
          for (let fold = 0; fold < folds; fold++) {
            let direct = 0;
            for (let o = 0; o < 2; o++) {
              let [sum, square] = [0, 0];
              for (let s = 0; s < pairs; s++) {
                const residual = residuals[2 * s + o];
                square += weights[s] * residual ** 2;
                if (s % folds === fold) continue;
                sum += weights[s] * residual * x[s * units + i] * x[s * units + j] * x[s * units + k];
              }
              direct += sum ** 2 / square;
            }
            expect(scores[fold][index]).toBeCloseTo(direct, 10);
          }
        }
      }
    }
    expect(index).toBe(tripleCount(units));
    const best = bestTriples(scores[0], new Float64Array(units).fill(1), 2);
    expect(Math.max(...scores[0])).toBe(
      scores[0][(best[2] * (best[2] - 1) * (best[2] - 2)) / 6 + (best[1] * (best[1] - 1)) / 2 + best[0]],
    );
  });
});

describe("leverage", () => {
  it.each<[string, ClosedFormGame]>([
    ["additive", additiveGame([0.5, -1, 3, 0, 2])],
    ["one unit", additiveGame([4])],
    ["two units", unanimityGame(2, [0, 1])],
    ["unanimity", unanimityGame(6, [1, 4, 5])],
    ["majority", majorityGame(7)],
    ["glove", gloveGame(2, 4)],
    ["interactions", interactionGame(10, { outputs: 3, seed: 5 })],
  ])("is exact, without error, where there are evaluations for all coalitions (%s)", async (_, game) => {
    const evaluations = 2 ** game.units.length;
    const modes = await shapley(game, { estimator: "leverage", evaluations: Math.max(4, evaluations) });
    expect(largestDifference(modes.values, game.shapleyValues)).toBeLessThan(1e-12);
    expect(modes.standardErrors?.every((error) => error === 0)).toBe(true);
    expect(modes.provenance.evaluations).toBe(evaluations);
  });

  it("is exact for games of pair interactions, and for units that add alike at each size, from few evaluations", async () => {
    const pairs = interactionGame(30, { outputs: 2, seed: 8 });
    const modes = await shapley(pairs, { estimator: "leverage", evaluations: 200 });
    expect(largestDifference(modes.values, pairs.shapleyValues)).toBeLessThan(1e-9);
    const cubes = await gameFrom(31, (intact) => intact.size ** 3);
    const alike = await shapley(cubes, { estimator: "leverage", evaluations: 400 });
    expect(alike.values.every((value) => Math.abs(value - 31 ** 2) < 1e-6)).toBe(true);
  });

  it("finds the triples that matter: a game of a few of them is nearly exact", async () => {
    const triples = [
      [0, 5, 9],
      [1, 2, 13],
      [3, 7, 11],
    ];
    const game = await gameFrom(14, (intact) =>
      triples.reduce((sum, units, t) => sum + (units.every((unit) => intact.indices.includes(unit)) ? t + 1 : 0), 0),
    );
    const modes = await shapley(game, { estimator: "leverage", evaluations: 1200 });
    expect(modes.provenance.terms).toContain("triples");
    triples.forEach((units, t) => {
      for (const unit of units) expect(modes.values[unit]).toBeCloseTo((t + 1) / 3, 6);
    });
    for (const dummy of [4, 6, 8, 10, 12]) expect(Math.abs(modes.values[dummy])).toBeLessThan(1e-6);
  });

  it("is efficient, fair to dummies and to interchangeable units, whatever the game and the budget", async () => {
    const wanted = fc.record({
      units: fc.integer({ min: 4, max: 12 }),
      evaluations: fc.integer({ min: 4, max: 700 }),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(wanted, async ({ units, evaluations, seed }) => {
        // Unit 0 is a dummy, units 1 and 2 are alike.
        const weights = Array.from({ length: units }, (_, u) => (u === 0 ? 0 : Math.sin((u < 3 ? 1 : u) * (seed + 1))));
        const game = await gameFrom(
          units,
          (intact) => {
            const sum = intact.indices.reduce((total, unit) => total + weights[unit], 0);
            return [Math.tanh(sum), sum];
          },
          { outputShape: [2] },
        );
        const modes = await shapley(game, { estimator: "leverage", evaluations, seed });
        expect(modes.efficiencyGap).toBeLessThan(1e-12);
        const { values, standardErrors } = modes;
        const { standard_errors_unknown: unknown, fitted_exactly: exact } = modes.provenance;
        // Of the second output, which is additive, errors are known where there are pairs enough.
        if (Number.isNaN(standardErrors?.[1])) expect(exact ?? unknown).toBeDefined();
        if (Number.isNaN(standardErrors?.[0])) {
          expect(unknown).toMatch(/pairs? for \d+ unknowns|pairs? of orderings|^the fit says 2 of 2 outputs/);
          return;
        }
        if (evaluations < 8 * units) return;
        const errors = standardErrors as Float64Array;
        expect(Math.abs(values[0])).toBeLessThan(7 * errors[0] + 1e-9);
        expect(Math.abs(values[2] - values[4])).toBeLessThan(7 * Math.hypot(errors[2], errors[4]) + 1e-9);
        expect(Math.abs(values[1])).toBeLessThan(1e-9); // the second output is additive
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("says which terms it has, and what it left out and why", async () => {
    const game = interactionGame(20, { outputs: 1, seed: 2 });
    const { provenance } = await shapley(game, { estimator: "leverage", evaluations: 70 });
    expect(provenance).toMatchObject({ evaluations: 70, orderings: null, pairs: 34, terms: ["units", "size"] });
    expect(provenance.terms_left_out).toMatchObject({ triples: "34 pairs, of at least 2 for each unit" });
  });

  it("has no error of zero that is not exact: where terms fit all pairs it is not known, since others may differ", async () => {
    const game = gloveGame(2, 18);
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const modes = await shapley(game, { estimator: "leverage", evaluations: 100, seed: 1, onRemark });
    expect(largestDifference(modes.values, game.shapleyValues)).toBeGreaterThan(0.01);
    expect(modes.standardErrors?.every(Number.isNaN)).toBe(true);
    expect(modes.provenance.fitted_exactly).toMatch(
      /^the fit says the output of all 49 pairs of coalitions exactly, which is known of \d+ beyond its unknowns alone: its standard errors are not known, since up to 10 in 100 pairs that were not drawn may differ \(95 % confidence\)$/,
    );
    expect(remarks).toEqual([modes.provenance.fitted_exactly]);
    const seen = await shapley(game, { estimator: "leverage", evaluations: 100, seed: 2, onRemark });
    expect(seen.provenance.fitted_exactly).toBeUndefined();
  });

  it.each([42, 44])(
    "says so whatever rounding of its equations is, with %i evaluations for 12 units",
    async (evaluations) => {
      const game = gloveGame(1, 11);
      let wrong = 0;
      for (let seed = 0; seed < 30; seed++) {
        const modes = await shapley(game, { estimator: "leverage", evaluations, seed, onRemark() {} });
        // Fits that saw no pair of gloves, or of all that there is.
        expect(modes.standardErrors?.some((error) => error < 1e-6)).toBe(false);
        if (!modes.standardErrors?.every(Number.isNaN)) continue;
        expect(modes.provenance.fitted_exactly).toContain("the fit says the output of all");
        if (largestDifference(modes.values, game.shapleyValues) > 0.01) wrong++;
      }
      expect(wrong).toBeGreaterThan(5);
    },
  );

  it("has standard errors of rounding where it is exact, no smaller ones", async () => {
    const pairs = interactionGame(30, { outputs: 2, seed: 8 });
    for (const seed of [1, 2, 3]) {
      const { values, standardErrors } = await shapley(pairs, {
        estimator: "leverage",
        evaluations: 200,
        seed,
        onRemark() {},
      });
      values.forEach((value, i) => {
        expect(Math.abs(value - pairs.shapleyValues[i])).toBeLessThan(3 * (standardErrors?.[i] as number));
      });
      expect(Math.max(...(standardErrors ?? []))).toBeLessThan(1e-12);
    }
  });

  it("plays an ordering and its reverse where evaluations are too few for a regression: what antithetic gives", async () => {
    const game = interactionGame(20, { outputs: 2, seed: 2 });
    const [few, orderings] = [
      await shapley(game, { estimator: "leverage", evaluations: 59, seed: 3 }),
      await shapley(game, { estimator: "antithetic", evaluations: 59, seed: 3 }),
    ];
    expect(few.values).toEqual(orderings.values);
    expect(few.provenance).toMatchObject({
      orderings: 2,
      evaluations: 40,
      standard_errors_unknown: "one pair of orderings",
    });
    expect(few.provenance.terms).toBe("none: with 59 evaluations for 20 units orderings and their reverses are played");
    const fewer = await shapley(game, { estimator: "leverage", evaluations: 39, seed: 3 });
    expect(fewer.provenance.terms).toEqual(["units", "size"]);
  });

  it("says nothing of errors that two pairs of orderings can not tell", async () => {
    const game = interactionGame(12, { outputs: 2, seed: 2 });
    const options = { evaluations: 46, seed: 3 } as const;
    const [few, orderings] = [
      await shapley(game, { estimator: "leverage", ...options }),
      await shapley(game, { estimator: "antithetic", ...options }),
    ];
    expect(few.values).toEqual(orderings.values);
    expect([...(few.standardErrors ?? [])].every(Number.isNaN)).toBe(true);
    expect(few.provenance).toMatchObject({
      orderings: 4,
      standard_errors_unknown: "2 pairs of orderings, of at least 3",
    });
  });

  it("says how many degrees of freedom its errors have, by which intervals are wider than of a normal distribution", async () => {
    const game = await gameFrom(12, (intact) => Math.sin(intact.indices.reduce((sum, unit) => sum + unit, 0)));
    const modes = await shapley(game, { estimator: "leverage", evaluations: 50 });
    expect(modes.provenance).toMatchObject({ pairs: 24, terms: ["units"], degrees_of_freedom: 12 });
    const [first] = await confidenceIntervals(modes);
    // Student's t: 2.1788 for 12 degrees of freedom.
    expect((first.high - first.contribution) / first.standardError).toBeCloseTo(2.1788, 4);
  });

  it("is nowhere worse than antithetic, from two evaluations for each unit on: networks of ten units, of which some stay intact", async () => {
    const data = loadInputs("mnist-test:0-99");
    const network = await checkpoint({ width: 10, regulariser: "none", trial: 0 });
    const whole = memoised(await mlpGame(network, data, { score: "class-precision" }));
    for (const units of [6, 9]) {
      const intact = Array.from({ length: 10 - units }, (_, u) => units + u);
      const game: Game = {
        units: whole.units.slice(0, units),
        outputShape: whole.outputShape,
        evaluate: (coalitions) =>
          whole.evaluate(
            coalitionsOf(
              10,
              Array.from({ length: coalitions.count }, (_, c) => [...intactUnits(coalitions, c), ...intact]),
            ),
          ),
      };
      const exact = await shapley(game, { estimator: "exact" });
      for (const evaluations of [2 * units, 3 * units, Math.floor(3.5 * units), 4 * units - 2, 4 * units + 2]) {
        const squares = { leverage: 0, antithetic: 0 };
        for (let seed = 0; seed < 24; seed++) {
          for (const estimator of ["leverage", "antithetic"] as const) {
            const { values } = await shapley(game, { estimator, evaluations, seed });
            squares[estimator] += values.reduce((sum, value, i) => sum + (value - exact.values[i]) ** 2, 0);
          }
        }
        // 24 seeds: the ratio of two such sums is known to about a tenth.
        expect(squares.leverage).toBeLessThan(1.15 * squares.antithetic);
      }
    }
  });

  it("is exact for games of pair interactions also where it holds values back", async () => {
    const game = interactionGame(30, { outputs: 2, seed: 8 });
    const modes = await shapley(game, { estimator: "leverage", evaluations: 110 });
    expect(modes.provenance).toMatchObject({ pairs: 54, ridge: 0 });
    expect(largestDifference(modes.values, game.shapleyValues)).toBeLessThan(1e-11);
  });

  it("says where it holds values back", async () => {
    const game = await gameFrom(
      30,
      (intact) => Math.sin(7 * intact.size) + (intact.has(3) && intact.has(5) && intact.has(8) ? 9 : 0),
    );
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const few = await shapley(game, { estimator: "leverage", evaluations: 110, onRemark });
    expect(few.provenance.held_back).toMatch(/^54 pairs of coalitions for \d+ unknowns: .* \(ridge 0\.\d+\)$/);
    expect(remarks).toEqual([`${few.provenance.held_back}; more evaluations let them go`]);
    const more = await shapley(game, { estimator: "leverage", evaluations: 400, onRemark });
    expect(more.provenance).not.toHaveProperty("held_back");
    expect(remarks).toHaveLength(1);
  });

  it("refuses budgets that are none", async () => {
    const game = additiveGame([1, 2, 3, 4]);
    const failure = (options: object) =>
      shapley(game, { estimator: "leverage", ...options }).catch((error) => error.message);
    expect(await failure({ evaluations: 3 })).toBe(
      "invalid evaluations; expected at least 4 for the leverage estimator; received 3",
    );
    expect(await failure({ evaluations: 30, orderings: 2 })).toBe(
      "invalid evaluations; expected orderings or evaluations, not both; received 30",
    );
  });

  it("goes on where it was stopped, with the same bytes, and not with another budget", async () => {
    const resume = mkdtempSync(join(tmpdir(), "leverage-"));
    const stop = new AbortController();
    let asked = 0;
    const make = (stopping: boolean) =>
      gameFrom(
        11,
        (intact) => {
          if (stopping && ++asked === 300) stop.abort();
          return [Math.sin(intact.indices.reduce((sum, unit) => sum + unit + 1, 0)), intact.size];
        },
        { outputShape: [2] },
      );
    const options = { estimator: "leverage", evaluations: 700, seed: 6, onRemark: () => {} } as const;
    const undisturbed = await shapley(await make(false), options);
    const game = await make(true);
    await expect(shapley(game, { ...options, resume, checkpointSeconds: 0, signal: stop.signal })).rejects.toThrow(
      /of 698 evaluations/,
    );
    await expect(shapley(game, { ...options, evaluations: 800, resume })).rejects.toThrow(
      "evaluations: 700 there, 800 here",
    );
    const resumed = await shapley(game, { ...options, resume });
    expect(resumed.values).toEqual(undisturbed.values);
    expect(resumed.standardErrors).toEqual(undisturbed.standardErrors);
    expect(resumed.provenance).toEqual(undisturbed.provenance);
  });
});

describe("a budget in evaluations", () => {
  it("plays as many orderings as fit into it", async () => {
    const game = additiveGame([1, 2, 3, 4, 5]);
    const spent = async (estimator: "permutation" | "antithetic", evaluations: number) => {
      const { provenance } = await shapley(game, { estimator, evaluations });
      return [provenance.orderings, provenance.evaluations];
    };
    expect(await spent("permutation", 31)).toEqual([7, 30]);
    expect(await spent("antithetic", 31)).toEqual([6, 26]);
    await expect(spent("antithetic", 9)).rejects.toThrow(
      "invalid evaluations; expected at least 10 for the antithetic estimator; received 9",
    );
  });
});
