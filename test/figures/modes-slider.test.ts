import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { thinned } from "../../src/figures/kit/thin.js";
import { modesSliderFigure } from "../../src/figures/modes-slider.js";
import { standaloneHtml } from "../../src/figures/render/standalone-html.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { area, levelsOf, modesOf, size } from "./image-helpers.js";

interface Step {
  readonly label: string;
  readonly method: string;
  readonly args: [{ source: [string] }, [number]];
}
const stepsOf = (figure: Figure) => (figure.layout.sliders?.[0].steps ?? []) as unknown as Step[];
const shownOf = (figure: Figure) => (figure.data[1] as unknown as { source: string }).source;

/** A number from 0 to 1, as good as random. */
function anyNumber(i: number): number {
  const mixed = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d);
  return (Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 0) / 2 ** 32;
}

/** One image of 64 x 64 pixels, and noise for modes, the worst that there is to store. */
function noise(filters: number): ShapleyModes {
  const outputs = 3 * 64 * 64;
  return new ShapleyModes({
    units: Array.from({ length: filters }, (_, f) => `layer1/filter${f}`),
    outputShape: [1, 3, 64, 64],
    values: Float64Array.from({ length: filters * outputs }, (_, i) => anyNumber(i + 1) - 0.5),
    vAll: new Float64Array(outputs),
  });
}

test("a step for each filter holds the picture of its mode, around mid-grey, on one scale", () => {
  const modes = modesOf();
  const figure = modesSliderFigure(modes, { layer: "layer1", face: 2 });
  const steps = stepsOf(figure);
  expect(steps.map(({ label }) => label)).toEqual(["filter0", "filter1", "filter2"]);
  expect(figure.layout.sliders?.[0].currentvalue?.prefix).toBe("layer1/");
  expect(shownOf(figure)).toBe(steps[0].args[0].source[0]);
  const values = [0, 1, 2].map((u) => modes.unit(u).values.slice(2 * 3 * area));
  const sorted = values.flatMap((part) => [...part].map(Math.abs)).sort((a, b) => a - b);
  const place = 0.995 * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const limit = below + (place % 1) * (sorted[Math.ceil(place)] - below);
  steps.forEach(({ method, args }, u) => {
    expect([method, args[1]]).toEqual(["restyle", [1]]);
    const levels = levelsOf(args[0].source[0]);
    for (let p = 0; p < area; p++) {
      const expected = [0, 1, 2].map((c) => Math.min(255, Math.round(127.5 * (1 + values[u][c * area + p] / limit))));
      expect(levels.at(Math.floor(p / size), p % size)).toEqual(expected);
    }
  });
});

test("128 modes of 64 x 64 pixels stay well below a megabyte, whatever they are, and the caption says what that takes", () => {
  const figure = modesSliderFigure(noise(128), { layer: "layer1" });
  expect(figureJson(figure, 0).length).toBeLessThan(700_000);
  const shown = stepsOf(figure).length;
  expect(shown).toBeGreaterThan(50);
  expect(figure.caption).toContain(`The ${shown} of 128 filters whose modes are largest.`);
  expect(figure.caption).toContain("Drawn with 16 levels of each colour.");
  // In the order of the layer, however large they are.
  const numbers = stepsOf(figure).map(({ label }) => Number(label.slice("filter".length)));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
});

test("few modes have all their levels, and filters asked for by name are all there, in their order", () => {
  const modes = noise(120);
  expect(modesSliderFigure(noise(8), { layer: "layer1" }).caption).not.toContain("levels");
  const units = modes.units.toReversed();
  const figure = modesSliderFigure(modes, { layer: "layer1", units });
  expect(stepsOf(figure).map(({ label }) => `layer1/${label}`)).toEqual(units);
});

test.each<[string, object, string]>([
  [
    "a layer that is not there",
    { layer: "layer3" },
    'invalid layer; expected one of layer1, layer2; received "layer3"',
  ],
  [
    "a unit of another layer",
    { layer: "layer1", units: ["layer2/filter0"] },
    "invalid unit; expected a unit of layer1",
  ],
  ["no units", { layer: "layer1", units: [] }, "invalid units"],
  ["a face that is not there", { layer: "layer1", face: 3 }, "invalid face; expected a number from 0 to 2"],
])("%s is refused", (_, options, message) => {
  expect(() => modesSliderFigure(modesOf(), options as { layer: string })).toThrow(message);
});

describe("pages and notebooks", () => {
  const figure = modesSliderFigure(modesOf(), { layer: "layer1" });

  it("thinning leaves the slider as it is, also beside a trace of too many points", () => {
    expect(thinned(figure)).toBe(figure);
    const long = { type: "scatter" as const, y: Array.from({ length: 60_000 }, (_, i) => i % 7) };
    const thin = thinned({ ...figure, data: [...figure.data, long] });
    expect(thin.layout.sliders).toEqual(figure.layout.sliders);
    expect(thin.data.slice(0, 2)).toEqual(figure.data);
  });

  it("a page and a notebook's output hold all pictures", async () => {
    const html = standaloneHtml(figure);
    const { data } = await mimeBundle(figure, { png: false });
    const stored = JSON.stringify(data["application/vnd.plotly.v1+json"]);
    for (const { args } of stepsOf(figure)) {
      expect(html).toContain(args[0].source[0]);
      expect(stored).toContain(args[0].source[0]);
    }
  });

  describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("in a browser", () => {
    const place = temporaryFolder();
    afterAll(() => place.remove());

    it("moving the slider shows another filter, offline", async () => {
      writeFileSync(join(place.folder, "slider.html"), standaloneHtml(figure));
      const browser = await launchBrowser();
      try {
        const page = await (await browser.newContext({ offline: true })).newPage();
        const problems: string[] = [];
        page.on("pageerror", (error) => problems.push(String(error)));
        await page.goto(`file://${join(place.folder, "slider.html")}`);
        await page.waitForSelector("#figure[data-settled]");
        const rail = await page.locator(".slider-rail-touch-rect").boundingBox();
        if (!rail) throw new Error("there is no slider on the page");
        await page.mouse.click(rail.x + rail.width - 2, rail.y + rail.height / 2);
        await expect
          .poll(() => page.evaluate("document.querySelector('#figure .js-plotly-plot').data[1].source"))
          .toBe(stepsOf(figure)[2].args[0].source[0]);
        expect(await page.locator(".slider-label").first().textContent()).toBe("layer1/filter2");
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  });
});
