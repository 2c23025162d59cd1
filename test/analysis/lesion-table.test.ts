import { describe, expect, it } from "vitest";
import { lesions } from "../../src/analysis/lesion-table.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";

describe("lesions", () => {
  it("are v without one, two, three units, and what they do together beyond what their parts do", async () => {
    const game = await gameFrom(["a", "b", "c"], (intact) => [
      intact.has("a") || intact.has("b") ? 1 : 0,
      intact.size === 3 ? 1 : 0,
    ]);
    const { effects, intact, rows } = await lesions(game, { order: 3 });
    expect([...intact]).toEqual([1, 1]);
    expect(effects.map(({ units }) => units.join(""))).toEqual(["a", "b", "c", "ab", "ac", "bc", "abc"]);
    const of = (units: string) => effects.find((effect) => effect.units.join("") === units);
    // Either of a and b is enough for the first output, so both lesions cost 1 that neither does alone; the second one
    // needs all.
    expect([...(of("ab")?.effects ?? [])]).toEqual([1, 1]);
    expect([...(of("ab")?.epistasis ?? [])]).toEqual([-1, 1]);
    expect([...(of("a")?.epistasis ?? [])]).toEqual([0, 1]);
    // v(N) - the three singles + the three pairs - none: 1 - 0 - 0 - 0 + 0 - 0 of what needs all.
    expect([...(of("abc")?.epistasis ?? [])]).toEqual([0, 1]);
    expect(rows[3]).toEqual({ lesioned: "a + b", order: 2, value: 0, effect: 1, epistasis: 0 });
  });

  it("of a game of pair interactions have these as epistasis, whoever is intact, and no triples", async () => {
    const { effects } = await lesions(interactionGame(6, { outputs: 2, seed: 9 }), { order: 3 });
    for (const { units, epistasis } of effects) {
      if (units.length === 3) for (const value of epistasis) expect(Math.abs(value)).toBeLessThan(1e-12);
    }
  });

  it("are of chosen units, with as many evaluations as there are sets and one for nobody lesioned", async () => {
    let asked = 0;
    const game = await gameFrom(50, () => asked++ * 0);
    asked = 0;
    const { rows } = await lesions(game, { units: ["3", "7", "40"] });
    expect(rows.map(({ lesioned }) => lesioned)).toEqual(["3", "7", "40", "3 + 7", "3 + 40", "7 + 40"]);
    expect(asked).toBe(7);
  });

  it("refuse what they can not do, before anything is played", async () => {
    const game = interactionGame(4);
    await expect(lesions(game, { order: 4 as 3 })).rejects.toThrow("invalid order; expected 1, 2 or 3; received 4");
    await expect(lesions(game, { units: ["9"] })).rejects.toThrow("invalid unit");
    await expect(lesions(game, { units: ["1"] })).rejects.toThrow("at most the number of units, 1");
    const many = { ...game, units: Array.from({ length: 1000 }, (_, u) => `${u}`) };
    await expect(lesions(many, { order: 3 })).rejects.toThrow('received "166,667,500 sets"');
  });
});
