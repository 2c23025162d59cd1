import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { type NetworkGameOptions, networkGame } from "../../src/lesion/network-game.js";
import type { Network, NetworkInputs } from "../../src/networks/network.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { documentHtml } from "../../src/pages/document.js";
import { lesionPage } from "../../src/pages/lesion-page.js";
import { pageMime } from "../../src/pages/page-frame.js";
import { temporaryFolder } from "../helpers/folders.js";
import { hasRuntimeWeb, onnxRuntime } from "../helpers/onnx-runtime.js";
import { available, chromium } from "../helpers/optional.js";
import { graphOf, onnxFile, port, weight } from "../networks/onnx/build.js";
import { expectFits, exported, frameOf, opened, ready, startBrowser } from "./live-page.js";

const executablePath = chromium();
const place = temporaryFolder();
const random = randomStream(7);
const numbers = (count: number, size: number) =>
  Float32Array.from({ length: count }, () => (size * random.next()) / 2 ** 31);

/** Images of 8 by 8 pixels through two convolutions to four logits. */
function convolutions(version = 13, rows: string | number = "rows"): Uint8Array {
  return onnxFile(
    graphOf({
      nodes: [
        ["Conv", ["x", "w1", "b1"], ["conv1"], { strides: [2, 2], pads: [1, 1, 1, 1] }],
        ["Relu", ["conv1"], ["relu1"]],
        ["Conv", ["relu1", "w2"], ["conv2"], { pads: [1, 1, 1, 1] }],
        ["Relu", ["conv2"], ["relu2"]],
        ["Flatten", ["relu2"], ["flat"]],
        ["Gemm", ["flat", "w3", "b3"], ["logits"], { transB: 1 }],
      ],
      weights: [
        weight("w1", [5, 1, 3, 3], numbers(45, 0.7)),
        weight("b1", [5], numbers(5, 0.1)),
        weight("w2", [6, 5, 3, 3], numbers(270, 0.3)),
        weight("w3", [4, 96], numbers(384, 0.3)),
        weight("b3", [4], numbers(4, 0.1)),
      ],
      inputs: [port("x", [rows, 1, 8, 8])],
      outputs: [port("logits", [rows, 4])],
    }),
    version,
  );
}

const images = labelledInputs(
  Float32Array.from({ length: 24 * 64 }, () => Math.round(128 + random.next() / 2 ** 24) / 255),
  Array.from({ length: 24 }, (_, i) => i % 4),
  { shape: [24, 1, 8, 8], name: "noise" },
);

interface Answer {
  readonly score: number[];
  readonly output: number[];
}
const without = (page: Page | Frame, units: readonly number[]) =>
  page.evaluate(`lesionPage.without(${JSON.stringify(units)})`) as Promise<Answer>;

