import { expect, it } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import {
  additivityFigure,
  beeswarmFigure,
  contributionBarsFigure,
  gameFrom,
  modeLinesFigure,
  modeMapsFigure,
  shapley,
} from "../../src/index.js";

const bars = { units: ["a", "b"], values: [1, 2] };
const images = await shapley(
  await gameFrom(["l/f0", "l/f1"], (intact) => Float64Array.from({ length: 3 * 4 * 4 }, (_, i) => intact.size * i), {
    outputShape: [1, 3, 4, 4],
  }),
  { estimator: "exact" },
);
const figures: [string, (options: { caption?: boolean }) => Figure][] = [
  ["contributionBarsFigure", (options) => contributionBarsFigure(bars, options)],
  [
    "modeLinesFigure",
    (options) => modeLinesFigure([{ name: "a", values: [1, 2] }], { axis: { title: "Time" }, ...options }),
  ],
  ["beeswarmFigure", (options) => beeswarmFigure(bars, options)],
  [
    "modeMapsFigure",
    (options) =>
      modeMapsFigure([{ title: "a", values: [-1] }], {
        rows: { title: "y", length: 1 },
        columns: { title: "x", length: 1 },
        ...options,
      }),
  ],
  ["additivityFigure", (options) => additivityFigure(images, options)],
];

it.each(figures)("caption: false of %s leaves the caption out, and the room that it takes", (_, draw) => {
  const [shown, bare] = [draw({}), draw({ caption: false })];
  const captions = (figure: Figure) =>
    ((figure.layout.annotations ?? []) as { name?: string }[]).filter(({ name }) => name === "caption");
  expect([captions(shown).length, captions(bare).length]).toEqual([1, 0]);
  expect(draw({ caption: true })).toEqual(shown);
  expect(bare.caption).toBe(shown.caption);
  const below = (figure: Figure) => figure.layout.margin?.b ?? 0;
  const saved = below(shown) - below(bare);
  expect(saved).toBeGreaterThan(10);
  expect((shown.layout.height ?? 0) - (bare.layout.height ?? 0)).toBeCloseTo(saved, -0.5);
  expect(bare.data).toEqual(shown.data);
  expect(() => draw({ caption: "no" as never })).toThrow("invalid caption; expected true or false");
});
