import { describe, expect, test } from "vitest";
import { lesionSpecificity } from "../../src/analysis/lesion-specificity.js";
import { gameFrom } from "../../src/games/from-function.js";
import { masksOf, painters, paintingGame } from "./masked-games.js";

const choice = { game: await paintingGame(3), masks: masksOf(3) };
const heldOut = { game: await paintingGame(5, painters, 3), masks: masksOf(5) };

describe("lesionSpecificity", () => {
  test("says what a group changes most, and how specific that is beside other such groups", async () => {
    const groups = { "community 1": ["a/0", "a/1"], b: ["b/0"], all: ["a/0", "a/1", "a/2", "a/3", "a/4"] };
    const [first, second, whole] = await lesionSpecificity(groups, choice, heldOut);
    expect(first).toMatchObject({ group: "community 1", units: 2, feature: "top" });
    expect(first.heldOut.selectivity).toBeCloseTo(10, 5);
    expect(first.heldOut.faces).toHaveLength(5);
    expect(first.heldOut.random).toMatchObject({ sets: 9, rank: 1 });
    expect(second).toMatchObject({ feature: "corner", heldOut: { random: { sets: 3, rank: 1 } } });
    expect(second.heldOut.selectivity).toBeCloseTo(20, 5);
    expect(whole.feature).toBe("top");
    expect(whole.heldOut.random.sets).toBe(0);
  });

  test("chooses the feature on the choice faces and measures it on the others", async () => {
    const swapped = { ...painters, "b/0": painters["a/0"] };
    const other = { game: await paintingGame(5, swapped, 3), masks: masksOf(5) };
    const [row] = await lesionSpecificity({ b: ["b/0"] }, choice, other);
    expect(row.feature).toBe("corner");
    expect(row.heldOut.selectivity).toBeCloseTo(0.02 / ((8 * 0.2 + 4 * 0.02) / 12), 5);
  });

  test("leaves out groups that change nothing, and refuses games of other units", async () => {
    expect(await lesionSpecificity({ none: [] }, choice, heldOut)).toEqual([]);
    const other = await gameFrom(["c/0"], () => new Float64Array(5 * 48), { outputShape: [5, 3, 4, 4] });
    await expect(lesionSpecificity({}, choice, { ...heldOut, game: other })).rejects.toThrow("invalid game");
    await expect(lesionSpecificity({ a: ["c/9"] }, choice, heldOut)).rejects.toThrow("invalid unit");
  });
});
