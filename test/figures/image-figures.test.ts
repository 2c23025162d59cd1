import { describe, expect, it, test } from "vitest";
import { additivityFigure } from "../../src/figures/additivity.js";
import { facesFigure } from "../../src/figures/faces.js";
import type { Figure } from "../../src/figures/kit/figure.js";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { layerModesFigure } from "../../src/figures/layer-modes.js";
import { layerSumsFigure } from "../../src/figures/layer-sums.js";
import { lesionsFigure } from "../../src/figures/lesions.js";
import { modesSliderFigure } from "../../src/figures/modes-slider.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { expectSound } from "./figure-helpers.js";
import { area, faces, images, modesOf, sheetOf, size, wave } from "./image-helpers.js";

const examples: Record<string, () => Figure> = {
  faces: () => facesFigure(images, [faces, 3, size, size], { columns: 2, labels: ["a", "b & c", "d"] }),
  additivity: () => additivityFigure(modesOf()),
  "layer-modes": () => layerModesFigure(modesOf(), { rows: 2 }),
  "layer-sums": () => layerSumsFigure(modesOf(), { note: "Three faces." }),
  lesions: () =>
    lesionsFigure(
      [
        { name: "Hair & eyes", note: "2 filters; 1.5 < 2", intact: images, lesioned: images.map((value) => 1 - value) },
        { name: "A name that takes more than one line", intact: images, lesioned: images.map((value) => value / 2) },
      ],
      { shape: [faces, 3, size, size], faces: [2, 0] },
    ),
  "modes-slider": () => modesSliderFigure(modesOf(), { layer: "layer1", face: 1, size: "column" }),
};

describe.each(Object.entries(examples))("%s", (name, figureOf) => {
  it("is the stored example", async () => {
    await expect(`${figureJson(figureOf())}\n`).toMatchFileSnapshot(`./examples/${name}.json`);
  });

  it("has a title, a caption that is drawn, a sheet as large as its axes, and is the same each time", () => {
    const figure = figureOf();
    expect(JSON.stringify(figure.layout.title)).toContain("<b>");
    const drawn = figure.layout.annotations?.find((entry) => (entry as { name?: string }).name === "caption")?.text;
    expect(drawn?.replaceAll("<br>", " ")).toBe(figure.caption);
    expectSound(figure);
    const { width, height } = sheetOf(figure);
    expect(figure.layout.xaxis?.range).toEqual([-0.5, width - 0.5]);
    expect(figure.layout.yaxis?.range).toEqual([height - 0.5, -0.5]);
    expect(figureJson(figureOf())).toBe(figureJson(figure));
  });

  it("draws pixels as squares, in a notebook and in a paper's column", () => {
    const shown = figureOf();
    const { margin, width = 0, height = 0 } = shown.layout;
    const sheet = sheetOf(shown);
    const across = (width - (margin?.l ?? 0) - (margin?.r ?? 0)) / sheet.width;
    const down = (height - (margin?.t ?? 0) - (margin?.b ?? 0)) / sheet.height;
    expect(Math.abs(across / down - 1)).toBeLessThan(0.01);
  });
});

test("faces are shown in their colours, one beside the other, colours outside 0 to 1 cut off", () => {
  const bright = images.slice();
  bright[0] = 7;
  bright[area] = -2;
  const { at } = sheetOf(facesFigure(bright, [faces, 3, size, size], { columns: 2 }));
  const colour = (face: number, p: number) => [0, 1, 2].map((c) => Math.round(255 * images[(3 * face + c) * area + p]));
  expect(at(0, 0)).toEqual([255, 0, colour(0, 0)[2]]);
  expect(at(1, 2)).toEqual(colour(0, size + 2));
  expect(at(0, size + 1)).toEqual(colour(1, 0)); // one white pixel between them
  expect(at(0, size)).toEqual([255, 255, 255]);
  expect(at(size + 1, 0)).toEqual(colour(2, 0));
});

test("the sum of modes and what it has to be look alike, and the caption says by how much they differ", () => {
  const figure = additivityFigure(modesOf(), { faces: [2, 0] });
  const { at } = sheetOf(figure);
  expect(figure.caption).toMatch(/all 5 units added up.*which are black.*They differ by \d(\.\d)?(e-\d+)? at most/);
  for (let p = 0; p < area; p++) {
    const [y, x] = [Math.floor(p / size), p % size];
    expect(at(y, x)).toEqual(at(y + size + 1, x));
  }
  expect(at(0, 0)[0]).toBe(Math.round(255 * images[2 * 3 * area]));
  const grey = additivityFigure(modesOf((o) => wave(o + 7)));
  expect(grey.caption).toContain("0 is mid-grey");
  expect(sheetOf(grey).at(0, 0)[0]).toBe(Math.round(255 * (0.5 + 0.5 * images[0])));
  const modes = modesOf();
  const wrong = new ShapleyModes({
    ...modes,
    values: modes.values.map((value, i) => (i === 5 ? value + 0.25 : value)),
  });
  expect(additivityFigure(wrong).caption).toContain("They differ by 2.5e-1 at most");
});

test("each layer's column has its largest modes on the image, largest first, around mid-grey", () => {
  const figure = layerModesFigure(modesOf(), { rows: 2, face: 1 });
  const texts = figure.layout.annotations?.map(({ text }) => text) ?? [];
  expect(texts.filter((text) => text?.startsWith("filter"))).toEqual(["filter2", "filter1", "filter1", "filter0"]);
  expect(texts.filter((text) => text?.startsWith("<b>"))).toEqual(["<b>layer1</b>", "<b>layer2</b>"]);
  const { at } = sheetOf(figure);
  expect(at(0, 0).every((level) => level >= 128)).toBe(true); // all contributions are positive
  const chosen = layerModesFigure(modesOf(), { units: ["layer2/filter0", "layer1/filter0", "layer1/filter2"] });
  expect(chosen.layout.annotations?.map(({ text }) => text).filter((text) => text?.startsWith("filter"))).toEqual([
    ...["filter0", "filter0", "filter2"],
  ]);
});

test.each<[string, () => Figure, string]>([
  [
    "values that are no images",
    () => facesFigure(images, [faces, 48]),
    "invalid shape of the values; expected that of square",
  ],
  [
    "a face that is not there",
    () => additivityFigure(modesOf(), { faces: [3] }),
    "invalid face; expected a number from 0 to 2",
  ],
  [
    "modes without v(all)",
    () => additivityFigure(modesOf().select([0])),
    "invalid modes; expected modes with v(all) and v(none)",
  ],
  ["no rows", () => layerModesFigure(modesOf(), { rows: 0 }), "invalid rows; expected a positive integer; received 0"],
  ["a unit that is not there", () => layerModesFigure(modesOf(), { units: ["layer1/filter9"] }), "invalid unit"],
])("%s are refused", (_, figureOf, message) => {
  expect(figureOf).toThrow(message);
});
