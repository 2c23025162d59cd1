import { describe, expect, it } from "vitest";
import { type ShapleyHereOptions, shapleyHere } from "../../src/engine/shapley-here.js";
import { stoppedText, stoppingRecord } from "../../src/estimators/stopping/record.js";
import { additiveGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { tellingSamples } from "../../src/modes/same-in-all.js";

async function played(game: Game, options: ShapleyHereOptions) {
  const remarks: string[] = [];
  const modes = await shapleyHere(game, { ...options, onRemark: (text) => remarks.push(text) });
  return { modes, remarks, record: stoppingRecord(modes.provenance)! };
}
/** Unit 0 decides, but where it comes behind all others: one ordering in eight. */
const nearlyOne = () => gameFrom(8, (intact) => (intact.has(0) || intact.size === 7 ? 1 : 0));

describe("samples that were all alike", () => {
  it.each([
    ["permutation", 1],
    ["antithetic", 2],
  ] as const)("meet no goal before there are 60 (%s)", async (estimator, each) => {
    for (const rule of ["standardError", "meanStandardError", "relativeError"] as const) {
      const { modes, record } = await played(additiveGame([1, 0.1, 0.3]), { estimator, until: { [rule]: 0.01 } });
      expect(record.stopped).toBe("met");
      expect(modes.provenance.orderings).toBeGreaterThanOrEqual(each * tellingSamples);
      expect(modes.provenance.orderings).toBeLessThan(1.3 * each * tellingSamples);
    }
  });

  it("are told of where the budget ends before", async () => {
    const { record, modes, remarks } = await played(additiveGame([1, 2]), {
      ...{ estimator: "permutation", orderings: 40 },
      until: { standardError: 0.01 },
    });
    expect(record).toMatchObject({ stopped: "orderings", goals: [{ value: 0, met: false }] });
    expect(stoppedText(modes.provenance)).toContain("(missed)");
    expect(remarks.join()).toMatch(
      /a goal was missed: largest standard error 0, goal 0.01 after 40 orderings; some contribution was the same in all samples, and of fewer than 60 that says little/,
    );
  });

  it("do not end a run that has not seen what happens in one ordering of eight", async () => {
    const game = await nearlyOne();
    for (let seed = 0; seed < 40; seed++) {
      const { modes } = await played(game, { estimator: "permutation", seed, until: { standardError: 0.1 } });
      // Of 16 orderings 12 in 100 runs have not.
      expect(modes.standardErrors?.[0]).toBeGreaterThan(0);
    }
  });

  it("are nothing where no unit changes an output, or the mean over them", async () => {
    const p = (size: number, first: boolean) => size ** 2 / 64 + (first ? 0.1 : 0);
    const game = await gameFrom(6, (i) => [p(i.size, i.has(0)), 1 - p(i.size, i.has(0)), 3]);
    const { modes } = await played(game, {
      estimator: "permutation",
      until: { standardError: 1, meanStandardError: 1 },
    });
    expect(modes.provenance.orderings).toBe(16);
  });
});

describe("the first units of top", () => {
  it("are none of a game that no unit changes, and not those that are equal to the rest", async () => {
    const firstOf = async (game: Game, options: ShapleyHereOptions) =>
      (await played(game, { until: { top: 3 }, ...options })).record.goals[0];
    const constant = await gameFrom(20, () => [0.1, 0.3]);
    const one = await gameFrom(20, (intact) => [intact.has(4) ? 0.4 : 0.1, 0.3]);
    for (const options of [
      { estimator: "permutation", orderings: 200 },
      { estimator: "leverage", evaluations: 4000 },
    ] as const) {
      expect(await firstOf(constant, options)).toMatchObject({ met: true, first: [] });
      expect((await firstOf(one, options)).first).toEqual(["4"]);
    }
    const told = await firstOf(additiveGame([1, 4, 3, 2, 0.5]), { estimator: "permutation", orderings: 200 });
    expect(told).toMatchObject({ met: true, first: ["1", "2", "3"] });
  });
});

describe("rankStability", () => {
  it.each(["leverage", "permutation"] as const)(
    "is not met by units that are all equal but for rounding (%s)",
    async (estimator) => {
      const game = await gameFrom(12, (intact) => intact.size ** 2);
      const budget = estimator === "leverage" ? { evaluations: 400 } : { orderings: 40 };
      for (const seed of [1, 2, 3]) {
        const { record } = await played(game, { estimator, seed, ...budget, until: { rankStability: 0.9 } });
        expect(record.stopped).not.toBe("met");
      }
    },
  );

  it.each(["permutation", "antithetic"] as const)(
    "tell no units apart that differ by rounding alone (%s)",
    async (estimator) => {
      const equal = (weight: number) => gameFrom(10, ({ indices }) => indices.reduce((total) => total + weight, 0));
      for (const game of [await equal(0.1), await equal(1)]) {
        const { record } = await played(game, { estimator, until: { top: 2 }, orderings: 200 });
        expect(record).toMatchObject({ stopped: "orderings", goals: [{ met: false }] });
      }
      const unequal = await gameFrom(10, ({ indices }) =>
        indices.reduce((total, u) => total + 0.1 + (u < 2 ? 1e-9 : 0), 0),
      );
      const { record } = await played(unequal, { estimator, until: { top: 2 }, orderings: 400 });
      expect(record.stopped).toBe("met");
    },
  );
});
