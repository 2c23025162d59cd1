import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { openDecoder } from "../../../src/decoders/load-decoder.js";
import { plainProducts } from "../../../src/decoders/plain-products.js";
import { saveDecoderOnnx } from "../../../src/decoders/save-onnx.js";
import { expertLesions } from "../../../src/decoders/units.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { loadNetwork } from "../../../src/networks/load-network.js";
import { siteOf } from "../../../src/networks/sites.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "../../decoders/tiny-checkpoint.js";
import { temporaryFolder } from "../../helpers/folders.js";
import { graphOf, integers, type NodeSpec, onnxFile, port, weight } from "./build.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

type Lesion = (typeof expertLesions)[number];
const [experts, width, hidden, k] = [4, 16, 16, 2];
const tokens = 3;
let state = 1;
const random = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 2 * scale;
  });
/** Weights on a grid of 8 bits, so that QMoE has them exactly. */
const onGrid = (count: number) => random(count).map((value) => Math.round(value * 100) / 128);
const fc1 = onGrid(experts * hidden * width);
const fc2 = onGrid(experts * width * hidden);
const router = random(width * experts, 1.5);
/** Experts 1 and 2 alike. */
const tiedRouter = router.map((_, i) => router[i - (i % experts) + [0, 1, 1, 3][i % experts]]);
const second = random(width * experts);

const text = (name: string, value: string) => ({ name, type: 3, s: new TextEncoder().encode(value) });
const bytes = (name: string, dims: number[], values: Float32Array) => ({
  name,
  dims,
  dataType: 2,
  rawData: Uint8Array.from(values, (value) => Math.round(value * 128) + 128),
});

interface Form {
  readonly op: "MoE" | "QMoE";
  readonly normalize: number;
  /** What makes the gates that QMoE is given, if it is: of logits of their own, of its own ones, or something else. */
  readonly weights?: "sigmoid" | "softmax" | "own softmax" | "unknown";
  /** Whether a Softmax is in front of it. */
  readonly mixed?: boolean;
  /** Whether two experts always have the same logits. */
  readonly tied?: boolean;
}

/** x [rows, tokens, width] through a router and a node of experts. */
function fileOf({ op, normalize, weights, mixed = false, tied = false }: Form): Uint8Array {
  const quantised = op === "QMoE";
  const ends = quantised
    ? ["x", "probs", "fc1", "s1", "", "fc2", "s2", "", "", "", "", "", "", "", weights ? "given" : ""]
    : ["x", "probs", "fc1", "", "fc2"];
  while (ends.at(-1) === "") ends.pop();
  const nodes: NodeSpec[] = [
    ["Reshape", ["x", "two"], ["flat"]],
    ["MatMul", ["flat", "router"], [mixed ? "logits" : "probs"]],
    ...(mixed ? ([["Softmax", ["logits"], ["probs"]]] as NodeSpec[]) : []),
    ...(weights
      ? ([
          ["MatMul", ["flat", "second"], ["raw"]],
          ...(
            {
              sigmoid: [["Sigmoid", ["raw"], ["given"]]],
              softmax: [
                ["Softmax", ["raw"], ["shares"], { axis: 1 }],
                ["Identity", ["shares"], ["given"]],
              ],
              "own softmax": [["Softmax", ["probs"], ["given"]]],
              unknown: [["Exp", ["raw"], ["given"]]],
            } as Record<string, NodeSpec[]>
          )[weights],
        ] as NodeSpec[])
      : []),
    [
      `com.microsoft:${op}`,
      ends,
      ["y"],
      { k, normalize_routing_weights: normalize, ...(quantised && { expert_weight_bits: 8 }) },
    ],
  ];
  const scale = (name: string, rows: number) => weight(name, [experts, rows], Array(experts * rows).fill(1 / 128));
  const stored = quantised
    ? [
        bytes("fc1", [experts, hidden, width], fc1),
        scale("s1", hidden),
        bytes("fc2", [experts, width, hidden], fc2),
        scale("s2", width),
      ]
    : [weight("fc1", [experts, hidden, width], fc1), weight("fc2", [experts, width, hidden], fc2)];
  const graph = graphOf({
    nodes,
    weights: [
      ...stored,
      weight("router", [width, experts], tied ? tiedRouter : router),
      weight("second", [width, experts], second),
      { name: "two", dims: [2], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(-1n, BigInt(width)).buffer) },
    ],
    inputs: [port("x", ["rows", tokens, width])],
    outputs: [port("y", ["rows", tokens, width])],
  });
  graph.node.at(-1)!.attribute.push(text("activation_type", "silu"));
  return onnxFile(graph, 17, ["com.microsoft"]);
}

