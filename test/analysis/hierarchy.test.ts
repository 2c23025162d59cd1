import { describe, expect, test } from "vitest";
import { bootstrapRatios } from "../../src/analysis/bootstrap.js";
import { type HierarchyMeasure, hierarchy } from "../../src/analysis/hierarchy.js";
import { unitsByLayer } from "../../src/analysis/layers.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { normalNumbers } from "../../src/networks/dcgan/parameters.js";
import { fc } from "../helpers/properties.js";

const size = 8;
const area = size * size;

type Pixel = (y: number, x: number, colour: number, face: number) => number;
/** A mode by a formula of the place, `[faces, 3, 8, 8]`. */
const mode = (faces: number, value: Pixel) =>
  Float64Array.from({ length: faces * 3 * area }, (_, i) =>
    value(Math.floor((i % area) / size), i % size, Math.floor(i / area) % 3, Math.floor(i / (3 * area))),
  );

function modesOf(units: Readonly<Record<string, Float64Array>>, faces = 1, rest = {}): ShapleyModes {
  const values = Float64Array.from(Object.values(units).flatMap((unit) => [...unit]));
  return new ShapleyModes({ units: Object.keys(units), outputShape: [faces, 3, size, size], values, ...rest });
}

const noise = (seed: number, faces = 1) => Float64Array.from(normalNumbers(randomStream(seed), faces * 3 * area));

/** One measure of a single unit. */
async function measured(unit: Float64Array, measure: HierarchyMeasure, faces = 1, rest = {}): Promise<number> {
  const { measures } = await hierarchy(modesOf({ "a/0": unit }, faces, rest), { resamples: 2 });
  return measures[measure][0].value;
}

describe("measures of a mode, in closed form", () => {
  test("spread is the share of pixels of a mode that is the same on these and 0 elsewhere", async () => {
    for (const rows of [1, 3, 8]) {
      const stripe = mode(2, (y, x, c) => (y < rows ? (c - 1.5) * (-1) ** x : 0));
      expect(await measured(stripe, "spread", 2)).toBeCloseTo(rows / 8, 12);
    }
  });

  test("frequency is that of a wave of luminance", async () => {
    const wave = mode(1, (y, _, c) => (c + 1) * Math.cos((2 * Math.PI * 2 * (y + 0.5)) / size) + c);
    expect(await measured(wave, "frequency")).toBeCloseTo(2, 9);
  });

  test("edges are the squared steps over the squared mode", async () => {
    const board = mode(1, (y, x) => (-1) ** (x + y));
    expect(await measured(board, "edges")).toBeCloseTo(8 * (1 - 1 / size), 12);
    const half = mode(2, (y, _x, c, face) => (c === face && y < 4 ? 3 : 0));
    expect(await measured(half, "edges", 2)).toBeCloseTo(8 / 32, 12);
    expect(
      await measured(
        mode(1, () => 0.1),
        "edges",
      ),
    ).toBe(0);
  });

  test("chroma is 0 for grey, 2/3 for one colour, 1 for colours that cancel", async () => {
    expect(
      await measured(
        mode(1, (y) => y - 2),
        "chroma",
      ),
    ).toBeCloseTo(0, 12);
    expect(
      await measured(
        mode(1, (y, _, c) => (c === 1 ? y : 0)),
        "chroma",
      ),
    ).toBeCloseTo(2 / 3, 12);
    expect(
      await measured(
        mode(1, (y, _, c) => (c - 1) * y),
        "chroma",
      ),
    ).toBeCloseTo(1, 12);
  });

  test("contours are where the intact image has its strongest gradient", async () => {
    // 2 of 8 rows are contours: mean on them over mean everywhere
    const vAll = mode(1, (y) => (y < 4 ? 0 : 1));
    const rest = { vAll };
    const { measures } = await hierarchy(
      modesOf(
        { "on/0": mode(1, (y) => (y === 3 || y === 4 ? -1 : 0)), "off/0": mode(1, (y) => (y > 5 ? 2 : 0)) },
        1,
        rest,
      ),
      { contours: 0.25, resamples: 2 },
    );
    expect(measures.contours.map(({ value }) => value)).toEqual([4, 0]);
    expect(
      await measured(
        mode(1, () => -3),
        "contours",
        1,
        rest,
      ),
    ).toBeCloseTo(1, 12);
    expect(
      await measured(
        mode(1, () => -3),
        "contours",
      ),
    ).toBeNaN();
  });

  test("likeness is Pearson's correlation between images", async () => {
    const shape = noise(1);
    const pair = (factor: number, offset: number) =>
      Float64Array.of(...shape, ...shape.map((x) => factor * x + offset));
    expect(await measured(pair(3, 1), "likeness", 2)).toBeCloseTo(1, 12);
    expect(await measured(pair(-0.5, 2), "likeness", 2)).toBeCloseTo(-1, 12);
    // three images, r = 1, -1, -1, weights 2, 1, 2
    const three = Float64Array.of(...shape, ...shape.map((x) => 2 * x), ...shape.map((x) => -x));
    expect(await measured(three, "likeness", 3)).toBeCloseTo((2 - 1 - 2) / 5, 12);
    expect(await measured(noise(2, 2), "likeness", 2)).toBeLessThan(0.4); // standard deviation 1 / sqrt 192
    expect(await measured(shape, "likeness")).toBeNaN();
    expect(
      await measured(
        mode(2, () => 0.1),
        "likeness",
        2,
      ),
    ).toBeNaN();
  });

  test("none but share depends on the size of a mode, and all lie within their bounds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: -8, max: 8 }), async (seed, power) => {
        const faces = 2;
        const rest = { vAll: noise(seed + 1, faces) };
        const own = noise(seed, faces);
        const { measures } = await hierarchy(modesOf({ "a/0": own }, faces, rest), { resamples: 2 });
        const scaled = own.map((x) => -x * 2 ** power);
        const again = await hierarchy(modesOf({ "a/0": scaled }, faces, rest), { resamples: 2 });
        expect(again.measures).toEqual(measures);
        const [bounds, value] = [
          { spread: 1, frequency: size / Math.SQRT2, edges: 8, contours: 10, chroma: 1 },
          measures,
        ];
        for (const [name, most] of Object.entries(bounds)) {
          const [{ value: one }] = value[name as HierarchyMeasure];
          expect(one).toBeGreaterThan(0);
          expect(one).toBeLessThanOrEqual(most);
        }
        expect(Math.abs(measures.likeness[0].value)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25 },
    );
  });
});

