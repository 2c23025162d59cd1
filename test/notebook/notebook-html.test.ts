import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { ansiToHtml } from "../../src/notebook/page/ansi.js";
import { notebookToHtml } from "../../src/notebook/page/notebook-html.js";
import type { Cell, Notebook, Output } from "../../src/notebook/run/nbformat.js";
import { provenance } from "../../src/notebook/tools/provenance.js";
import { table } from "../../src/notebook/tools/table.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { codeCells, notebookOf } from "../helpers/notebooks.js";
import { available, chromium } from "../helpers/optional.js";

const prose = (source: string): Cell => ({ cell_type: "markdown", metadata: {}, source });

async function shown(value: unknown): Promise<Output> {
  return { output_type: "display_data", ...(await mimeBundle(value, { png: false })) };
}

async function notebookWith(...outputs: unknown[]): Promise<Notebook> {
  const notebook = notebookOf('const text = "<b>";');
  const [cell] = notebook.cells;
  if (cell.cell_type === "code") cell.outputs = await Promise.all(outputs.map(shown));
  return notebook;
}

const bars = {
  data: [{ type: "bar" as const, x: ["a", "</script><img src=x>"], y: [1, 2] }],
  layout: { title: { text: "Bars" } },
};
const surface = {
  data: [
    {
      type: "surface" as const,
      z: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  layout: {},
};

describe("notebookToHtml", () => {
  it("equal notebooks give equal bytes", async () => {
    const notebook = await notebookWith(bars);
    expect(await notebookToHtml(notebook)).toBe(await notebookToHtml(notebook));
  });

  it("has Plotly's library once, the small build where that draws all, and none without figures", async () => {
    const libraries = async (...values: unknown[]) =>
      (await notebookToHtml(await notebookWith(...values))).match(/plotly\.js( \(cartesian - minified\))? v[\d.]+/g) ??
      [];
    expect(await libraries(bars, bars)).toHaveLength(1);
    expect((await libraries(bars))[0]).toContain("cartesian");
    expect((await libraries(bars, surface))[0]).not.toContain("cartesian");
    expect(await libraries("text")).toEqual([]);
  });

  it("formulas are MathML, prices are prices, headings are the table of contents", async () => {
    const cells = [
      prose("# Title\n\nIt costs $5 and $6; $x^2$ and\n\n$$\n\\sum_i \\phi_i\n$$"),
      prose("## One"),
      prose("## One"),
    ];
    const html = await notebookToHtml({ ...notebookOf(), cells });
    expect(html).toContain("<title>Title</title>");
    expect(html).toContain("It costs $5 and $6; <math>");
    expect(html.match(/<math/g)).toHaveLength(2);
    expect(html).toMatch(/<math display="block"/);
    expect(html).toContain('<a href="#one">One</a>');
    expect(html).toContain('<a href="#one-2">One</a>');
    expect(html).toContain('<h2 id="one-2">');
  });

  it("parameters stand on top with the values of the run", async () => {
    const cells = notebookOf(["let seed = 1; let n = 2;", "parameters"], ["seed = 7;", "injected-parameters"]);
    const html = await notebookToHtml(cells);
    expect(html).toMatch(/<th>seed<\/th><td><code>7<\/code><\/td>.*<th>n<\/th><td><code>2<\/code>/);
  });

  it("below the title stand parameters, provenance and contents, in this order, then the text", async () => {
    const notebook = notebookOf(["let seed = 1;", "parameters"], ["seed = 7;", "injected-parameters"], "provenance()");
    const [, , last] = codeCells(notebook);
    last.outputs = [await shown(provenance())];
    notebook.cells.unshift(prose("# The title\n\nFirst words"), prose("## One"), prose("## Two"));
    const html = await notebookToHtml(notebook, { name: "file" });
    const found = ["The title</h1>", "Parameters", "set for this run; else", "Ran on 2", "First words"].map((text) =>
      html.indexOf(text),
    );
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found[0]).toBeGreaterThan(0);
    expect(html.indexOf('class="contents"')).toBeLessThan(html.indexOf("First words"));
    expect(html).toContain(`with shapley-modes ${provenance()["shapley-modes"]}`);
    expect(html).not.toContain('<a href="#the-title">');
  });

  it("a page without a heading is named after its file, one with a heading of any level after that", async () => {
    const named = await notebookToHtml(notebookOf("1"), { name: "my<file" });
    expect(named).toContain("<title>my&lt;file</title>");
    expect(named).toContain("<h1>my&lt;file</h1>");
    const headed = await notebookToHtml({ ...notebookOf(), cells: [prose("## Only *this*")] }, { name: "file" });
    expect(headed).toContain("<title>Only this</title>");
    expect(headed).not.toContain("<h1>");
  });

  it("says that a notebook was never run, or not to its end, or that a cell failed; else nothing", async () => {
    const banner = async (notebook: Notebook) =>
      /<p class="banner"[^>]*>(.*?)<\/p>/.exec(await notebookToHtml(notebook))?.[1];
    const notebook = notebookOf("1", "", "2");
    expect(await banner(notebook)).toMatch(/never run/);
    const [first, , last] = codeCells(notebook);
    first.execution_count = 1;
    expect(await banner(notebook)).toBe("Only 1 of the 2 cells of this notebook were run.");
    last.execution_count = 2;
    expect(await banner(notebook)).toBeUndefined();
    first.execution_count = 7;
    expect(await banner(notebook)).toMatch(/not run from top to bottom/);
    last.outputs = [{ output_type: "error", ename: "RangeError", evalue: "<bad>", traceback: [] }];
    expect(await banner(notebook)).toMatch(/failed \(RangeError: &lt;bad&gt;\); 2 of its 2 cells/);
    last.metadata.tags = ["raises-exception"];
    first.execution_count = 1;
    expect(await banner(notebook)).toBeUndefined();
    expect(await banner({ ...notebookOf(), cells: [prose("# Text alone")] })).toBeUndefined();
  });

  it("a dollar in code is code", async () => {
    const cells = [prose("Price $5 and `$x$` or `$y`.\n\n```sh\necho $HOME $PATH\n```")];
    const html = await notebookToHtml({ ...notebookOf(), cells });
    expect(html).not.toContain("<math");
    expect(html).toContain("<code>$x$</code>");
  });

  it("numbers in tables of prose do not break over lines, words may", async () => {
    const cells = [prose("| a | b |\n|---|---|\n| 0.5 ± 0.1 (2) | some words |")];
    const html = await notebookToHtml({ ...notebookOf(), cells });
    expect(html).toContain('<td class="number">0.5 ± 0.1 (2)</td>');
    expect(html).toContain("<td>some words</td>");
  });

  it("text from code and outputs can not become markup", async () => {
    const html = await notebookToHtml(await notebookWith(bars, "<i>", table([{ a: "<u>" }])));
    // Below are the page's own scripts.
    expect(html.slice(0, html.indexOf("</main>"))).not.toMatch(/<b>|<i>|<u>|<img src=x>/);
  });

  it("images on the network are left out with their description", async () => {
    const html = await notebookToHtml({ ...notebookOf(), cells: [prose("![a cat](https://example.org/cat.png)")] });
    expect(html).toContain("[image: a cat]");
    expect(html).not.toContain("example.org");
  });

  it("ANSI colours become classes and other escapes vanish", () => {
    expect(ansiToHtml("\u001b[1;31mE<\u001b[39m\u001b[0m\u001b[2Kx")).toBe(
      '<span class="ansi-bold ansi-red">E&lt;</span>x',
    );
  });
});

const path = chromium();
describe.runIf(available("Chromium (apt-get install chromium)", path))("in a browser without a network", () => {
  const place = temporaryFolder();
  let browser: Browser | undefined;
  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it("every figure is drawn, nothing is requested, no error appears, code folds", async () => {
    const notebook = await notebookWith(bars, {
      data: [{ type: "heatmap", z: [[1, 2]] }],
      layout: { width: 500, height: 300 },
    });
    notebook.cells.unshift(prose("# Page\n\n$x$"));
    const file = join(place.folder, "page.html");
    writeFileSync(file, await notebookToHtml(notebook));
    browser = await launchBrowser();
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    const requests: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction("document.querySelectorAll('figure[data-drawn]').length === 2");
    expect(await page.locator(".plot .bars .point").count()).toBe(2);
    expect(await page.locator(".plot .hm").count()).toBe(1);
    expect(await page.locator("details.code[open]").count()).toBe(1);
    await page.click("#fold");
    expect(await page.locator("details.code[open]").count()).toBe(0);
    expect(await page.textContent("#fold")).toBe("Show code");
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(problems).toEqual([]);
  });

  it("quotations and lists that are nested deep go to the right up to a limit, and what is in them can be read", async () => {
    const depth = 20;
    const quotes = `${"> ".repeat(depth)}a quotation of some words`;
    const list = Array.from({ length: depth }, (_, level) => `${"  ".repeat(level)}- item ${level} of some words`);
    const both = `${"> - ".repeat(depth / 2)}both of some words`;
    const numbers = Array.from({ length: depth }, (_, level) => `${"   ".repeat(level)}1. number ${level}`);
    const html = `${"<dl><dd>".repeat(depth)}a meaning of some words${"</dd></dl>".repeat(depth)}`;
    const notebook = await notebookWith(table([{ number: 1 }]));
    notebook.cells.unshift(...[quotes, list.join("\n"), both, numbers.join("\n"), html].map(prose));
    const file = join(place.folder, "nested.html");
    writeFileSync(file, await notebookToHtml(notebook));
    browser ??= await launchBrowser();
    for (const width of [320, 390, 1200]) {
      const page = await (await browser.newContext({ offline: true, viewport: { width, height: 800 } })).newPage();
      await page.goto(pathToFileURL(file).href);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const narrowest = `Math.min(...[...document.querySelectorAll(".prose :is(p, li, dd)")].map((e) => e.clientWidth))`;
      expect(await page.evaluate(narrowest)).toBeGreaterThan(0.4 * Math.min(width, 704));
      const first = `document.querySelector(".prose li li").getBoundingClientRect().left - document.querySelector(".prose li").getBoundingClientRect().left`;
      expect(await page.evaluate(first)).toBeGreaterThan(15);
      await page.close();
    }
  });

  it("nothing is wider than a telephone, and a figure is whole; code folds without scripts", async () => {
    const wide = { ...bars, layout: { width: 880, height: 300 } };
    const notebook = await notebookWith(wide, table([{ number: 123456789, words: "word ".repeat(60) }]));
    notebook.cells.unshift(
      prose("# Page\n\n$$\\sum_i x_i + \\sum_i x_i + \\sum_i x_i + \\sum_i x_i + \\sum_i x_i + \\sum_i x_i$$"),
    );
    const file = join(place.folder, "narrow.html");
    writeFileSync(file, await notebookToHtml(notebook));
    browser ??= await launchBrowser();
    const narrow = { offline: true, viewport: { width: 390, height: 800 } };
    const page = await (await browser.newContext(narrow)).newPage();
    await page.goto(pathToFileURL(file).href);
    await page.waitForFunction("document.querySelectorAll('figure[data-drawn]').length === 1");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(await page.evaluate("document.querySelector('.drawing').scrollWidth")).toBe(358);
    expect(await page.evaluate("document.querySelector('.main-svg').getBoundingClientRect().width")).toBeCloseTo(
      358,
      0,
    );
    const still = await (await browser.newContext({ ...narrow, javaScriptEnabled: false })).newPage();
    await still.goto(pathToFileURL(file).href);
    expect(await still.locator("#fold").isVisible()).toBe(false);
    await still.click("details.code summary");
    expect(await still.locator("details.code[open]").count()).toBe(0);
  });
});
