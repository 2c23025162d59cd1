import { describe, expect, it } from "vitest";
import { editDistance, nearestNames } from "../../src/nearest-names.js";
import { ancestors, cut, descendants, lastUses, mostNumbers, type TensorGraph } from "../../src/networks/cut.js";

/** A residual block: x -> a -> b -> sum (a + b) -> y; `shape` is read from x, and side is used by nobody. */
const sources: Record<string, string[]> = {
  x: [],
  shape: ["x"],
  a: ["x"],
  b: ["a"],
  side: ["a"],
  sum: ["a", "b"],
  y: ["sum", "shape"],
};
const graph: TensorGraph = { order: Object.keys(sources), inputsOf: (name) => sources[name] };
const hasRows = (name: string) => name !== "shape";

describe("cut", () => {
  it("computes once what no lesion changes, and again what follows, and what counts rows", () => {
    expect(cut(graph, ["a"], "y", hasRows)).toEqual({ once: ["x", "a"], again: ["shape", "b", "sum", "y"] });
    expect(cut(graph, ["b"], "y", hasRows)).toEqual({ once: ["x", "a", "b"], again: ["shape", "sum", "y"] });
    expect(cut(graph, ["x"], "sum", hasRows)).toEqual({ once: ["x"], again: ["a", "b", "sum"] });
    expect(cut(graph, ["a", "b"], "sum", hasRows)).toEqual({ once: ["a"], again: ["b", "sum"] });
    expect(cut(graph, ["y"], "y", hasRows)).toEqual({ once: ["y"], again: [] });
  });

  it("refuses a site that the output does not depend on", () => {
    expect(() => cut(graph, ["side"], "y", hasRows)).toThrow(
      'invalid site; expected one that the output y depends on; received "side"',
    );
    expect(() => cut(graph, ["sum"], "b", hasRows)).toThrow("invalid site");
  });

  it("knows what depends on what", () => {
    expect([...descendants(graph, new Set(["a"]))].sort()).toEqual(["b", "side", "sum", "y"]);
    expect([...ancestors(graph, ["sum"])].sort()).toEqual(["a", "b", "sum", "x"]);
    expect([...ancestors(graph, ["sum"], (name) => name === "a")].sort()).toEqual(["b", "sum"]);
    expect(lastUses(graph, ["x", "a", "b", "sum"], new Set(["sum"]))).toEqual([[], ["x"], [], ["a", "b"]]);
  });

  it("counts the numbers alive at once, a masked site three times more", () => {
    const sizes: Record<string, number> = { x: 1, a: 10, b: 100, sum: 1000, y: 1, shape: 0 };
    const sizeOf = (name: string) => sizes[name];
    const whole = { once: ["x"], again: ["a", "b", "sum"] };
    expect(mostNumbers(graph, whole, [], new Set(["sum"]), sizeOf)).toBe(1110);
    expect(mostNumbers(graph, whole, ["sum"], new Set(["sum"]), sizeOf)).toBe(4110);
    expect(mostNumbers(graph, { once: ["a"], again: ["b"] }, ["b"], new Set(["b"]), sizeOf)).toBe(410);
  });
});

describe("nearestNames", () => {
  it("puts names that contain the wanted one, or are contained in it, before those of small edit distance", () => {
    const names = ["dense_1", "conv2d/Relu", "conv3d/Relu", "Relu"];
    expect(nearestNames("conv2d", names)[0]).toBe("conv2d/Relu");
    expect(nearestNames("model/conv3d/Relu", names, 2)).toEqual(["conv3d/Relu", "Relu"]);
    expect(nearestNames("DENSE_2", names, 1)).toEqual(["dense_1"]);
    expect(nearestNames("", [])).toEqual([]);
  });

  it("measures the edit distance", () => {
    for (const [a, b, distance] of [
      ["", "abc", 3],
      ["kitten", "sitting", 3],
      ["flaw", "lawn", 2],
      ["same", "same", 0],
    ] as const) {
      expect(editDistance(a, b)).toBe(distance);
      expect(editDistance(b, a)).toBe(distance);
    }
  });
});
