import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { expertLesions } from "../../../src/decoders/units.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { loadNetwork } from "../../../src/networks/load-network.js";
import { siteOf } from "../../../src/networks/sites.js";
import { graphOf, integers, type NodeSpec, onnxFile, port, weight } from "./build.js";

const [experts, width, hidden, k, tokens] = [4, 6, 5, 2, 3];
let state = 7;
const random = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 2 * scale;
  });
const router = random(width * experts, 1.5);
const up = Array.from({ length: experts }, () => random(width * hidden));
const down = Array.from({ length: experts }, () => random(hidden * width));
const rows = 3;
const inputs = random(rows * tokens * width, 2);

const softmax = (logits: number[]) => {
  const terms = logits.map((logit) => Math.exp(logit));
  const sum = terms.reduce((all, term) => all + term, 0);
  return terms.map((term) => term / sum);
};
const rescaled = (shares: number[]) => {
  const sum = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / sum);
};
const same = (numbers: number[]) => numbers;

/** From the router's logits to gates g and places i: nodes, shares of all, what is made of the picked ones. */
type Way = [nodes: NodeSpec[], shares: (logits: number[]) => number[], made: (picked: number[]) => number[]];
const top = (of: string, values: string): NodeSpec => ["TopK", [of, "k"], [values, "i"]];
const ways: Record<string, Way> = {
  // Mixtral, and Qwen's with norm_topk_prob
  "Softmax, TopK, rescaled": [
    [
      ["Softmax", ["logits"], ["p"]],
      top("p", "v"),
      ["ReduceSum", ["v", "last"], ["sum"]],
      ["Div", ["v", "sum"], ["g"]],
    ],
    softmax,
    rescaled,
  ],
  "Softmax, TopK": [[["Softmax", ["logits"], ["p"]], top("p", "v"), ["Cast", ["v"], ["g"], { to: 1 }]], softmax, same],
  "TopK, Softmax": [[top("logits", "v"), ["Softmax", ["v"], ["g"]]], same, softmax],
  "TopK, gathered": [
    [top("logits", "v"), ["Softmax", ["logits"], ["p"]], ["GatherElements", ["p", "i"], ["g"], { axis: 1 }]],
    softmax,
    same,
  ],
};

/** What exporters make of one_hot. */
const hots: Record<string, NodeSpec[]> = {
  OneHot: [["OneHot", ["i", "depth", "offOn"], ["hot"]]],
  Equal: [
    ["Unsqueeze", ["i", "last"], ["iEach"]],
    ["Equal", ["iEach", "all"], ["isHot"]],
    ["Cast", ["isHot"], ["hot"], { to: 7 }],
  ],
  ScatterElements: [
    ["Unsqueeze", ["i", "last"], ["iEach"]],
    ["Shape", ["i"], ["iShape"]],
    ["Concat", ["iShape", "count"], ["hotShape"], { axis: 0 }],
    ["Expand", ["zero", "hotShape"], ["cold"]],
    ["Shape", ["iEach"], ["eachShape"]],
    ["Expand", ["one1", "eachShape"], ["ones"]],
    ["ScatterElements", ["cold", "iEach", "ones"], ["hot"], { axis: 2 }],
  ],
};

/** How the rows of an expert are added to those of the tokens. */
type Adds = "ScatterND" | "ScatterElements" | "written back";

/**
 * x [rows, tokens, width] through the loop over experts of Hugging Face's networks, as torch exports it: one_hot of the
 * picked ones, torch.where of an expert's part of it, its tokens and gates by index, index_add_.
 */
function fileOf(
  way: NodeSpec[],
  adds: Adds = "ScatterND",
  more: NodeSpec[] = [],
  hot: NodeSpec[] = hots.OneHot,
): Uint8Array {
  const nodes: NodeSpec[] = [
    ["Reshape", ["x", "two"], ["flat"]],
    ["MatMul", ["flat", "router"], ["logits"]],
    ...way,
    ...hot,
    ["Transpose", ["hot"], ["mask"], { perm: [2, 1, 0] }],
    ["Shape", ["flat"], ["shape"]],
    ["ConstantOfShape", ["shape"], ["sum0"]],
  ];
  for (let e = 0; e < experts; e++) {
    const n = (name: string) => `${name}${e}`;
    nodes.push(
      ["Gather", ["mask", n("e")], [n("mine")]],
      ["NonZero", [n("mine")], [n("found")]],
      ["Gather", [n("found"), "one"], [n("token")]],
      ["Transpose", [n("found")], [n("slotToken")]],
      ["Gather", [n("slotToken"), "swap"], [n("tokenSlot")], { axis: 1 }],
      ["Gather", ["flat", n("token")], [n("own")]],
      ["MatMul", [n("own"), n("up")], [n("raw")]],
      ["Sigmoid", [n("raw")], [n("open")]],
      ["Mul", [n("raw"), n("open")], [n("hidden")]],
      ["MatMul", [n("hidden"), n("down")], [n("made")]],
      ["GatherND", ["g", n("tokenSlot")], [n("gate")]],
      ["Unsqueeze", [n("gate"), "last"], [n("gates")]],
      ["Mul", [n("made"), n("gates")], [n("term")]],
      ["Unsqueeze", [n("token"), "last"], [n("to")]],
    );
    if (adds === "ScatterND")
      nodes.push(["ScatterND", [n("sum"), n("to"), n("term")], [`sum${e + 1}`], { reduction: "add" }]);
    else if (adds === "ScatterElements")
      nodes.push(
        ["Shape", [n("term")], [n("termShape")]],
        ["Expand", [n("to"), n("termShape")], [n("toAll")]],
        ["ScatterElements", [n("sum"), n("toAll"), n("term")], [`sum${e + 1}`], { axis: 0, reduction: "add" }],
      );
    else
      nodes.push(
        ["Gather", [n("sum"), n("token")], [n("before")]],
        ["Add", [n("before"), n("term")], [n("together")]],
        ["ScatterND", [n("sum"), n("to"), n("together")], [`sum${e + 1}`]],
      );
  }
  nodes.push(...more, ["Shape", ["x"], ["xShape"]], ["Reshape", [`sum${experts}`, "xShape"], ["added"]]);
  nodes.push(["Add", ["x", "added"], ["y"]]);
  return onnxFile(
    graphOf({
      nodes,
      weights: [
        weight("router", [width, experts], router),
        ...up.map((own, e) => weight(`up${e}`, [width, hidden], own)),
        ...down.map((own, e) => weight(`down${e}`, [hidden, width], own)),
        ...up.map((_, e) => integers(`e${e}`, [], [e])),
        integers("k", [1], [k]),
        integers("two", [2], [-1, width]),
        integers("last", [1], [-1]),
        integers("one", [], [1]),
        integers("swap", [2], [1, 0]),
        integers("depth", [], [experts]),
        integers("count", [1], [experts]),
        integers("all", [experts], [0, 1, 2, 3]),
        integers("zero", [1], [0]),
        integers("one1", [1], [1]),
        integers("offOn", [2], [0, 1]),
      ],
      inputs: [port("x", ["rows", tokens, width])],
      outputs: [port("y", ["rows", tokens, width])],
    }),
    18,
  );
}

