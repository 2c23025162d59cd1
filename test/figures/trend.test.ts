import { describe, expect, it } from "vitest";
import { digitIndexFigure } from "../../src/figures/digit-index.js";
import { distributedComputationFigure } from "../../src/figures/distributed-computation.js";
import type { Figure } from "../../src/figures/kit/figure.js";
import type { FigureOptions } from "../../src/figures/kit/frame.js";
import { digitStyle, regulariserStyles, type SeriesStyle } from "../../src/figures/kit/theme.js";
import { weightContributionCorrelationFigure } from "../../src/figures/weight-contribution-correlation.js";
import { regularisers } from "../../src/networks/mlp/regulariser.js";
import { fc } from "../helpers/properties.js";
import {
  anyFraction,
  anyRegulariser,
  anySize,
  axis,
  expectRegulariserStyle,
  expectSound,
  named,
  steps,
  traces,
} from "./figure-helpers.js";

/** A2, A5 and A6 behind one signature: a series is a regulariser or a digit. */
interface TrendCase {
  readonly figure: string;
  readonly series: fc.Arbitrary<string>;
  readonly order: readonly string[];
  readonly style: (series: string) => SeriesStyle;
  readonly bounds: readonly [number, number];
  readonly measure: string;
  draw(rows: readonly Row[], options?: FigureOptions & { published?: readonly Published[] }): Figure;
}
interface Row {
  readonly series: string;
  readonly width: number;
  readonly trial: number;
  readonly value: number;
}
interface Published {
  readonly series: string;
  readonly width: number;
  readonly mean: number;
  readonly sd: number;
}

const byRegulariser = {
  series: anyRegulariser as fc.Arbitrary<string>,
  order: regularisers as readonly string[],
  style: (series: string) => regulariserStyles[series as "l1"],
};
const cases: readonly TrendCase[] = [
  {
    ...byRegulariser,
    figure: "distributedComputationFigure (A2)",
    bounds: [0, 1],
    measure: "index",
    draw: (rows, { published = [], ...options } = {}) =>
      distributedComputationFigure(
        rows.map(({ series, value, ...row }) => ({ ...row, regulariser: series as "l1", index: value })),
        { ...options, published: published.map(({ series, ...row }) => ({ ...row, regulariser: series as "l1" })) },
      ),
  },
  {
    ...byRegulariser,
    figure: "weightContributionCorrelationFigure (A5)",
    bounds: [-1, 1],
    measure: "r",
    draw: (rows, { published = [], ...options } = {}) =>
      weightContributionCorrelationFigure(
        rows.map(({ series, value, ...row }) => ({ ...row, regulariser: series as "l1", r: value })),
        { ...options, published: published.map(({ series, ...row }) => ({ ...row, regulariser: series as "l1" })) },
      ),
  },
  {
    figure: "digitIndexFigure (A6)",
    series: fc.nat(9).map(String),
    order: "0123456789".split(""),
    style: (series) => digitStyle(Number(series)),
    bounds: [0, 1],
    measure: "index",
    draw: (rows, { published = [], ...options } = {}) =>
      digitIndexFigure(
        rows.map(({ series, value, ...row }) => ({ ...row, digit: Number(series), index: value })),
        { ...options, published: published.map(({ series, ...row }) => ({ ...row, digit: Number(series) })) },
      ),
  },
];

