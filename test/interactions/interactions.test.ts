import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { interactions } from "../../src/engine/interactions/interactions.js";
import type { InteractionsOptions } from "../../src/engine/interactions/options.js";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { GameError } from "../../src/errors.js";
import { writeWhole } from "../../src/files.js";
import { gloveGame, interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { Interactions } from "../../src/modes/interactions.js";
import { loadInteractions } from "../../src/modes/interactions-file.js";
import { loadModes } from "../../src/modes/save.js";
import { richData } from "../../src/notebook/results/rich.js";
import { temporaryFolder } from "../helpers/folders.js";

const trio = () =>
  gameFrom(["a", "b", "c"], (intact) => [intact.has("a") && intact.has("b") ? 2 : 0, intact.has("c") ? 1 : 0]);

describe("Interactions", () => {
  const place = temporaryFolder();

  it("of a game of one unit are what the unit does alone", async () => {
    const found = await interactions(await gameFrom(["a"], (intact) => 3 * intact.size));
    expect(found.of("a").values).toEqual(Float64Array.of(3));
    expect(found.matrix().values).toEqual([[3]]);
    expect(found.modes?.unit("a").values).toEqual(Float64Array.of(3));
  });

  it("say where the fit of interactions is exact by chance: their errors know nothing of what was not drawn", async () => {
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const found = await interactions(gloveGame(4, 6), { estimator: "pairs", evaluations: 150, seed: 2, onRemark });
    expect(found.pair(0, 1).values[0]).not.toBeCloseTo(-0.18254, 2);
    expect(found.provenance.fitted_exactly).toMatch(
      /the fit of interactions says the output of all \d+ pairs of coalitions exactly/,
    );
    expect(remarks).toEqual([found.provenance.fitted_exactly]);
    expect(found.pair(0, 1).standardErrors?.[0]).toBeNaN();
    const all = await interactions(gloveGame(4, 6), { estimator: "pairs", evaluations: 1024, onRemark });
    expect(all.provenance.fitted_exactly).toBeUndefined();
    expect(all.pair(0, 1).values[0]).toBeCloseTo(-0.18254, 4);
    expect(remarks).toHaveLength(1);
  });

  it("from few walks say which were the same in all", async () => {
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const game = await gameFrom(10, ({ indices }) => Math.max(0, ...indices.map((u) => u + 1))); // an airport
    const few = await interactions(game, { estimator: "walks", orderings: 10, onRemark });
    expect(few.provenance.same_in_all).toMatch(/some interactions were the same in all 5 pairs of orderings/);
    expect(remarks).toEqual([few.provenance.same_in_all]);
    const many = await interactions(game, { estimator: "walks", orderings: 120, onRemark });
    expect(many.provenance.same_in_all).toBeUndefined();
  });

  it("say where a fit is exact by chance, and that a closure is played in one thread", async () => {
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const game = await gameFrom(12, ({ size }) => size);
    const found = await interactions(game, { estimator: "pairs", evaluations: 320, workers: 2, onRemark });
    expect(remarks).toEqual([
      expect.stringContaining("one worker is used: this game is a closure"),
      expect.stringContaining("the fit says the output of all"),
    ]);
    expect(found.provenance.fitted_exactly).toBe(remarks[1]);
  });

  it("are asked by name or index, in any order", async () => {
    const found = await interactions(await trio(), { order: 3 });
    expect([...found.pair("a", "b").values]).toEqual([2, 0]);
    expect(found.pair("b", "a")).toEqual(found.of(0, 1));
    expect(found.pair("b", "a").units).toEqual(["a", "b"]);
    expect([...found.of("c", "a", "b").values].every((value) => Math.abs(value) < 1e-12)).toBe(true);
    expect(found.matrix(0).values[1]).toEqual([2, 1, 0]);
    expect(found.matrix().values[0]).toEqual([0.5, 1, 0]);
    expect(() => found.pair("a", "d")).toThrow("invalid unit; expected the name of a unit");
    expect(() => found.matrix(2)).toThrow("invalid output; expected indices into shape [2]");
    const pairs = await interactions(await trio(), { subsets: [["c", "a"]] });
    expect(() => pairs.pair("a", "b")).toThrow("some whose interaction was computed (1 pair)");
    expect(pairs.matrix(0).values[0][1]).toBeNaN();
  });

  it("are tidy columns", async () => {
    const columns = (await interactions(await trio())).toColumns();
    expect(columns.units.slice(6, 8)).toEqual(["a + b", "a + b"]);
    expect(columns.output.slice(6, 8)).toEqual([0, 1]);
    expect(columns.interaction[6]).toBe(2);
    expect(columns.order[6]).toBe(2);
  });

  it.each<[string, InteractionsOptions]>([
    ["exact", { order: 3, index: "stii" }],
    ["pairs", { estimator: "pairs", evaluations: 8 }],
    ["walks", { subsets: [["a", "c"]], orderings: 4 }],
  ])("come back from a file to the last bit, and modes with them (%s)", async (name, options) => {
    const found = await interactions(await trio(), options);
    const path = join(place.folder, `${name}.npz`);
    await found.save(path);
    const again = loadInteractions(path);
    expect(again).toEqual(found);
    if (found.modes) expect(loadModes(path)).toEqual(found.modes);
    expect(() => loadInteractions(join(place.folder, "x.csv"))).toThrow("expected a name ending in .npz");
  });

  it("are not read from a file of something else", async () => {
    const path = join(place.folder, "other.npz");
    writeWhole(path, "no zip");
    expect(() => loadInteractions(path)).toThrow(path);
  });

  it("show themselves: the strongest, inside of another value one line", async () => {
    const found = await interactions(await trio());
    expect(inspect([found])).toContain(
      "Interactions { sii of order 2, 3 units, 3 singles, 3 pairs, outputs [2], estimator exact }",
    );
    expect(inspect(found)).toContain("Interactions: sii of order 2, 3 units, outputs [2]");
    expect(inspect(found)).toMatch(/^a \+ b +\S/m);
    const shown = await richData(found, inspect(found));
    expect(shown["text/plain"]).toContain("a + b");
    expect(shown["text/html"]).toContain("<b>Interactions: sii of order 2, 3 units, outputs [2]</b>");
  });

  it("refuse sets that are none", () => {
    const of = (subsets: number[][]) => () =>
      new Interactions({
        index: "sii",
        order: 2,
        units: ["a", "b"],
        outputShape: [],
        subsets,
        values: new Float64Array(1),
      });
    for (const set of [[1, 0], [0, 0], [0, 2], [], [0, 1, 1]]) expect(of([set])).toThrow("invalid subset");
    expect(
      of([
        [0, 1],
        [0, 1],
      ]),
    ).toThrow("each set once");
  });
});

describe("interactions refuses before it plays", () => {
  it.each<[string, number, InteractionsOptions]>([
    ["invalid order; expected at most the number of units, 3; received 4", 3, { order: 4 }],
    ["invalid units; expected at most 16 for the exact estimator", 17, { estimator: "exact" }],
    ['invalid units; expected at most 100 for estimator "pairs" (5,050 pairs', 101, {}],
    [
      "invalid evaluations; expected at least 482 for the interactions of 190 pairs of 20 units",
      20,
      { evaluations: 400 },
    ],
    ['invalid order; expected 2 for estimator "pairs"', 20, { order: 3 }],
    ['invalid index; expected sii or k-sii for estimator "pairs"', 20, { index: "stii" }],
    ['invalid index; expected sii, stii or banzhaf for estimator "walks"', 20, { index: "fsii", orderings: 10 }],
    ["invalid orderings; expected an even number", 20, { orderings: 3 }],
    [
      "invalid evaluations; expected orderings or evaluations",
      20,
      { estimator: "walks", orderings: 2, evaluations: 9 },
    ],
    ["invalid evaluations; expected none for the exact", 3, { estimator: "exact", evaluations: 8 }],
    ["invalid evaluations; expected at least", 20, { estimator: "walks", evaluations: 100 }],
    [
      'invalid subsets; expected at most 65,536 for estimator "walks" (the 79,800 sets of 2 of 400 units are up to 638,400 coalitions for each ordering and its reverse); name those that matter; received "all"',
      400,
      { estimator: "walks", orderings: 2 },
    ],
    ["invalid subset; expected 2 different units", 20, { subsets: [["1", "1"]] }],
    [
      "invalid subset; expected each once",
      20,
      {
        subsets: [
          ["1", "2"],
          ["2", "1"],
        ],
      },
    ],
    ["invalid unit; expected the name of a unit", 20, { subsets: [["1", "x"]] }],
    ["invalid index; expected one of sii", 3, { index: "shapley" as "sii" }],
    ["invalid seed", 3, { seed: -1 }],
  ])("%s", async (message, units, options) => {
    let played = 0;
    const game = { ...interactionGame(units), evaluate: async () => Float64Array.of(played++) };
    await expect(interactions(game, options)).rejects.toThrow(message);
    expect(played).toBe(0);
  });

  it("names the coalition and the seed of a game that returns NaN", async () => {
    const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.size === 2 ? Number.NaN : 1));
    const failed = await interactions(game, { seed: 9 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(GameError);
    expect((failed as GameError).coalition).toEqual(["a", "b"]);
    expect((failed as GameError).seed).toBe(9);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    let played = 0;
    const game = await gameFrom(14, () => {
      if (++played === 5000) stop.abort();
      return played;
    });
    await expect(interactions(game, { signal: stop.signal })).rejects.toThrow(InterruptedError);
    expect(played).toBeLessThan(9000);
  });

  it("keeps as many evaluations under way as it is told, with the same bytes", async () => {
    let [underWay, most] = [0, 0];
    const game = await gameFrom(5, async (intact) => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
      return intact.size ** 2;
    });
    const four = await interactions(game, { concurrency: 4 });
    expect(most).toBe(4);
    expect(four.values).toEqual((await interactions(game)).values);
    await expect(interactions(game, { concurrency: 0 })).rejects.toThrow("invalid concurrency");
  });

  it("reports its progress to the end", async () => {
    const reports: number[] = [];
    await interactions(interactionGame(10), { onProgress: ({ evaluations }) => reports.push(evaluations) });
    expect(reports.at(-1)).toBe(1024);
  });
});
