import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { GameError } from "../../src/errors.js";
import { majorityGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { processorTime } from "../helpers/processor-time.js";

describe("shapley", () => {
  it("refuses options out of range before the game is asked anything", async () => {
    let asked = 0;
    const game = await gameFrom(3, () => ++asked, { outputShape: [] });
    const refused: [object, string][] = [
      [{ orderings: 0 }, "invalid orderings; expected a positive integer; received 0"],
      [{ orderings: -3 }, "invalid orderings; expected a positive integer; received -3"],
      [{ orderings: "many" }, 'invalid orderings; expected a positive integer; received "many"'],
      [{ orderings: 1.5 }, "invalid orderings; expected a positive integer; received 1.5"],
      [{ seed: -1 }, "invalid seed; expected an integer from 0 to 4294967295; received -1"],
      [{ seed: Number.NaN }, "invalid seed"],
      [
        { estimator: "guess" },
        'invalid estimator; expected one of permutation, antithetic, leverage, exact, auto; received "guess"',
      ],
    ];
    for (const [options, message] of refused) await expect(shapley(game, options)).rejects.toThrow(message);
    await expect(shapley({} as never)).rejects.toThrow("invalid game");
    expect(asked).toBe(0);
  });

  it("names the coalition and the seed when a game throws or returns NaN, whether it walks or not", async () => {
    const nan = await gameFrom(["a", "b"], (intact) => (intact.size === 1 && intact.has("b") ? Number.NaN : 1));
    const error = await shapley(nan, { orderings: 50, seed: 7 }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(GameError);
    expect(error.message).toBe(
      "invalid value of the game; expected finite numbers; received NaN; coalition {b}; seed 7",
    );
    const walking = {
      ...majorityGame(3),
      walk(_: Uint32Array, visit: (rank: number, values: Float64Array) => void) {
        visit(0, Float64Array.of(0));
        visit(1, Float64Array.of(Number.NEGATIVE_INFINITY));
      },
    };
    await expect(shapley(walking, { orderings: 4, seed: 2 })).rejects.toThrow(
      /received -Infinity; coalition \{[012], [012]\}; seed 2/,
    );
  });

  it("names the coalition and the seed when any other game throws, and keeps the cause", async () => {
    const cause = new Error("out of luck");
    const game = { ...majorityGame(3), evaluate: () => Promise.reject(cause) };
    const error = await shapley(game, { seed: 5 }).catch((thrown) => thrown);
    expect(error.message).toBe("the game threw: out of luck; coalition {}; seed 5");
    expect(error.cause).toBe(cause);
  });

  it("refuses a game whose values are not of the shape it says", async () => {
    const game = { ...majorityGame(3), outputShape: [4] };
    await expect(shapley(game)).rejects.toThrow("expected 4 numbers, 4 for each of 1 coalitions; received 1");
  });

  it("refuses a batch of the wrong size, and a walk that leaves out a rank", async () => {
    const twice = {
      ...majorityGame(4),
      evaluate: async (asked: { count: number }) => new Float64Array(2 * asked.count - 1),
    };
    await expect(shapley(twice, { orderings: 4 })).rejects.toThrow(
      "expected 3 numbers, 1 for each of 3 coalitions; received 5",
    );
    const visits = (ranks: number[]) => ({
      ...majorityGame(3),
      walk(_: Uint32Array, visit: (rank: number, values: Float64Array) => void) {
        for (const rank of ranks) visit(rank, Float64Array.of(rank));
      },
    });
    await expect(shapley(visits([0, 1]), { orderings: 4 })).rejects.toThrow("expected one visit for each of 3 ranks");
    await expect(shapley(visits([0, 2, 1]), { orderings: 4 })).rejects.toThrow("rank 1 next; received rank 2");
  });

  it("states how its numbers came about, and nothing that differs between equal runs", async () => {
    const options = { estimator: "antithetic", orderings: 20, seed: 0 } as const;
    const modes = await shapley(majorityGame(5), options);
    expect(modes.provenance).toMatchObject({
      estimator: "antithetic",
      evaluations: 2 + 20 * 4,
      orderings: 20,
      seed: 0,
      standard_error_over: "pair",
    });
    expect((await shapley(majorityGame(5), options)).provenance).toEqual(modes.provenance);
  });

  it("reports progress that ends at the total", async () => {
    const reports: number[] = [];
    let total = 0;
    const game = await gameFrom(4, async (intact) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return intact.size;
    });
    await shapley(game, {
      orderings: 40,
      onProgress: (progress) => {
        reports.push(progress.evaluations);
        total = progress.total;
        expect(progress.secondsLeft).toBeGreaterThanOrEqual(0);
      },
    });
    expect(reports.length).toBeGreaterThan(1);
    expect(reports.at(-1)).toBe(total);
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
  });

  it("stops with the signal's reason, also inside a game that never waits", async () => {
    const abort = new AbortController();
    const game = await gameFrom(
      30,
      (intact) => {
        const until = performance.now() + 0.2;
        while (performance.now() < until);
        return intact.size;
      },
      { outputShape: [] },
    );
    setTimeout(() => abort.abort(new Error("interrupted")), 100);
    const spent = processorTime();
    await expect(shapley(game, { orderings: 100_000, signal: abort.signal })).rejects.toThrow("interrupted");
    expect(spent()).toBeLessThan(10_000); // the whole would take ten minutes
  });
});
