import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../src/package.js";
import { temporaryFolder } from "./helpers/folders.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
const script = join(packageRoot, "scripts", "take-place.mjs");
const { takePlace } = (await import(script)) as { takePlace(fresh: string, place: string, aside: string): void };

/** A folder of two files that say the same. */
function made(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of ["a", "b"]) writeFileSync(join(path, file), text);
  return path;
}

it("puts the new folder there, whether there was one or not, and leaves nothing aside", () => {
  const place = join(folder, "dist");
  for (const text of ["first", "second"]) {
    takePlace(made("fresh", text), place, join(folder, "aside"));
    expect(readFileSync(join(place, "b"), "utf8")).toBe(text);
    expect(readdirSync(folder)).toEqual(["dist"]);
  }
});

it("leaves the older folder where the new one is not there", () => {
  const place = made("kept", "older");
  expect(() => takePlace(join(folder, "nowhere"), place, join(folder, "aside"))).toThrow("ENOENT");
  expect(readFileSync(join(place, "a"), "utf8")).toBe("older");
  expect(existsSync(join(folder, "aside"))).toBe(false);
});

it("many at once all end well, and one of them is there, whole", async () => {
  const place = made("contested", "0");
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { mkdirSync, writeFileSync } from "node:fs";
    import { takePlace } from ${JSON.stringify(script)};
    const own = process.argv[2];
    for (let i = 0; i < 300; i++) {
      mkdirSync(own);
      for (const file of ["a", "b"]) writeFileSync(own + "/" + file, own + i);
      takePlace(own, ${JSON.stringify(place)}, own + ".aside");
    }`,
  );
  const children = [..."uvwxyz"].map((name) => fork(program, [join(folder, name)]));
  const ends = await Promise.all(children.map((child) => once(child, "exit")));
  expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(readFileSync(join(place, "a"), "utf8")).toMatch(/[u-z]299$/);
  expect(readFileSync(join(place, "b"), "utf8")).toBe(readFileSync(join(place, "a"), "utf8"));
  expect(readdirSync(folder).filter((name) => /^[u-z](\.|$)/.test(name))).toEqual([]);
});
