import { describe, expect, it } from "vitest";
import { counted, numberText, signed } from "../../src/pages/browser/kit/numbers.js";
import { fc } from "../helpers/properties.js";

describe("numbers on a page", () => {
  it("that are small are not written as 0", () => {
    expect([3e-10, 0, -1.5e-10].map(numberText([3e-10, -1.5e-10]))).toEqual(["3.00e−10", "0.00", "−1.50e−10"]);
    expect(signed(numberText([1e-300]))(1e-300)).toBe("+1.00e−300");
    const small = fc.double({ min: 1e-300, max: 1e-4, noNaN: true });
    fc.assert(
      fc.property(small, (number) => {
        const written = Number(numberText([number, number / 2])(number).replaceAll("−", "-"));
        expect(Math.abs(written - number)).toBeLessThanOrEqual(0.006 * number);
      }),
    );
  });

  it("are whole where all are, but for rounding", () => {
    expect([5, 4.0000000001, 1e-12].map(numberText([5, 4.0000000001, 1e-12]))).toEqual(["5", "4", "0"]);
    expect([0, -0].map(numberText([0]))).toEqual(["0", "0"]);
    expect(numberText([0.5, 2])(2)).toBe("2.00");
  });

  it("one of a thing is told in the singular", () => {
    expect([counted(1, "class"), counted(3, "class"), counted(1024, "number")]).toEqual([
      "1 class",
      "3 classes",
      "1,024 numbers",
    ]);
  });
});
