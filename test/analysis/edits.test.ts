import { describe, expect, test } from "vitest";
import { chosenEdits, editRows } from "../../src/analysis/chosen-edits.js";
import { type Edit, findEdits } from "../../src/analysis/edits.js";
import { compareWithRandom, compositionOf, randomSets } from "../../src/analysis/random-sets.js";
import { randomStream } from "../../src/coalitions/random.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { masksOf, painters, painting, paintingGame, paintingModes, units } from "./masked-games.js";

const modes = paintingModes(3);
const choice = { game: await paintingGame(3), masks: masksOf(3) };
const heldOut = { game: await paintingGame(5, painters, 3), masks: masksOf(5) };
const find = (options = {}) => findEdits(modes, choice, heldOut, { sizes: [1, 2], ...options });

describe("findEdits", () => {
  test("finds the units that paint a feature, and their selectivity on other faces", async () => {
    const edits = await find({ sizes: [2], layers: ["a"], features: ["top"] });
    expect(edits).toHaveLength(1);
    const [edit] = edits;
    expect(edit).toMatchObject({ feature: "top", from: "a", units: ["a/0", "a/1"] });
    expect(edit.heldOut.selectivity).toBeCloseTo(10, 5);
    expect(edit.heldOut.inside).toBeCloseTo(0.4, 6);
    expect(edit.heldOut.faces).toHaveLength(5);
    expect(edit.choice.faces).toHaveLength(3);
    expect(edit.heldOut.random.sets).toBe(100);
    expect(edit.heldOut.random.mean).toBeLessThan(5);
    expect(edit.heldOut.random.advantage).toBeCloseTo(10 / edit.heldOut.random.mean, 5);
    // one pair in ten is as good: about ten of a hundred
    expect(edit.heldOut.random.rank).toBeGreaterThan(3);
    expect(edit.heldOut.random.rank).toBeLessThan(22);
    expect(edit.heldOut.random.p).toBeCloseTo(edit.heldOut.random.rank / 101, 12);
  });

  test("where effects do not depend on each other, finds the same from single lesions as from modes", async () => {
    for (const edit of await find()) {
      expect(edit.single?.units, `${edit.feature} ${edit.from}`).toEqual(edit.units);
      expect(edit.single?.heldOut.selectivity).toBeCloseTo(edit.heldOut.selectivity, 12);
    }
  });

  test("keeps one edit of each origin, the largest held-out advantage first, equal for equal seeds", async () => {
    const steps: number[] = [];
    const edits = await find({
      seed: 0,
      onRandomSets: ({ done, total }: { done: number; total: number }) => steps.push(done / total),
    });
    expect(steps.at(-1)).toBe(1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    const origins = edits.map(({ feature, from }) => `${feature} ${from}`);
    expect(new Set(origins).size).toBe(origins.length);
    expect(origins).toContain("corner b");
    const advantages = edits.map((edit) => edit.heldOut.random.advantage);
    expect(advantages).toEqual(advantages.toSorted((a, b) => b - a));
    expect(await find({ seed: 0 })).toEqual(edits);
    expect((await find({ seed: 1 })).map(({ heldOut: { random } }) => random)).not.toEqual(
      edits.map(({ heldOut: { random } }) => random),
    );
    expect(await find({ perFeature: 1 })).toHaveLength(2);
  });

  test("leaves out what changes the feature too little to be seen", async () => {
    expect(await find({ leastChange: 0.9 })).toEqual([]);
    const edits = await find({ leastChange: 0.15, features: ["corner"], layers: ["b"] });
    expect(edits.every((edit) => edit.choice.inside >= 0.15)).toBe(true);
  });

  test("tries communities as they are, whatever layers they are of", async () => {
    const communities = [
      ["a/0", "b/2"],
      ["a/4", "b/0"],
    ];
    const edits = await find({ communities, perFeature: 9 });
    const edit = edits.find(({ feature, from }) => feature === "corner" && from === "community 1");
    expect(edit?.units).toEqual(["a/4", "b/0"]);
    expect(edit?.single).toBeUndefined();
    expect(edit?.heldOut.selectivity).toBeCloseTo(0.3 / 0.11, 5);
  });

  test("tests on the held-out faces what it chose on the others", async () => {
    const elsewhere = { ...painters, "a/0": (p: number) => (p < 8 ? 0.02 : 0.2), "a/1": () => 0.02 };
    const other = { game: await paintingGame(5, elsewhere, 3), masks: masksOf(5) };
    const [edit] = await findEdits(modes, choice, other, { sizes: [2], layers: ["a"], features: ["top"] });
    expect(edit.units).toEqual(["a/0", "a/1"]);
    expect(edit.choice.selectivity).toBeCloseTo(10, 5);
    expect(edit.heldOut.selectivity).toBeCloseTo(0.04 / 0.22, 5);
    expect(edit.heldOut.random.p).toBeGreaterThan(0.5);
  });

  test("does not choose from layers whose units only gate their own outputs", async () => {
    const gates = ["b/0", "b/1", "b/2", "b/3"].map((unit) => ({ unit: units.indexOf(unit as "b/0"), outputs: [] }));
    const edits = await findEdits(modes, { ...choice, game: { ...choice.game, gates } }, heldOut, { sizes: [1] });
    expect(new Set(edits.map(({ from }) => from))).toEqual(new Set(["a"]));
  });

  test.each([
    ["another number of faces", () => findEdits(paintingModes(2), choice, heldOut), "invalid images"],
    ["masks of other faces", () => findEdits(modes, choice, { ...heldOut, masks: masksOf(3) }), "invalid images"],
    ["unknown features", () => find({ features: ["hat"] }), "invalid feature"],
    ["unknown layers", () => find({ layers: ["c"] }), "invalid layers; expected some of a, b"],
    ["faces that are in both", () => findEdits(modes, choice, choice), "invalid held-out game"],
    ["unknown members", () => find({ communities: [["a/0"], ["a/0", "c/1"]] }), "invalid unit of community 1"],
    ["empty communities", () => find({ communities: [[]] }), "invalid community 0"],
    ["no size", () => find({ sizes: [0] }), "invalid sizes"],
    [
      "other units",
      () => findEdits(modes.select(["a/0", "b/0"]), choice, heldOut),
      "the 2 units that the modes are of",
    ],
    [
      "modes of other inputs",
      () => {
        const { units: names, outputShape, values } = modes;
        const vAll = new Float64Array(modes.outputs).fill(7);
        return findEdits(new ShapleyModes({ units: names, outputShape, values, vAll }), choice, heldOut);
      },
      "invalid choice game",
    ],
  ])("refuses %s", async (_, act, message) => {
    await expect(act()).rejects.toThrow(message);
  });
});

const [found] = await find({ sizes: [2], layers: ["a"], features: ["top"] });

describe("chosenEdits", () => {
  /** An edit with these advantages over random sets, and these probabilities, on the choice and on the held-out faces. */
  const edit = (feature: string, advantages: readonly [number, number], ps: readonly [number, number]): Edit => {
    const score = (s: number) => ({
      ...found.choice,
      random: { ...found.choice.random, advantage: advantages[s], p: ps[s] },
    });
    return { ...found, feature, choice: score(0), heldOut: score(1) };
  };

  test("takes the best by the choice faces alone, each of another feature", () => {
    const hair = edit("hair", [4, 1], [0.01, 0.5]);
    const rest = [edit("eyes", [2, 9], [0.01, 0.01]), edit("nose", [1.5, 9], [0.2, 0.01])];
    const { best } = chosenEdits([...rest, edit("hair", [3, 9], [0.01, 0.01]), hair], 2);
    expect(best).toEqual([hair, rest[0]]);
    expect(chosenEdits([hair]).best).toEqual([hair]);
    expect(() => chosenEdits([hair], 0)).toThrow("invalid count");
  });

  test("shows as failed the most promising that does not hold, or the one furthest from passing", () => {
    const best = edit("hair", [4, 4], [0.01, 0.01]);
    const good = edit("mouth", [1.2, 2], [0.04, 0.04]);
    const lost = [edit("eyes", [3, 1], [0.01, 0.06]), edit("nose", [2, 1], [0.01, 0.9])];
    const never = [edit("beard", [3.5, 1], [0.2, 0.3]), edit("skin", [1.1, 1], [0.2, 0.4])];
    expect(chosenEdits([best, good, ...lost, ...never], 1).failed).toEqual(lost[0]);
    expect(chosenEdits([best, good, ...never], 1).failed).toEqual(never[1]);
    expect(chosenEdits([best, good], 1).failed).toBeUndefined();
  });

  test("become rows of pictures with their numbers", async () => {
    const edits = await find({ sizes: [2], layers: ["a"], features: ["top"] });
    const [row] = await editRows(heldOut.game, edits);
    expect(row.name).toBe("top: 2 units of a");
    expect(row.note).toMatch(/^selectivity 10\.00, random sets \d\.\d\d ± \d\.\d\d, p = 0\.\d\d$/);
    expect(row.intact).toHaveLength(5 * 48);
    const [a0, a1] = [painting("a/0", 5), painting("a/1", 5)];
    row.lesioned.forEach((value, i) => {
      expect(value).toBeCloseTo(row.intact[i] - a0[i] - a1[i], 12);
    });
  });
});

describe("random sets", () => {
  test("have as many units of each layer as the set that they are compared with", () => {
    const layers = { a: ["a/0", "a/1", "a/2"], b: ["b/0", "b/1"] };
    const composition = compositionOf(["b/1", "a/2", "a/0"]);
    expect(composition).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    const sets = randomSets(randomStream(1), layers, composition, 600);
    const counts = new Map<string, number>();
    for (const set of sets) {
      expect(compositionOf(set)).toEqual(composition);
      expect(new Set(set).size).toBe(3);
      const key = [...set].sort().join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 100 of each expected, standard deviation 9
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  test("are compared by rank, without those that change nothing", () => {
    const comparison = compareWithRandom(3, [1, 2, Number.NaN, 3, 4]);
    expect(comparison).toMatchObject({ sets: 4, mean: 2.5, rank: 3, p: 0.6, advantage: 1.2 });
    expect(comparison.sd).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });
});
