import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { generatorGame } from "../../src/lesion/generator-game.js";
import { generatorCheckpoint } from "../../src/networks/dcgan/checkpoints.js";
import { type Generator, generatorOf } from "../../src/networks/dcgan/generator.js";
import { randomLatents } from "../../src/networks/dcgan/latents.js";
import { channels } from "../../src/networks/dcgan/size.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { documentHtml } from "../../src/pages/document.js";
import { lesionPage } from "../../src/pages/lesion-page.js";
import type { LesionPage } from "../../src/pages/page.js";
import { pageMime } from "../../src/pages/page-frame.js";
import { wholePage } from "../../src/pages/page-sources.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { expectFits, exported, frameOf, opened, ready, startBrowser } from "./live-page.js";

const executablePath = chromium();
const place = temporaryFolder();

/** A generator of 16 pixels whose parameters are no numbers of half precision. */
function smallGenerator(): Generator {
  const size = { layers: 3, filters: 4, latents: 6 };
  const random = randomStream(2);
  const numbers = (count: number, middle: number) =>
    Float32Array.from({ length: count }, () => middle + random.next() / 2 ** 33);
  const widths = channels(size);
  const parts = widths.map((outputs, l) => {
    const inputs = l === 0 ? size.latents : widths[l - 1];
    const norm = {
      scale: numbers(outputs, 1),
      shift: numbers(outputs, 0),
      mean: numbers(outputs, 0),
      variance: numbers(outputs, 1),
    };
    return { inputs, outputs, weights: numbers(inputs * outputs * 16, 0), norm: l === 2 ? undefined : norm };
  });
  return generatorOf(size, parts);
}

/** Expects images of a page to be those of the game, for some random lesions. */
async function expectEqual(browser: Browser, generator: Generator, live: LesionPage, within: number): Promise<void> {
  const units = channels(generator).reduce((sum, width) => sum + width, 0);
  const latents = randomLatents(generator, 2, { seed: 1 });
  const { page, complaints, close } = await opened(browser, place.folder, documentHtml(live, undefined));
  await ready(page);
  const random = randomStream(4);
  for (const face of [0, 1]) {
    const own = latents.subarray(face * generator.latents, (face + 1) * generator.latents);
    const game = generatorGame(generator, { latents: Float32Array.from(own), backend: "kernel" });
    const shown = (await page.evaluate(`lesionPage.show(${JSON.stringify([...own])})`)) as number[];
    const sets = [[], Array.from({ length: units }, (_, unit) => unit)];
    for (let s = 0; s < 3; s++) sets.push(sets[1].filter(() => random.next() < 0));
    for (const off of sets) {
      const intact = sets[1].filter((unit) => !off.includes(unit));
      const here = await game.evaluate(coalitionsOf(units, [intact]));
      const there = (await page.evaluate(`lesionPage.without(${JSON.stringify(off)})`)) as number[];
      expect(there).toHaveLength(here.length);
      let worst = 0;
      there.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - here[i]));
      });
      expect(worst).toBeLessThanOrEqual(within);
      if (off.length === 0)
        expect(Math.max(...shown.map((value, i) => Math.abs(value - here[i])))).toBeLessThanOrEqual(within);
    }
  }
  expect(complaints).toEqual([]);
  await close();
}

