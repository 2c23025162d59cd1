import { expect, test } from "vitest";
import { type LesionRow, lesionsFigure } from "../../src/figures/lesions.js";
import { area, faces, images, sheetOf, size } from "./image-helpers.js";

const shape = [faces, 3, size, size];
const row = (name: string, change: (value: number, i: number) => number): LesionRow => ({
  name,
  intact: images,
  lesioned: images.map(change),
});
const pitch = size + 1;

test("each face is there intact, lesioned, and as their difference, around mid-grey", () => {
  const brighter = row("brighter", (value, i) => (i % area < area / 2 ? value + 0.1 : value));
  const { at } = sheetOf(lesionsFigure([brighter], { shape, faces: [1] }));
  for (let p = 0; p < area; p++) {
    const [y, x] = [Math.floor(p / size), p % size];
    const colour = (values: ArrayLike<number>) =>
      [0, 1, 2].map((c) => Math.round(255 * Math.min(1, values[(3 + c) * area + p])));
    expect(at(y, x)).toEqual(colour(images));
    expect(at(y, pitch + x)).toEqual(colour(brighter.lesioned));
    expect(at(y, 2 * pitch + x)).toEqual(p < area / 2 ? [255, 255, 255] : [128, 128, 128]);
  }
});

test("differences of all rows have one scale, that of the largest", () => {
  const figure = lesionsFigure([row("strong", (value) => value - 0.4), row("weak", (value) => value - 0.1)], { shape });
  const { at } = sheetOf(figure);
  expect(figure.caption).toContain("black and white are ∓0.40, on one scale for all");
  const x = 2 * pitch;
  const weak = Array.from({ length: 60 }, (_, y) => y).find(
    (y) => y > size && at(y, x)?.[0] === Math.round(255 * 0.375),
  );
  expect(at(0, x)[0]).toBe(0);
  expect(weak).toBeGreaterThan(size);
});

test("a lesion that changes nothing is grey, and the caption says so", () => {
  const figure = lesionsFigure([row("nothing", (value) => value)], { shape });
  expect(sheetOf(figure).at(0, 2 * pitch)).toEqual([128, 128, 128]);
  expect(figure.caption).toContain("here it changes nothing");
});

test("a change of a single pixel is seen", () => {
  const { at } = sheetOf(lesionsFigure([row("one", (value, i) => (i === 0 ? value - 0.5 : value))], { shape }));
  expect(at(0, 2 * pitch)).toEqual([0, 128, 128]);
});

test("names and notes of many lines do not touch those of the next row", () => {
  const long = "a name of many words that takes several lines where it stands";
  const rows = ["one", "two"].map((name) => ({ ...row(`${name} ${long}`, (value) => value), note: long }));
  for (const width of ["talk", "column"] as const) {
    const { layout } = lesionsFigure(rows, { shape, size: width, faces: [0, 1, 2] });
    const texts = layout.annotations?.filter(({ text }) => text?.includes("several")) ?? [];
    const { margin = {}, height = 0, font = {}, yaxis = {} } = layout;
    const [bottom, top] = yaxis.range as [number, number];
    const scale = (height - (margin.t ?? 0) - (margin.b ?? 0)) / (bottom - top);
    const lines = Math.max(...texts.map(({ text }) => (text ?? "").split("<br>").length));
    const apart = (Number(texts[1].y) - Number(texts[0].y)) * scale;
    expect(apart).toBeGreaterThan(1.3 * (font.size ?? 0) * lines);
    // Nor the caption, nor the title.
    expect((bottom - Number(texts[1].y)) * scale).toBeGreaterThan(0.65 * (font.size ?? 0) * lines - 1);
  }
});

test.each<[string, LesionRow[], string]>([
  ["no rows", [], "invalid rows"],
  [
    "images of another size",
    [row("a", (value) => value), { name: "b", intact: images, lesioned: [1, 2] }],
    "invalid rows[1].lesioned; expected 144 values (images of shape [3, 3, 4, 4]); received 2",
  ],
  ["what is not finite", [row("a", (value, i) => (i === 7 ? Number.NaN : value))], "invalid rows[0].lesioned[7]"],
])("%s is refused", (_, rows, message) => {
  expect(() => lesionsFigure(rows, { shape })).toThrow(message);
});
