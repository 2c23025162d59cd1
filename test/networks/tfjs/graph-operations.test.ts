import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { shapley } from "../../../src/engine/shapley.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { sites } from "../../../src/networks/sites.js";
import { loadTfjs } from "../../../src/networks/tfjs/load.js";
import { type BuiltGraph, type BuiltNode, float, int, writeGraph } from "./build-graph.js";

const folder = mkdtempSync(join(tmpdir(), "tfjs-graph-"));
afterAll(() => rmSync(folder, { recursive: true }));
let graphs = 0;
const written = (graph: BuiltGraph) => writeGraph(join(folder, String(graphs++)), graph);

const W = float([3, 2], [1, 2, 3, 4, 5, 6]);
const product: BuiltNode = ["h", "MatMul", ["x", "W"], { transpose_a: { b: false }, transpose_b: { b: false } }];
const bool = { T: { type: "DT_BOOL" } };
const cast = (from: string, to: string) => ({ SrcT: { type: from }, DstT: { type: to } });
/** Two rows: h is [22, 28] and [-3, -2]. */
const rows = Float32Array.of(1, 2, 3, 2, 0, -1);

/**
 * The output for both rows, with the sites intact, and with their first unit lesioned; from far in front, and from
 * close behind.
 */
async function played(graph: BuiltGraph, site: string, output?: string): Promise<number[]> {
  const network = await loadTfjs(written(graph));
  const game = await networkGame(network, rows, { sites: [site], ...(output !== undefined && { output }) });
  const units = game.units.length;
  const all = Array.from({ length: units }, (_, unit) => unit);
  const values = await game.evaluate(coalitionsOf(units, [all, all.slice(1), all]));
  game.dispose();
  return [...values];
}

/** y from h, by some nodes; what is expected of rows [22, 28], [-3, -2], and with h/0 lesioned [0, 28], [0, -2]. */
const between: Readonly<
  Record<string, { readonly nodes: BuiltNode[]; readonly y: (a: number, b: number) => number[] }>
