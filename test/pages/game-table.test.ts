import { describe, expect, it } from "vitest";
import { gloveGame, interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { OrderTally, permutations } from "../../src/pages/browser/game/order-tally.js";
import type { GameFacts } from "../../src/pages/game-facts.js";
import { contributionsIn, exactModes, type GameTable, storedTable, tableOf } from "../../src/pages/game-table.js";
import { lesionPage } from "../../src/pages/lesion-page.js";
import { packArrays, unpackArrays } from "../../src/pages/packed-arrays.js";
import { isLesionPage } from "../../src/pages/page.js";
import { fc } from "../helpers/properties.js";

/** The table that a page holds, as the page reads it. */
async function tableIn(page: Awaited<ReturnType<typeof lesionPage>>): Promise<GameTable> {
  const facts = page.facts as unknown as GameFacts;
  const outputs = facts.outputShape.reduce((product, length) => product * length, 1);
  return tableOf(facts.units.length, outputs, facts.table, unpackArrays(page).table);
}

const tables = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 })).chain(([units, outputs]) =>
  fc
    .array(fc.float({ min: -100, max: 100, noNaN: true }), {
      minLength: 2 ** units * outputs,
      maxLength: 2 ** units * outputs,
    })
    .map((values): GameTable => ({ units, outputs, values: Float64Array.from(values) })),
);

describe("packed arrays", () => {
  it("are what they were, of every type", () => {
    fc.assert(
      fc.property(fc.float64Array(), fc.float32Array(), fc.uint16Array(), fc.uint8Array(), (a, b, c, d) => {
        const arrays = { a, b, c, d, e: Int32Array.of(-1, 2 ** 31 - 1) };
        expect(unpackArrays(packArrays(arrays))).toEqual(arrays);
      }),
    );
  });

  it("that are not within the bytes are refused", () => {
    const { numbers } = packArrays({ a: new Float64Array(3) });
    for (const place of [
      { type: "Float64Array", at: 8, length: 3 },
      { type: "Float64Array", at: 4, length: 1 },
      { type: "constructor", at: 0, length: 1 },
      { type: "Uint8Array", at: -8, length: 1 },
    ] as never[]) {
      expect(() => unpackArrays({ places: { a: place }, numbers })).toThrow(RangeError);
    }
  });
});

