import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { checkpoint } from "../../src/networks/mlp/checkpoints.js";
import { type Mlp, mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { asDigit } from "../../src/pages/browser/mlp/digit.js";
import { documentHtml } from "../../src/pages/document.js";
import { lesionPage } from "../../src/pages/lesion-page.js";
import type { MlpFacts } from "../../src/pages/mlp-facts.js";
import type { LesionPage } from "../../src/pages/page.js";
import { pageMime } from "../../src/pages/page-frame.js";
import { wholePage } from "../../src/pages/page-sources.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { expectFits, exported, frameOf, opened, ready, startBrowser } from "./live-page.js";

const executablePath = chromium();
const place = temporaryFolder();
const images = loadInputs("mnist-test:0-255");

/** What a page says of itself without some units. */
interface Answer {
  readonly score: number[];
  readonly accuracy: number;
  readonly logits: number[];
}
const without = (page: Page | Frame, units: readonly number[]) =>
  page.evaluate(`lesionPage.without(${JSON.stringify(units)})`) as Promise<Answer>;
const facts = (page: LesionPage) => page.facts as unknown as MlpFacts;

/** A network of random weights. */
function randomNetwork(widths: readonly number[], seed: number): Mlp {
  const random = randomStream(seed);
  const numbers = (count: number, size: number) =>
    Float32Array.from({ length: count }, () => (size * random.next()) / 2 ** 31);
  const layers = widths.slice(1).map((outputs, l) => ({
    weights: numbers(outputs * widths[l], 2 / Math.sqrt(widths[l])),
    biases: numbers(outputs, 0.2),
  }));
  return mlpNetwork(layers, [0.01, 0, 0.3].slice(0, layers.length - 1));
}

/** Some inputs of a random network's, in classes of their own. */
function randomInputs(features: number, classes: number) {
  const random = randomStream(9);
  const values = Float32Array.from({ length: 40 * features }, () => random.next() / 2 ** 31);
  return labelledInputs(
    values,
    Array.from({ length: 40 }, (_, i) => i % classes),
    { shape: [40, features] },
  );
}

/** Expects a finger to switch a unit where it is lifted, several where it sweeps, and none where it scrolls. */
async function expectFingers(page: Page): Promise<void> {
  const map = page.locator("canvas.map");
  const session = await page.context().newCDPSession(page);
  const touch = (type: string, ...touchPoints: { x: number; y: number }[]) =>
    session.send("Input.dispatchTouchEvent", { type: type as "touchStart", touchPoints });
  const moved = async (across: number, up: number) => {
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    const [x, y] = [box.x + 60, box.y + box.height / 2];
    await touch("touchStart", { x, y });
    for (let i = 1; i <= 10; i++) await touch("touchMove", { x: x + (across * i) / 10, y: y - (up * i) / 10 });
    await touch("touchEnd");
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    return Number(/^(\d+) of 50 off/.exec(await page.locator("output.label").innerText())?.[1]);
  };
  expect(await moved(0, 0)).toBe(1);
  expect(await moved(2, 180)).toBe(1);
  expect(await moved(0, 0)).toBe(0);
  expect(await moved(100, 0)).toBeGreaterThan(5);
  await session.detach();
}

/** Sets of units, each off with an even chance. */
function randomSets(units: number, count: number): number[][] {
  const random = randomStream(3);
  return Array.from({ length: count }, () =>
    Array.from({ length: units }, (_, unit) => unit).filter(() => random.next() < 0),
  );
}

describe.runIf(available("Chromium", executablePath))("the page of a network of dense layers in Chromium", () => {
  let browser: Browser;
  let network: Mlp;
  let modes: ShapleyModes;
  let made: LesionPage;
  let html: string;

  beforeAll(async () => {
    browser = await startBrowser();
    network = await checkpoint({ width: 50, regulariser: "l2", trial: 0 });
    modes = await shapley(await mlpGame(network, images), { orderings: 40, progress: false });
    made = await lesionPage(network, {
      inputs: images,
      modes,
      groups: { Some: ["hidden/3", "hidden/4"] },
      outputTitle: "Digit",
    });
    html = documentHtml(made, undefined);
  });

  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it("holds weights in half precision and images in levels, and has the very numbers of Node for any lesion", async () => {
    expect(facts(made)).toMatchObject({ half: true, levels: true, score: "class-precision", sameInputs: true });
    const { page, complaints, close } = await opened(browser, place.folder, html);
    await ready(page);
    const game = await mlpGame(network, images);
    const ofLogits = await mlpGame(network, images, { score: "logits" });
    for (const off of [[], Array.from({ length: 50 }, (_, unit) => unit), ...randomSets(50, 6)]) {
      const intact = coalitionsOf(50, [
        Array.from({ length: 50 }, (_, unit) => unit).filter((unit) => !off.includes(unit)),
      ]);
      const there = await without(page, off);
      const here = await game.evaluate(intact);
      there.score.forEach((value, k) => expect(Math.abs(value - here[k])).toBeLessThanOrEqual(1e-6));
      const logits = await ofLogits.evaluate(intact);
      there.logits.forEach((value, k) => expect(Math.abs(value - logits[k])).toBeLessThanOrEqual(1e-6));
    }
    // A marginal contribution is what two values of the game differ by.
    const values = await game.evaluate(
      coalitionsOf(50, [
        [1, 2, 3, 7],
        [1, 2, 3],
      ]),
    );
    await without(
      page,
      Array.from({ length: 50 }, (_, unit) => unit).filter((unit) => ![1, 2, 3].includes(unit)),
    );
    const marginal = (await page.evaluate("lesionPage.marginal(7)")) as number[];
    marginal.forEach((value, k) => expect(Math.abs(value - (values[k] - values[10 + k]))).toBeLessThanOrEqual(1e-6));
    expect(complaints).toEqual([]);
    await close();
  });

  it("takes networks of several layers and inputs that are no images: within 1e-3 where weights are rounded, else as they are", async () => {
    for (const [size, half] of [
      [[7, 12, 9, 4], true],
      [[3, 5, 4, 6, 2], true],
    ] as const) {
      const other = randomNetwork(size, 5);
      const inputs = randomInputs(size[0], size[size.length - 1]);
      const units = size.slice(1, -1).reduce((sum, width) => sum + width, 0);
      const game = await mlpGame(other, inputs, { score: "logits" });
      const page = await lesionPage(other, {
        inputs,
        modes: await shapley(await mlpGame(other, inputs, { score: "class-accuracy" }), {
          orderings: 10,
          progress: false,
        }),
        image: null,
      });
      const { page: tab, complaints, close } = await opened(browser, place.folder, documentHtml(page, undefined));
      await ready(tab);
      const within = facts(page).half ? 1e-3 : 1e-6;
      expect(facts(page).half).toBe(half);
      for (const off of randomSets(units, 5)) {
        const intact = coalitionsOf(units, [
          Array.from({ length: units }, (_, unit) => unit).filter((unit) => !off.includes(unit)),
        ]);
        const values = await game.evaluate(intact);
        const { logits } = await without(tab, off);
        logits.forEach((value, k) => expect(Math.abs(value - values[k])).toBeLessThanOrEqual(within));
      }
      expect(complaints).toEqual([]);
      await close();
    }
    // Weights whose rounding is seen stay as they are.
    const large = mlpNetwork([
      { weights: Float32Array.from({ length: 8 }, (_, i) => 1000.123 * (i + 1)), biases: new Float32Array(4) },
      { weights: Float32Array.from({ length: 8 }, (_, i) => 10.0321 * (i - 4)), biases: new Float32Array(2) },
    ]);
    const inputs = randomInputs(2, 2);
    const page = await lesionPage(large, {
      inputs,
      modes: await shapley(await mlpGame(large, inputs, { score: "accuracy" }), { orderings: 4, progress: false }),
    });
    expect(facts(page)).toMatchObject({ half: false, image: null, score: "accuracy" });
  });

  it("lesions as the modes were computed, and refuses what it has no constants for", async () => {
    const [size, inputs] = [[7, 8, 6, 4], randomInputs(7, 4)] as const;
    const other = randomNetwork(size, 8);
    const reference = randomInputs(7, 4).inputs.slice(0, 21);
    for (const how of [
      { lesion: "mean", place: "pre-activation" },
      { lesion: { constant: -0.4 }, place: "activation" },
      { lesion: { mean: reference }, place: "activation" },
    ] as const) {
      const modes = await shapley(await mlpGame(other, inputs, { ...how, score: "accuracy" }), {
        orderings: 3,
        progress: false,
      });
      const game = await mlpGame(other, inputs, { ...how, score: "logits" });
      const given = typeof how.lesion === "object" && "mean" in how.lesion ? { lesion: how.lesion } : {};
      const page = await lesionPage(other, { inputs, modes, ...given });
      expect(facts(page).lesion).toMatchObject({ place: how.place });
      const { page: tab, complaints, close } = await opened(browser, place.folder, documentHtml(page, undefined));
      await ready(tab);
      for (const off of [...randomSets(14, 2), Array.from({ length: 14 }, (_, unit) => unit)]) {
        const on = Array.from({ length: 14 }, (_, unit) => unit).filter((unit) => !off.includes(unit));
        const values = await game.evaluate(coalitionsOf(14, [on]));
        const { logits } = await without(tab, off);
        logits.forEach((value, k) => expect(Math.abs(value - values[k])).toBeLessThanOrEqual(1e-3));
      }
      expect(complaints).toEqual([]);
      await close();
      await expect(lesionPage(other, { inputs, modes, lesion: "zero" })).rejects.toThrow("that of the modes");
      const elsewhere = how.place === "activation" ? "pre-activation" : "activation";
      await expect(lesionPage(other, { inputs, modes, ...given, place: elsewhere })).rejects.toThrow(
        "that of the modes",
      );
    }
    const paired = { activation: inputs.inputs.slice().reverse() };
    const modes = await shapley(await mlpGame(other, inputs, { lesion: paired, score: "accuracy" }), {
      orderings: 1,
      progress: false,
    });
    await expect(lesionPage(other, { inputs, modes })).rejects.toThrow("{ activation: inputs }");
    await expect(lesionPage(other, { inputs, modes, lesion: paired })).rejects.toThrow("the same whatever the input");
    const another = await checkpoint({ width: 50, regulariser: "l1", trial: 0 });
    const foreign = await shapley(await mlpGame(another, images), { orderings: 1, progress: false });
    await expect(lesionPage(network, { inputs: images, modes: foreign })).rejects.toThrow("those of this network");
  });

  it("switches units at a press, by sweeps, by groups, by how many, and from the list", async () => {
    const { page, close } = await opened(browser, place.folder, html);
    await ready(page);
    const off = async () => Number(/^(\d+) of 50 off/.exec(await page.locator("output.label").innerText())?.[1]);
    const state = () =>
      page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    const map = page.locator("canvas.map");
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    const column = (place: number) => [box.x + ((place + 0.5) * box.width) / 50, box.y + box.height / 2] as const;
    await page.mouse.click(...column(4));
    await state();
    expect(await off()).toBe(1);
    await page.mouse.move(...column(10));
    await page.mouse.down();
    await page.mouse.move(...column(19), { steps: 2 });
    await page.mouse.up();
    await state();
    expect(await off()).toBe(11);
    const ranked = (await page.evaluate("lesionPage.ranked")) as number[];
    const name = await page.locator(".row > b").innerText();
    expect(name).toBe(`hidden/${ranked[19]}`);
    await page.click("text=All on");
    await page.click("text=Some (2)");
    await state();
    expect(await off()).toBe(2);
    expect(await page.locator("text=Some (2)").getAttribute("aria-pressed")).toBe("true");
    await page.fill("input[type=number]", "20");
    await page.click("button[title^='leave only']");
    await state();
    expect(await off()).toBe(30);
    await page.click("button[title^='switch off those']");
    await state();
    expect(await off()).toBe(20);
    await page.click("summary:has-text('as a list')");
    await page.waitForSelector(".cell[aria-pressed=false]");
    expect(await page.locator(".cell[aria-pressed=false]").count()).toBe(20);
    await page.click(".cell >> nth=0");
    await state();
    expect(await off()).toBe(19);
    await close();
  });

  it("is used with the keyboard alone", async () => {
    const { page, close } = await opened(browser, place.folder, html);
    await ready(page);
    await page.focus("canvas.map");
    for (const key of ["Space", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "End", "Enter"])
      await page.keyboard.press(key);
    await page.waitForSelector("output.label:has-text('4 of 50 off')");
    const ranked = (await page.evaluate("lesionPage.ranked")) as number[];
    const said = page.locator(".held [aria-live]");
    expect(await said.textContent()).toBe(`hidden/${ranked[49]}, off`);
    await page.keyboard.press("ArrowLeft");
    expect(await said.textContent()).toBe(`hidden/${ranked[48]}, on`);
    await close();
  });

  it("answers a digit that is drawn", async () => {
    const { page, complaints, close } = await opened(browser, place.folder, html);
    await ready(page);
    const field = page.locator("canvas.field");
    await field.scrollIntoViewIfNeeded();
    const box = (await field.boundingBox())!;
    await page.mouse.move(box.x + 84, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + 80, box.y + 140, { steps: 8 });
    await page.mouse.up();
    await page.waitForSelector(".drawing .input:not([hidden])");
    expect(await page.locator(".drawing .answer b").innerText()).toBe("1");
    await page.click("text=Clear");
    expect(await page.locator(".drawing .input").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
    await close();
  });

  it.each([
    [390, "dark"],
    [1100, "light"],
  ] as const)("fits %i pixels, %s", async (width, scheme) => {
    const { page, close } = await opened(browser, place.folder, html, { width, scheme });
    await ready(page);
    await expectFits(page);
    if (width < 600) await expectFingers(page);
    await close();
  });

  it("computes in an exported notebook that nobody trusts", async () => {
    const { data } = await mimeBundle(made, { png: false });
    const { page, complaints, close } = await opened(
      browser,
      place.folder,
      await exported({ [pageMime]: data[pageMime] }),
    );
    const frame = await frameOf(page);
    const { accuracy } = await without(frame, []);
    expect(accuracy).toBeGreaterThan(0.9);
    expect(complaints).toEqual([]);
    await close();
  });

  it("is small in a notebook that is to be small, and whole again in what is made of that", async () => {
    process.env.SHAPLEY_MODES_INLINE_PLOTLY = "0";
    try {
      const { data } = await mimeBundle(made, { png: false });
      expect(JSON.stringify(data).length).toBeLessThan(20_000);
      expect(data).not.toHaveProperty("text/html");
      const held = JSON.parse(JSON.stringify(data[pageMime])) as LesionPage;
      expect(await wholePage(held)).toEqual({ ...made });
      await expect(wholePage({ ...held, whole: "0" })).rejects.toThrow("other numbers");
      expect(await exported({ [pageMime]: held })).toContain("<iframe");
      const unknown = { ...held, sources: { ...held.sources!, network: "0" } };
      expect(await exported({ [pageMime]: unknown, "text/plain": "a page" })).not.toContain("<iframe");
    } finally {
      delete process.env.SHAPLEY_MODES_INLINE_PLOTLY;
    }
  });

  it("shows its picture and a sentence where there is no WebAssembly with SIMD", async () => {
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    await page.addInitScript("WebAssembly.validate = () => false");
    const file = join(place.folder, "without.html");
    const still = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    writeFileSync(file, documentHtml(made, still));
    await page.goto(`file://${file}`);
    await ready(page);
    expect(await page.locator("#said").innerText()).toBe(
      "This page can not answer here: this browser has no WebAssembly with SIMD, with which it computes",
    );
    expect(await page.locator("#still img").isVisible()).toBe(true);
    await context.close();
  });

  it("refuses what does not fit, and says how large it would be", async () => {
    const options = { inputs: images, modes };
    const wide = mlpNetwork([
      { weights: new Float32Array(784 * 3000), biases: new Float32Array(3000) },
      { weights: new Float32Array(3000 * 10), biases: new Float32Array(10) },
    ]);
    await expect(lesionPage(wide, options)).rejects.toThrow(
      "invalid network; expected at most 2,000,000 parameters, since a page is at most 6 MB; these alone would take 7 MB; received 2385010",
    );
    await expect(lesionPage(network, { ...options, modes: modes.select([0, 1]) })).rejects.toThrow(
      "all 50 hidden units",
    );
    await expect(lesionPage(network, { ...options, score: "accuracy" })).rejects.toThrow("1 outputs, as accuracy has");
    await expect(lesionPage(network, { ...options, groups: { A: ["hidden/50"] } })).rejects.toThrow("unit in group A");
    await expect(lesionPage(network, { ...options, image: [3, 3] })).rejects.toThrow("height and width of 784 numbers");
    await expect(lesionPage(network, { modes } as never)).rejects.toThrow(TypeError);
  });
});

it("a drawing becomes an image of MNIST's kind: 20 of 28 pixels, its centre of mass in the middle", () => {
  const grey = new Float32Array(168 * 168);
  for (let y = 10; y < 70; y++) for (let x = 100; x < 130; x++) grey[y * 168 + x] = 1;
  const image = asDigit(grey, 168, 168, 28, 28);
  let [mass, x, y] = [0, 0, 0];
  image.forEach((value, i) => {
    mass += value;
    x += value * ((i % 28) + 0.5);
    y += value * (Math.floor(i / 28) + 0.5);
  });
  expect(x / mass).toBeCloseTo(14, 1);
  expect(y / mass).toBeCloseTo(14, 1);
  // 20 pixels high and 10 wide.
  expect(mass).toBeGreaterThan(190);
  expect(mass).toBeLessThan(210);
  expect(asDigit(new Float32Array(100), 10, 10, 28, 28).every((value) => value === 0)).toBe(true);
});