> = {
  "a comparison that chooses": {
    nodes: [
      ["gt", "Greater", ["h", "t"]],
      ["z", "ZerosLike", ["h"]],
      ["y", "SelectV2", ["gt", "h", "z"]],
    ],
    y: (a, b) => [a, b].map((v) => (v > 25 ? v : 0)),
  },
  "and, or, not": {
    nodes: [
      ["gt", "Greater", ["h", "zero"]],
      ["lt", "LessEqual", ["h", "t"]],
      ["and", "LogicalAnd", ["gt", "lt"], bool],
      ["not", "LogicalNot", ["and"], bool],
      ["or", "LogicalOr", ["not", "lt"], bool],
      ["f", "Cast", ["and"], cast("DT_BOOL", "DT_FLOAT")],
      ["g", "Cast", ["or"], cast("DT_BOOL", "DT_FLOAT")],
      ["p", "Mul", ["f", "h"]],
      ["y", "AddV2", ["p", "g"]],
    ],
    y: (a, b) => [a, b].map((v) => (v > 0 && v <= 25 ? v : 0) + 1),
  },
  "booleans chosen by booleans": {
    nodes: [
      ["gt", "Greater", ["h", "zero"]],
      ["lt", "Less", ["h", "t"]],
      ["eq", "NotEqual", ["gt", "lt"], bool],
      ["c", "SelectV2", ["gt", "lt", "eq"], bool],
      ["y", "Cast", ["c"], cast("DT_BOOL", "DT_FLOAT")],
    ],
    y: (a, b) => [a, b].map((v) => Number(v > 0 ? v < 25 : v > 0 !== v < 25)),
  },
  "numbers as booleans, as whole numbers": {
    nodes: [
      ["half", "Mul", ["h", "small"]],
      ["b", "Cast", ["half"], cast("DT_FLOAT", "DT_BOOL")],
      ["i", "Cast", ["half"], cast("DT_FLOAT", "DT_INT32")],
      ["bf", "Cast", ["b"], cast("DT_BOOL", "DT_FLOAT")],
      ["if", "Cast", ["i"], cast("DT_INT32", "DT_FLOAT")],
      ["y", "AddV2", ["bf", "if"]],
    ],
    // A hundredth of them: not 0, but below 1.
    y: (a, b) => [a, b].map((v) => Number(v !== 0) + Math.trunc(Math.fround(v * Math.fround(0.01)))),
  },
  "the place of the largest, one-hot": {
    nodes: [
      ["i", "ArgMax", ["h", "axis"], { output_type: { type: "DT_INT32" } }],
      ["o", "OneHot", ["i", "depth", "on", "off"], { axis: { i: "-1" } }],
      ["row", "GatherV2", ["table", "i", "first"], { batch_dims: { i: "0" } }],
      ["oh", "Mul", ["o", "h"]],
      ["y", "AddV2", ["oh", "row"]],
    ],
    y: (a, b) => (b > a ? [30, b + 40] : [a + 10, 20]),
  },
  "whole numbers compared": {
    nodes: [
      ["i", "Cast", ["h"], cast("DT_FLOAT", "DT_INT32")],
      ["eq", "Equal", ["i", "i22"], { T: { type: "DT_INT32" } }],
      ["s", "SelectV2", ["eq", "i", "i7"], { T: { type: "DT_INT32" } }],
      ["y", "Cast", ["s"], cast("DT_INT32", "DT_FLOAT")],
    ],
    y: (a, b) => [a, b].map((v) => (Math.trunc(v) === 22 ? 22 : 7)),
  },
};
const constants = {
  W,
  t: float([], [25]),
  zero: float([], [0]),
  small: float([], [0.01]),
  axis: int([], [1]),
  first: int([], [0]),
  depth: int([], [2]),
  on: float([], [1]),
  off: float([], [0]),
  table: float([2, 2], [10, 20, 30, 40]),
  i22: int([], [22]),
  i7: int([], [7]),
};

describe("nodes of booleans and whole numbers between sites", () => {
  it.each(Object.keys(between))("are computed: %s", async (name) => {
    const { nodes, y } = between[name];
    const close = (values: number[]) => values.map((value) => Number(value.toFixed(4)));
    // In every pass: they stand behind the lesioned site.
    const again = await played({ constants, nodes: [product, ...nodes] }, "h");
    const intact = [...y(22, 28), ...y(-3, -2)];
    expect(close(again)).toEqual([...intact, ...y(0, 28), ...y(0, -2), ...intact]);
    // Once for each input: only what they come to is lesioned.
    const once = await played({ constants, nodes: [product, ...nodes, ["last", "Identity", ["y"]]] }, "y");
    const [, a, , b] = intact;
    expect(close(once)).toEqual([...intact, 0, a, 0, b, ...intact]);
  });

  it("reach inputs of booleans and whole numbers, which are not rounded", async () => {
    const network = await loadTfjs(
      written({
        inputs: { x: {}, m: { type: "DT_BOOL" }, n: { type: "DT_INT64", shape: [-1, 3] } },
        constants: { W },
        nodes: [
          ["nf", "Cast", ["n"], cast("DT_INT64", "DT_FLOAT")],
          ["s", "SelectV2", ["m", "x", "nf"]],
          ["y", "MatMul", ["s", "W"], { transpose_a: { b: false }, transpose_b: { b: false } }],
        ],
      }),
    );
    const inputs = { x: Float32Array.of(1, 2, 3), m: Uint8Array.of(1, 0, 1), n: Int32Array.of(7, 10, 9) };
    const game = await networkGame(network, inputs, { sites: ["x"] });
    expect([...(await game.evaluate(coalitionsOf(3, [[0, 1, 2], [0]])))]).toEqual([46, 60, 31, 42]);
    const odd = { ...inputs, n: Float32Array.of(7, 1.5, 9) };
    await expect(networkGame(network, odd, { sites: ["x"] })).rejects.toThrow(
      "invalid inputs n; expected whole numbers from -2147483648 to 2147483647, as the network takes int32",
    );
    const two = { ...inputs, m: Uint8Array.of(1, 2, 0) };
    await expect(networkGame(network, two, { sites: ["x"] })).rejects.toThrow(/^invalid inputs m; expected .*bool/);
  });
});