describe("the table of a game", () => {
  it("is in single precision only where that is within a millionth of the range", () => {
    const units = 16;
    const table = (value: (coalition: number) => number) =>
      storedTable({ units, outputs: 1, values: Float64Array.from({ length: 2 ** units }, (_, c) => value(c)) }).table;
    expect(table((c) => c / 7)).toBeInstanceOf(Float32Array);
    expect(table((c) => 1e9 + c / 7)).toBeInstanceOf(Float64Array);
    expect(table((c) => c * 1e100)).toBeInstanceOf(Float64Array);
    expect(table(() => 0.1)).toBeInstanceOf(Float64Array);
  });

  it("has Shapley's own values, by the formula and as the mean over all orders", async () => {
    for (const game of [gloveGame(2, 3), interactionGame(6, { outputs: 4, seed: 3 })]) {
      const table = await tableIn(await lesionPage(game));
      const modes = await exactModes(table);
      modes.forEach((value, i) => {
        expect(Math.abs(value - game.shapleyValues[i])).toBeLessThan(1e-12);
      });
      for (let o = 0; o < table.outputs; o++) {
        const tally = OrderTally.ofAll(table, o);
        for (let unit = 0; unit < table.units; unit++) {
          expect(Math.abs(tally.mean(unit) - game.shapleyValues[unit * table.outputs + o])).toBeLessThan(1e-12);
        }
      }
    }
  });

  it("gives contributions that add up in any order", () => {
    fc.assert(
      fc.property(tables, fc.infiniteStream(fc.nat()), (table, numbers) => {
        const ordering = Array.from({ length: table.units }, (_, unit) => unit);
        const keys = ordering.map(() => numbers.next().value as number);
        ordering.sort((a, b) => keys[a] - keys[b]);
        const { outputs, values } = table;
        for (const output of [0, outputs - 1, "mean"] as const) {
          const total = contributionsIn(table, ordering, output).reduce((sum, value) => sum + value, 0);
          const of = (row: number) => {
            const some = Float64Array.from(values.subarray(row * outputs, (row + 1) * outputs));
            return output === "mean" ? some.reduce((sum, value) => sum + value, 0) / outputs : some[output];
          };
          expect(Math.abs(total - (of(2 ** table.units - 1) - of(0)))).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it("is exact while it is small, and within a thousandth of its range and of its unit where it is large", () => {
    const small = storedTable({ units: 2, outputs: 1, values: Float64Array.of(0.1, 0.2, 1 / 3, 1e9) });
    expect(Array.from(small.table)).toEqual([0.1, 0.2, 1 / 3, 1e9]);
    for (const [factor, form] of [
      [1, "levels"],
      [1e4, "numbers"],
    ] as const) {
      const values = Float64Array.from({ length: 2 ** 16 * 6 }, (_, i) => factor * Math.sin(i * i) - (i % 6));
      const stored = storedTable({ units: 16, outputs: 6, values });
      expect(stored.form.form).toBe(form);
      const read = tableOf(16, 6, stored.form, stored.table).values;
      let worst = 0;
      for (let i = 0; i < values.length; i++) worst = Math.max(worst, Math.abs(read[i] - values[i]));
      expect(worst).toBeGreaterThan(0);
      expect(worst).toBeLessThan(1e-3);
    }
  });

  it("a constant output of a large one stays what it is", () => {
    const values = Float64Array.from({ length: 2 ** 16 * 6 }, (_, i) => (i % 6 === 0 ? 0.3 : i % 7));
    const { form, table } = storedTable({ units: 16, outputs: 6, values });
    expect(form.form).toBe("levels");
    expect(tableOf(16, 6, form, table).values[0]).toBe(Math.fround(0.3));
  });
});

it("all orders are n! different ones", () => {
  for (const n of [1, 2, 3, 5]) {
    const all = [...permutations(n)].map(String);
    const seen = new Set<string>();
    for (const ordering of permutations(n)) seen.add(String(ordering));
    expect(all).toHaveLength([1, 1, 2, 6, 24, 120][n]);
    expect(seen.size).toBe(all.length);
  }
});

describe("lesionPage of a game", () => {
  it("is a value: equal games give equal pages, and JSON holds them", async () => {
    const [one, two] = [await lesionPage(gloveGame(1, 2)), await lesionPage(gloveGame(1, 2))];
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
    expect(isLesionPage(JSON.parse(JSON.stringify(one)))).toBe(true);
    for (const other of [undefined, {}, { ...one, kind: "other" }, { ...one, numbers: "<" }, { ...one, title: 3 }]) {
      expect(isLesionPage(other)).toBe(false);
    }
  });

  it("refuses what does not fit before anything is played, and says how large it would be", async () => {
    let played = 0;
    const sized = (units: number, outputs: number) =>
      gameFrom(
        units,
        () => {
          played++;
          return new Float64Array(outputs);
        },
        { outputShape: [outputs] },
      );
    await expect(lesionPage(await sized(17, 1))).rejects.toThrow(
      "invalid number of units; expected at most 16, since a page holds the value of every coalition, of these units 131,072 values (1 MB); together(game, groups) makes several units one; received 17",
    );
    await expect(lesionPage(await sized(16, 1000))).rejects.toThrow(
      "invalid number of outputs; expected at most 33 for 16 units, so that their table is below 6 MB; this one would be 175 MB; received 1000",
    );
    expect(played).toBe(0);
  });

  it("refuses what is no game, options that there are not, and names that do not fit", async () => {
    const game = gloveGame(1, 1);
    await expect(lesionPage({} as never)).rejects.toThrow(TypeError);
    await expect(lesionPage(game, { titel: "x" } as never)).rejects.toThrow("option of lesionPage");
    await expect(lesionPage(game, { title: 3 } as never)).rejects.toThrow("invalid title; expected a text");
    await expect(lesionPage(interactionGame(2, { outputs: 3 }), { outputs: ["a"] })).rejects.toThrow("3 names");
    const broken = await gameFrom(["a", "b"], (intact) => (intact.size === 2 ? Number.NaN : 0));
    await expect(lesionPage(broken)).rejects.toThrow("coalition {a, b}");
  });

  it("stops at a signal", async () => {
    const stop = new AbortController();
    const game = await gameFrom(16, (intact) => {
      if (intact.size === 3) stop.abort(new Error("enough"));
      return 0;
    });
    await expect(lesionPage(game, { signal: stop.signal })).rejects.toThrow("enough");
  });
});
