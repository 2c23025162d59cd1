import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { sites } from "../../../src/networks/sites.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { graphOf, integers, type NodeSpec, onnxFile, port, weight } from "./build.js";

const require = createRequire(import.meta.url);
const numbers = (count: number, seed = 1) => Array.from({ length: count }, (_, i) => Math.sin((i + 1) * seed * 1.7));
const numbersOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const w = (name: string, ...dims: number[]) => weight(name, dims, numbers(numbersOf(dims), name.length));

/** A file whose input x and output y have one row each. */
function fileOf(
  nodes: NodeSpec[],
  shape: number[],
  weights: ReturnType<typeof weight>[],
  output: (number | string)[] = [1, "n"],
) {
  return onnxFile(graphOf({ nodes, weights, inputs: [port("x", [1, ...shape])], outputs: [port("y", output)] }), 17);
}

/** What a file gives for each row, without anything of this package. */
async function eachRow(file: Uint8Array, x: Float32Array, shape: number[], output = "y"): Promise<number[]> {
  const ort = require("onnxruntime-node");
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  const size = numbersOf(shape);
  const values: number[] = [];
  for (let from = 0; from < x.length; from += size) {
    const row = new ort.Tensor("float32", x.slice(from, from + size), [1, ...shape]);
    values.push(...(await session.run({ x: row }))[output].data);
  }
  return values;
}

function expectNear(values: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(values.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(values[i] - value)).toBeLessThanOrEqual(tolerance * largest));
}

interface Case {
  readonly shape: number[];
  readonly nodes: NodeSpec[];
  readonly weights: ReturnType<typeof weight>[];
  readonly output?: number[];
}
const recurrent: Case = {
  // Five steps of three numbers; the first state is a constant with one row, the layer wants time first.
  shape: [5, 3],
  nodes: [
    ["Transpose", ["x"], ["time"], { perm: [1, 0, 2] }],
    ["LSTM", ["time", "wi", "wr", "b", "", "h0", "c0"], ["all", "last", ""], { hidden_size: 2 }],
    ["Squeeze", ["last", "direction"], ["state"]],
    ["Gemm", ["state", "out"], ["y"]],
  ],
  weights: [
    w("wi", 1, 8, 3),
    w("wr", 1, 8, 2),
    w("b", 1, 16),
    w("h0", 1, 1, 2),
    w("c0", 1, 1, 2),
    w("out", 2, 3),
    integers("direction", [1], [0]),
  ],
  output: [1, 3],
};
const written: Record<string, Case> = {
  "a flattened image": {
    shape: [2, 3, 2],
    nodes: [
      ["Reshape", ["x", "flat"], ["row"]],
      ["Gemm", ["row", "dense"], ["y"]],
    ],
    weights: [integers("flat", [2], [1, 12]), w("dense", 12, 4)],
  },
  "attention with heads in the batch, tokens first": {
    // [1, 4, 6] to [4, 1, 6], of which 2 heads of 3 make [4, 2, 3]; as torch's MultiheadAttention has it.
    shape: [4, 6],
    nodes: [
      ["Transpose", ["x"], ["tokens"], { perm: [1, 0, 2] }],
      ["Reshape", ["tokens", "split"], ["heads"]],
      ["Transpose", ["heads"], ["q"], { perm: [1, 0, 2] }],
      ["Transpose", ["heads"], ["k"], { perm: [1, 2, 0] }],
      ["MatMul", ["q", "k"], ["scores"]],
      ["Softmax", ["scores"], ["shares"], { axis: -1 }],
      ["MatMul", ["shares", "q"], ["mixed"]],
      ["Transpose", ["mixed"], ["back"], { perm: [1, 0, 2] }],
      ["Reshape", ["back", "rows"], ["features"]],
      ["Gemm", ["features", "out"], ["said"]],
      ["Reshape", ["said", "unfold"], ["unfolded"]],
      ["Transpose", ["unfolded"], ["first"], { perm: [1, 0, 2] }],
      ["ReduceMean", ["first"], ["y"], { axes: [1], keepdims: 0 }],
    ],
    weights: [
      integers("split", [3], [4, 2, 3]),
      integers("rows", [2], [4, 6]),
      integers("unfold", [3], [4, 1, 5]),
      w("out", 6, 5),
    ],
    output: [1, 5],
  },
  "a class token beside patches, and sizes of an image": {
    shape: [1, 2, 2],
    nodes: [
      ["Resize", ["x", "", "", "sizes"], ["large"]],
      ["Reshape", ["large", "patches"], ["parts"]],
      ["Concat", ["token", "parts"], ["sequence"], { axis: 1 }],
      ["Expand", ["sequence", "wide"], ["expanded"]],
      ["MatMul", ["expanded", "mix"], ["mixed"]],
      ["ReduceMax", ["mixed"], ["y"], { axes: [1], keepdims: 0 }],
    ],
    weights: [
      integers("sizes", [4], [1, 1, 4, 4]),
      integers("patches", [3], [1, 4, 4]),
      w("token", 1, 1, 4),
      integers("wide", [3], [1, 5, 4]),
      w("mix", 4, 3),
    ],
    output: [1, 3],
  },
  "a recurrent layer with a first state": recurrent,
};

