import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium as engine } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { ansiToHtml } from "../../src/notebook/ansi.js";
import { mimeBundle } from "../../src/notebook/bundle.js";
import type { Cell, Notebook, Output } from "../../src/notebook/nbformat.js";
import { notebookToHtml } from "../../src/notebook/notebook-html.js";
import { table } from "../../src/notebook/table.js";
import { available, chromium, notebookOf, temporaryFolder } from "./kernel-helpers.js";

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

  it("text from code and outputs can not become markup", async () => {
    const html = await notebookToHtml(await notebookWith(bars, "<i>", table([{ a: "<u>" }])));
    expect(html).not.toMatch(/<b>|<i>|<u>|<img src=x>/);
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
    browser = await engine.launch({ executablePath: path ?? "", args: ["--no-sandbox", "--disable-gpu"] });
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
});
