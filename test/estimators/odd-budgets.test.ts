import { describe, expect, it } from "vitest";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { estimators } from "../../src/estimators/registry.js";
import { additiveGame, gloveGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";

const failure = (game: Game, options: ShapleyOptions) =>
  shapley(game, options).then(
    () => "none",
    (error: Error) => error.message,
  );
const sampling = ["permutation", "antithetic", "leverage"] as const;

describe("evaluations that are no budget", () => {
  it.each([0, -4, 9.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    "%s is refused by all estimators",
    async (evaluations) => {
      for (const estimator of [...Object.keys(estimators), "auto"] as const) {
        const message = `invalid evaluations; expected a positive integer; received ${evaluations}`;
        expect(await failure(gloveGame(3, 3), { estimator: estimator as "auto", evaluations })).toBe(message);
      }
    },
  );

  it("too few for all coalitions are refused where all are to be played", async () => {
    expect(await failure(gloveGame(3, 3), { estimator: "exact", evaluations: 63 })).toBe(
      "invalid evaluations; expected at least 64 for the exact estimator, which plays all coalitions; received 63",
    );
    const modes = await shapley(gloveGame(3, 3), { estimator: "exact", evaluations: 64 });
    expect(modes.provenance.evaluations).toBe(64);
  });

  it("more than memory has room for are refused by leverage before anything is drawn, and auto takes orderings", async () => {
    let asked = 0;
    const game = await gameFrom(40, () => ++asked, { outputShape: [] });
    for (const until of [undefined, { standardError: 0.1 }]) {
      const options = { estimator: "leverage", evaluations: 1e12, ...(until && { until }) } as const;
      expect(await failure(game, options)).toMatch(
        /^invalid evaluations; expected at most 33554434 for the leverage estimator of 40 units, which keeps all coalitions in memory; received 1000000000000$/,
      );
    }
    expect(asked).toBe(0);
    const { provenance } = await shapley(additiveGame(new Array(40).fill(1)), {
      evaluations: 1e12,
      until: { standardError: 0.1 },
    });
    expect(provenance).toMatchObject({
      estimator: "antithetic",
      estimator_chosen_because: "leverage would hold too many coalitions",
    });
  });

  it("more than there are coalitions are as many as these", async () => {
    const modes = await shapley(gloveGame(3, 3), { evaluations: 1e12, until: { standardError: 1e-300 } });
    expect(modes.provenance).toMatchObject({ estimator: "leverage", evaluations: 64 });
  });

  it.each(sampling)("two are enough for one unit, as there are no others (%s)", async (estimator) => {
    const modes = await shapley(additiveGame([4]), { estimator, evaluations: 2 });
    expect([modes.values[0], modes.provenance.evaluations]).toEqual([4, 2]);
  });

  it("no estimator is not the same as the one that is chosen", async () => {
    expect(await failure(gloveGame(2, 2), { estimator: null as never, evaluations: 30 })).toBe(
      "invalid estimator; expected one of permutation, antithetic, leverage, exact, auto; received null",
    );
  });
});

describe("values that are too large or too small to be squared", () => {
  it.each([...sampling, "exact"] as const)(
    "are refused where they are large, with the coalition (%s)",
    async (estimator) => {
      const game = await gameFrom(["a", "b", "c", "d"], (intact) => (intact.size === 2 ? 1e300 : 1));
      const walking: Game = {
        ...game,
        walk(ordering, visit) {
          ordering.forEach((_, rank) => visit(rank, Float64Array.of(rank === 1 ? 1e300 : 1)));
        },
      };
      for (const each of estimator === "leverage" ? [game] : [game, walking]) {
        const message = await failure(each, { estimator, ...(estimator !== "exact" && { evaluations: 13 }) });
        expect(message).toMatch(
          /^invalid value of the game; expected numbers from -1e\+140 to 1e\+140, whose squares are finite; received 1e\+300; coalition \{\w, \w\}/,
        );
      }
    },
  );

  it.each(sampling)("have NaN for errors where they are small, and the result says why (%s)", async (estimator) => {
    const game = await gameFrom(9, (intact) => [
      1e-200 * Math.sin(intact.size + intact.indices.length * (intact.has(2) ? 1 : 0)),
      Math.sin(intact.size) + (intact.has(3) ? 1 : 0),
    ]);
    const modes = await shapley(game, { estimator, evaluations: 200 });
    const errors = modes.units.map((_, unit) => modes.standardErrors?.[2 * unit] ?? 0);
    expect(errors.every(Number.isNaN)).toBe(true);
    expect(modes.standardErrors?.[1]).toBeGreaterThan(0);
    expect(modes.provenance.standard_errors_unknown).toContain("below 1e-140");
    expect(modes.meanOverOutputs().standardErrors?.every((error) => error > 0)).toBe(true);
  });
});
