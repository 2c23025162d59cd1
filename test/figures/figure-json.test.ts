import { describe, expect, it } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { samples } from "./samples.js";

describe("figureJson", () => {
  it.each(samples)("$name comes back from it as it was", ({ draw }) => {
    expect(JSON.parse(figureJson(draw()))).toEqual(draw());
  });

  it("equal figures give equal bytes, whatever the order in which their parts were made", () => {
    const one: Figure = { data: [{ type: "bar", x: [1], y: [2] }], layout: { width: 3, height: 4 } };
    const other: Figure = { layout: { height: 4, width: 3 }, data: [{ y: [2], x: [1], type: "bar" }] };
    expect(figureJson(other)).toBe(figureJson(one));
  });

  it("makes plain arrays of typed ones, and null of what JSON has no word for", () => {
    const figure = { data: [{ x: Float32Array.of(0.5, Number.NaN), y: [undefined, 1], name: undefined }], layout: {} };
    expect(JSON.parse(figureJson(figure as unknown as Figure)).data).toEqual([{ x: [0.5, null], y: [null, 1] }]);
  });
});
