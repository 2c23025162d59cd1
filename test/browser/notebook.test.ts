import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notebookText } from "../../src/notebook/run/nbformat.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { notebookOf } from "../helpers/notebooks.js";
import { available, chromium } from "../helpers/optional.js";
import { notebookProgram, startNotebookServer } from "./notebook-server.js";

const program = notebookProgram();
const executablePath = chromium();

/** Units left of the middle pull one way, units right of it the other; outputs differ in strength and sign. */
const cells = [
  `import { gameFrom, lastPartial, shapley } from "shapley-modes";
const game = await gameFrom(20, (intact) => {
  for (let i = 0; i < 30_000; i++);
  const sum = intact.indices.reduce((total, unit) => total + unit - 9.5, 0);
  return [3, -2, 1].map((weight) => weight * sum);
});`,
  "const modes = await shapley(game, { orderings: 1_000_000, progress: { picture: true } });",
  "lastPartial()!.complete",
  'console.log("on"); await new Promise((resolve) => setTimeout(resolve, 10)); while (true) {}',
  "6 * 7",
];

/** What a test uses of the page's own scripts. */
declare global {
  var Jupyter: {
    notebook: {
      kernel: { is_connected(): boolean; restart(): void };
      execute_cells(indices: number[]): void;
    };
  };
}

describe.runIf(
  available("Notebook 6 and Chromium (apt-get install jupyter-notebook chromium)", program && executablePath),
)("Notebook 6 in Chromium", () => {
  const place = temporaryFolder();
  let server: Awaited<ReturnType<typeof startNotebookServer>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const kernelspec = { name: "shapley-modes", display_name: "TypeScript (Shapley Modes)", language: "typescript" };
    writeFileSync(
      join(place.folder, "live.ipynb"),
      notebookText({ ...notebookOf(...cells), metadata: { kernelspec } }),
    );
    server = await startNotebookServer(String(program), place.folder);
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1000, height: 760 } });
    await page.goto(`${server.url}/notebooks/live.ipynb`);
    await page.waitForFunction(() => globalThis.Jupyter?.notebook?.kernel?.is_connected());
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    place.remove();
  });

  const run = (...indices: number[]) =>
    page.evaluate((those) => globalThis.Jupyter.notebook.execute_cells(those), indices);
  const output = (index: number) => `.cell:nth-child(${index + 1}) .output_area`;
  const text = (index: number) => page.locator(`.cell:nth-child(${index + 1}) .output`).innerText();
  /**
   * Waits until a cell has ended as the kernel's `count`th: its number comes after its outputs. What is sent before a
   * failing cell has ended is aborted.
   */
  const ended = (index: number, count: number) =>
    page.waitForFunction(([where, number]) => document.querySelector(where)?.textContent?.includes(number), [
      `.cell:nth-child(${index + 1}) .input_prompt`,
      `[${count}]`,
    ] as const);
  const interrupt = () => page.click("button[data-jupyter-action='jupyter-notebook:interrupt-kernel']");

  it("shows a bar and the modes so far while a cell computes", async () => {
    await run(0, 1);
    await page.waitForSelector(`${output(1)} progress`);
    const picture = page.locator(`${output(1)} img`);
    await picture.waitFor();
    const pixels = await picture.evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      const canvas = document.createElement("canvas");
      const { naturalWidth: width, naturalHeight: height } = image;
      const context = Object.assign(canvas, { width, height }).getContext("2d");
      context?.drawImage(image, 0, 0);
      return { width, height, rgba: Array.from(context?.getImageData(0, 0, width, height).data ?? []) };
    });
    expect([pixels.width, pixels.height]).toEqual([20, 3]);
    // A game that adds up: the mode of unit u is weight x (u - 9.5) exactly. Blue is below 0, purple above.
    const [positive, negative] = [
      [166, 88, 125],
      [54, 75, 116],
    ];
    [3, -2, 1].forEach((weight, row) => {
      for (let unit = 0; unit < 20; unit++) {
        const mode = (weight * (unit - 9.5)) / (3 * 9.5);
        const full = mode < 0 ? negative : positive;
        const at = 4 * (row * 20 + unit);
        full.forEach((value, c) => {
          expect(Math.abs(pixels.rgba[at + c] - (255 + Math.abs(mode) * (value - 255)))).toBeLessThanOrEqual(1.5);
        });
      }
    });
    expect(await text(1)).toMatch(
      /^20 units\s+[\d,]+ of 19,000,002 evaluations \(\d+ %\), .*\/s, .* left, largest standard error/,
    );
  });

  it("stops when its button says so, leaves one line of the progress, and has the modes so far", async () => {
    await interrupt();
    await page.waitForSelector(`${output(1)}.output_error, ${output(1)} .output_error`);
    expect(await page.locator("progress").count()).toBe(0);
    expect(await text(1)).toMatch(
      /^20 units: stopped at [\d,]+ of 19,000,002 evaluations after \d+ s\s+Interrupted: after [1-9]\d* of 1000000 orderings/,
    );
    await ended(1, 2);
    await run(2);
    await page.waitForFunction((where) => document.querySelector(where)?.textContent?.includes("false"), output(2));
  });

  it("stops a loop without a pause after an await", async () => {
    await run(3);
    await expect.poll(() => text(3)).toContain("on");
    await interrupt();
    await expect.poll(() => text(3)).toContain("Interrupted");
    await ended(3, 4);
    await run(4);
    await page.waitForFunction((where) => document.querySelector(where)?.textContent?.includes("42"), output(4));
  });

  it("begins anew after a restart", async () => {
    await page.evaluate(() => globalThis.Jupyter.notebook.kernel.restart());
    await page.waitForFunction(() => globalThis.Jupyter.notebook.kernel.is_connected());
    await run(4);
    await ended(4, 1);
    expect(await text(4)).toContain("42");
    await run(2);
    await page.waitForFunction(
      (where) => document.querySelector(where)?.textContent?.includes("Cannot find name"),
      output(2),
    );
    await ended(2, 2);
  });
});
