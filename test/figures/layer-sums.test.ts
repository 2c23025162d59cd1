import { expect, test } from "vitest";
import { layerSumsFigure } from "../../src/figures/layer-sums.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { area, modesOf, sheetOf, size, wave } from "./image-helpers.js";

const numbers = 3 * area;
const texts = (figure: ReturnType<typeof layerSumsFigure>) =>
  figure.layout.annotations?.map(({ text }) => text ?? "") ?? [];

test("beside the intact image each layer has the sum of its modes, below it the image without them", () => {
  const modes = modesOf();
  const figure = layerSumsFigure(modes, { faces: [1] });
  const { at } = sheetOf(figure);
  const pitch = size + 1;
  const image = Array.from({ length: numbers }, (_, i) => wave(numbers + i));
  expect(at(0, 0)).toEqual([0, 1, 2].map((c) => Math.round(255 * image[c * area])));
  // layer1 has 0.05 + 0.1 + 0.15 of the image, layer2 0.3 + 0.4; each is stretched, so all look like the image's own
  // stretch.
  const sorted = [...image].sort((a, b) => a - b);
  const end = (share: number) => {
    const place = share * (numbers - 1);
    const [below, rest] = [Math.floor(place), place % 1];
    return sorted[below] + rest * (sorted[Math.min(below + 1, numbers - 1)] - sorted[below]);
  };
  const [low, high] = [end(0.005), end(0.995)];
  // The lower row is the last, above the room for its labels: as far from the end as the upper one from it.
  const second = sheetOf(figure).height / 2;
  for (const top of [0, second]) {
    for (const column of [1, 2]) {
      for (let p = 0; p < area; p++) {
        const [y, x] = [Math.floor(p / size), p % size];
        const level = (value: number) =>
          Math.round((255 * Math.min(high, Math.max(low, value)) - 255 * low) / (high - low));
        const expected = [0, 1, 2].map((c) => level(image[c * area + p]));
        at(top + y, column * pitch + x).forEach((found, c) => {
          expect(Math.abs(found - expected[c])).toBeLessThanOrEqual(1);
        });
      }
    }
  }
  const range = (share: number) =>
    [low, high].map((value) => (share * value).toFixed(2).replace(/^0\./, ".")).join(" to ");
  expect(texts(figure)).toEqual(
    expect.arrayContaining([range(0.3), range(0.7), "0 to 1", "<b>Intact</b>", "<b>layer1</b>", "<b>layer2</b>"]),
  );
  expect(texts(figure).filter((text) => text === range(0.3))).toHaveLength(2); // the sum of one, what the other leaves
});

test("a layer that contributes nothing is grey, and its range is 0 to 0", () => {
  const modes = modesOf();
  const { outputs } = modes;
  modes.values.fill(0, 3 * outputs); // layer2
  const figure = layerSumsFigure(modes, { faces: [0] });
  expect(texts(figure)).toContain(".00 to .00");
  expect(sheetOf(figure).at(0, 2 * (size + 1))).toEqual([128, 128, 128]);
});

test("six layers fit beside the intact image, in a paper's column too: no label is cut short", () => {
  const numbersOfSix = Float64Array.from({ length: 6 * numbers }, (_, i) => wave(i) - 0.5);
  const six = new ShapleyModes({
    units: Array.from({ length: 6 }, (_, l) => `layer${l + 1}/filter0`),
    outputShape: [1, 3, size, size],
    values: numbersOfSix,
    vAll: Float64Array.from({ length: numbers }, (_, o) => wave(o)),
  });
  for (const width of ["talk", "column"] as const) {
    const drawn = texts(layerSumsFigure(six, { size: width }));
    expect(drawn.filter((text) => text.includes("…"))).toEqual([]);
    expect(drawn.filter((text) => text.startsWith("<b>"))).toHaveLength(7);
  }
});

test("modes without v(all) are refused", () => {
  expect(() => layerSumsFigure(modesOf().select([0]))).toThrow("invalid modes; expected modes with v(all)");
});
