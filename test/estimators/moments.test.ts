import { describe, expect, it } from "vitest";
import { Moments } from "../../src/estimators/moments.js";
import { fc } from "../helpers/properties.js";

/** Numbers whose squares are not lost. */
const number = (most: number) =>
  fc.double({ min: -most, max: most, noNaN: true }).map((x) => (Math.abs(x) < 1e-100 ? 0 : x));

const samples = fc.array(fc.tuple(number(1e3), number(1)), {
  minLength: 2,
  maxLength: 40,
});

function momentsOf(rows: [number, number][]): Moments {
  const moments = new Moments(1, 2);
  for (const row of rows) {
    moments.begin();
    moments.add(0, Float64Array.from(row), 0);
  }
  return moments;
}

describe("Moments", () => {
  it("hold means and standard errors by the textbook formula, also of the average over outputs", () => {
    fc.assert(
      fc.property(samples, (rows) => {
        const { values, standardErrors, meanStandardErrors } = momentsOf(rows).estimate();
        const columns = [
          rows.map((row) => row[0]),
          rows.map((row) => row[1]),
          rows.map((row) => (row[0] + row[1]) / 2),
        ];
        const textbook = columns.map((column) => {
          const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
          const squares = column.reduce((sum, x) => sum + (x - mean) ** 2, 0);
          return [mean, Math.sqrt(squares / (column.length - 1) / column.length)];
        });
        expect(values[0]).toBeCloseTo(textbook[0][0], 9);
        expect(values[1]).toBeCloseTo(textbook[1][0], 9);
        expect(standardErrors[0]).toBeCloseTo(textbook[0][1], 9);
        expect(standardErrors[1]).toBeCloseTo(textbook[1][1], 9);
        expect(meanStandardErrors[0]).toBeCloseTo(textbook[2][1], 9);
      }),
    );
  });

  it("of two halves, merged, are those of the whole", () => {
    fc.assert(
      fc.property(samples, fc.nat(), (rows, at) => {
        const cut = at % (rows.length + 1);
        const merged = momentsOf(rows.slice(0, cut));
        if (cut < rows.length) merged.merge(momentsOf(rows.slice(cut)));
        const whole = momentsOf(rows).estimate();
        const both = merged.estimate();
        expect(merged.count).toBe(rows.length);
        for (const part of ["values", "standardErrors", "meanStandardErrors"] as const) {
          both[part].forEach((value, i) => expect(value).toBeCloseTo(whole[part][i], 8));
        }
      }),
    );
  });
});
