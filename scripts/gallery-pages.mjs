// Makes the moving pictures of pages that answer, docs/figures/page-*.gif, as a reader would use them:
// `npm run build && node scripts/gallery-pages.mjs` (a minute; needs Chromium).
import { statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import gifenc from "gifenc";
import sharp from "sharp";
import { communities } from "../dist/analysis.js";
import { convolutionOnnx } from "../dist/bench/convolution-onnx.js";
import { withPage } from "../dist/figures/render/chromium.js";
import { generatorCheckpoint, generatorGame } from "../dist/generators.js";
import {
  checkpoint,
  gameFrom,
  labelledInputs,
  loadInputs,
  loadOnnx,
  mlpGame,
  networkGame,
  shapley,
} from "../dist/index.js";
import { documentHtml } from "../dist/pages/document.js";
import { lesionPage } from "../dist/pages.js";
import { closeChromium } from "../dist/render.js";

const shop = await gameFrom(
  ["left glove", "right glove", "hat"],
  (intact) => (intact.has("left glove") && intact.has("right glove") ? 10 : 0) + (intact.has("hat") ? 4 : 0),
);
await film("game", await lesionPage(shop, { title: "A small shop", score: "worth", unitTitle: "Item" }), [
  { see: "h1" },
  { press: ".card:nth-child(1)" },
  { press: ".card:nth-child(3)" },
  { press: ".card:nth-child(2)" },
  { see: "section:nth-of-type(2)" },
  { press: "text=Next one arrives" },
  { press: "text=Next one arrives" },
  { press: "text=Next one arrives" },
  { see: "section:nth-of-type(3)" },
  { press: "text=100 more" },
  { press: "button:has-text('All 6 orders')" },
]);

const network = await checkpoint({ width: 50, regulariser: "l1", trial: 0 });
const inputs = loadInputs("mnist-test:0-1023");
const modes = await shapley(await mlpGame(network, inputs), { orderings: 1000, seed: 1, progress: false });
const { members } = await communities(modes);
const groups = Object.fromEntries(members.slice(0, 3).map((units, c) => [`Community ${c + 1}`, units]));
const digits = await lesionPage(network, {
  inputs,
  modes,
  groups,
  title: "A network that reads digits",
  outputTitle: "Digit",
});
await film("mlp", digits, [
  { see: "h2" },
  { see: ".heat" },
  ...[1, 2, 3, 4, 5, 6].map((column) => ({ key: column === 1 ? "Space" : "Shift+ArrowRight" })),
  { see: "h2" },
  { see: ".heat" },
  { press: "button[title^='leave only']" },
  { see: "h2" },
  { press: "text=All on" },
]);

const generator = await generatorCheckpoint();
const painted = await shapley(generatorGame(generator, { faces: 4, seed: 1 }), {
  estimator: "antithetic",
  orderings: 40,
  progress: false,
});
const faces = await lesionPage(generator, { modes: painted, title: "A network that paints faces", imageTitle: "face" });
await film("generator", faces, [
  { see: "h1" },
  { press: "button[aria-label='all of layer 1']" },
  { press: "text=All on" },
  { fill: "input[type=number]", value: "3" },
  { press: "button[title^='switch off those']" },
  { fill: "input[type=number]", value: "12" },
  { press: "button[title^='switch off those']" },
  { press: "text=All on" },
  { press: "button[aria-label='all of layer 4']" },
  { press: ".thumb >> nth=3" },
]);

const onnx = await loadOnnx(convolutionOnnx());
const some = loadInputs("mnist-test:60-109");
const shown = labelledInputs(some.inputs, some.labels, { shape: [50, 1, 28, 28], name: some.name, classes: 10 });
const filters = await shapley(
  await networkGame(onnx, shown, { sites: ["conv1", "conv2", "dense1"], score: "class-accuracy" }),
  { estimator: "antithetic", orderings: 40, seed: 1, progress: false },
);
const layers = Object.fromEntries(
  ["conv1", "conv2", "dense1"].map((site) => [site, filters.units.filter((unit) => unit.startsWith(site))]),
);
const convolutions = await lesionPage(onnx, {
  runtime: "onnxruntime-web",
  inputs: shown,
  modes: filters,
  groups: layers,
  title: "A convolution network from an ONNX file",
  outputTitle: "Digit",
});
await film("onnx", convolutions, [
  { see: "h2" },
  { see: ".heat" },
  ...[1, 2, 3, 4, 5].map((column) => ({ key: column === 1 ? "Space" : "Shift+ArrowRight" })),
  { see: "h2" },
  { see: ".heat" },
  { press: "text=All on" },
  { press: "button:has-text('conv2')" },
  { see: "h2" },
  { press: "text=All on" },
]);
await closeChromium();

/** One picture after each step: something to look at, a press, a key in the map of units, a value. */
async function film(name, page, steps) {
  const [width, height] = [440, 364];
  const encoder = gifenc.GIFEncoder();
  await withPage(async (tab) => {
    await tab.setViewportSize({ width: 780, height: 645 });
    await tab.setContent(documentHtml(page, undefined));
    await tab.waitForSelector("html[data-ready]", { state: "attached" });
    let top = 0;
    let before;
    for (const { see, press, key, fill, value } of steps) {
      if (see) top = Number(await tab.evaluate((selector) => document.querySelector(selector).offsetTop - 8, see));
      if (press) await tab.click(press);
      if (key) await tab.locator("canvas.map").first().press(key);
      if (fill) await tab.fill(fill, value);
      await tab.evaluate((to) => {
        document.activeElement?.blur();
        scrollTo(0, to);
        return new Promise((done) => setTimeout(done, 250));
      }, top);
      const picture = await tab.screenshot({ caret: "hide" });
      const { data } = await sharp(picture)
        .resize(width, height)
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const palette = gifenc.quantize(data, 63);
      const indices = gifenc.applyPalette(data, palette);
      // What stays as it is is not drawn again: that compresses to almost nothing.
      const transparentIndex = palette.push([0, 0, 0]) - 1;
      const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
      if (before) for (let p = 0; p < pixels.length; p++) if (pixels[p] === before[p]) indices[p] = transparentIndex;
      before = pixels.slice();
      const delay = key ? 350 : 1500;
      encoder.writeFrame(indices, width, height, { palette, delay, transparent: true, transparentIndex, dispose: 1 });
    }
  });
  encoder.finish();
  const path = fileURLToPath(new URL(`../docs/figures/page-${name}.gif`, import.meta.url));
  writeFileSync(path, encoder.bytes());
  console.log(`page-${name}.gif: ${Math.round(statSync(path).size / 1000)} kB`);
}
