import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ModesTest } from "../../src/analysis/inference/modes-test.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { display, html, markdown } from "../../src/notebook/display/display.js";
import { provenance } from "../../src/notebook/tools/provenance.js";
import { table } from "../../src/notebook/tools/table.js";

/** What is printed in the course of some work. */
async function printed(work: () => unknown): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((...texts) => void lines.push(texts.map(String).join(" ")));
  await work();
  return lines.join("\n");
}

afterEach(() => vi.restoreAllMocks());

const modes = new ShapleyModes({
  units: ["a", "b"],
  outputShape: [],
  values: Float64Array.of(1.5, -2),
  standardErrors: Float64Array.of(0.5, 0),
});

describe("a table outside of a notebook", () => {
  const text = "unit  value\n----  -----\na       1.5\nb";
  const rows = [{ unit: "a", value: 1.5 }, { unit: "b" }];

  it("is printed once, also where it is displayed or printed again", async () => {
    expect(await printed(() => table(rows))).toBe(text);
    expect(await printed(() => display(table(rows)))).toBe(text);
    expect(await printed(() => console.log(inspect(table(rows))))).toBe(`${text}\n`);
    expect(await printed(() => expect(String(table(rows))).toBe(text))).toBe(text);
  });

  it("takes results, columns and what has rows", async () => {
    const head = async (given: object) => (await printed(() => table(given))).split("\n")[0].split(/ +/);
    expect(await head(modes)).toEqual(["unit", "contribution", "standard_error", "ci95_low", "ci95_high"]);
    expect(await head(modes.toColumns())).toEqual(await head(modes));
    expect(await head(modes.meanOverOutputs())).toEqual(["units", "values"]);
    expect(await head(modes.compare(modes)).then((names) => names.slice(0, 2))).toEqual(["unit", "contribution"]);
    const settings = { method: "t", level: 0.05, leastP: 0, blocks: undefined, resamples: undefined } as const;
    expect(await printed(() => table(new ModesTest([], settings)))).toBe("\n");
  });

  it("takes facts by their names, such as provenance, one to a row", async () => {
    const facts = { version: "0.2.0", seed: 1, blocks: undefined, game: { sites: ["conv1"], units: 40 } };
    const lines = ["version  0.2.0", "seed     1", "blocks", "game     { sites: [ 'conv1' ], units: 40 }"];
    expect((await printed(() => table(facts))).split("\n").slice(2)).toEqual(lines);
    expect((await printed(() => table({ ...facts, sites: ["a", "b"] }))).split("\n").at(-1)).toBe("sites    a,b");
    const found = await printed(() => table(provenance(), { caption: "Here" }));
    expect(found).toMatch(/^Here\nname +value\n-+ +-+\nshapley-modes +\d/);
    const nested: { self?: object; long: string } = { long: "x".repeat(1000) };
    nested.self = nested;
    expect((await printed(() => table({ nested }))).split("\n")[2]).toHaveLength("nested  ".length + 200);
  });

  it.each([
    [5, "received 5"],
    [Promise.resolve([]), "received a promise (without await?)"],
    [{}, "rows in an array"],
    [{ a: () => 1 }, "rows in an array"],
    [new Map([["a", 1]]), "rows in an array"],
    [new Date(0), "rows in an array"],
    [[1], "row 0 of table"],
    [{ a: [1], b: [1, 2] }, "2 of b"],
  ])("refuses what has no rows: %j", (given, message) => {
    expect(() => table(given as never)).toThrow(message);
  });
});

it("HTML and Markdown print as their text", () => {
  expect(inspect(html("<b>x</b>", "x"))).toBe("x");
  expect(String(markdown("**x**"))).toBe("**x**");
});
