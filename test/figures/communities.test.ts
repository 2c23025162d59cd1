import type { Shape } from "plotly.js";
import { describe, expect, it } from "vitest";
import { communitiesFigure } from "../../src/figures/communities.js";
import { thinned } from "../../src/figures/kit/thin.js";
import { fc } from "../helpers/properties.js";
import { anySize, axis, expectSound, numbered, traces } from "./figure-helpers.js";

/** Units of three layers, and communities of these sizes; correlations that differ from pair to pair. */
function example(sizes: readonly number[], more = 0) {
  const count = sizes.reduce((sum, length) => sum + length, more);
  const units = numbered(count).map((u) => `layer${1 + (Number(u) % 3)}/filter${u}`);
  const correlation = Float64Array.from({ length: count * count }, (_, i) => {
    const [a, b] = [Math.floor(i / count), i % count];
    return a === b ? 1 : 0.6 * Math.cos(a * b + a + b);
  });
  // Units go round the communities, so their order is another one than that of the units.
  const members = sizes.map((): string[] => []);
  let next = 0;
  for (const unit of units.slice(0, count - more)) {
    while (members[next % sizes.length].length === sizes[next % sizes.length]) next++;
    members[next++ % sizes.length].push(unit);
  }
  return { units, correlation, communities: { members } };
}

const outlines = (figure: ReturnType<typeof communitiesFigure>) => figure.layout.shapes as Shape[];

describe("communitiesFigure", () => {
  it("the matrix is that of the units in the order of their communities, each of which is outlined", () => {
    const input = example([4, 3, 1], 2);
    const figure = communitiesFigure(input);
    const [matrix] = traces(figure);
    const order = input.communities.members.flat();
    expect(matrix.x).toEqual(order);
    expect(matrix.y).toEqual(order);
    order.forEach((a, i) => {
      order.forEach((b, j) => {
        const r = input.correlation[input.units.indexOf(a) * 10 + input.units.indexOf(b)];
        expect(matrix.z[i][j]).toBeCloseTo(r, 2);
      });
    });
    const parts = [0, 4, 7, 8].map((place) => place / 8);
    expect(outlines(figure).map(({ x0, x1, y0, y1 }) => [x0, x1, y0, y1])).toEqual(
      [0, 1, 2].map((c) => [parts[c], parts[c + 1], 1 - parts[c], 1 - parts[c + 1]]),
    );
    expect(figure.caption).toContain("8 filters in 3 communities");
    expect(figure.caption).toContain("2 filters are in none.");
  });

  it("bars say how many filters of each layer a community has", () => {
    const input = example([5, 4]);
    const [, ...bars] = traces(communitiesFigure(input));
    expect(bars.map(({ name }) => name)).toEqual(["layer1", "layer2", "layer3"]);
    for (const { name, x, y } of bars) {
      expect(y).toEqual([0, 1]);
      const expected = input.communities.members.map((community) => community.filter((unit) => unit.startsWith(name)));
      expect(x).toEqual(expected.map((found) => found.length));
    }
    const total = bars.flatMap(({ x }) => x.map(Number)).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(9);
  });

  it("colours end where most correlations of different units do, and the caption says so", () => {
    const input = example([6, 6]);
    const weak = { ...input, correlation: input.correlation.map((r) => (r === 1 ? 1 : r / 2)) };
    const [matrix] = traces(communitiesFigure(weak));
    expect(matrix.zmax).toBeCloseTo(0.3, 12);
    expect(matrix.zmin).toBe(-matrix.zmax);
    expect(communitiesFigure(weak).caption).toContain("Colours end at ±0.3.");
  });

  it("outlines and names stay in their places where cells are put together", () => {
    const figure = communitiesFigure(example([200, 200, 120]));
    const thin = thinned(figure);
    expect(thin).not.toBe(figure);
    expect(outlines(thin)).toEqual(outlines(figure));
    const [before, after] = [figure, thin].map((each) => axis(each, "yaxis"));
    const names = traces(figure)[0].y as unknown as unknown[];
    const place = ({ tickvals = [], range = [] }: typeof before) =>
      tickvals
        .map((value) => (names.includes(value) ? names.indexOf(value) : Number(value)))
        .map((value) => (value - Number(range[0])) / (Number(range[1]) - Number(range[0])));
    place(before).forEach((share, tick) => {
      expect(place(after)[tick]).toBeCloseTo(share, 9);
    });
  });

  it("is sound for any communities, in both sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 9 }), anySize, (sizes, size) => {
        expectSound(communitiesFigure(example(sizes), { size }));
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, object, string]>([
    [
      "a unit in two communities",
      { communities: { members: [["layer1/filter0"], ["layer1/filter0"]] } },
      "each in one",
    ],
    ["a unit that is not there", { communities: { members: [["layer9/filter0"]] } }, "units that are there"],
    ["a community without units", { communities: { members: [["layer1/filter0"], []] } }, "communities.members[1]"],
    ["another number of correlations", { correlation: [1] }, "expected 81 values"],
    ["a correlation beyond 1", { correlation: new Float64Array(81).fill(1.1) }, "a number from -1 to 1; received 1.1"],
  ])("%s is refused", (_, part, message) => {
    expect(() => communitiesFigure({ ...example([5, 4]), ...part })).toThrow(message);
  });
});
