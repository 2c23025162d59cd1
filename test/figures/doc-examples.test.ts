import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as analysis from "../../src/analysis.js";
import { closeChromium } from "../../src/figures/render/chromium.js";
import * as figures from "../../src/figures.js";
import * as generators from "../../src/generators.js";
import * as index from "../../src/index.js";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { expectSound } from "./figure-helpers.js";
import { samples } from "./samples.js";

const library = { ...index, ...analysis, ...figures, ...generators };
const folder = join(packageRoot, "src", "figures");
const examples = readdirSync(folder, { encoding: "utf8", recursive: true })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) =>
    [
      ...readFileSync(join(folder, file), "utf8").matchAll(
        /^ \* @example\n((?: \* .*\n)+?) \*\/\nexport [\w ]*function (\w+)/gm,
      ),
    ].map(([, lines, name]) => ({ name, code: lines.replace(/^ \* /gm, "") })),
  );
const makers = examples.filter(({ code }) => code.includes("const figure ="));
const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (...values: unknown[]) => Promise<unknown>;

/**
 * A game whose values are three small images, and its modes: what examples that begin in the middle have before them.
 */
const game = await library.gameFrom(
  ["layer1/filter0", "layer1/filter1", "layer2/filter0"],
  (intact) => Float64Array.from({ length: 3 * 3 * 4 * 4 }, (_, i) => (intact.size * (i % 7)) / 21),
  { outputShape: [3, 3, 4, 4] },
);
const before = { figure: samples[0].draw(), game, modes: await library.shapley(game, { estimator: "exact" }) };

/** Runs the code of an example with all that the library exports; returns the figure that it makes. */
function run(code: string): Promise<unknown> {
  const known = { ...library, ...before };
  const body = code.includes("const figure =") ? `{ ${code}\nreturn figure; }` : code;
  return new AsyncFunction(...Object.keys(known), body)(...Object.values(known));
}

describe("examples in the doc comments", () => {
  it("there is one for every figure function", () => {
    const functions = Object.keys(library).filter((name) => name.endsWith("Figure") && name !== "saveFigure");
    expect(makers.map(({ name }) => name).sort()).toEqual(functions.sort());
  });

  it.each(makers)("$name's makes a figure", async ({ code }) => {
    expectSound((await run(code)) as Parameters<typeof expectSound>[0]);
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("examples that write files", () => {
  const place = temporaryFolder();
  const folderBefore = process.cwd();
  beforeAll(() => process.chdir(place.folder));
  afterAll(async () => {
    process.chdir(folderBefore);
    await closeChromium();
    place.remove();
  });

  it("saveFigure's writes its file", async () => {
    const [{ code }] = examples.filter(({ name }) => name === "saveFigure");
    await run(code);
    expect(readFileSync(join(place.folder, "results", "a1.svg"), "utf8")).toMatch(/^<svg/);
  });
});
