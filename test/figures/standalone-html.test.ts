import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { plotlyBundle, scriptJson } from "../../src/figures/render/plotly-bundle.js";
import { figureTitle, standaloneHtml } from "../../src/figures/render/standalone-html.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { sharedPage } from "../helpers/shared-page.js";
import { traces } from "./figure-helpers.js";
import { samples } from "./samples.js";

const evil = "</script><img src=x onerror=alert(1)><!--";
const space: Figure = {
  data: [{ type: "scatter3d", mode: "markers", x: [1, 2], y: [1, 2], z: [1, 2] }],
  layout: { title: { text: "Space" }, width: 500, height: 400 },
};
const named = (text: string): Figure => ({
  data: [{ type: "bar", name: text, x: [text, "b"], y: [1, 2] }],
  layout: { title: { text: `${text} & more`.replaceAll("<", "&lt;") }, width: 400, height: 300 },
  caption: text,
});

describe("standaloneHtml", () => {
  it("holds the figure's values as they are", () => {
    for (const { draw } of samples) {
      const [, json] = /^const figure = (.*);$/m.exec(standaloneHtml(draw())) ?? [];
      expect(JSON.parse(json)).toEqual(JSON.parse(figureJson(draw())));
    }
  });

  it("equal figures give equal bytes", () => {
    expect(standaloneHtml(samples[0].draw())).toBe(standaloneHtml(samples[0].draw()));
  });

  it("has the title of the figure as the page's, or the one given, or Figure", () => {
    const title = (figure: Figure, options = {}) => /<title>(.*)<\/title>/.exec(standaloneHtml(figure, options))?.[1];
    expect(title(space)).toBe("Space");
    expect(title(space, { title: "a < b" })).toBe("a &lt; b");
    expect(title({ data: [], layout: {} })).toBe("Figure");
    expect(figureTitle(samples.find(({ name }) => name === "a4-output-correlation")!.draw())).toBe(
      "Which outputs share their units",
    );
  });

  it("no text of a figure can end a script or become markup", () => {
    const html = standaloneHtml(named(evil), { title: evil, lang: '"><img' });
    expect(html).not.toContain("<img");
    // Plotly's own script, the figure's, and no more.
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(scriptJson(JSON.stringify(evil))).not.toContain("<");
  });

  it("takes the cartesian build of Plotly where that draws all traces, else the full one", () => {
    for (const { draw } of samples) expect(plotlyBundle([draw()]).name).toBe("plotly.js-cartesian-dist-min");
    expect(plotlyBundle([{ data: [{ y: [1] }], layout: {} }]).name).toBe("plotly.js-cartesian-dist-min");
    expect(plotlyBundle([samples[0].draw(), space]).name).toBe("plotly.js-dist-min");
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("standaloneHtml, offline", () => {
  const place = temporaryFolder();
  const fresh = sharedPage({}, ["--enable-unsafe-swiftshader"]);
  afterAll(place.remove);

  /** Opens a figure's page from its file without a network: what is drawn, requested and complained about. */
  async function opened(figure: Figure) {
    const page = await fresh({ width: 1000, height: 800 });
    const requests: string[] = [];
    const problems: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("dialog", (dialog) => problems.push(dialog.message()));
    const file = join(place.folder, "figure.html");
    writeFileSync(file, standaloneHtml(figure));
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector("#figure[data-settled] .main-svg");
    return { page, requests, problems, url: pathToFileURL(file).href };
  }

  it.each(samples)("$name is drawn with all its traces; nothing is requested, no error appears", async ({ draw }) => {
    const figure = draw();
    const { page, requests, problems, url } = await opened(figure);
    const kinds = { scatter: ".scatterlayer .trace", bar: ".barlayer .trace", heatmap: ".heatmaplayer .hm" };
    for (const [kind, selector] of Object.entries(kinds)) {
      const own = traces(figure).filter(({ type }) => type === kind);
      expect(await page.locator(`.cartesianlayer ${selector}`).count(), kind).toBe(own.length);
    }
    expect(requests).toEqual([url]);
    expect(problems).toEqual([]);
  });

  it("a title that looks like the end of a script is shown as text", async () => {
    const { page, requests, problems, url } = await opened(named(evil));
    expect(await page.title()).toBe(`${evil} & more`);
    expect(await page.locator(".gtitle").textContent()).toBe(`${evil} & more`);
    expect(await page.locator(".bars .point").count()).toBe(2);
    expect(await page.locator("img[src=x]").count()).toBe(0);
    expect([requests, problems]).toEqual([[url], []]);
  });

  it("a trace in space is drawn by the full build", async () => {
    const { page, requests, problems, url } = await opened(space);
    await page.waitForSelector("#figure canvas, #figure .no-webgl", { state: "attached" });
    expect([requests, problems]).toEqual([[url], []]);
  });

  it("follows the width of the window, and is whole on a telephone", async () => {
    const { page } = await opened({ ...named("a"), layout: { width: 600, height: 300 } });
    const width = () => page.evaluate("document.querySelector('.main-svg').getBoundingClientRect().width");
    expect(await width()).toBe(900);
    await page.setViewportSize({ width: 700, height: 800 });
    await page.waitForFunction("document.querySelector('.main-svg').getBoundingClientRect().width <= 700");
    await page.waitForSelector("#figure[data-settled]");
    expect(await width()).toBe(700);
    await page.setViewportSize({ width: 300, height: 800 });
    await page.waitForFunction("document.querySelector('.main-svg').getBoundingClientRect().width <= 301");
    await page.waitForSelector("#figure[data-settled]");
    expect(await width()).toBeCloseTo(300, 0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(300);
    // The size of type that a reader sees, and what is under the pointer.
    const seen = "document.querySelector('.xtick text').getBoundingClientRect().height";
    expect(await page.evaluate(seen)).toBeGreaterThan(10);
    const bar = await page.locator(".bars .point").last().boundingBox();
    await page.mouse.move((bar?.x ?? 0) + (bar?.width ?? 0) / 2, (bar?.y ?? 0) + 20);
    await page.waitForSelector(".hoverlayer .hovertext");
    expect(await page.locator(".hoverlayer").textContent()).toContain("2");
  });
});