describe.skipIf(!onnxRuntime)("a file that fixes one row", () => {
  it.each(Object.keys(written))("is played with many rows at once: %s", async (name) => {
    const { shape, nodes, weights, output } = written[name];
    const file = fileOf(nodes, shape, weights, output);
    const count = 5;
    const size = numbersOf(shape);
    const x = Float32Array.from(numbers(count * size, 3));
    const network = await loadOnnx(file);
    expect([network.opened, network.mostRows]).toEqual([true, undefined]);
    expect(sites(network)[0]).toMatchObject({ name: "input", rows: "any" });
    const remarks: string[] = [];
    const game = await networkGame(network, x, { sites: ["input"], onRemark: (remark) => remarks.push(remark) });
    expect(game.rowsAtOnce).toBeGreaterThan(50);
    expect(remarks).toEqual([]);
    const all = Array.from({ length: size }, (_, unit) => unit);
    const odd = all.filter((unit) => unit % 2 === 1);
    const values = await game.evaluate(coalitionsOf(size, [all, [], odd]));
    const lesioned = x.map((value, i) => ((i % size) % 2 === 1 ? value : 0));
    const expected = [
      ...(await eachRow(file, x, shape)),
      ...(await eachRow(file, new Float32Array(x.length), shape)),
      ...(await eachRow(file, lesioned, shape)),
    ];
    expectNear(values, expected, 1e-6);
    // The rows differ, or the comparison would say nothing.
    expect(Math.abs(expected[0] - expected[expected.length / 15])).toBeGreaterThan(1e-3);
    // Inside as well, from the first site on that has more than one unit.
    const inner = network.sites.find(({ kind, units, rows }) => kind !== "input" && units > 1 && !rows)!;
    const lesions = [{ site: inner, replacement: new Float32Array(numbersOf(inner.shape)) }];
    const { bytes } = await network.prepare({ count, data: [x] }, lesions, "y");
    const deep = await networkGame(network, x, { sites: [inner.name], lesion: "mean" });
    const alone = await networkGame(network, x, { sites: [inner.name], lesion: "mean", memory: bytes(1) });
    expect([deep.rowsAtOnce > 50, alone.rowsAtOnce]).toEqual([true, 1]);
    const some = coalitionsOf(inner.units, [[0], [1], []]);
    expectNear(await deep.evaluate(some), [...(await alone.evaluate(some))], 1e-6);
  });

  const mixing: Record<string, NodeSpec[]> = {
    "takes the mean over the batch from each row": [
      ["ReduceMean", ["h"], ["mean"], { axes: [0], keepdims: 1 }],
      ["Sub", ["h", "mean"], ["centred"]],
      ["Add", ["centred", "x"], ["y"]],
    ],
    "adds row 0 to every row": [
      ["Slice", ["h", "from", "to", "axis"], ["first"]],
      ["Add", ["h", "first"], ["y"]],
    ],
    "normalises over the batch": [
      ["Softmax", ["h"], ["shares"], { axis: 0 }],
      ["Mul", ["h", "shares"], ["y"]],
    ],
    "has no axis for rows at its end": [["Squeeze", ["h", "from"], ["y"]]],
  };
  const bounds = [integers("from", [1], [0]), integers("to", [1], [1]), integers("axis", [1], [0])];

  it.each(Object.keys(mixing))("is played a row at a time, and says so, where it %s", async (name) => {
    const nodes: NodeSpec[] = [["MatMul", ["x", "w"], ["h"]], ...mixing[name]];
    const file = fileOf(nodes, [3], [w("w", 3, 3), ...bounds], name.startsWith("has") ? [3] : [1, 3]);
    const network = await loadOnnx(file);
    expect(network.mostRows).toBe(1);
    expect(sites(network).map(({ rows }) => rows)).toEqual(network.sites.map(() => "one at a time"));
    const x = Float32Array.from(numbers(12, 2));
    const remarks: string[] = [];
    const game = await networkGame(network, x, { sites: ["input"], onRemark: (remark) => remarks.push(remark) });
    expect(game.rowsAtOnce).toBe(1);
    expect(remarks).toEqual([
      expect.stringMatching(
        /^rows go through the network one at a time \(the network's file is written for one row; several do not run, or change each other\): a coalition of 4 inputs takes [\d.e+]+ ms; a file whose batch is open \(in PyTorch: dynamic_axes, dynamic_shapes\) can be many times as fast$/,
      ),
    ]);
    expectNear(await game.evaluate(coalitionsOf(3, [[0, 1, 2]])), await eachRow(file, x, [3]), 0);
  });

  it("is played a row at a time where only the rows at hand change each other", async () => {
    // Rows of large numbers alone reach the sum over the batch.
    const nodes: NodeSpec[] = [
      ["Sub", ["x", "hundred"], ["over"]],
      ["Relu", ["over"], ["large"]],
      ["ReduceSum", ["large", "axis"], ["sum"], { keepdims: 1 }],
      ["Add", ["x", "sum"], ["y"]],
    ];
    const file = fileOf(nodes, [2], [weight("hundred", [1], [100]), integers("axis", [1], [0])], [1, 2]);
    const network = await loadOnnx(file);
    expect(network.opened).toBe(true);
    const small = await networkGame(network, Float32Array.of(1, 2, 3, 4), { sites: ["input"] });
    expect(small.rowsAtOnce).toBeGreaterThan(100);
    const remarks: string[] = [];
    const x = Float32Array.of(1, 2, 3, 400);
    const game = await networkGame(network, x, { sites: ["input"], onRemark: (remark) => remarks.push(remark) });
    expect([game.rowsAtOnce, remarks.length]).toEqual([1, 1]);
    expect([...(await game.evaluate(coalitionsOf(2, [[0, 1], [1]])))]).toEqual([1, 2, 3, 700, 0, 2, 0, 700]);
    // What is computed once for each input is not mixed either: the site lies behind the sum.
    const behind = await networkGame(network, x, { sites: ["y"] });
    expect([...(await behind.evaluate(coalitionsOf(2, [[0, 1]])))]).toEqual([1, 2, 3, 700]);
  });

  it("keeps sites and outputs whose first axis is not that of rows, a row at a time", async () => {
    const { nodes, weights, shape } = recurrent;
    const outputs = [port("y", [1, 3]), port("last", [1, 1, 2])];
    const file = onnxFile(graphOf({ nodes, weights, inputs: [port("x", [1, ...shape])], outputs }), 17);
    const network = await loadOnnx(file, { axes: { last: 1 } });
    const listed = new Map(sites(network).map(({ name, rows }) => [name, rows]));
    expect([listed.get("input"), listed.get("last"), listed.get("y")]).toEqual(["any", "one at a time", "any"]);
    const x = Float32Array.from(numbers(30, 3));
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const open = await networkGame(network, x, { sites: ["input"], output: "y", onRemark });
    expect([open.rowsAtOnce > 50, remarks.length]).toEqual([true, 0]);
    const site = await networkGame(network, x, { sites: ["last"], output: "y", onRemark });
    const output = await networkGame(network, x, { sites: ["input"], output: "last", onRemark });
    expect([site.rowsAtOnce, output.rowsAtOnce]).toEqual([1, 1]);
    expect(remarks).toEqual([
      expect.stringContaining("(the first axis of last does not count rows)"),
      expect.stringContaining("(the first axis of last does not count rows)"),
    ]);
    const expected = await eachRow(file, x, shape, "last");
    expectNear(await output.evaluate(coalitionsOf(15, [Array.from({ length: 15 }, (_, i) => i)])), expected, 1e-6);
  });
});

describe.skipIf(!onnxRuntime)("a recurrent layer", () => {
  const layer = (first: NodeSpec[], rows: (number | string)[], inner: string, attributes = {}) =>
    onnxFile(
      graphOf({
        nodes: [...first, ["GRU", [inner, "wi", "wr"], ["y", "state"], { hidden_size: 2, ...attributes }]],
        weights: [w("wi", 1, 6, 3), w("wr", 1, 6, 2)],
        inputs: [port("x", rows)],
        outputs: [port("y", undefined)],
      }),
      17,
    );

  it("that takes the axis of rows as time is refused, with what to do", async () => {
    const refusal =
      'invalid network; expected rows on the first axis of its input; a recurrent layer takes that axis as time, [time, batch, features], so its rows would be the steps of one sequence; export it with the batch first (in PyTorch: batch_first=True); received "GRU y"';
    await expect(loadOnnx(layer([], ["time", 1, 3], "x"))).rejects.toThrow(refusal);
    await expect(loadOnnx(layer([], ["time", "batch", 3], "x"), { shape: [2, 3] })).rejects.toThrow(refusal);
    const scaled: NodeSpec[] = [["Relu", ["x"], ["positive"]]];
    await expect(loadOnnx(layer(scaled, ["time", 1, 3], "positive"))).rejects.toThrow(refusal);
  });

  it("that takes them behind time is taken; one step of a file for one row is played as it stands", async () => {
    const turned: NodeSpec[] = [["Transpose", ["x"], ["turned"], { perm: [1, 0, 2] }]];
    expect((await loadOnnx(layer(turned, ["rows", 4, 3], "turned"))).sites[0].shape).toEqual([4, 3]);
    const network = await loadOnnx(layer([], [1, 4, 3], "x"));
    expect([network.mostRows, network.opened]).toEqual([1, undefined]);
  });
});