describe("nodes with several outputs", () => {
  const split: BuiltNode = ["sp", "Split", ["axis", "h"], { num_split: { i: "2" } }];

  it("are as many sites and outputs, named in the signature", async () => {
    const graph = {
      constants: { W, axis: int([], [1]) },
      nodes: [product, split],
      outputs: { first: "sp:0", second: "sp:1", twice: "sp:1" },
    };
    const network = await loadTfjs(written(graph));
    expect(network.outputs).toEqual(["first", "second", "twice"].map((name) => ({ name, shape: [1] })));
    expect(sites(network).map(({ name }) => name)).toEqual(["input", "h", "sp:0", "sp:1"]);
    const value = async (output: string, site: string) => {
      const game = await networkGame(network, Float32Array.of(1, 2, 3), { sites: [site], output });
      return [...(await shapley(game, { estimator: "exact" })).vAll!];
    };
    expect(await value("first", "h")).toEqual([22]);
    expect(await value("second", "sp:1")).toEqual([28]);
    expect(await value("twice", "h")).toEqual([28]);
    await expect(value("second", "sp:0")).rejects.toThrow("expected one that the output sp:1 depends on");
    await expect(value("second", "sp")).rejects.toThrow("it could mean sp:0 or sp:1");
    await expect(networkGame(network, rows, { sites: ["h"] })).rejects.toThrow("expected one of first, second, twice");
  });

  it("are all outputs, where nothing is computed from them and no signature names them", async () => {
    const network = await loadTfjs(written({ constants: { W, axis: int([], [1]) }, nodes: [product, split] }));
    expect(network.outputs.map(({ name }) => name)).toEqual(["sp:0", "sp:1"]);
  });

  it.each([
    ["TopKV2", ["h", "k"], {}, 28, 1],
    ["Unpack", ["h"], { num: { i: "2" }, axis: { i: "1" } }, 22, 28],
    ["SplitV", ["h", "sizes", "axis"], { num_split: { i: "2" } }, 22, 28],
    ["IdentityN", ["h", "x"], { T: { list: { type: ["DT_FLOAT", "DT_FLOAT"] } } }, 22, 1],
  ])("such as those of %s are told apart", async (op, input, attr, first, second) => {
    const more = { k: int([], [1]), sizes: int([2], [1, 1]), axis: int([], [1]) };
    const network = await loadTfjs(
      written({
        constants: { W, ...more },
        nodes: [product, ["n", op, input as string[], attr]],
        outputs: { a: "n", b: "n:1" },
      }),
    );
    for (const [output, expected] of [
      ["a", first],
      ["b", second],
    ] as const) {
      const game = await networkGame(network, Float32Array.of(1, 2, 3), { sites: ["h"], output }).catch(() =>
        networkGame(network, Float32Array.of(1, 2, 3), { sites: ["input"], output }),
      );
      const units = game.units.length;
      const [value] = await game.evaluate(coalitionsOf(units, [Array.from({ length: units }, (_, unit) => unit)]));
      expect(value).toBe(expected);
    }
  });

  it("keep the names of outputs that differ in their number alone, and a name that is a node's as well", async () => {
    const graph = {
      constants: { W, axis: int([], [1]), ten: float([], [10]) },
      nodes: [product, split, ["tens", "Mul", ["h", "ten"]] as BuiltNode],
      outputs: { "sp:0": "sp:0", "sp:1": "sp:1", h: "tens:0" },
    };
    const network = await loadTfjs(written(graph));
    expect(network.outputs.map(({ name }) => name)).toEqual(["sp", "sp:1", "h"]);
    // The output h is ten times the node h: neither is taken for the other.
    const game = await networkGame(network, Float32Array.of(1, 2, 3), { sites: ["h"], output: "h" });
    expect([...(await game.evaluate(coalitionsOf(2, [[0, 1], [0]])))]).toEqual([220, 280, 220, 0]);
  });
});

