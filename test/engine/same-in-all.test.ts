import { describe, expect, it } from "vitest";
import { type ShapleyHereOptions, shapleyHere } from "../../src/engine/shapley-here.js";
import { stoppingRecord } from "../../src/estimators/stopping/record.js";
import { additiveGame, gloveGame, majorityGame, unanimityGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { mergeModes } from "../../src/modes/merge.js";
import { othersInHundred } from "../../src/modes/same-in-all.js";

async function played(game: Game, options: ShapleyHereOptions) {
  const remarks: string[] = [];
  const modes = await shapleyHere(game, { ...options, onRemark: (text) => remarks.push(text) });
  return { modes, remarks };
}

describe("errors of 0 of few samples", () => {
  it.each([
    ["permutation", 10, "10 orderings", 26],
    ["antithetic", 10, "5 pairs of orderings", 46],
    ["permutation", 59, "59 orderings", 5],
  ] as const)(
    "are spoken of, with how many others may differ (%s, %i)",
    async (estimator, orderings, drawn, others) => {
      const { modes } = await played(additiveGame([1, 2]), { estimator, orderings });
      expect(modes.provenance.same_in_all).toBe(
        `some contributions were the same in all ${drawn}, so their standard errors are 0; but up to ${others} in 100 that were not drawn may differ (95 % confidence), and then the errors are larger`,
      );
    },
  );

  it("are believed of 60 samples, and not spoken of where they are unknown or nothing changes", async () => {
    const same = async (game: Game, options: ShapleyHereOptions) => {
      const { modes } = await played(game, options);
      return modes.provenance.same_in_all;
    };
    expect(await same(additiveGame([1, 2]), { estimator: "permutation", orderings: 60 })).toBeUndefined();
    expect(await same(additiveGame([1, 2]), { estimator: "antithetic", orderings: 120 })).toBeUndefined();
    expect(await same(additiveGame([1, 2]), { estimator: "permutation", orderings: 1 })).toBeUndefined();
    expect(await same(additiveGame([1, 2]), { estimator: "exact" })).toBeUndefined();
    const besides = await gameFrom(3, ({ size }) => [size ** 2, 7]);
    expect(await same(besides, { estimator: "permutation", orderings: 40, seed: 2 })).toBeUndefined();
  });

  it("are spoken of where nothing changed at all, which a change that no sample saw looks like", async () => {
    // Three units do something together, among seven at most: 6 orderings of 100.
    const rare = await gameFrom(16, (S) => (S.has(0) && S.has(1) && S.has(2) && S.size <= 7 ? 1 : 0));
    let unseen = 0;
    for (let seed = 0; seed < 20; seed++) {
      const few = await played(rare, { estimator: "permutation", orderings: 10, seed });
      const pairs = await played(rare, { estimator: "leverage", evaluations: 80, seed });
      if (few.modes.values.every((value) => value === 0)) {
        expect(few.modes.provenance.same_in_all).toContain("in all 10 orderings");
        unseen++;
      }
      if (pairs.modes.values.every((value) => value === 0)) {
        expect(pairs.modes.provenance.same_in_all).toMatch(
          /^all 39 pairs of coalitions say that no unit changes anything/,
        );
        unseen++;
      }
      const until = { standardError: 0.005 };
      const { modes } = await played(rare, { estimator: "permutation", orderings: 2000, seed, until });
      expect(modes.unit(0).standardErrors?.[0]).toBeGreaterThan(0);
    }
    expect(unseen).toBeGreaterThan(10);
    const constant = await gameFrom(16, () => 7);
    for (const options of [
      { estimator: "permutation", orderings: 60 },
      { estimator: "leverage", evaluations: 200 },
    ] as const) {
      const always = await played(constant, options);
      expect(always.modes.provenance.same_in_all).toBeUndefined();
    }
  });

  it("of leverage are not known where a fit is exact by fewer: all values may be wrong", async () => {
    const ofExact = { known: 0, unknown: 0 };
    for (let seed = 1; seed <= 30; seed++) {
      const { modes, remarks } = await played(gloveGame(2, 13), { estimator: "leverage", evaluations: 62, seed });
      const { fitted_exactly: exact, standard_errors_unknown: why } = modes.provenance;
      const unknown = modes.standardErrors?.every(Number.isNaN) && modes.meanStandardErrors?.every(Number.isNaN);
      expect(unknown).toBe(exact !== undefined);
      expect(why).toBe(exact);
      if (exact) expect(remarks).toContain(exact);
      ofExact[unknown ? "unknown" : "known"]++;
    }
    expect(ofExact.unknown).toBeGreaterThan(5);
    expect(ofExact.known).toBeGreaterThan(5);
    // Of several outputs those that are fitted exactly, and means over them.
    const both = await gameFrom(16, ({ indices }) => [
      indices.length,
      Math.sin(indices.reduce((sum, u) => sum + u * u, 0)),
    ]);
    const { modes } = await played(both, { estimator: "leverage", evaluations: 120 });
    expect(modes.standardErrors?.filter(Number.isNaN).length).toBe(16);
    expect(modes.slice(1).standardErrors?.every((error) => error > 0)).toBe(true);
    expect(modes.meanStandardErrors?.every(Number.isNaN)).toBe(true);
    expect(modes.provenance.fitted_exactly).toContain("1 of 2 outputs");
    expect(modes.provenance.standard_errors_unknown).toBeUndefined();
  });

  it("are 95 % of the time no rarer than is said: (1 - p)^samples = 0.05", () => {
    for (const samples of [2, 5, 16, 30, 59]) {
      const percent = othersInHundred(samples);
      expect((1 - percent / 100) ** samples).toBeLessThanOrEqual(0.05);
      expect((1 - (percent - 1) / 100) ** samples).toBeGreaterThan(0.05);
    }
  });

  it("meet no goal of leverage before there are 60 pairs beyond its unknowns", async () => {
    const goal = { standardError: 0.02 };
    for (const game of [gloveGame(1, 11), gloveGame(2, 10)]) {
      for (let seed = 0; seed < 10; seed++) {
        const { modes } = await played(game, { estimator: "leverage", until: goal, evaluations: 1000, seed });
        const { fitted_exactly: exact, degrees_of_freedom: beyond } = modes.provenance;
        if (exact !== undefined) expect(beyond).toBeGreaterThanOrEqual(60);
      }
    }
    const { modes, remarks } = await played(additiveGame(Array.from({ length: 16 }, (_, u) => u)), {
      ...{ estimator: "leverage", evaluations: 120 },
      until: goal,
    });
    expect(stoppingRecord(modes.provenance)).toMatchObject({ stopped: "evaluations", goals: [{ met: false }] });
    expect(remarks.join()).toMatch(
      /a goal was missed: .*; the fit says all pairs of an output exactly, and of fewer than 60 beyond its unknowns that says little/,
    );
  });

  it("are those of both in a merged result", async () => {
    const play = async (game: Game, orderings: number, seed: number) =>
      (await played(game, { estimator: "antithetic", orderings, seed })).modes;
    const dummies = unanimityGame(4, [0, 1]);
    const few = mergeModes(await play(dummies, 20, 1), await play(dummies, 30, 2));
    expect(few.provenance.same_in_all).toContain("all 25 pairs of orderings");
    const many = mergeModes(await play(dummies, 60, 1), await play(dummies, 60, 2));
    expect(many.provenance.same_in_all).toBeUndefined();
    // Units that none of one run's orderings saw, and those of another did.
    const majority = majorityGame(3);
    const [one, other] = [await play(majority, 6, 1), await play(majority, 40, 2)];
    const merged = mergeModes(one, other);
    expect(merged.provenance.same_in_all === undefined).toBe(merged.standardErrors?.every((error) => error > 0));
  });
});