describe.each(cases)("$figure", ({ series, order, style, bounds: [low, high], measure, draw }) => {
  const anyRow = fc.record({
    series,
    width: fc.integer({ min: 1, max: 400 }),
    trial: fc.nat(9),
    value: anyFraction.map((share) => low + share * (high - low)),
  });
  const anyPublished = fc.record({
    series,
    width: fc.integer({ min: 1, max: 400 }),
    mean: fc.double({ min: 0, max: 1, noNaN: true }),
    sd: fc.double({ min: 0, max: 0.2, noNaN: true }),
  });
  const [first, second] = order;
  const rowsAt = (widths: readonly number[], trials: number): Row[] =>
    [first, second].flatMap((name) =>
      widths.flatMap((width) =>
        Array.from({ length: trials }, (_, trial) => ({ series: name, width, trial, value: 0.5 + trial / 64 })),
      ),
    );

  it("draws the mean and population sd over trials of every series and width, whatever the rows", () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { minLength: 1, maxLength: 60 }),
        fc.array(anyPublished, { maxLength: 20 }),
        anySize,
        (rows, published, size) => {
          const figure = draw(rows, { published, size });
          expectSound(figure);
          const shown = order.filter((name) => rows.some((row) => row.series === name));
          const lines = traces(figure).filter((trace) => trace.mode === "lines+markers");
          expect(lines.map((line) => line.name)).toEqual(shown.map((name) => style(name).name));
          lines.forEach((line, index) => {
            const own = rows.filter((row) => row.series === shown[index]);
            expect(line.x).toEqual([...new Set(own.map((row) => row.width))].sort((a, b) => a - b));
            expect(line.marker).toMatchObject({
              color: style(shown[index]).colour,
              symbol: style(shown[index]).symbol,
            });
            line.x.forEach((width, place) => {
              const values = own.filter((row) => row.width === width).map((row) => row.value);
              const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
              const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
              const [trials, spread] = line.customdata[place] as [number, string];
              expect(line.y[place]).toBeCloseTo(mean, 12);
              expect(trials).toBe(values.length);
              expect(spread).toBe(trials === 1 ? ", one trial" : `, mean of ${trials} trials, sd ${sd.toFixed(3)}`);
              const bars = traces(figure).find((trace) => trace.name === `${line.name}, 1 sd` && trace.error_y);
              const bar = bars?.error_y?.array[bars.x.indexOf(width)];
              if (bars && trials > 1) expect(bar).toBeCloseTo(sd, 12);
              else expect(bar).toBeUndefined();
              const [bottom, top] = axis(figure, "yaxis").range as [number, number];
              expect(bottom <= mean + 1e-12 && mean - 1e-12 <= top).toBe(true);
            });
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("with one trial has no error bars, no bands, and says so", () => {
    const figure = draw(rowsAt([50, 100], 1));
    expect(traces(figure)).toHaveLength(2);
    for (const trace of traces(figure)) expect(trace.error_y).toBeUndefined();
    expect(figure.caption).toContain("One network per point, so no spread is shown.");
    expect(figure.caption).not.toContain("standard deviation");
  });

  it("with 4 widths has error bars and a tick at each width", () => {
    const figure = draw(rowsAt([50, 100, 150, 200], 3));
    expect(traces(figure)).toHaveLength(4);
    const bars = traces(figure).filter((trace) => trace.error_y);
    expect(bars.map((trace) => trace.x)).toEqual([first, second].map(() => [50, 100, 150, 200]));
    // Values 0.5, 0.5 + 1/64, 0.5 + 2/64: population sd = sqrt(2/3) / 64.
    for (const { error_y } of bars) {
      for (const sd of error_y?.array ?? []) expect(sd).toBeCloseTo(Math.sqrt(2 / 3) / 64, 12);
    }
    expect(axis(figure, "xaxis").tickvals).toEqual([50, 100, 150, 200]);
    expect(figure.caption).toContain("error bars ±1 standard deviation (population) over 3 trials");
  });

  it("with 40 widths has bands instead of error bars, and leaves the ticks to Plotly", () => {
    const figure = draw(rowsAt(steps(40, 5), 2), { size: "column" });
    const bands = traces(figure).filter((trace) => trace.fill === "toself");
    const lines = traces(figure).filter((trace) => trace.mode === "lines+markers");
    expect([bands.length, lines.length]).toEqual([2, 2]);
    for (const band of bands) expect(band.x).toHaveLength(80);
    for (const line of lines) expect([line.x.length, line.error_y]).toEqual([40, undefined]);
    expect(axis(figure, "xaxis").tickvals).toBeUndefined();
    expect(figure.caption).toContain("bands ±1 standard deviation (population) over 2 trials");
    expectSound(figure);
  });

  it("published values stand at their widths alone, joined by nothing, with one entry in the legend", () => {
    const published = [100, 50].map((width) => ({ series: first, width, mean: 0.5, sd: 0.125 }));
    for (const rows of [rowsAt([50], 1), rowsAt(steps(40, 5), 2)]) {
      const figure = draw(rows, { published });
      const [beside] = named(figure, `${style(first).name}, published`);
      expect(beside).toMatchObject({
        x: [50, 100],
        y: [0.5, 0.5],
        mode: "markers",
        error_y: { array: [0.125, 0.125] },
      });
      const entries = traces(figure).filter((trace) => trace.showlegend !== false);
      expect(entries.map((trace) => trace.name)).toEqual([style(first).name, style(second).name, "Published"]);
      expect(figure.caption).toContain("Short level lines with pale bars: the published means ±1 standard deviation.");
    }
    expect(draw(rowsAt([50], 1)).caption).not.toContain("ublished");
  });

  it("numbers of trials that differ are told in the caption", () => {
    expect(draw([...rowsAt([50], 4), ...rowsAt([100], 2)]).caption).toContain("over 2 to 4 trials");
  });

  it("a single trial among several has no error bar, and the caption tells it", () => {
    const figure = draw([...rowsAt([50], 3), ...rowsAt([100], 1)]);
    const bars = traces(figure).filter((trace) => trace.error_y);
    expect(bars.map((trace) => trace.x)).toEqual([[50], [50]]);
    expect(figure.caption).toContain("over 3 trials; markers without a bar are single networks.");
  });

  it("refuses what can not be drawn, naming the row", () => {
    const row = { series: first, width: 50, trial: 0, value: 0.5 };
    const message = (rows: readonly object[]) => () => draw(rows as Row[]);
    expect(message([])).toThrow("invalid rows; expected at least one of the networks' values; received []");
    expect(message([row, { ...row, value: Number.NaN }])).toThrow(
      `invalid rows[1].${measure}; expected a finite number; received NaN`,
    );
    expect(message([{ ...row, value: high + 0.5 }])).toThrow(
      `invalid rows[0].${measure}; expected a number from ${low} to ${high}; received 1.5`,
    );
    expect(message([{ ...row, width: 0 }])).toThrow("invalid rows[0].width; expected a positive integer; received 0");
    const published = [{ series: first, width: 50, mean: 0.5, sd: -1 }];
    expect(() => draw([row], { published })).toThrow(
      "invalid published[0].sd; expected a finite number from 0 on; received -1",
    );
    expect(() => draw([row], { size: "poster" as "talk" })).toThrow(
      'invalid size; expected one of talk, column; received "poster"',
    );
  });

  it("takes a value that leaves its bounds by a rounding error", () => {
    expectSound(draw([{ series: first, width: 50, trial: 0, value: high + 1e-12 }]));
  });
});

describe("series", () => {
  it("a regulariser has its colour and symbol, and one that does not exist is refused", () => {
    const row = { width: 50, trial: 0, index: 0.5 };
    const figure = distributedComputationFigure(regularisers.map((regulariser) => ({ ...row, regulariser })));
    for (const key of regularisers) expectRegulariserStyle(named(figure, regulariserStyles[key].name)[0], key);
    expect(() => distributedComputationFigure([{ ...row, regulariser: "l3" as "l1" }])).toThrow(
      'invalid rows[0].regulariser; expected one of l1, l2, none; received "l3"',
    );
  });

  it("the paper's digits 0, 1 and 9 differ in colour and in symbol, and 10 is no digit", () => {
    const styles = [0, 1, 9].map(digitStyle);
    expect(new Set(styles.map((style) => style.colour)).size).toBe(3);
    expect(new Set(styles.map((style) => style.symbol)).size).toBe(3);
    expect(() => digitIndexFigure([{ digit: 10, width: 50, trial: 0, index: 0.5 }])).toThrow(
      "invalid rows[0].digit; expected a digit from 0 to 9; received 10",
    );
  });
});

it("draws intervals of single networks beside named widths that no line joins", () => {
  const rows = [
    { regulariser: "l1" as const, width: 16, trial: 0, index: 0.5, low: 0.2, high: 0.4 },
    { regulariser: "none" as const, width: 16, trial: 0, index: 0.6 },
  ];
  const figure = distributedComputationFigure(rows, { widthNames: { 16: "block1 (16)" } });
  const [bar, l1, none] = traces(figure);
  expect([bar.y[0], bar.error_y?.array[0]].map((end) => Number(end).toFixed(3))).toEqual(["0.300", "0.100"]);
  expect([l1.mode, none.mode, bar.x[0] === l1.x[0], l1.x[0] === none.x[0]]).toEqual([
    "markers",
    "markers",
    true,
    false,
  ]);
  expect(axis(figure, "xaxis").ticktext).toEqual(["block1 (16)"]);
  expect(figure.caption).toContain("One network per point; its bar is an interval of its number.");
});