describe.runIf(available("Chromium", executablePath) && onnxRuntime && hasRuntimeWeb())(
  "the page of an ONNX network in Chromium",
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await startBrowser();
    });

    afterAll(async () => {
      await browser?.close();
      place.remove();
    });

    /** The page of a game of a network, opened. */
    async function pageOf(network: Network, inputs: NetworkInputs | typeof images, options: NetworkGameOptions) {
      const game = await networkGame(network, inputs, options);
      const modes = await shapley(game, { orderings: 6, seed: 1, progress: false });
      const { lesion } = options;
      const page = await lesionPage(network, {
        runtime: "onnxruntime-web",
        inputs,
        modes,
        ...(typeof lesion === "object" && { lesion }),
      });
      const html = documentHtml(page, undefined);
      return { game, html, ...(await opened(browser, place.folder, html)) };
    }

    const cases: [string, Uint8Array, NetworkInputs | typeof images, NetworkGameOptions][] = [
      [
        "channels of two layers, at their means",
        convolutions(),
        images,
        { sites: ["relu1", "relu2"], lesion: "mean", score: "class-accuracy" },
      ],
      [
        "a constant",
        convolutions(),
        images.inputs,
        { sites: ["conv2"], lesion: { constant: 0.3 }, score: "mean-output" },
      ],
      [
        "groups, and inputs of which each has another in its place",
        convolutions(),
        images,
        {
          sites: { early: "relu1" },
          groups: { two: ["early/0", "early/4"], rest: ["early/1", "early/2", "early/3"] },
          lesion: { activation: images.inputs.slice().reverse() },
          score: "cross-entropy",
        },
      ],
      [
        "a file of one row, before the operator Where",
        convolutions(8, 1),
        images,
        { sites: ["relu1"], score: "accuracy" },
      ],
      [
        "numbers of 64 bits",
        onnxFile(
          graphOf({
            nodes: [
              ["Gather", ["table", "x"], ["seen"]],
              ["ReduceMean", ["seen"], ["y"], { axes: [1], keepdims: 0 }],
            ],
            weights: [weight("table", [9, 3], numbers(27, 1))],
            inputs: [port("x", ["rows", 4], 7)],
            outputs: [port("y", ["rows", 3])],
          }),
        ),
        BigInt64Array.from({ length: 12 }, (_, i) => BigInt(i % 9)),
        { sites: ["seen"], score: "mean-output" },
      ],
    ];

    it.each(cases)("has the numbers of Node: %s", async (_, bytes, inputs, options) => {
      const network = await loadOnnx(bytes);
      const { game, page: tab, html, complaints, close } = await pageOf(network, inputs, options);
      await ready(tab);
      expect(html.length).toBeLessThan(6_000_000);
      const whole = await networkGame(network, inputs, { ...options, score: "output" });
      const units = game.units.map((_name, unit) => unit);
      for (const off of [[], [0], units.slice(1), units]) {
        const intact = coalitionsOf(units.length, [units.filter((unit) => !off.includes(unit))]);
        const there = await without(tab, off);
        const [score, output] = [await game.evaluate(intact), await whole.evaluate(intact)];
        expect(there.output.length).toBe(output.length);
        there.output.forEach((value, o) => expect(Math.abs(value - output[o])).toBeLessThanOrEqual(1e-6));
        there.score.forEach((value, o) => expect(Math.abs(value - score[o])).toBeLessThanOrEqual(1e-6));
      }
      // What a unit changes is what two values differ by.
      const rest = units.slice(1);
      const both = await game.evaluate(coalitionsOf(units.length, [units, rest]));
      await without(tab, []);
      const marginal = (await tab.evaluate("lesionPage.marginal(0)")) as number[];
      marginal.forEach((value, o) =>
        expect(Math.abs(value - (both[o] - both[marginal.length + o]))).toBeLessThanOrEqual(1e-6),
      );
      expect(complaints).toEqual([]);
      await close();
    });

    it("is used by pointer and keyboard, fits a telephone, and computes in an exported notebook that nobody trusts", async () => {
      const network = await loadOnnx(convolutions());
      const game = await networkGame(network, images, { sites: ["relu2"], score: "class-accuracy" });
      const modes = await shapley(game, { orderings: 4, progress: false });
      const value = await lesionPage(network, {
        runtime: "onnxruntime-web",
        inputs: images,
        modes,
        unitTitle: "channel",
        groups: { Some: ["relu2/1", "relu2/2"] },
      });
      const narrow = await opened(browser, place.folder, documentHtml(value, undefined), {
        width: 390,
        scheme: "dark",
      });
      await ready(narrow.page);
      await expectFits(narrow.page);
      await narrow.page.focus("canvas.map");
      for (const key of ["Space", "Shift+ArrowRight"]) await narrow.page.keyboard.press(key);
      await narrow.page.waitForSelector("output.label:has-text('2 of 6 off; right answers: ')");
      await narrow.page.waitForFunction(
        "document.querySelector('output.label').textContent.endsWith(document.querySelector('.big').textContent)",
      );
      expect(await narrow.page.locator("summary >> nth=0").innerText()).toBe("All 6 channels as a list");
      expect(await narrow.page.locator("h1").innerText()).toBe("Switch channels off");
      expect(narrow.complaints).toEqual([]);
      await narrow.close();
      const { data } = await mimeBundle(value, { png: false });
      const {
        page: tab,
        complaints,
        close: end,
      } = await opened(browser, place.folder, await exported({ [pageMime]: data[pageMime] }));
      const frame = await frameOf(tab);
      await frame.click("text=Some (2)");
      await frame.waitForSelector("output.label:has-text('2 of 6 off')");
      expect(complaints).toEqual([]);
      await end();
    });

    it("refuses what a page can not show, or would be wrong, and says how large it would be", async () => {
      const network = await loadOnnx(convolutions());
      const game = await networkGame(network, images, { sites: ["relu2"], lesion: "mean", score: "class-accuracy" });
      const modes = await shapley(game, { orderings: 2, progress: false });
      const options = { runtime: "onnxruntime-web", inputs: images, modes } as const;
      const refused = (other: object, words: string) =>
        expect(lesionPage(network, { ...options, ...other } as never)).rejects.toThrow(words);
      await refused({ mostBytes: 5_000_000 }, "of which ONNX Runtime takes 5.0 MB (mostBytes allows more)");
      await refused({ runtime: "tfjs" }, "onnxruntime-web");
      await refused({ lesion: "zero" }, "that of the modes, mean");
      await refused({ score: "accuracy" }, "1 outputs, as accuracy has");
      await refused({ outputs: ["a"] }, "4 names");
      await refused({ score: "output" }, "96 outputs, as output has");
      await refused({ modes: modes.select([0, 1]) }, "all 6 units");
      await refused({ image: [3, 3] }, "height and width of an input of shape [1, 8, 8]");
      await refused({ nonsense: 1 }, "nonsense");
      const other = await loadOnnx(convolutions(12));
      await expect(lesionPage(other, options)).rejects.toThrow("those of this network");
      const fewer = labelledInputs(images.inputs.slice(0, 64 * 8), Array.from(images.labels.slice(0, 8)), {
        shape: [8, 1, 8, 8],
      });
      await refused({ inputs: fewer }, "{ mean: inputs }, with the inputs that the modes' lesion took");
      await expect(
        lesionPage(network, { ...options, inputs: fewer, lesion: { mean: images.inputs } }),
      ).resolves.toMatchObject({ kind: "onnx" });
      const background = await networkGame(network, images, {
        sites: ["relu2"],
        lesion: { background: images.inputs.slice(0, 128) },
        score: "accuracy",
      });
      const inTurn = await shapley(background, { orderings: 1, progress: false });
      await refused(
        { modes: inTurn, lesion: { background: images.inputs.slice(0, 128) } },
        "which take one pass at a press",
      );
    });
  },
);
