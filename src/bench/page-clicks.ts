import { allIntact } from "../coalitions/coalition.js";
import { loadInputs } from "../datasets/inputs.js";
import { labelledInputs } from "../datasets/labelled-inputs.js";
import { shapley } from "../engine/shapley.js";
import { closeChromium, withPage } from "../figures/render/chromium.js";
import { gameFrom } from "../games/from-function.js";
import { generatorGame } from "../lesion/generator-game.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { networkGame } from "../lesion/network-game.js";
import { generatorCheckpoint } from "../networks/dcgan/checkpoints.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { loadOnnx } from "../networks/onnx/load.js";
import { documentHtml } from "../pages/document.js";
import { lesionPage } from "../pages/lesion-page.js";
import type { LesionPage } from "../pages/page.js";
import { convolutionOnnx } from "./convolution-onnx.js";
import { type Answer, median, medianTimes, type Question, short } from "./question.js";

/** What is aimed at: milliseconds from a click to the picture, bytes of a page. */
const mostMilliseconds = 20;
const mostBytes = 6_000_000;
const usualRepetitions = 60;

/** A page to be measured, and its work for one click as Node does it. */
interface Measured {
  readonly page: LesionPage;
  /** Presses something else each time: an expression of the page's own script, of the number of the press. */
  readonly press: string;
  /** Where the page computes while it goes on: an expression that waits until it has answered. */
  readonly answered?: string;
  readonly inNode: () => Promise<unknown>;
  readonly of: string;
}

/** A press of the next unit of a map of units. */
const nextUnit = `(i) => {
  const maps = document.querySelectorAll("canvas.map");
  const map = maps[i % maps.length];
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", " "]) map.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
}`;

/**
 * Time from a press until the picture that follows is drawn and the page has its turn again, the screen's own pace
 * within; and how much of that the page's own work took.
 */
const timedPress = (press: string, answered: string, i: number) => `new Promise((done) => {
  const nextFrame = window.requestAnimationFrame.bind(window);
  let work = 0;
  const timed = (part) => {
    const start = performance.now();
    part();
    work += performance.now() - start;
  };
  window.requestAnimationFrame = (part) => nextFrame((time) => timed(() => part(time)));
  const start = performance.now();
  timed(() => (${press})(${i}));
  window.requestAnimationFrame = nextFrame;
  // What the page does at once when its press is over stands in line before this.
  const over = performance.now();
  queueMicrotask(() => (work += performance.now() - over));
  Promise.resolve(${answered}).then(() => nextFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done([performance.now() - start, work]);
    port2.postMessage(null);
  }));
})`;

function pageQuestion(name: string, asks: string, make: () => Promise<Measured>): Question {
  return {
    name,
    asks,
    async answer(signal: AbortSignal, repetitions = usualRepetitions): Promise<Answer> {
      const { page, press, answered = "", inNode, of } = await make();
      const html = documentHtml(page, undefined);
      const times: number[] = [];
      const works: number[] = [];
      let start = 0;
      try {
        await withPage(async (tab) => {
          await tab.setViewportSize({ width: 1100, height: 900 });
          await tab.setContent(html);
          await tab.waitForSelector("html[data-ready]", { state: "attached" });
          start = Number(await tab.evaluate("Number(document.documentElement.dataset.ready)"));
          for (let i = -5; i < repetitions; i++) {
            signal.throwIfAborted();
            const [time, work] = (await tab.evaluate(timedPress(press, answered, i + 5))) as [number, number];
            if (i < 0) continue;
            times.push(time);
            works.push(work);
          }
        });
      } finally {
        await closeChromium();
      }
      const here = await medianTimes(Math.min(20, repetitions), { node: inNode }, signal);
      const middle = median(times);
      const late = [...times].sort((a, b) => a - b)[Math.floor(0.95 * times.length)];
      const megabytes = html.length / 1e6;
      if (html.length > mostBytes) throw new Error(`the page has ${megabytes} MB; ${mostBytes / 1e6} are the most`);
      return {
        figure: { value: middle, unit: "ms", of: `from a press to the picture, the wait for the screen within, ${of}` },
        baseline: { value: here.node, unit: "ms", of: "the same values in Node, nothing shown" },
        ratio: here.node / middle,
        target: { figure: mostMilliseconds },
        lines: [
          `work      ${short(median(works))} ms of it are the page's own, the rest is the browser's drawing and the wait`,
          `95 %      ${short(late)} ms or less`,
          `size      ${short(megabytes)} MB, the picture for browsers that can not compute left out`,
          `start     ${short(start)} ms from its script's first line until it answers`,
          `repeated  ${repetitions} presses, the middle one`,
        ],
        numbers: { work: median(works), late, megabytes, start, repetitions },
      };
    },
  };
}

/** A press on the page of a network of 200 hidden units and 1024 images. */
export const pageDigits: Question = pageQuestion(
  "digits",
  "how long does the page of an MLP take from a press to the picture?",
  async () => {
    const network = await checkpoint({ width: 200, regulariser: "l2", trial: 0 });
    const inputs = loadInputs("mnist-test:0-1023");
    const game = await mlpGame(network, inputs);
    const modes = await shapley(game, { orderings: 20, seed: 1, progress: false });
    return {
      page: await lesionPage(network, { inputs, modes }),
      press: nextUnit,
      inNode: () => game.evaluate(allIntact(200)),
      of: "200 units, 1024 images",
    };
  },
);

/** A press on the page of the generator of faces. */
export const pageFaces: Question = pageQuestion(
  "faces",
  "how long does the page of a generator take from a press to the picture?",
  async () => {
    const generator = await generatorCheckpoint();
    const game = generatorGame(generator, { faces: 1, backend: "kernel" });
    let all = true;
    const flip = () => {
      all = !all;
      const intact = allIntact(game.units.length);
      if (all) intact.words[0] &= ~1;
      return game.evaluate(intact);
    };
    return { page: await lesionPage(generator), press: nextUnit, inNode: flip, of: "243 filters, 64 pixels" };
  },
);

/** A press on the page of a game of as many units as there may be. */
export const pageGame: Question = pageQuestion(
  "table",
  "how long does the page of a game of 16 units take from a press to the picture?",
  async () => {
    const game = await gameFrom(16, (intact) => Math.sqrt(intact.size) + (intact.has(0) && intact.has(1) ? 1 : 0));
    return {
      page: await lesionPage(game),
      press: `(i) => document.querySelectorAll(".card")[i % 16].click()`,
      inNode: () => game.evaluate(allIntact(16)),
      of: "16 units, 65,536 coalitions",
    };
  },
);

/** A press on the page of a small network from an ONNX file. */
export const pageOnnx: Question = pageQuestion(
  "onnx",
  "how long does the page of a small ONNX network take from a press to the picture?",
  async () => {
    const network = await loadOnnx(convolutionOnnx());
    const digits = loadInputs("mnist-test:60-109");
    const inputs = labelledInputs(digits.inputs, digits.labels, { shape: [50, 1, 28, 28], name: digits.name });
    const game = await networkGame(network, inputs, { sites: ["conv1", "conv2", "dense1"], score: "class-accuracy" });
    const modes = await shapley(game, { orderings: 4, seed: 1, progress: false });
    return {
      page: await lesionPage(network, { runtime: "onnxruntime-web", inputs, modes }),
      press: nextUnit,
      answered: "lesionPage.settled()",
      inNode: () => game.evaluate(allIntact(game.units.length)),
      of: "two convolutions and a dense layer, 40 units, 50 images",
    };
  },
);