describe("layers", () => {
  const vAll = noise(9, 2);
  const layers = {
    "first/0": mode(2, (y) => (y < 1 ? 1 : 0)),
    "first/1": mode(2, (y) => (y < 3 ? 10 : 0)),
    "second/0": mode(2, (_y, _x, _c, face) => (face === 0 ? 1 : 4)),
    "first/2": mode(2, () => 0),
  };

  test("average their units: each alike, or by energy; dead units are counted and left out", async () => {
    const modes = modesOf(layers, 2, { vAll });
    const alike = await hierarchy(modes);
    expect(alike.layers).toEqual(["first", "second"]);
    expect(alike).toMatchObject({ counts: [2, 1], dead: [1, 0] });
    expect(alike.measures.spread[0].value).toBeCloseTo((1 / 8 + 3 / 8) / 2, 12);
    const byEnergy = await hierarchy(modes, { average: "energy" });
    expect(byEnergy.measures.spread[0].value).toBeCloseTo((1 / 8 + 3 * 100 * (3 / 8)) / 301, 12);
    expect(alike.measures.spread[0]).toMatchObject({ layer: "first", low: 1 / 8, high: 3 / 8 }); // half of the draws hold one unit
  });

  test("share |mode| among them; the interval is over images", async () => {
    const { measures } = await hierarchy(modesOf(layers, 2, { vAll }));
    // per image and colour: 8 + 240 of the first layer, 64 or 256 of the second
    const [first, second] = measures.share;
    expect(first.value).toBeCloseTo(496 / 816, 12);
    expect(second.value).toBeCloseTo(320 / 816, 12);
    expect([second.low, second.high]).toEqual([64 / 312, 256 / 504]);
    const one = await hierarchy(modesOf({ "a/0": noise(1), "b/0": noise(2) }));
    for (const { value, low, high } of one.measures.share) expect([low, high]).toEqual([value, value]);
  });

  test("have the relative error of all their units together, NaN where none is known", async () => {
    const standardErrors = new Float64Array(4 * 2 * 3 * area).fill(0.5);
    const { relativeErrors } = await hierarchy(modesOf(layers, 2, { standardErrors }));
    expect(relativeErrors[0]).toBeCloseTo(Math.sqrt((3 * 64 * 0.25) / (8 + 2400)), 12);
    expect(relativeErrors[1]).toBeCloseTo(Math.sqrt(0.25 / 8.5), 12);
    expect((await hierarchy(modesOf(layers, 2))).relativeErrors).toEqual([Number.NaN, Number.NaN]);
  });

  test("without a living unit are measured as NaN, with share 0", async () => {
    const { measures, counts } = await hierarchy(modesOf({ "a/0": noise(1), "b/0": new Float64Array(3 * area) }));
    expect(counts).toEqual([1, 0]);
    for (const name of ["spread", "frequency", "edges", "chroma", "likeness"] as const) {
      expect(measures[name][1]).toEqual({ layer: "b", value: Number.NaN, low: Number.NaN, high: Number.NaN });
    }
    expect(measures.share[1]).toEqual({ layer: "b", value: 0, low: 0, high: 0 });
  });

  test("are measured the same for the same seed, with other intervals for another", async () => {
    const units = Object.fromEntries(Array.from({ length: 6 }, (_, u) => [`a/${u}`, noise(u, 2)]));
    const modes = modesOf(units, 2, { vAll });
    const once = await hierarchy(modes, { seed: 0, resamples: 50 });
    expect(await hierarchy(modes, { seed: 0, resamples: 50 })).toEqual(once);
    const other = await hierarchy(modes, { seed: 1, resamples: 50 });
    expect(other.measures.spread[0].value).toBe(once.measures.spread[0].value);
    expect(other.measures.spread[0].low).not.toBe(once.measures.spread[0].low);
  });

  test("mix modes with sampling error in the proportion of their energies", async () => {
    // grey modes, and error of one colour with a tenth of their energy: chroma is a mixture of 0 and 2/3
    const faces = 2;
    const units: Record<string, Float64Array> = {};
    for (let u = 0; u < 40; u++) {
      const grey = noise(u).subarray(0, area);
      const error = noise(100 + u, faces);
      units[`a/${u}`] = mode(
        faces,
        (y, x, c, f) => grey[y * size + x] + (c === 0 ? Math.sqrt(0.3) * error[f * 3 * area + y * size + x] : 0),
      );
    }
    const standardErrors = mode(faces * 40, (_y, _x, c) => (c === 0 ? Math.sqrt(0.3) : 0));
    const { measures, relativeErrors } = await hierarchy(modesOf(units, faces, { standardErrors }), {
      average: "energy",
    });
    const weight = relativeErrors[0] ** 2;
    expect(weight).toBeCloseTo(0.3 / 3.3, 2);
    expect(measures.chroma[0].value).toBeCloseTo((weight * 2) / 3, 2);
  });

  test("are refused for names without layers, other shapes, bad options; a signal stops the measuring", async () => {
    const modes = modesOf({ "a/0": noise(1) });
    expect(() => unitsByLayer(["filter0"])).toThrow("invalid unit; expected a name such as layer1/filter0");
    expect([...unitsByLayer(["a/b/0", "c/0", "a/b/1"])]).toEqual([
      ["a/b", [0, 2]],
      ["c", [1]],
    ]);
    const flat = new ShapleyModes({ units: ["a/0"], outputShape: [3, 8, 8], values: noise(1) });
    await expect(hierarchy(flat)).rejects.toThrow("[faces, 3, size, size]; received [3, 8, 8]");
    const odd = new ShapleyModes({ units: ["a/0"], outputShape: [1, 3, 3, 3], values: new Float64Array(27) });
    await expect(hierarchy(odd)).rejects.toThrow("expected a power of 2");
    await expect(hierarchy(modes, { contours: 0 })).rejects.toThrow("invalid contours");
    await expect(hierarchy(modes, { resamples: 0 })).rejects.toThrow("invalid resamples");
    await expect(hierarchy(modes, { average: "median" as "units" })).rejects.toThrow("one of units, energy");
  });
});

test("bootstrap intervals of a mean hold it in about 95 of 100 samples, and have the width of its standard error", () => {
  let [held, width] = [0, 0];
  const samples = 300;
  for (let s = 0; s < samples; s++) {
    const numerators = Float64Array.from(normalNumbers(randomStream(s), 50, 3));
    const ratio = { numerators, denominators: new Float64Array(50).fill(1) };
    const [{ value, low, high }] = bootstrapRatios([ratio], 300, randomStream(1000 + s));
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    if (low <= 3 && 3 <= high) held++;
    width += (high - low) / samples;
  }
  expect(held / samples).toBeGreaterThan(0.89); // 0.94 less four standard deviations
  expect(width).toBeCloseTo((2 * 1.96) / Math.sqrt(50), 1);
});