/** A plain implementation: what the node gives for one token. */
function expected(x: Float32Array, form: Form, out: readonly number[], lesion: Lesion): Float64Array {
  const product = (matrix: Float32Array) =>
    Array.from({ length: experts }, (_, e) => x.reduce((sum, value, i) => sum + value * matrix[i * experts + e], 0));
  const logits = product(form.tied ? tiedRouter : router);
  const open = (e: number) => lesion !== "reroute" || !out.includes(e);
  const order = [...logits.keys()].filter(open).sort((a, b) => logits[b] - logits[a] || b - a); // of equal ones QMoE picks the last
  const picked = order.slice(0, k);
  const terms = logits.map((logit) => Math.exp(logit));
  const exponentials = product(second).map((value) => Math.exp(value));
  const given =
    form.weights === "sigmoid"
      ? exponentials.map((value) => value / (1 + value))
      : form.weights === "softmax" || form.weights === "unknown"
        ? exponentials
        : terms;
  const alone = form.weights === "sigmoid" || form.weights === "unknown";
  const over =
    form.weights && !form.normalize
      ? alone
        ? undefined
        : order
      : form.weights || form.op === "QMoE" || form.normalize
        ? picked
        : order;
  const whole = over ? over.reduce((sum, e) => sum + given[e], 0) : 1;
  const left = picked.filter((e) => !out.includes(e));
  const rescaled = lesion === "renormalise" && left.length < picked.length;
  const together = rescaled ? left.reduce((sum, e) => sum + given[e], 0) : whole;
  const y = new Float64Array(width);
  for (const e of left) {
    const inner = Array.from({ length: hidden }, (_, i) => {
      const a = x.reduce((sum, value, j) => sum + value * fc1[(e * hidden + i) * width + j], 0);
      return a / (1 + Math.exp(-a));
    });
    for (let j = 0; j < width; j++) {
      const own = inner.reduce((sum, value, i) => sum + value * fc2[(e * width + j) * hidden + i], 0);
      y[j] += (given[e] / together) * own;
    }
  }
  return y;
}

const inputs = random(2 * tokens * width);
const coalitions = [[], [0, 1, 2, 3], [0], [3], [1, 2], [0, 1, 3], [1, 2, 3]];

const forms: [Form, Lesion[]][] = [
  [{ op: "MoE", normalize: 0 }, ["reroute"]],
  [{ op: "MoE", normalize: 1 }, ["reroute"]],
  [{ op: "QMoE", normalize: 0 }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 1 }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 0, weights: "sigmoid" }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 1, weights: "sigmoid", tied: true }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 0, weights: "softmax" }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 0, weights: "own softmax" }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 1, weights: "own softmax" }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 0, weights: "unknown" }, ["silence", "renormalise"]],
];

