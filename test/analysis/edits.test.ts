import { describe, expect, test } from "vitest";
import { chosenEdits, editRows } from "../../src/analysis/edits/chosen-edits.js";
import { correctedComparisons } from "../../src/analysis/edits/corrected-comparisons.js";
import { comparePairs } from "../../src/analysis/edits/edit-pairs.js";
import { type Edit, findEdits } from "../../src/analysis/edits/edits.js";
import { randomSelectivities } from "../../src/analysis/edits/random-selectivities.js";
import { compareWithRandom, compositionOf, randomSets, setKey } from "../../src/analysis/edits/random-sets.js";
import { adjustedPValues } from "../../src/analysis/inference/adjusted.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { masksOf, painters, painting, paintingGame, paintingModes, units } from "./masked-games.js";

const modes = paintingModes(3);
const choice = { game: await paintingGame(3), masks: masksOf(3) };
const heldOut = { game: await paintingGame(5, painters, 3), masks: masksOf(5) };
const search = (options = {}) => findEdits(modes, choice, heldOut, { sizes: [1, 2], ...options });
const find = async (options = {}) => (await search(options)).edits;

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
    // the other nine pairs of a's five: six have one that paints the top alone, (0.2 + 0.1) / (0.02 + 0.1), three none
    const { random } = edit.heldOut;
    expect(random).toMatchObject({ sets: 9, rank: 1, p: 0.1, leastP: 0.1 });
    expect(random.mean).toBeCloseTo((6 * 2.5 + 3 * 1) / 9, 5);
    expect(random.advantage).toBeCloseTo(10 / random.mean, 5);
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
    for (const faces of ["choice", "heldOut"] as const) {
      const all = edits.map((edit) => edit[faces].random);
      const ps = all.map(({ p }) => p);
      expect(all.map(({ holm }) => holm)).toEqual([...adjustedPValues(ps)]);
      expect(all.map(({ benjaminiHochberg }) => benjaminiHochberg)).toEqual([
        ...adjustedPValues(ps, "benjamini-hochberg"),
      ]);
    }
    expect(advantages).toEqual(advantages.toSorted((a, b) => b - a));
    expect(await find({ seed: 0 })).toEqual(edits);
    const random = async (seed: number) =>
      (await find({ seed, randomSets: 2, sizes: [2] })).map((edit) => edit.heldOut.random);
    expect(await random(2)).not.toEqual(await random(0));
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
    const edit = edits.find(({ feature, from }) => feature === "corner" && from === "community 2");
    expect(edit?.units).toEqual(["a/4", "b/0"]);
    expect(edit?.single).toBeUndefined();
    expect(edit?.heldOut.selectivity).toBeCloseTo(0.3 / 0.11, 5);
  });

  test("tests on the held-out faces what it chose on the others", async () => {
    const elsewhere = { ...painters, "a/0": (p: number) => (p < 8 ? 0.02 : 0.2), "a/1": () => 0.02 };
    const other = { game: await paintingGame(5, elsewhere, 3), masks: masksOf(5) };
    const options = { sizes: [2], layers: ["a"], features: ["top"] };
    const [edit] = (await findEdits(modes, choice, other, options)).edits;
    expect(edit.units).toEqual(["a/0", "a/1"]);
    expect(edit.choice.selectivity).toBeCloseTo(10, 5);
    expect(edit.heldOut.selectivity).toBeCloseTo(0.04 / 0.22, 5);
    expect(edit.heldOut.random.p).toBeGreaterThan(0.5);
  });

  test("does not choose from layers whose units only gate their own outputs", async () => {
    const gates = ["b/0", "b/1", "b/2", "b/3"].map((unit) => ({ unit: units.indexOf(unit as "b/0"), outputs: [] }));
    const gated = { ...choice, game: { ...choice.game, gates } };
    const { edits } = await findEdits(modes, gated, heldOut, { sizes: [1] });
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
  /**
   * An edit with these advantages over random sets, and these probabilities, on the choice and on the held-out faces.
   */
  const edit = (feature: string, advantages: readonly [number, number], ps: readonly [number, number]): Edit => {
    const score = (s: number) => ({
      ...found.choice,
      random: {
        ...found.choice.random,
        advantage: advantages[s],
        benjaminiHochberg: ps[s],
        leastBenjaminiHochberg: 0.01,
      },
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

  test("do not call an edit failed that has too few other sets to pass", () => {
    const best = edit("hair", [4, 4], [0.01, 0.01]);
    const few = edit("mouth", [2, 2], [1 / 16, 1 / 16]);
    const untestable = {
      ...few,
      heldOut: { ...few.heldOut, random: { ...few.heldOut.random, leastBenjaminiHochberg: 1 / 16 } },
    };
    expect(chosenEdits([best, few], 1).failed).toEqual(few);
    expect(chosenEdits([best, untestable], 1).failed).toBeUndefined();
    const alone = edit("nose", [Number.NaN, Number.NaN], [1, 1]);
    expect(chosenEdits([alone, best, few], 2).best).toEqual([best, few]);
  });

  test("become rows of pictures with their numbers", async () => {
    const edits = await find({ sizes: [2], layers: ["a"], features: ["top"] });
    const [row] = await editRows(heldOut.game, edits);
    expect(row.name).toBe("top: 2 units of a");
    expect(row.note).toMatch(
      /^selectivity 10\.00, random sets \d\.\d\d ± \d\.\d\d, corrected p = 0\.10, the least possible 0\.10$/,
    );
    expect(row.intact).toHaveLength(5 * 48);
    const [a0, a1] = [painting("a/0", 5), painting("a/1", 5)];
    row.lesioned.forEach((value, i) => {
      expect(value).toBeCloseTo(row.intact[i] - a0[i] - a1[i], 12);
    });
  });
});

describe("correctedComparisons", () => {
  const random = (p: number, sets: number) => ({
    sets,
    mean: 1,
    sd: 1,
    rank: 1,
    p,
    leastP: 1 / (sets + 1),
    advantage: 1,
  });

  test("correct for their number, those without other sets left out, and say what could have been reached", () => {
    const corrected = correctedComparisons([random(0.01, 99), random(0.04, 99), random(0.03, 99), random(1, 0)]);
    const column = (key: "holm" | "benjaminiHochberg" | "leastBenjaminiHochberg") => corrected.map((each) => each[key]);
    const expectAll = (found: number[], wanted: number[]) =>
      found.forEach((value, i) =>
        Number.isNaN(wanted[i]) ? expect(value).toBeNaN() : expect(value).toBeCloseTo(wanted[i], 12),
      );
    expectAll(column("holm"), [0.03, 0.06, 0.06, Number.NaN]);
    expectAll(column("benjaminiHochberg"), [0.03, 0.04, 0.04, Number.NaN]);
    // The second one at 0.01 beside 0.01 and 0.03: 3 x 0.01 / 2. The third beside 0.01 and 0.04 the same.
    expectAll(column("leastBenjaminiHochberg"), [0.03, 0.015, 0.015, Number.NaN]);
  });
});

describe("random sets", () => {
  const layers = { a: ["a/0", "a/1", "a/2"], b: ["b/0", "b/1"] };

  test("have as many units of each layer as the set that they are compared with, each set as likely as any other", () => {
    const composition = compositionOf(["b/1", "a/2", "a/0"]);
    expect(composition).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    const random = randomStream(1);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 300; draw++) {
      const sets = randomSets(random, layers, composition, 2);
      expect(new Set(sets.map(setKey)).size).toBe(2);
      for (const set of sets) {
        expect(compositionOf(set)).toEqual(composition);
        expect(new Set(set).size).toBe(3);
        counts.set(setKey(set), (counts.get(setKey(set)) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(6);
    // 100 of each expected, standard deviation below 9
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
  });

  test("are all there are, where these are no more than asked for", () => {
    const sets = randomSets(randomStream(1), layers, compositionOf(["b/1", "a/2", "a/0"]), 6);
    expect(new Set(sets.map(setKey)).size).toBe(6);
    expect(randomSets(randomStream(1), layers, compositionOf(["a/2"]), 100)).toEqual([["a/0"], ["a/1"], ["a/2"]]);
    expect(randomSets(randomStream(1), layers, compositionOf(layers.a), 100)).toEqual([layers.a]);
    const large = { c: Array.from({ length: 64 }, (_, u) => `c/${u}`) };
    expect(randomSets(randomStream(1), large, compositionOf(large.c), 100)).toEqual([large.c]);
    expect(randomSets(randomStream(1), large, compositionOf(large.c.slice(1)), 100)).toHaveLength(64);
  });

  test("are never the set that is compared with them", async () => {
    const candidates = units.slice(0, 5).map((unit) => ({ feature: "top", from: "a", units: [unit] }));
    const all = await randomSelectivities(candidates, [choice], { sets: 100, seed: 1 });
    expect(all(candidates[0], choice)).toHaveLength(4);
    expect(all(candidates[0], choice).filter((value) => value > 2)).toHaveLength(1); // a/1, not a/0
    expect(all(candidates[2], choice).filter((value) => value > 2)).toHaveLength(2);
    const some = await randomSelectivities(candidates, [choice], { sets: 2, seed: 1 });
    for (const candidate of candidates) expect(some(candidate, choice)).toHaveLength(2);
    const whole = { feature: "top", from: "a", units: units.slice(0, 5) };
    expect((await randomSelectivities([whole], [choice], { sets: 9, seed: 1 }))(whole, choice)).toEqual([]);
  });

  test("are compared by rank, without those that change nothing, and say the least p there could be", () => {
    const comparison = compareWithRandom(3, [1, 2, Number.NaN, 3, 4]);
    expect(comparison).toMatchObject({ sets: 4, mean: 2.5, rank: 3, p: 0.6, leastP: 0.2, advantage: 1.2 });
    expect(comparison.sd).toBeCloseTo(Math.sqrt(5 / 3), 12);
    expect(compareWithRandom(3, [])).toEqual({
      sets: 0,
      mean: Number.NaN,
      sd: Number.NaN,
      rank: 1,
      p: 1,
      leastP: 1,
      advantage: Number.NaN,
    });
  });
});

describe("comparePairs", () => {
  const pair = (feature: string, byModes: number, single: number) => ({
    feature,
    from: "a",
    same: byModes === single,
    modes: byModes,
    single,
  });

  test("takes every feature and origin that both searches found an edit of, before the best are kept", async () => {
    const { edits, pairs } = await search({ perFeature: 1, communities: [["a/0", "b/2"]] });
    expect(edits).toHaveLength(2);
    expect(pairs.map(({ feature, from }) => `${feature} ${from}`).sort()).toEqual(
      ["top", "corner"].flatMap((feature) => ["a", "b", "several layers"].map((from) => `${feature} ${from}`)).sort(),
    );
    // effects do not depend on each other: both find the same
    expect(comparePairs(pairs)).toMatchObject({ pairs: 6, same: 6, better: "neither" });
    expect(comparePairs(pairs).difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  test("says which is better only where the interval over features excludes 0", () => {
    const gains = [1, 2, 1.5].map((gain, f) => pair(`f${f}`, 2 + gain, 2));
    const found = comparePairs(gains);
    expect(found).toMatchObject({ pairs: 3, same: 0, single: 2, better: "modes" });
    expect(found.modes).toBeCloseTo(3.5, 12);
    expect(found.difference).toEqual({ value: 1.5, low: 1, high: 2 });
    const swapped = gains.map((each) => ({ ...each, modes: each.single, single: each.modes }));
    expect(comparePairs(swapped).better).toBe("single");
    expect(comparePairs([...gains, pair("f3", 0, 9)]).better).toBe("neither");
  });

  test("knows no interval for one feature, however many pairs it has", () => {
    const found = comparePairs([pair("hair", 3, 2), pair("hair", 3, 2)]);
    expect(found.difference).toEqual({ value: 1, low: Number.NaN, high: Number.NaN });
    expect(found.better).toBe("neither");
    expect(() => comparePairs([])).toThrow("invalid pairs");
  });
});
