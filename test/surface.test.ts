// What the package exports, and from where: a core that can be learned, and one place for every name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../src/package.js";

const packageFile = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
  typesVersions: { "*": Record<string, string[]> };
};
const places = Object.keys(packageFile.exports).filter((place) => place !== "./package.json");
const nameOf = (place: string) => (place === "." ? "index" : place.slice(2));
const entries = await Promise.all(
  places.map(async (place) => {
    const values = (await import(`../src/${nameOf(place)}.ts`)) as Record<string, unknown>;
    return { name: nameOf(place), values };
  }),
);
const [index] = entries;
/** The same names for a browser, which has no Node. */
const forBrowsers = ["core", "figures"];

describe("what the package exports", () => {
  it("is a core of at most 85 values", () => {
    expect(index.name).toBe("index");
    const values = Object.keys(index.values);
    expect(values.length, values.join(", ")).toBeLessThanOrEqual(85);
  });

  it("has one place each, beside what browsers get", () => {
    const found = new Map<string, string[]>();
    for (const { name, values } of entries) {
      if (forBrowsers.includes(name)) continue;
      for (const value of Object.keys(values)) found.set(value, [...(found.get(value) ?? []), name]);
    }
    expect([...found].filter(([, names]) => names.length > 1)).toEqual([]);
  });

  it("is the same thing for browsers, but for the shapley that needs no Node", () => {
    const elsewhere = Object.assign({}, ...entries.filter(({ name }) => name !== "core").map(({ values }) => values));
    const { values } = entries.find(({ name }) => name === "core")!;
    expect(Object.keys(values).filter((name) => values[name] !== elsewhere[name])).toEqual(["shapley"]);
  });

  it("has its types for every resolution, and the files of its entry points", () => {
    for (const place of places) {
      const name = nameOf(place);
      const files = { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` };
      expect(packageFile.exports[place]).toEqual(files);
      if (name !== "index") expect(packageFile.typesVersions["*"][name]).toEqual([files.types]);
    }
    expect(Object.keys(packageFile.typesVersions["*"])).toEqual(places.slice(1).map(nameOf));
  });
});
