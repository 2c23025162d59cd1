import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kernelName } from "../../src/notebook/run/kernelspec.js";
import { notebookText } from "../../src/notebook/run/nbformat.js";
import { runNotebook } from "../../src/notebook/run/run-notebook.js";
import { notebookProgram, startNotebookServer } from "../browser/notebook-server.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { notebookOf } from "../helpers/notebooks.js";
import { available, chromium } from "../helpers/optional.js";

const figure = (title: string) =>
  `{ data: [{ type: "bar", y: [1, 2, 3] }], layout: { title: { text: "${title}" }, width: 600, height: 300 } }`;
const notebook = notebookOf(
  `import { display } from "shapley-modes"; await display(${figure("one")});`,
  `(${figure("two")})`,
  `await display(${figure("three")}, { id: "place" });`,
  `await display(${figure("four")}, { id: "place", update: true });`,
);
const kernelspec = { name: kernelName, display_name: "TypeScript", language: "typescript" };
const nbconvert = "/usr/bin/jupyter-nbconvert";
const classic = notebookProgram();
const path = chromium();

describe.runIf(available("Chromium (apt-get install chromium)", path))("figures of an executed notebook", () => {
  const place = temporaryFolder();
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
    for (const [name, inline] of Object.entries({ whole: "1", committed: "0" })) {
      const { notebook: run, failure } = await runNotebook(notebook, { env: { SHAPLEY_MODES_INLINE_PLOTLY: inline } });
      expect(failure).toBeUndefined();
      writeFileSync(join(place.folder, `${name}.ipynb`), notebookText({ ...run, metadata: { kernelspec } }));
    }
  });

  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  const drawn = (page: Page) => page.locator(".js-plotly-plot").count();
  const pictures = (page: Page) => page.locator('img[src^="data:image/png"]').count();

  it("has the library once, or not at all where it is not to be inlined", () => {
    const libraries = (name: string) =>
      readFileSync(join(place.folder, `${name}.ipynb`), "utf8").match(/cartesian - minified/g) ?? [];
    expect(libraries("whole")).toHaveLength(1);
    expect(libraries("committed")).toHaveLength(0);
  });

  describe.runIf(available("nbconvert (apt-get install jupyter-nbconvert)", existsSync(nbconvert)))("nbconvert", () => {
    it.each([
      ["whole", 3, 0],
      ["committed", 0, 3],
    ])("the page of the %s notebook has %i drawn figures and %i pictures, offline", async (name, figures, images) => {
      execFileSync(nbconvert, ["--to", "html", join(place.folder, `${name}.ipynb`)], { stdio: "ignore" });
      const context = await browser.newContext({ offline: true });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      await page.goto(pathToFileURL(join(place.folder, `${name}.html`)).href);
      await expect.poll(() => drawn(page), { timeout: 120_000 }).toBe(figures);
      expect(await pictures(page)).toBe(images);
      expect(problems.filter((problem) => /Plotly|figure/.test(problem))).toEqual([]);
      await context.close();
    });
  });

  describe.runIf(available("Notebook 6 (apt-get install jupyter-notebook)", classic))("Notebook 6", () => {
    it("draws the figures of cells that are run, and again when the file is opened; pictures without the library", async () => {
      const server = await startNotebookServer(String(classic), place.folder);
      try {
        const open = async (name: string) => {
          const page = await (await browser.newContext()).newPage();
          await page.goto(`${server.url}/notebooks/${name}.ipynb`);
          await page.waitForFunction("window.Jupyter?.notebook?.kernel?.is_connected()", null, { timeout: 120_000 });
          return page;
        };
        writeFileSync(join(place.folder, "fresh.ipynb"), notebookText({ ...notebook, metadata: { kernelspec } }));
        const fresh = await open("fresh");
        await fresh.evaluate("Jupyter.notebook.execute_all_cells()");
        await expect.poll(() => drawn(fresh), { timeout: 120_000 }).toBe(3);
        await expect.poll(() => fresh.locator(".gtitle", { hasText: "four" }).count(), { timeout: 120_000 }).toBe(1);
        expect(await pictures(fresh)).toBe(0);
        await fresh.evaluate("Jupyter.notebook.save_notebook()");
        await fresh.context().close();

        const again = await open("fresh");
        await expect.poll(() => drawn(again), { timeout: 120_000 }).toBe(3);
        await again.context().close();

        const committed = await open("committed");
        expect([await drawn(committed), await pictures(committed)]).toEqual([0, 3]);
        await committed.context().close();
      } finally {
        await server.stop();
      }
    });
  });
});