describe("nodes that can not be computed exactly", () => {
  const loop: BuiltNode[] = [
    ["en", "Enter", ["h"]],
    ["m", "Merge", ["en", "ni"]],
    ["lt", "Less", ["m", "t"]],
    ["lc", "LoopCond", ["lt"]],
    ["sw", "Switch", ["m", "lc"]],
    ["dbl", "AddV2", ["sw:1", "sw:1"]],
    ["ni", "NextIteration", ["dbl"]],
    ["y", "Exit", ["sw"]],
  ];
  it.each([
    ["a loop", loop, "control flow: which nodes are computed depends on the values", "Exit, node y"],
    ["a branch", [["y", "StatelessIf", ["t", "h"]]], "control flow", "StatelessIf, node y"],
    ["a function", [["y", "StatefulPartitionedCall", ["h"]]], "control flow", "StatefulPartitionedCall, node y"],
    [
      "a list",
      [
        ["l", "TensorListFromTensor", ["h"]],
        ["y", "TensorListStack", ["l"]],
      ],
      "a list of tensors",
      "TensorListStack, node y",
    ],
    [
      "a table",
      [
        ["ht", "HashTableV2", []],
        ["y", "LookupTableFindV2", ["ht", "h", "t"]],
      ],
      "a lookup table",
      "LookupTableFindV2, node y",
    ],
    ["text", [["y", "StringToHashBucketFast", ["h"]]], "text or encoded data", "StringToHashBucketFast, node y"],
    [
      "places",
      [
        ["w", "Where", ["h"]],
        ["y", "Cast", ["w"], cast("DT_INT64", "DT_FLOAT")],
      ],
      "executeAsync only",
      "Where, node w",
    ],
    ["boxes", [["y", "NonMaxSuppressionV5", ["h", "t"]]], "executeAsync only", "NonMaxSuppressionV5, node y"],
    [
      "a grid",
      [["y", "FakeQuantWithMinMaxVars", ["h", "t", "t"]]],
      "rounds to a grid",
      "FakeQuantWithMinMaxVars, node y",
    ],
    [
      "an axis",
      [["y", "OneHot", ["h", "t", "t", "t"], { axis: { i: "0" } }]],
      "its axis is not the last",
      "OneHot, node y",
    ],
    [
      "training",
      [["y", "FusedBatchNormV3", ["h", "t", "t", "t", "t"], { is_training: { b: true } }]],
      "as in training",
      "FusedBatchNormV3, node y",
    ],
    [
      "channels first",
      [["y", "MaxPool", ["h"], { data_format: { s: "TkNIVw==" } }]],
      "takes it for channels last",
      "MaxPool, node y",
    ],
  ] as const)("are refused by name: %s", async (_, nodes, reason, named) => {
    const graph = written({
      constants: { W, t: float([], [100]) },
      nodes: [product, ...(nodes as unknown as BuiltNode[])],
    });
    await expect(loadTfjs(graph)).rejects.toThrow(reason);
    await expect(loadTfjs(graph)).rejects.toThrow(`received "${named}"`);
  });

  it("do no harm where no output depends on them", async () => {
    const nodes: BuiltNode[] = [product, ["y", "Relu", ["h"]], ["w", "Where", ["h"]]];
    const network = await loadTfjs(written({ constants: { W }, nodes, outputs: { y: "y:0" } }));
    expect(sites(network).map(({ name }) => name)).toEqual(["input", "h", "y"]);
  });

  it("are told by name where TensorFlow.js does not know the operation", async () => {
    const graph = written({ constants: { W }, nodes: [product, ["y", "Betainc", ["h"]]] });
    await expect(loadTfjs(graph)).rejects.toThrow(
      "node y (Betainc): TensorFlow.js does not know the operation Betainc",
    );
  });

  it.each(["DT_STRING", "DT_COMPLEX64", "DT_RESOURCE"])("are inputs of the type %s", async (type) => {
    const graph = written({ inputs: { x: { type } }, nodes: [["y", "Identity", ["x"]]] });
    await expect(loadTfjs(graph)).rejects.toThrow(
      `invalid input x; expected one of real numbers or booleans, not of text and the like; received "${type}"`,
    );
  });

  it.each(["RandomUniform", "RandomStandardNormal", "TruncatedNormal"])(
    "draw random numbers (%s), and are found before anything is played; other outputs are",
    async (op) => {
      const nodes: BuiltNode[] = [
        product,
        ["shape", "Shape", ["h"]],
        ["noise", op, ["shape"], { dtype: { type: "DT_FLOAT" }, seed: { i: "1" } }],
        ["noisy", "AddV2", ["h", "noise"]],
        ["y", "Relu", ["h"]],
      ];
      const network = await loadTfjs(written({ constants: { W }, nodes, outputs: { noisy: "noisy", y: "y" } }));
      await expect(networkGame(network, rows, { sites: ["h"], output: "noisy" })).rejects.toThrow(op);
      const game = await networkGame(network, rows, { sites: ["h"], output: "y" });
      expect([...(await game.evaluate(coalitionsOf(2, [[0, 1]])))]).toEqual([22, 28, 0, 0]);
    },
  );
});

