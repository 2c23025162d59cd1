import { describe, expect, it } from "vitest";
import { loadInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import type { Game } from "../../src/games/game.js";
import { together, without } from "../../src/games/regrouped.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { checkpoint } from "../../src/networks/mlp/checkpoints.js";
import { fc } from "../helpers/properties.js";

const exact = { estimator: "exact" } as const;
const near = (a: Float64Array, b: Float64Array) =>
  a.forEach((value, i) => expect(Math.abs(value - b[i])).toBeLessThan(1e-12));

/** The same game by hand, from v of sets of names. */
const byHand = (game: Game, names: readonly string[], members: (name: string) => readonly string[]) =>
  gameFrom(
    names,
    async (intact) => {
      const units = intact.names.flatMap(members).map((unit) => game.units.indexOf(unit));
      const words = Uint32Array.of(units.reduce((mask, unit) => mask | (1 << unit), 0));
      return game.evaluate({ count: 1, units: game.units.length, words });
    },
    { outputShape: game.outputShape },
  );

describe("together and without", () => {
  it("are the games that one writes by hand", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: 7 }), fc.nat(100), async (units, seed) => {
        const game = interactionGame(units, { outputs: 2, seed });
        const [last, ...others] = [...game.units].reverse();
        const pair = together(game, { both: ["0", last] });
        const pairByHand = await byHand(game, pair.units, (name) => (name === "both" ? ["0", last] : [name]));
        expect(pair.units).toEqual(["both", ...game.units.slice(1, -1)]);
        near((await shapley(pair, exact)).values, (await shapley(pairByHand, exact)).values);
        const rest = without(game, [last]);
        const restByHand = await byHand(game, others.reverse(), (name) => [name]);
        near((await shapley(rest, exact)).values, (await shapley(restByHand, exact)).values);
      }),
      { numRuns: 20 },
    );
  });

  it("give msapy's interaction of a pair: together, less each without the other", async () => {
    const v = (has: (unit: string) => boolean) => (has("a") && has("b") ? 4 : 0) + (has("c") && has("a") ? 1 : 0);
    const game = await gameFrom(["a", "b", "c"], (intact) => v((unit) => intact.has(unit)));
    const value = async (played: Game, unit: string) => (await shapley(played, exact)).unit(unit).values[0];
    const pair = await value(together(game, { ab: ["a", "b"] }), "ab");
    expect(pair - (await value(without(game, ["b"]), "a")) - (await value(without(game, ["a"]), "b"))).toBeCloseTo(
      4,
      12,
    );
  });

  it("keep a walk, and its values", async () => {
    const network = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
    const game = await mlpGame(network, loadInputs("mnist-test:0-63"), { score: "logits" });
    const changed = without(together(game, { group: ["hidden/1", "hidden/4"] }), ["hidden/2"]);
    expect(changed.walk).toBeDefined();
    const { walk: _, ...noWalk } = changed;
    const options = { orderings: 20, seed: 3 };
    const [walked, evaluated] = [await shapley(changed, options), await shapley(noWalk, options)];
    walked.values.forEach((value, i) => expect(Math.abs(value - evaluated.values[i])).toBeLessThan(1e-4));
    expect(changed.provenance).toMatchObject({ together: { group: ["hidden/1", "hidden/4"] }, without: ["hidden/2"] });
  });

  it("go to other threads and processes as their game does", async () => {
    const spec = { module: "shapley-modes/games", export: "interactionGame", arguments: [5] } as never;
    const changed = together({ ...interactionGame(5), spec }, { pair: ["1", "3"] });
    expect(changed.spec?.arguments).toEqual([
      spec,
      [
        ["0", [0]],
        ["pair", [1, 3]],
        ["2", [2]],
        ["4", [4]],
      ],
      { together: { pair: ["1", "3"] } },
    ]);
    const again = await gameFromSpec(changed.spec as never).catch((error: unknown) => error as Error);
    if (again instanceof Error) expect(again.message).toMatch(/dist|build|module/i);
    else near((await shapley(again, exact)).values, (await shapley(changed, exact)).values);
  });

  it("refuse units and groups that are none", () => {
    const game = interactionGame(4);
    expect(() => together(game, { a: ["0", "9"] })).toThrow(
      'invalid unit; expected the name of a unit of the game; received "9"',
    );
    expect(() => together(game, { a: ["0"], b: ["0", "1"] })).toThrow("one that is in no other group");
    expect(() => together(game, { a: [] })).toThrow("invalid group a; expected at least one unit");
    expect(() => together(game, { "3": ["0", "1"] })).toThrow("invalid unit name");
    expect(() => without(game, ["0", "1", "2", "3"])).toThrow("invalid units; expected some of the game's units");
    expect(() => without(game, ["x"])).toThrow("invalid unit");
  });
});
