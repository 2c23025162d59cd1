import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { closeChromium } from "../../src/figures/render/chromium.js";
import { renderStatic } from "../../src/figures/render/render-static.js";
import { gameFrom } from "../../src/games/from-function.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { notebookToHtml } from "../../src/notebook/page/notebook-html.js";
import { type Notebook, notebookText, parseNotebook } from "../../src/notebook/run/nbformat.js";
import { samples } from "../figures/samples.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { notebookProgram, startNotebookServer } from "./notebook-server.js";
import { alike, difference, storedPicture } from "./picture.js";

/** Resolves once the formulas of Notebook 6 are set and all fonts are there. */
const typeset = "new Promise((done) => MathJax.Hub.Queue(done)).then(() => document.fonts.ready).then(() => true)";

const executablePath = chromium();
const program = notebookProgram();
const folder = join(import.meta.dirname, "screenshots");

/** A notebook with a formula, a figure and Shapley Modes, as a kernel leaves it. */
async function executed(): Promise<Notebook> {
  const game = await gameFrom(["left", "right", "hat"], ({ size }) => [size, size ** 2, -size]);
  const shown = [samples.find(({ name }) => name === "a3-modes")?.draw(), await shapley(game, { estimator: "exact" })];
  const outputs = await Promise.all(shown.map((value) => mimeBundle(value)));
  const cells = outputs.map(({ data }, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    execution_count: i + 1,
    source: ["figure", "modes"][i],
    outputs: [{ output_type: "execute_result", execution_count: i + 1, data, metadata: {} }],
  }));
  const title = { cell_type: "markdown", id: "title", metadata: {}, source: "# A page\n\nMass: $m = \\frac{E}{c^2}$." };
  const kernelspec = { name: "shapley-modes", display_name: "TypeScript (Shapley Modes)", language: "typescript" };
  const notebook = { cells: [title, ...cells], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
  return parseNotebook(JSON.stringify(notebook), "page.ipynb");
}

/** The picture is the stored one, and neither one with its figures covered nor one in negative would pass. */
async function expectStored(
  name: string,
  picture: Buffer,
  figure: { x: number; y: number; width: number; height: number },
) {
  const stored = await storedPicture(join(folder, `${name}.png`), picture);
  const found = await difference(picture, stored);
  expect(alike(found), `${name} differs from the stored picture: ${JSON.stringify(found)}`).toBe(true);
  const cover = Buffer.from(
    `<svg width="${figure.width}" height="${figure.height}"><rect width="100%" height="100%" fill="#fff"/></svg>`,
  );
  const covered = await sharp(picture)
    .composite([{ input: cover, left: Math.round(figure.x), top: Math.round(figure.y) }])
    .png()
    .toBuffer();
  expect(alike(await difference(covered, stored))).toBe(false);
  expect(alike(await difference(await sharp(picture).negate({ alpha: false }).png().toBuffer(), stored))).toBe(false);
}

describe.runIf(available("Chromium (apt-get install chromium)", executablePath))("pictures", () => {
  const place = temporaryFolder();
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await closeChromium();
    place.remove();
  });

  async function pictureOf(page: Page, part: string, figure: string) {
    const whole = await page.locator(part).boundingBox();
    const inside = await page.locator(figure).first().boundingBox();
    if (!whole || !inside) throw new Error(`${part} or ${figure} is not on the page`);
    const picture = await page.locator(part).screenshot();
    return { picture, box: { ...inside, x: inside.x - whole.x, y: inside.y - whole.y } };
  }

  it.each([
    ...["a1-lesioned-accuracy", "a2-distributed-computation", "a3-modes", "mode-maps"],
    ...["communities", "hierarchy", "feature-shares", "training"],
  ])("a figure looks as it did: %s", async (name) => {
    const figure = samples.find((sample) => sample.name === name)?.draw();
    const picture = Buffer.from(await renderStatic(figure!, "png"));
    const { width = 0, height = 0 } = await sharp(picture).metadata();
    await expectStored(name, picture, { x: 0, y: height * 0.2, width, height: Math.round(height * 0.6) });
  });

  it("an exported page looks as it did, with the network off", async () => {
    writeFileSync(join(place.folder, "page.html"), await notebookToHtml(await executed(), { folder: place.folder }));
    const context = await browser.newContext({ offline: true, viewport: { width: 1000, height: 900 } });
    const page = await context.newPage();
    await page.goto(`file://${join(place.folder, "page.html")}`);
    await page.waitForSelector("figure.drawing[data-drawn]");
    const { picture, box } = await pictureOf(page, "body", ".drawing");
    await expectStored("exported-page", picture, box);
    await context.close();
  });

  it.runIf(available("Notebook 6 (apt-get install jupyter-notebook)", program))(
    "an executed notebook looks as it did in Notebook 6",
    async () => {
      writeFileSync(join(place.folder, "page.ipynb"), notebookText(await executed()));
      const server = await startNotebookServer(String(program), place.folder);
      try {
        const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
        await page.goto(`${server.url}/notebooks/page.ipynb`);
        await page.waitForFunction(() => globalThis.Jupyter?.notebook?.kernel?.is_connected());
        await page.waitForFunction(() => document.querySelector<HTMLImageElement>(".output_area img")?.complete);
        await page.waitForSelector(".text_cell_render .MathJax");
        await page.evaluate(typeset);
        const { picture, box } = await pictureOf(page, "#notebook-container", ".output_area img");
        await expectStored("notebook-6", picture, box);
      } finally {
        await server.stop();
      }
    },
  );
});

describe("difference", () => {
  it("of a picture from itself is 0, of another one more than is tolerated", async () => {
    const [a, b] = ["a1-lesioned-accuracy", "a3-modes"].map((name) => readFileSync(join(folder, `${name}.png`)));
    expect(await difference(a, a)).toEqual({ size: 0, ink: 0, patches: 0 });
    expect(alike(await difference(a, b))).toBe(false);
  });
});