describe.runIf(available("Chromium", executablePath))("the page of a generator in Chromium", () => {
  let browser: Browser;
  let faces: Generator;
  let made: LesionPage;

  beforeAll(async () => {
    browser = await startBrowser();
    faces = await generatorCheckpoint();
    made = await lesionPage(faces, { groups: { Hair: ["layer1/filter3", "layer2/filter5"] }, imageTitle: "face" });
  });

  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it("paints the very images of Node, of any latents and with any channels off", async () => {
    expect(documentHtml(made, undefined).length).toBeLessThan(6_000_000);
    await expectEqual(browser, faces, made, 1e-6);
  });

  it("paints them within 1e-3 where parameters are rounded", async () => {
    const generator = smallGenerator();
    const live = await lesionPage(generator, { faces: 2 });
    expect(Object.values(live.places).filter(({ type }) => type === "Uint16Array").length).toBeGreaterThan(5);
    await expectEqual(browser, generator, live, 1e-3);
  });

  it("switches channels by strips, groups and layers, and changes faces by press and slider", async () => {
    const { page, complaints, close } = await opened(browser, place.folder, documentHtml(made, undefined));
    await ready(page);
    const caption = page.locator("figcaption >> nth=1");
    // Without modes nobody knows which contribute most.
    expect(await page.locator("text=/^(All but )?top \\d+ off$/i").count()).toBe(0);
    await page.click("button:has-text('Hair (2)')");
    await page.waitForSelector("figcaption:has-text('without 2 of 243')");
    await page.click("button[aria-label='all of layer 3']");
    await page.waitForSelector("figcaption:has-text('without 34 of 243')");
    await page.locator("canvas.map >> nth=4").click();
    await page.waitForSelector("figcaption:has-text('without 35 of 243')");
    await page.click("text=All on");
    await page.waitForSelector("text=Nothing is off.");
    expect(await caption.innerText()).toBe("without 0 of 243");
    const pixels = () => page.evaluate("document.querySelector('canvas.painted').toDataURL()");
    const before = await pixels();
    await page.click(".thumb >> nth=3");
    const chosen = await pixels();
    expect(chosen).not.toBe(before);
    await page.locator("input[type=range] >> nth=0").fill("1");
    const mixed = await pixels();
    await page.click(".thumb >> nth=0");
    expect(await pixels()).toBe(before);
    expect(mixed).not.toBe(chosen);
    await page.locator("input[type=range] >> nth=1").fill("-3");
    expect(await pixels()).not.toBe(before);
    expect(await page.locator(".slide output").allInnerTexts()).toEqual(["0 %", "−3.00"]);
    for (const [typed, corrected] of [
      ["0", "1"],
      ["-3", "1"],
      ["", "1"],
      ["9999", "100"],
      ["2.5", "3"],
    ]) {
      await page.fill("input[aria-label='which number']", typed);
      await page.press("input[aria-label='which number']", "Enter");
      expect(await page.inputValue("input[aria-label='which number']")).toBe(corrected);
    }
    expect(complaints).toEqual([]);
    await close();
  });

  it("fits a telephone, and works in an exported notebook, whole again from what a small one holds", async () => {
    process.env.SHAPLEY_MODES_INLINE_PLOTLY = "0";
    try {
      const { data } = await mimeBundle(made, { png: false });
      const held = JSON.parse(JSON.stringify(data[pageMime])) as LesionPage;
      expect(JSON.stringify(held).length).toBeLessThan(12_000);
      expect(await wholePage(held)).toEqual({ ...made });
      const { page, complaints, close } = await opened(browser, place.folder, await exported({ [pageMime]: held }), {
        width: 390,
      });
      const frame = await frameOf(page);
      await expectFits(frame);
      await frame.click("text=by chance off");
      expect(complaints).toEqual([]);
      await close();
    } finally {
      delete process.env.SHAPLEY_MODES_INLINE_PLOTLY;
    }
  });

  it("refuses what does not fit", async () => {
    await expect(lesionPage(faces, { faces: 25 })).rejects.toThrow("at most 24");
    await expect(lesionPage(faces, { latents: new Float32Array(100), seed: 2 })).rejects.toThrow("not both");
    await expect(lesionPage(faces, { groups: { A: ["layer9/filter0"] } })).rejects.toThrow("unit in group A");
    const size = { layers: 5, filters: 32, latents: 100 };
    const widths = channels(size);
    const large = generatorOf(
      size,
      widths.map((outputs, l) => {
        const inputs = l === 0 ? 100 : widths[l - 1];
        const each = () => new Float32Array(outputs).fill(1);
        const norm = l === 4 ? undefined : { scale: each(), shift: each(), mean: each(), variance: each() };
        return { inputs, outputs, weights: new Float32Array(inputs * outputs * 16), norm };
      }),
    );
    await expect(lesionPage({ ...large, parts: [...large.parts, ...large.parts] } as Generator)).rejects.toThrow(
      /these alone would take \d+ MB/,
    );
  });
});