describe("graphs that do not hold together", () => {
  it.each([
    [
      "a node that is computed from itself",
      [
        ["a", "Relu", ["b"]],
        ["b", "Relu", ["a"]],
        ["y", "AddV2", ["a", "x"]],
      ],
      "computed from itself",
    ],
    [
      "an input that is not there",
      [["y", "Relu", ["nothing"]]],
      'expected the name of a node of the graph; received "nothing"',
    ],
    ["an input called like a method", [["y", "Relu", ["constructor"]]], 'received "constructor"'],
    [
      "an output that a node does not have",
      [
        ["a", "Relu", ["x"]],
        ["y", "Relu", ["a:3"]],
      ],
      "computes no output 1",
    ],
    [
      "two nodes of one name",
      [
        ["y", "Relu", ["x"]],
        ["y", "Tanh", ["x"]],
      ],
      "nodes of different names",
    ],
    [
      "a constant without weights",
      [
        ["c", "Const", []],
        ["y", "AddV2", ["x", "c"]],
      ],
      "weights for a constant",
    ],
    ["a name with a number", [["y:0", "Relu", ["x"]]], "without : and ^"],
  ] as const)("are refused: %s", async (_, nodes, message) => {
    const graph = written({ nodes: nodes as unknown as BuiltNode[], outputs: { y: "y" } });
    await expect(loadTfjs(graph)).rejects.toThrow(message);
  });

  it("are taken with odd names, and ten thousand nodes deep", async () => {
    const chain = Array.from(
      { length: 10_000 },
      (_, i): BuiltNode => [`n${i}`, "Relu", [i === 0 ? "constructor" : `n${i - 1}`]],
    );
    const nodes: BuiltNode[] = [["constructor", "Neg", ["x"]], ...chain.slice(0, 60)];
    const network = await loadTfjs(written({ nodes, outputs: { toString: "n59" } }));
    const game = await networkGame(network, Float32Array.of(-1, 2, -3), { sites: ["constructor"] });
    expect([...(await game.evaluate(coalitionsOf(3, [[0, 1, 2], [0]])))]).toEqual([1, 0, 3, 1, 0, 0]);
    await expect(
      loadTfjs(written({ nodes: [...nodes, ...chain.slice(60), ["y", "Betainc", ["n9999"]]] })),
    ).rejects.toThrow("Betainc");
  });
});