/** A plain implementation, one token. */
function expected(x: Float32Array, [, shares, made]: Way, intact: readonly number[], lesion: string): number[] {
  const product = (from: ArrayLike<number>, matrix: Float32Array, outputs: number) =>
    Array.from({ length: outputs }, (_, o) =>
      Array.from(from).reduce((sum, v, i) => sum + v * matrix[i * outputs + o], 0),
    );
  const logits = product(x, router, experts);
  const open = [...logits.keys()].filter((e) => lesion !== "reroute" || intact.includes(e));
  const given = shares(open.map((e) => logits[e]));
  const order = [...open.keys()].sort((a, b) => given[b] - given[a]).slice(0, k);
  const gates = made(order.map((o) => given[o]));
  const stays = order.map((o) => intact.includes(open[o]));
  const rest = gates.reduce((sum, gate, g) => sum + (stays[g] ? gate : 0), 0);
  const by = lesion === "renormalise" && stays.includes(false) ? rest : 1;
  const sum = Array.from(x);
  order.forEach((o, g) => {
    if (!stays[g]) return;
    const own = product(x, up[open[o]], hidden).map((value) => value / (1 + Math.exp(-value)));
    product(own, down[open[o]], width).forEach((value, i) => {
      sum[i] += (gates[g] / by) * value;
    });
  });
  return sum;
}

const coalitions = [[0, 1, 2, 3], [0, 2], [1], [0, 1, 3], [2, 3], []];

describe("experts that Hugging Face's networks unroll", () => {
  const cases: [string, Adds, string][] = [
    ...Object.keys(ways).map((name): [string, Adds, string] => [name, "ScatterND", "OneHot"]),
    ["Softmax, TopK, rescaled", "ScatterElements", "Equal"],
    ["Softmax, TopK, rescaled", "written back", "ScatterElements"],
  ];
  it.each(cases)("are lesioned as a plain implementation has it: %s, %s, %s", async (name, adds, hot) => {
    const way = ways[name];
    const network = await loadNetwork(fileOf(way[0], adds, [], hots[hot]));
    const sites = network.sites.filter(({ kind }) => kind === "Experts").map((site) => site.name);
    expect(sites).toEqual(expertLesions.map((lesion) => `g/${lesion}`));
    for (const lesion of expertLesions) {
      const game = await networkGame(network, inputs, { sites: [`g/${lesion}`], lesion: "zero", score: "output" });
      expect(game.units).toEqual([0, 1, 2, 3].map((e) => `g/${lesion}/${e}`));
      const values = await game.evaluate(coalitionsOf(experts, coalitions));
      const own = coalitions.flatMap((intact) =>
        Array.from({ length: rows * tokens }, (_, t) =>
          expected(inputs.subarray(t * width, (t + 1) * width), way, intact, lesion),
        ).flat(),
      );
      expect(values.length).toBe(own.length);
      own.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4));
    }
  });

  it.each([
    [
      "gates that decide something else",
      ways["Softmax, TopK"][0],
      [
        ["ReduceMax", ["g", "last"], ["largest"]],
        ["Mul", ["sum4", "largest"], ["unused"]],
      ],
      "its gates are used as more than factors of experts' outputs: they go into ReduceMax largest",
    ],
    ["logits", [top("logits", "g")], [], "its values are logits, and no Softmax or Sigmoid of them"],
    [
      "rescaled logits",
      [top("logits", "v"), ["ReduceSum", ["v", "last"], ["sum"]], ["Div", ["v", "sum"], ["g"]]],
      [],
      "its values are logits, and no Softmax or Sigmoid of them",
    ],
  ] as [string, NodeSpec[], NodeSpec[], string][])("are refused with the reason: %s", async (_, way, more, reason) => {
    const network = await loadNetwork(fileOf(way, "ScatterND", more));
    expect(network.sites.some(({ kind }) => kind === "Experts")).toBe(false);
    for (const lesion of expertLesions) expect(() => siteOf(network, `g/${lesion}`)).toThrow(reason);
  });
});
