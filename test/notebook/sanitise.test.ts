import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataFrame } from "danfojs-node";
import { fromHtml } from "hast-util-from-html";
import { toHtml } from "hast-util-to-html";
import { afterAll, describe, expect, it } from "vitest";
import { cellReporter } from "../../src/engine/progress/progress-cell.js";
import { shapley } from "../../src/engine/shapley.js";
import { gameFrom } from "../../src/games/from-function.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { type HtmlOptions, notebookToHtml } from "../../src/notebook/page/notebook-html.js";
import { sanitiser } from "../../src/notebook/page/sanitise.js";
import type { Cell } from "../../src/notebook/run/nbformat.js";
import { provenance } from "../../src/notebook/tools/provenance.js";
import { table } from "../../src/notebook/tools/table.js";
import { temporaryFolder } from "../helpers/folders.js";
import { notebookOf } from "../helpers/notebooks.js";
import { processorTime } from "../helpers/processor-time.js";

const place = temporaryFolder();
afterAll(() => place.remove());
const prose = (source: string): Cell => ({ cell_type: "markdown", metadata: {}, source });
const page = (cells: Cell[], options: HtmlOptions = {}) => notebookToHtml({ ...notebookOf(), cells }, options);

describe("what this package shows", () => {
  const game = gameFrom(4, (intact) => [intact.size, intact.has("3") && intact.has("1") ? 2 : 0]);

  /** HTML as it is read and written, nothing taken out; a style ends without a semicolon. */
  const rewritten = (html: string): string =>
    toHtml(fromHtml(html.replaceAll(/;"(?=[ >])/g, '"'), { fragment: true }), {
      closeEmptyElements: true,
      characterReferences: { useNamedReferences: true },
    });

  it.each([
    ["Shapley Modes", async () => shapley(await game, { orderings: 20, seed: 1 })],
    [
      "a tree",
      async () => ({ a: new Map([["<k>", { deep: [1, 2, { x: "y".repeat(200) }] }]]), error: new Error("<no>") }),
    ],
    [
      "a data frame",
      async () =>
        new DataFrame([
          { a: 1, b: "<b>" },
          { a: 2, b: "c" },
        ]),
    ],
    ["numbers", async () => Float64Array.from({ length: 30 }, (_, i) => i / 7)],
    ["a table", async () => table([{ name: "<a>", value: 0.123456 }], { caption: 'a "caption"' })],
    ["provenance", async () => provenance()],
  ])("comes whole through the sanitiser: %s", async (_, make) => {
    const { data } = await mimeBundle(await make(), { png: false });
    const html = String(data["text/html"]);
    expect(html.length).toBeGreaterThan(50);
    const safe = await sanitiser();
    expect(safe.html(html)).toBe(rewritten(html));
    expect(safe.removed).toBe(false);
  });

  it("comes whole through the sanitiser: progress, its bar and its picture", async () => {
    const shown: string[] = [];
    const key = Symbol.for("shapley-modes.kernel");
    const holder = globalThis as Record<symbol, unknown>;
    const before = holder[key];
    holder[key] = { display: (data: Record<string, string>) => shown.push(data["text/html"]) };
    try {
      const reporter = cellReporter("a <title>", "orderings", true);
      const state = {
        done: 3,
        total: 10,
        seconds: 1,
        rate: 3,
        secondsLeft: 2,
        picture: () => Uint8Array.of(137, 80, 78, 71),
      };
      reporter.update(state);
      reporter.end(state, "done");
    } finally {
      holder[key] = before;
    }
    const safe = await sanitiser();
    expect(shown[0]).toMatch(/<progress max="10" value="3".*<img /);
    for (const html of shown) expect(safe.html(html)).toBe(rewritten(html));
  });
});

describe("an SVG", () => {
  it("keeps its shapes, style, parts and pictures, and loses what acts or asks", async () => {
    const safe = await sanitiser();
    const svg =
      safe.svg(`<?xml version="1.0"?><!DOCTYPE svg><!-- c --><svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
<style>.a > b{fill:#f00}</style><defs><linearGradient id="g"><stop offset="1"/></linearGradient><path id="p" d="M0 0"/></defs>
<use xlink:href="#p" fill="url(#g)"/><use xlink:href="http://192.0.2.1/x#p"/><image xlink:href="data:image/png;base64,AAAA"/>
<image href="../secret.png"/><rect fill="url(http://192.0.2.1/f)" onclick="x()"/><script>x()</script><text>1 &lt; 2</text></svg>`);
    expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
    for (const kept of [
      "linearGradient",
      'xlink:href="#p" fill="url(#g)"',
      "data:image/png;base64,AAAA",
      "fill:#f00",
      "1 &#x3C; 2",
    ]) {
      expect(svg).toContain(kept);
    }
    expect(svg).not.toMatch(/192\.0\.2\.1|secret|onclick|script|x\(\)/);
    expect(safe.removed).toBe(true);
    expect(safe.svg("<p>no svg</p>")).toBeUndefined();
  });
});

describe("what was left out", () => {
  const output = (html: string): Cell => ({
    cell_type: "code",
    metadata: {},
    source: "1",
    execution_count: 1,
    outputs: [{ output_type: "display_data", data: { "text/html": html, "text/plain": "words" }, metadata: {} }],
  });

  it("is said, and in its place stands what the output is besides", async () => {
    const said: string[] = [];
    const html = await page([output("<script>x()</script>")], { remark: (sentence) => said.push(sentence) });
    expect(html).toContain("<pre>words</pre>");
    expect(said).toEqual([expect.stringMatching(/^scripts, handlers, forms or frames in its HTML were left out/)]);
    said.length = 0;
    await page([output("<b>x</b>"), prose("<i>y</i>")], { remark: (sentence) => said.push(sentence) });
    expect(said).toEqual([]);
  });

  it("stays where the notebook is trusted, and scripts may run", async () => {
    const html = await page([output("<script>x()</script>")], { trusted: true });
    expect(html).toContain('<div class="rich"><script>x()</script></div>');
    expect(html).toContain("script-src 'unsafe-inline'");
    expect(html).toContain("form-action 'none'; base-uri 'none'");
    expect(await page([])).toMatch(/script-src 'sha256-[^']+'; font/);
  });

  it("is refused, in one line, what is no word for code or images", async () => {
    await expect(page([], { images: "all" as never })).rejects.toThrow(
      'invalid images; expected one of folder, anywhere; received "all"',
    );
  });
});

describe("images of the prose", () => {
  const folder = join(place.folder, "notebooks");
  const png = "iVBORw0KGgo=";
  mkdirSync(join(folder, "sub"), { recursive: true });
  for (const name of ["in.png", "sub/deep.PNG", "..odd.png", "../out.png", "notes.txt"]) {
    writeFileSync(join(folder, name), Buffer.from(png, "base64"));
  }
  writeFileSync(join(folder, "active.svg"), '<svg onload="x()"><script>x()</script><path d="M0 0"/></svg>');
  symlinkSync("../out.png", join(folder, "link.png"));
  symlinkSync("in.png", join(folder, "inner.png"));
  symlinkSync("notes.txt", join(folder, "text.png"));
  symlinkSync("..", join(folder, "up"));
  symlinkSync("/dev/zero", join(folder, "zero.png"));
  mkdirSync(join(folder, "folder.png"));

  it.each(["in.png", "sub/deep.PNG", "./sub/../in.png", "..odd.png", "inner.png", join(folder, "in.png")])(
    "%s, inside the folder, is in the page",
    async (name) => {
      expect(await page([prose(`![w](${name})`)], { folder })).toContain(
        `<img src="data:image/png;base64,${png}" alt="w">`,
      );
    },
  );

  it.each(["../out.png", join(place.folder, "out.png"), "link.png", "up/out.png", "..%2Fout.png", "sub/../../out.png"])(
    "%s, outside of it, is in the page only where that is asked for",
    async (name) => {
      const said: string[] = [];
      const html = await page([prose(`![w](${name})`)], { folder, remark: (sentence) => said.push(sentence) });
      expect(html).toContain("[image: w]");
      expect(html).not.toContain(png);
      expect(said).toEqual([`images outside of its folder were left out: ${decodeURIComponent(name)}`]);
      expect(await page([prose(`![w](${name})`)], { folder, images: "anywhere" })).toContain(png);
    },
  );

  it.each(["text.png", "zero.png", "folder.png", "absent.png", "%E0%A4%A.png"])(
    "%s, no image, is its description also where images may lie anywhere",
    async (name) => {
      expect(await page([prose(`![w](${name})`)], { folder, images: "anywhere" })).toContain("[image: w]");
    },
  );

  it("an SVG is in the page without what acts in it", async () => {
    const html = await page([prose("![w](active.svg)")], { folder });
    const svg = Buffer.from(/svg\+xml;base64,([^"]+)/.exec(html)?.[1] ?? "", "base64").toString();
    expect(svg).toContain('<path d="M0 0"');
    expect(svg).not.toMatch(/script|onload/);
  });
});

describe("headings", () => {
  it("of the same words, thousands of them, have anchors of their own in a moment", async () => {
    const cells = [prose("# Title"), prose("## One\n".repeat(20_000)), prose("## One 3")];
    const spent = processorTime();
    const html = await page(cells);
    // Searching all headings for each number of each took minutes.
    expect(spent()).toBeLessThan(30_000);
    const ids = [...html.matchAll(/<h2 id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(20_001);
    expect(new Set(ids).size).toBe(20_001);
    expect(ids.slice(0, 3)).toEqual(["one", "one-2", "one-3"]);
    expect(ids[19_999]).toBe("one-20000");
    expect(ids[20_000]).toBe("one-3-2");
  });
});
