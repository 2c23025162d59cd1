import { describe, expect, it } from "vitest";
import { normalQuantile, studentFactor } from "../src/quantiles.js";

/**
 * Share of Student's t distribution outside of `x` on both sides, by Simpson's rule over the angle atan(t /
 * sqrt(degrees)).
 */
function outside(x: number, degrees: number): number {
  const steps = 20_000;
  const density = (angle: number) => Math.cos(angle) ** (degrees - 1);
  const integral = (to: number) => {
    let sum = 0;
    const h = to / steps;
    for (let i = 0; i < steps; i++) {
      sum += (h / 6) * (density(i * h) + 4 * density((i + 0.5) * h) + density((i + 1) * h));
    }
    return sum;
  };
  return 1 - integral(Math.atan(x / Math.sqrt(degrees))) / integral(Math.PI / 2);
}

describe("studentFactor", () => {
  it.each([1, 2, 3, 4, 7, 15, 31, 200])("leaves outside what it is asked to, with %i degrees of freedom", (degrees) => {
    for (const share of [0.5, 0.32, 0.05, 0.01, 1e-3, 1e-5]) {
      expect(outside(studentFactor(share, degrees), degrees) / share).toBeCloseTo(1, 2);
    }
  });

  it("has the values of the tables", () => {
    expect(studentFactor(0.05, 15)).toBeCloseTo(2.13145, 4);
    expect(studentFactor(0.01, 5)).toBeCloseTo(4.03214, 4);
    expect(studentFactor(0.05, 1)).toBeCloseTo(12.7062, 4);
  });

  it("comes to the normal distribution's", () => {
    expect(studentFactor(1e-4, 1e6)).toBeCloseTo(normalQuantile(1 - 5e-5), 3);
  });
});