describe("experts in an ONNX file", () => {
  it.each(forms)("of the node %j are lesioned as a plain implementation has it", async (form, lesions) => {
    const network = await loadNetwork(fileOf(form));
    const masks = network.sites.filter(({ kind }) => kind === "Experts");
    expect(masks.map(({ name, units }) => [name, units])).toEqual(lesions.map((lesion) => [`y/${lesion}`, experts]));
    for (const lesion of lesions) {
      const game = await networkGame(network, inputs, { sites: [`y/${lesion}`], lesion: "zero", score: "output" });
      expect(game.units).toEqual([0, 1, 2, 3].map((e) => `y/${lesion}/${e}`));
      const values = await game.evaluate(coalitionsOf(experts, coalitions));
      const each = values.length / coalitions.length;
      for (const [c, intact] of coalitions.entries()) {
        const out = [0, 1, 2, 3].filter((e) => !intact.includes(e));
        const own = Array.from({ length: 2 * tokens }, (_, t) => [
          ...expected(inputs.subarray(t * width, (t + 1) * width), form, out, lesion),
        ]).flat();
        expect(each).toBe(own.length);
        own.forEach((value, i) => expect(values[c * each + i]).toBeCloseTo(value, 4));
      }
    }
  });

  it("have no reroute where it is not known how given gates follow from logits, which is said", async () => {
    const network = await loadNetwork(fileOf({ op: "QMoE", normalize: 0, weights: "unknown" }));
    expect(() => siteOf(network, "y/reroute")).toThrow("its router_weights given are not known to be a Softmax or");
  });

  it.each(["MoE", "QMoE"] as const)("of a %s behind a Softmax have no reroute, which is said", async (op) => {
    const network = await loadNetwork(fileOf({ op, normalize: 1, mixed: true }));
    expect(() => siteOf(network, "y/reroute")).toThrow(
      `${op} y: between its router and its choice of experts is Softmax`,
    );
    const own = network.sites.filter(({ kind }) => kind === "Experts").map(({ name }) => name);
    expect(own).toEqual(op === "QMoE" ? ["y/silence", "y/renormalise"] : []);
  });

  it("of a float MoE have no silence, which is said with what to do instead", async () => {
    const network = await loadNetwork(fileOf({ op: "MoE", normalize: 1 }));
    for (const lesion of ["silence", "renormalise"]) {
      expect(() => siteOf(network, `y/${lesion}`)).toThrow("MoE y has no input for gates");
      expect(() => siteOf(network, `y/${lesion}`)).toThrow("lesion y/reroute, write the network with QMoE");
    }
  });

  it("are lesioned by 0 alone: a mean of masks would be no lesion", async () => {
    const network = await loadNetwork(fileOf({ op: "QMoE", normalize: 1 }));
    const game = networkGame(network, inputs, { sites: ["y/silence"], lesion: "mean" });
    await expect(game).rejects.toThrow(
      'invalid lesion of y/silence; expected zero, since its units are experts; received "mean"',
    );
  });

  it.each(["mixtral", "olmoe"])("unrolled are lesioned as those of the decoder: %s", async (kind) => {
    const [place, path] = [join(folder, kind), join(folder, `${kind}.onnx`)];
    const config = tinyConfig(kind);
    writeCheckpoint(place, config, randomTensors(config, 5));
    await saveDecoderOnnx(place, path, { tokens: 5 });
    const network = await loadNetwork(path);
    const decoder = openDecoder(place, plainProducts());
    const sequences = [
      [1, 2, 3, 4, 5],
      [7, 0, 10, 2, 9],
    ];
    for (const lesion of expertLesions) {
      const sites = [`L0/gates/${lesion}`, `L1/gates/${lesion}`];
      const game = await networkGame(network, Int32Array.from(sequences.flat()), {
        sites,
        lesion: "zero",
        score: "output",
      });
      const names = decoder.units.experts;
      expect(game.units).toEqual(names.map((name) => name.replace("/E", `/gates/${lesion}/`)));
      const some = [[...names.keys()], [0, 1, 2, 5, 6, 7], [2, 3, 4, 6], [1, 7], [0, 1, 2, 3], []];
      const values = await game.evaluate(coalitionsOf(names.length, some));
      const each = values.length / some.length;
      for (const [c, intact] of some.entries()) {
        const lesioned = names.filter((_, unit) => !intact.includes(unit));
        const logits = await decoder.logits(sequences, { lesioned, lesion, all: true });
        const own = [...logits[0], ...logits[1]];
        expect(each).toBe(own.length);
        own.forEach((value, i) => expect(values[c * each + i]).toBeCloseTo(value, 4));
      }
    }
  });

  const softmax = (logits: number[]) => {
    const terms = logits.map((logit) => Math.exp(logit));
    const sum = terms.reduce((all, term) => all + term, 0);
    return terms.map((term) => term / sum);
  };
  const sigmoid = (logits: number[]) => logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  const shareOf = (shares: number[]) => shares.map((share) => share / shares.reduce((all, own) => all + own, 0));
  const same = (numbers: number[]) => numbers;
  /**
   * Ways from logits to the values that are spread: nodes, the shares of all experts, and what is made of those that
   * are picked.
   */
  const ways: [string, NodeSpec[], (logits: number[]) => number[], (picked: number[]) => number[]][] = [
    ["TopK, Softmax", [top("logits"), ["Softmax", ["v"], ["g"]]], same, softmax],
    ["Softmax, TopK", [["Softmax", ["logits"], ["p"]], top("p", "g")], softmax, same],
    [
      "Sigmoid, TopK, rescaled",
      [["Sigmoid", ["logits"], ["p"]], top("p"), ["ReduceSum", ["v", "axis"], ["sum"]], ["Div", ["v", "sum"], ["g"]]],
      sigmoid,
      shareOf,
    ],
    ["Softmax, TopK, Softmax", [["Softmax", ["logits"], ["p"]], top("p"), ["Softmax", ["v"], ["g"]]], softmax, softmax],
    [
      "Softplus, TopK",
      [["Softplus", ["logits"], ["p"]], top("p", "g")],
      (logits) => logits.map((logit) => Math.log1p(Math.exp(logit))),
      same,
    ],
    [
      "TopK and Softmax, gathered",
      [top("logits"), ["Softmax", ["logits"], ["p"]], ["GatherElements", ["p", "i"], ["g"], { axis: 1 }]],
      softmax,
      same,
    ],
  ];
  function top(of: string, values = "v"): NodeSpec {
    return ["TopK", [of, "k"], [values, "i"], { axis: 1 }];
  }
  /** Gates by themselves, x [rows, width] times the router. */
  const gatesOf = (way: NodeSpec[], { axis = 1, spread = "blank", behind = [] as NodeSpec[] } = {}) =>
    onnxFile(
      graphOf({
        nodes: [
          ["MatMul", ["x", "router"], ["logits"]],
          ["Shape", ["logits"], ["shape"]],
          ["ConstantOfShape", ["shape"], ["blank"]],
          ["Exp", ["logits"], ["some"]],
          ...way,
          ["ScatterElements", [spread, "i", "g"], [behind.length > 0 ? "first" : "gates"], { axis }],
          ...behind,
        ],
        weights: [
          weight("router", [width, experts], router),
          integers("k", [1], [k]),
          integers("axis", [1], [1]),
          weight("ones", [experts, 1], [1, 1, 1, 1]),
          weight("tiny", [1], [1e-9]),
          weight("one", [1], [1]),
        ],
        inputs: [port("x", ["rows", width])],
        outputs: [port("gates", ["rows", experts])],
      }),
      17,
    );
  const rowsOf = (x: Float32Array) =>
    Array.from({ length: x.length / width }, (_, r) => x.subarray(r * width, (r + 1) * width));

  const sum: NodeSpec = ["ReduceSum", ["first", "axis"], ["sum"]];
  /** Ways in which gates are rescaled behind where they are spread. */
  const rescaled: [string, NodeSpec[]][] = [
    ["Div by ReduceSum", [sum, ["Div", ["first", "sum"], ["gates"]]]],
    [
      "Div by MatMul",
      [
        ["MatMul", ["first", "ones"], ["sum"]],
        ["Div", ["first", "sum"], ["gates"]],
      ],
    ],
    ["Div by a sum and a little", [sum, ["Add", ["sum", "tiny"], ["more"]], ["Div", ["first", "more"], ["gates"]]]],
    ["Reciprocal", [sum, ["Reciprocal", ["sum"], ["by"]], ["Mul", ["by", "first"], ["gates"]]]],
    ["LpNormalization", [["LpNormalization", ["first"], ["gates"], { axis: 1, p: 1 }]]],
  ];
  const behindWays = rescaled.map(
    ([name, behind]) => [`behind, ${name}`, ways[1][1], softmax, shareOf, behind] as const,
  );

  it.each([...ways.map((way) => [...way, []] as const), ...behindWays])(
    "unrolled along axis 1 are lesioned: %s",
    async (_, nodes, shares, made, behind) => {
      const network = await loadNetwork(gatesOf(nodes, { behind: [...behind] }));
      for (const lesion of expertLesions) {
        const game = await networkGame(network, inputs, {
          sites: [`gates/${lesion}`],
          lesion: "zero",
          score: "output",
        });
        const values = await game.evaluate(coalitionsOf(experts, coalitions));
        const own = coalitions.flatMap((intact) =>
          rowsOf(inputs).flatMap((x) => {
            const logits = Array.from({ length: experts }, (_, e) =>
              x.reduce((sum, value, i) => sum + value * router[i * experts + e], 0),
            );
            const open = [...logits.keys()].filter((e) => lesion !== "reroute" || intact.includes(e));
            const given = shares(open.map((e) => logits[e]));
            const order = [...open.keys()].sort((a, b) => given[b] - given[a]).slice(0, k);
            const gates = made(order.map((o) => given[o]));
            const left = order.map((o) => intact.includes(open[o]));
            const rest = gates.reduce((sum, gate, g) => sum + (left[g] ? gate : 0), 0);
            const by = lesion === "renormalise" && left.includes(false) ? rest : 1;
            const row = new Array<number>(experts).fill(0);
            order.forEach((o, g) => {
              if (left[g]) row[open[o]] = gates[g] / by;
            });
            return row;
          }),
        );
        expect(values.length).toBe(own.length);
        own.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 5));
      }
    },
  );

  it.each([
    ["Softmax p", [["Softmax", ["logits"], ["p"]], ["Mul", ["p", "one"], ["q"]], top("q", "g")]],
    ["Softmax p", [["Softmax", ["logits"], ["p"]], ["Softmax", ["p"], ["q"]], top("q", "g")]],
    [
      "ReduceSum sum",
      [
        ["Exp", ["logits"], ["own"]],
        ["ReduceSum", ["own", "axis"], ["sum"]],
        ["Div", ["own", "sum"], ["p"]],
        top("p", "g"),
      ],
    ],
    [
      "Softmax p",
      [
        ["Softmax", ["logits"], ["p"]],
        ["Sigmoid", ["p"], ["q"]],
        top("logits"),
        ["GatherElements", ["q", "i"], ["g"], { axis: 1 }],
      ],
    ],
  ] as [string, NodeSpec[]][])(
    "have no reroute where experts' numbers are mixed before the choice: %s",
    async (mixed, way) => {
      const network = await loadNetwork(gatesOf(way));
      const own = network.sites.filter(({ kind }) => kind === "Experts").map(({ name }) => name);
      expect(own).toEqual(["gates/silence", "gates/renormalise"]);
      expect(() => siteOf(network, "gates/reroute")).toThrow(
        `gates has no reroute: between its router and its choice of experts is ${mixed}, so it is not known`,
      );
      const game = await networkGame(network, inputs, { sites: ["gates/silence"], lesion: "zero", score: "output" });
      const [intact, without] = [
        await game.evaluate(coalitionsOf(experts, [[0, 1, 2, 3]])),
        await game.evaluate(coalitionsOf(experts, [[0, 2, 3]])),
      ];
      expect(without).toEqual(intact.map((gate, i) => (i % experts === 1 ? 0 : gate)));
    },
  );

  it("whose gates are rescaled behind have the sites of those, which is said", async () => {
    const network = await loadNetwork(gatesOf(ways[1][1], { behind: rescaled[0][1] }));
    const own = network.sites.filter(({ kind }) => kind === "Experts").map(({ name }) => name);
    expect(own).toEqual(expertLesions.map((lesion) => `gates/${lesion}`));
    expect(() => siteOf(network, "first/silence")).toThrow("its experts' gates are gates; ask for gates/silence");
  });

  it.each([
    [
      "a sum of outputs by that of gates",
      [sum, ["MatMul", ["first", "logits2"], ["all"]], ["Div", ["all", "sum"], ["gates"]]],
      "sum, made of them, goes into Div gates",
    ],
    ["a largest one", [["ReduceMax", ["first"], ["gates"], { axes: [1] }]], "they go into ReduceMax gates"],
    [
      "squares",
      [
        ["Mul", ["first", "first"], ["own"]],
        ["Exp", ["own"], ["gates"]],
      ],
      "they go into Mul own",
    ],
    ["what is left of 1", [sum, ["Sub", ["one", "sum"], ["gates"]]], "sum, made of them, goes into Sub gates"],
    ["something of the data", [["Add", ["first", "logits"], ["gates"]]], "they go into Add gates"],
  ] as [string, NodeSpec[], string][])("that go into more than products are refused: %s", async (_, behind, reason) => {
    const more: NodeSpec[] = [["Transpose", ["logits"], ["logits2"], { perm: [1, 0] }]];
    const network = await loadNetwork(gatesOf([...ways[1][1], ...more], { behind }));
    expect(network.sites.some(({ kind }) => kind === "Experts")).toBe(false);
    for (const lesion of expertLesions) expect(() => siteOf(network, `first/${lesion}`)).toThrow(reason);
  });

  it.each([
    [{ axis: 0 }, ways[0][1], "its ScatterElements is not known to work along the last axis"],
    [{ spread: "some" }, ways[0][1], "its ScatterElements writes over something that is not known to be 0"],
    [{}, [top("logits"), ["Exp", ["v"], ["g"]]], "its values are not known to be made of those that its TopK picks"],
    [
      {},
      [top("logits"), ["ReduceSum", ["v", "axis"], ["sum"]], ["Div", ["v", "sum"], ["g"]]],
      "its values are rescaled logits, and no Softmax or Sigmoid of them",
    ],
  ] as [object, NodeSpec[], string][])("that are none say why: %j", async (how, nodes, reason) => {
    const network = await loadNetwork(gatesOf(nodes, how));
    expect(network.sites.some(({ kind }) => kind === "Experts")).toBe(false);
    for (const lesion of expertLesions)
      expect(() => siteOf(network, `gates/${lesion}`)).toThrow(`gates is not taken for experts: ${reason}`);
  });
});
