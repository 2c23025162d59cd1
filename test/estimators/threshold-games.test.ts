import { describe, expect, it } from "vitest";
import { thresholdGames } from "../../src/bench/coverage-games.js";
import { shapley } from "../../src/engine/shapley.js";
import { type EstimatorName, estimators } from "../../src/estimators/registry.js";

const units = 15;
/** Those that fit terms: what orderings leave is a mean of independent samples, whatever the game. */
const fitting = (Object.keys(estimators) as EstimatorName[]).filter(
  (name) => estimators[name].budget === "evaluations",
);

describe.each(fitting)("%s, on games with a threshold", (estimator) => {
  /** Pairs for each unit: below four the variances of pairs are pooled. */
  const budgets = [2, 3, 8];
  it.each(
    Object.entries(thresholdGames).flatMap(([name, make]) => budgets.map((pairs) => [name, pairs, make] as const)),
  )(
    "has standard errors that cover the exact value 92 to 97 % of the time at 2 (%s, %d pairs for each unit)",
    async (_, pairs, make) => {
      const game = await make();
      const exact = await shapley(game, { estimator: "exact" });
      let [within, all, squares, variances] = [0, 0, 0, 0];
      for (let seed = 1; seed <= 60; seed++) {
        const { values, standardErrors } = await shapley(game, { estimator, evaluations: 2 * pairs * units + 2, seed });
        values.forEach((value, u) => {
          const error = value - exact.values[u];
          const standardError = standardErrors?.[u] as number;
          if (Math.abs(error) <= 2 * standardError) within++;
          all++;
          squares += error ** 2;
          variances += standardError ** 2;
        });
      }
      // 900 values, of which 840 are free: the share is known to .007, and the seeds are fixed.
      expect(within / all).toBeGreaterThan(0.92);
      expect(within / all).toBeLessThan(0.97);
      expect(variances / squares).toBeGreaterThan(0.8);
      expect(variances / squares).toBeLessThan(1.25);
    },
  );
});
