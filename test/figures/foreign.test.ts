import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { modeHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { standaloneHtml } from "../../src/figures/render/standalone-html.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { sharedPage } from "../helpers/shared-page.js";
import { foreignSamples } from "./foreign-samples.js";

/** Texts of a drawn figure that lie outside of it, or on each other: measured in the page. */
const measured = `(() => {
  const sheet = document.querySelector(".js-plotly-plot");
  const frame = document.getElementById("figure").getBoundingClientRect();
  const texts = [...sheet.querySelectorAll("svg text")]
    .filter((text) => !text.closest(".hoverlayer, .modebar, .cartesianlayer .plot"))
    .map((text) => ({ box: text.getBoundingClientRect(), text: text.textContent, isTitle: Boolean(text.closest(".gtitle")), size: parseFloat(getComputedStyle(text).fontSize) }))
    .filter(({ box }) => box.width > 0);
  const outside = texts.filter(({ box }) => box.left < frame.left - 1.5 || box.right > frame.right + 1.5 || box.top < frame.top - 1.5 || box.bottom > frame.bottom + 1.5);
  const plots = [...sheet.querySelectorAll(".bglayer rect, .legend, .annotation")].map((part) => part.getBoundingClientRect());
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  const on = texts.filter(({ isTitle, box }) => isTitle && (plots.some((plot) => meet(plot, box)) || texts.some((other) => !other.isTitle && meet(other.box, box))));
  const labels = [...sheet.querySelectorAll("[class*=xaxislayer], [class*=yaxislayer]")].flatMap((layer) => {
    const own = [...layer.querySelectorAll("text")].map((text) => ({ box: text.getBoundingClientRect(), text: text.textContent }));
    return own.filter(({ box }, i) => own.some((other, j) => j < i && meet(other.box, box)));
  });
  const named = [...sheet.querySelectorAll(".annotation")].filter((note, i, all) => all.some((other, j) => j < i && meet(other.getBoundingClientRect(), note.getBoundingClientRect())));
  const scale = frame.width / sheet.offsetWidth;
  const plot = sheet._fullLayout._size;
  return {
    outside: outside.map(({ text }) => text),
    titleOn: on.map(({ text }) => text),
    labels: labels.map(({ text }) => text),
    notes: named.map((note) => note.textContent),
    smallest: Math.min(...texts.map(({ size }) => size * scale)),
    plot: [plot.w * scale, plot.h * scale],
    scroll: document.documentElement.scrollWidth,
  };
})()`;

/** The least luminance of texts beside the plot, and what the backgrounds are. */
const texture = `(() => {
  const sheet = document.querySelector(".js-plotly-plot");
  const linear = (level) => (level / 255 <= 0.04045 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4);
  const texts = [...sheet.querySelectorAll("svg text")].filter((text) => text.textContent && !text.closest(".slice, .cartesianlayer .plot"));
  const luminances = texts.map((text) => {
    const [r, g, b] = getComputedStyle(text).fill.match(/\\d+/g).map((level) => linear(Number(level)));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  const papers = [getComputedStyle(sheet.querySelector(".main-svg")).backgroundColor];
  return { luminance: Math.min(...luminances), papers };
})()`;

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))(
  "figures that this package did not make",
  () => {
    const place = temporaryFolder();
    const fresh = sharedPage({ deviceScaleFactor: 2 }, ["--enable-unsafe-swiftshader"]);
    afterAll(place.remove);

    function opened(name: string, width: number, dark: boolean): Promise<Page> {
      const { figure } = foreignSamples.find((one) => one.name === name) ?? foreignSamples[0];
      return shown(figure, width, dark);
    }

    async function shown(figure: Figure, width: number, dark: boolean): Promise<Page> {
      const file = join(place.folder, "figure.html");
      writeFileSync(
        file,
        standaloneHtml(figure).replace(
          "<body>",
          dark ? '<body style="background:#111" data-jp-theme-light="false">' : "<body>",
        ),
      );
      const page = await fresh({ width, height: 800 });
      await page.goto(pathToFileURL(file).href);
      await page.locator("[data-settled]").waitFor();
      return page;
    }

    it.each(foreignSamples.flatMap(({ name }) => [390, 1100].map((width) => [name, width] as const)))(
      "%s: all of it is seen at %i pixels, and no title lies on anything",
      async (name, width) => {
        const page = await opened(name, width, false);
        const { smallest, plot, scroll, ...bad } = (await page.evaluate(measured)) as Record<string, never>;
        expect(bad).toEqual({ outside: [], titleOn: [], labels: [], notes: [] });
        expect(scroll).toBe(width);
        expect(smallest).toBeGreaterThan(8);
        expect(plot[0]).toBeGreaterThan(120);
        expect(plot[1]).toBeGreaterThan(120);
      },
    );

    it.each(foreignSamples.map(({ name }) => name))("%s: in a dark theme it is drawn for a dark page", async (name) => {
      const page = await opened(name, 390, true);
      const texts = (await page.evaluate(texture)) as { luminance: number; papers: string[] };
      expect(texts.papers.every((paper) => paper === "rgba(0, 0, 0, 0)" || /, 0\)$/.test(paper))).toBe(true);
      // 7 to 1 on #111111.
      expect(texts.luminance).toBeGreaterThan(0.34);
    });

    it("a title of several lines is seen whole, of a figure of this package too", async () => {
      const long = "Which units of the hidden layer contribute to what the network says of each of the ten digits";
      const own = modeHeatmapFigure(
        { title: "L1", units: ["a", "b"], values: Float64Array.of(1, 2), outputs: ["0"] },
        { score: "class precision", outputTitle: "Digit", title: `${long}. ${long}` },
      );
      for (const width of [390, 1100]) {
        const page = await shown(own, width, false);
        const top = await page.evaluate('document.querySelector(".gtitle").getBoundingClientRect().top');
        expect(top).toBeGreaterThanOrEqual(0);
      }
    });
  },
);
