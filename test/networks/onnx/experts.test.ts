import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { openDecoder } from "../../../src/decoders/load-decoder.js";
import { plainProducts } from "../../../src/decoders/plain-products.js";
import { saveDecoderOnnx } from "../../../src/decoders/save-onnx.js";
import { expertLesions } from "../../../src/decoders/units.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { loadNetwork } from "../../../src/networks/load-network.js";
import { siteOf } from "../../../src/networks/network.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "../../decoders/tiny-checkpoint.js";
import { temporaryFolder } from "../../helpers/folders.js";
import { graphOf, type NodeSpec, onnxFile, port, weight } from "./build.js";

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
  readonly weights?: boolean;
  /** Whether two experts always have the same logits. */
  readonly tied?: boolean;
}

/** x [rows, tokens, width] through a router and a node of experts. */
function fileOf({ op, normalize, weights = false, tied = false }: Form): Uint8Array {
  const quantised = op === "QMoE";
  const ends = quantised
    ? ["x", "probs", "fc1", "s1", "", "fc2", "s2", "", "", "", "", "", "", "", weights ? "given" : ""]
    : ["x", "probs", "fc1", "", "fc2"];
  while (ends.at(-1) === "") ends.pop();
  const nodes: NodeSpec[] = [
    ["Reshape", ["x", "two"], ["flat"]],
    ["MatMul", ["flat", "router"], ["probs"]],
    ...(weights
      ? ([
          ["MatMul", ["flat", "second"], ["raw"]],
          ["Sigmoid", ["raw"], ["given"]],
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
  const given = form.weights ? product(second).map((value) => 1 / (1 + Math.exp(-value))) : terms;
  const over = form.weights
    ? form.normalize
      ? picked
      : undefined
    : form.op === "QMoE" || form.normalize
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
  [{ op: "QMoE", normalize: 0, weights: true }, ["silence", "reroute", "renormalise"]],
  [{ op: "QMoE", normalize: 1, weights: true, tied: true }, ["silence", "reroute", "renormalise"]],
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
    await expect(game).rejects.toThrow("invalid lesion of y/silence; expected zero, since its units are experts");
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
});
