import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compress } from "../../../src/analysis/smaller/compress.js";
import { sha256 } from "../../../src/files.js";
import type { Network } from "../../../src/networks/network.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { readModel } from "../../../src/networks/onnx/messages.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { fc } from "../../helpers/properties.js";
import { numbers, smallMlp } from "../../networks/mlp/small.js";
import { graphOf, integers, mlpAsOnnx, type NodeSpec, onnxFile, port, weight } from "../../networks/onnx/build.js";

let salt = 0;
const w = (name: string, ...dims: number[]) =>
  weight(
    name,
    dims,
    numbers(
      dims.reduce((a, b) => a * b, 1),
      ++salt,
    ),
  );
/** Numbers from 0.5 to 1.5, for variances. */
const positive = (name: string, length: number) =>
  weight(
    name,
    [length],
    numbers(length, ++salt).map((x) => x + 1),
  );

type Weights = ReturnType<typeof weight>[];

/** A network of images of 3 channels and 6 x 6 to two numbers, in which `nodes` come between `x` and `features`. */
function classifier(nodes: NodeSpec[], weights: Weights, features: number): Uint8Array {
  const head: NodeSpec[] = [
    ["GlobalAveragePool", ["features"], ["pooled"]],
    ["Flatten", ["pooled"], ["flat"], { axis: 1 }],
    ["Gemm", ["flat", "head", "headBias"], ["y"], { transB: 1 }],
  ];
  const all = [...weights, w("head", 2, features), w("headBias", 2)];
  const ports = { inputs: [port("x", ["rows", 3, 6, 6])], outputs: [port("y", ["rows", 2])] };
  return onnxFile(graphOf({ nodes: [...nodes, ...head], weights: all, ...ports }), 14);
}

/** Dims of a stored tensor of what was saved, and names of all. */
async function savedDims(smaller: Awaited<ReturnType<typeof compress>>): Promise<Map<string, number[]>> {
  const folder = mkdtempSync(join(tmpdir(), "smaller-"));
  try {
    const path = join(folder, "smaller.onnx");
    expect(smaller.save(path)).toBe(sha256(readFileSync(path)));
    const { graph } = readModel(readFileSync(path));
    return new Map((graph?.initializer ?? []).map(({ name, dims }) => [name ?? "", (dims ?? []).map(Number)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compresses and checks the difference against what float32 makes of a hundred terms around 1. */
async function exactly(network: Network, keep: Record<string, number[]>, options = {}) {
  const smaller = await compress(network, keep, options);
  expect(smaller.difference).toBeLessThanOrEqual(2e-6 * Math.max(1, smaller.largest));
  expect(smaller.after.parameters).toBeLessThan(smaller.before.parameters);
  return smaller;
}

const refused = (network: Network, keep: Record<string, number[]>, options = {}) =>
  expect(compress(network, keep, options)).rejects;

describe.skipIf(!onnxRuntime)("compress of ONNX networks", () => {
  it("gives the same weights as of the same network of dense layers, any units and constants", async () => {
    const parts = fc.record({
      kept: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
      constant: fc.constantFrom(0, 1.5),
      number: fc.integer({ min: 1, max: 99 }),
    });
    await fc.assert(
      fc.asyncProperty(parts, async ({ kept, constant, number }) => {
        const mlp = smallMlp({ inputs: 3, hidden: 5, outputs: 2 }, number);
        const lesion = { constant };
        const network = await loadOnnx(mlpAsOnnx(mlp));
        const ours = await compress(mlp, { hidden: kept }, { lesion, place: "activation" });
        const theirs = await exactly(network, { leaky: kept }, { lesion });
        const x = numbers(12, 3);
        const rows = { count: 4, data: [x] };
        const logits = theirs.network.sites.find(({ name }) => name === "logits")!;
        const [values] = await theirs.network.activations(rows, [logits]);
        const { logits: expected } = { logits: await ours.network.activations(rows, [ours.network.sites[1]]) };
        const leaky = theirs.network.sites.find(({ name }) => name === "leaky")!;
        const [hidden] = await theirs.network.activations(rows, [leaky]);
        for (const [i, value] of hidden.entries()) expect(value).toBeCloseTo(expected[0][i], 5);
        expect(values).toHaveLength(8);
        expect(ours.after.parameters).toBe(theirs.after.parameters);
      }),
      { numRuns: 8, seed: 3 },
    );
  });

  it("takes channels through convolutions, BatchNorm, SiLU, pooling, flattening and dense layers", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w1", "b1"], ["conv1"], { pads: [1, 1, 1, 1] }],
      ["BatchNormalization", ["conv1", "scale", "shift", "mean", "var"], ["norm1"]],
      ["Sigmoid", ["norm1"], ["gate1"]],
      ["Mul", ["norm1", "gate1"], ["silu1"]],
      ["MaxPool", ["silu1"], ["pool1"], { kernel_shape: [2, 2], strides: [2, 2] }],
      ["Conv", ["pool1", "w2"], ["conv2"], { pads: [1, 1, 1, 1], strides: [2, 2] }],
      ["Relu", ["conv2"], ["relu2"]],
      ["Flatten", ["relu2"], ["flat"], { axis: 1 }],
      ["Gemm", ["flat", "w3", "b3"], ["dense"]],
      ["Relu", ["dense"], ["relu3"]],
      ["MatMul", ["relu3", "w4"], ["product"]],
      ["Add", ["product", "b4"], ["y"]],
    ];
    const weights = [
      ...[w("w1", 6, 3, 3, 3), w("b1", 6), w("scale", 6), w("shift", 6), w("mean", 6), positive("var", 6)],
      ...[w("w2", 4, 6, 3, 3), w("w3", 16, 5), w("b3", 5), w("w4", 5, 2), w("b4", 2)],
    ];
    const ports = { inputs: [port("x", ["rows", 3, 6, 6])], outputs: [port("y", ["rows", 2])] };
    const network = await loadOnnx(onnxFile(graphOf({ nodes, weights, ...ports }), 14));
    const smaller = await exactly(network, { silu1: [0, 2, 5], relu2: [1, 3], relu3: [4] });
    const dims = await savedDims(smaller);
    expect(Object.fromEntries(dims)).toMatchObject({
      "w1/kept": [3, 3, 3, 3],
      "b1/kept": [3],
      "var/kept": [3],
      "w2/kept": [2, 3, 3, 3],
      "w3/kept": [8, 1],
      "b3/kept": [1],
      "w4/kept": [1, 2],
      b4: [2],
    });
    expect(smaller.sites).toEqual([
      { site: "silu1", before: 6, after: 3 },
      { site: "relu2", before: 4, after: 2 },
      { site: "relu3", before: 5, after: 1 },
    ]);
    // In front of the activation it is the same where the activation makes 0 of 0.
    await exactly(network, { norm1: [1], conv2: [0], dense: [2, 3] });
    // BatchNorm makes a constant of a channel of 0, and the padded convolution behind it can not take that as a bias.
    await refused(network, { conv1: [1, 2] }).toThrow(
      /invalid units of conv1; .*Conv conv2 can not take them as biases.*received \[0, 3, 4, 5\]/,
    );
    await refused(network, { y: [0] }).toThrow("they are an output of the network");
    await refused(network, { relu2: [] }).toThrow("at least one of the 4 units of relu2");
  });

  it("adds constants to biases where that is exact: dense layers and convolutions without padding", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w1", "b1"], ["conv1"]],
      ["Relu", ["conv1"], ["relu1"]],
      ["Conv", ["relu1", "w2"], ["features"]],
    ];
    const network = await loadOnnx(classifier(nodes, [w("w1", 4, 3, 3, 3), w("b1", 4), w("w2", 5, 4, 2, 2)], 5));
    await exactly(network, { relu1: [0, 3], flat: [1, 2, 4] }, { lesion: { constant: 0.75 } });
    await exactly(network, { conv1: [2] }, { lesion: { constant: 0.5 } });
    const inputs = numbers(4 * 108, 5);
    await exactly(network, { flat: [1, 2] }, { lesion: "mean", inputs });
    await refused(network, { relu1: [0] }, { lesion: "mean", inputs }).toThrow(
      /units of relu1.*Conv features needs them/,
    );
  });

  it("goes by what auto_pad says of padding", async () => {
    for (const padding of ["VALID", "NOTSET", "SAME_UPPER"]) {
      const nodes: NodeSpec[] = [
        ["Conv", ["x", "w1"], ["conv1"]],
        ["Relu", ["conv1"], ["relu1"]],
        ["Conv", ["relu1", "w2"], ["features"], { auto_pad: padding }],
      ];
      const network = await loadOnnx(classifier(nodes, [w("w1", 4, 3, 3, 3), w("w2", 5, 4, 3, 3)], 5));
      if (padding !== "SAME_UPPER") await exactly(network, { relu1: [0, 3] }, { lesion: { constant: 0.75 } });
      else {
        await refused(network, { relu1: [0] }, { lesion: { constant: 1 } }).toThrow("Conv features can not take them");
      }
    }
  });

  it("stores a weight that is shared once where the same of it stays, and says where the network becomes no smaller", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w1"], ["c1"], { pads: [1, 1, 1, 1] }],
      ["Relu", ["c1"], ["r1"]],
      ["Conv", ["r1", "shared"], ["c2"], { pads: [1, 1, 1, 1] }],
      ["Relu", ["c2"], ["r2"]],
      ["Conv", ["r2", "shared"], ["c3"], { pads: [1, 1, 1, 1] }],
      ["Relu", ["c3"], ["features"]],
    ];
    const network = await loadOnnx(classifier(nodes, [w("w1", 4, 3, 3, 3), w("shared", 4, 4, 3, 3)], 4));
    const remarks: string[] = [];
    const onRemark = (remark: string) => remarks.push(remark);
    const all = await compress(network, { r1: [0, 2], r2: [0, 2], features: [0, 2] }, { onRemark });
    expect((await savedDims(all)).get("shared/kept")).toEqual([2, 2, 3, 3]);
    expect([all.after.parameters, remarks]).toEqual([54 + 36 + 6, []]);
    await compress(network, { r1: [0, 1, 2] }, { onRemark });
    expect(remarks).toEqual([
      expect.stringMatching(
        /^the network has lost units but is no smaller \(\d+ parameters, 262 before\): weights that several layers share/,
      ),
    ]);
  });

  it("counts what is left along the axis that the site had", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w1"], ["c1"]],
      ["Relu", ["c1"], ["r1"]],
      ["Reshape", ["r1", "apart"], ["q"]],
      ["Transpose", ["q"], ["t"], { perm: [0, 2, 1, 3, 4] }],
      ["Reshape", ["t", "together"], ["features"]],
    ];
    const shapes = [integers("apart", [5], [-1, 2, 2, 4, 4]), integers("together", [4], [-1, 4, 4, 4])];
    const network = await loadOnnx(classifier(nodes, [w("w1", 4, 3, 3, 3), ...shapes] as Weights, 4));
    expect((await exactly(network, { q: [0] })).sites).toEqual([{ site: "q", before: 2, after: 1 }]);
  });

  it("takes channels of all addends of a sum together, and refuses those that another operator needs", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "stem"], ["stem1"], { pads: [1, 1, 1, 1] }],
      ["Relu", ["stem1"], ["a"]],
      ["Conv", ["a", "w1"], ["c1"], { pads: [1, 1, 1, 1] }],
      ["Relu", ["c1"], ["r1"]],
      ["Conv", ["r1", "w2"], ["c2"], { pads: [1, 1, 1, 1] }],
      ["Add", ["c2", "a"], ["sum"]],
      ["Relu", ["sum"], ["features"]],
    ];
    const network = await loadOnnx(
      classifier(nodes, [w("stem", 5, 3, 3, 3), w("w1", 4, 5, 3, 3), w("w2", 5, 4, 3, 3)], 5),
    );
    const dims = await savedDims(await exactly(network, { a: [0, 2], features: [0, 2], r1: [1] }));
    expect(dims.get("stem/kept")).toEqual([2, 3, 3, 3]);
    expect(dims.get("w1/kept")).toEqual([1, 2, 3, 3]);
    expect(dims.get("w2/kept")).toEqual([2, 1, 3, 3]);
    expect(dims.get("head/kept")).toEqual([2, 2]);
    await exactly(network, { r1: [0, 3] });
    await refused(network, { features: [0, 2] }).toThrow(/units of features.*Conv c1 needs them.*received \[1, 3, 4\]/);
    await refused(network, { c2: [0, 2] }).toThrow(/units of c2.*needs them/);
  });

  it("takes them through depthwise and transposed convolutions, gates, concatenations and changes of shape", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w1"], ["c1"]],
      ["Relu", ["c1"], ["r1"]],
      ["Conv", ["r1", "depth", "depthBias"], ["c2"], { group: 4, pads: [1, 1, 1, 1] }],
      ["Clip", ["c2", "low", "high"], ["r2"]],
      ["GlobalAveragePool", ["r2"], ["squeezed"]],
      ["Conv", ["squeezed", "w3"], ["c3"]],
      ["Relu", ["c3"], ["r3"]],
      ["Conv", ["r3", "w4"], ["c4"]],
      ["Sigmoid", ["c4"], ["gate"]],
      ["Mul", ["r2", "gate"], ["gated"]],
      ["ConvTranspose", ["r1", "up", "upBias"], ["t1"]],
      ["Relu", ["t1"], ["r5"]],
      ["Pad", ["gated", "pads"], ["padded"]],
      ["Concat", ["r5", "padded"], ["both"], { axis: 1 }],
      ["Reshape", ["both", "sizes"], ["row"]],
      ["Reshape", ["row", "image"], ["features"]],
    ];
    const weights = [
      ...[
        w("w1", 4, 3, 3, 3),
        w("depth", 8, 1, 3, 3),
        w("depthBias", 8),
        weight("low", [], [0]),
        weight("high", [], [6]),
      ],
      ...[w("w3", 3, 8, 1, 1), w("w4", 8, 3, 1, 1), w("up", 4, 3, 3, 3), w("upBias", 3)],
      integers("pads", [8], [0, 0, 1, 1, 0, 0, 1, 1]) as unknown as Weights[number],
      integers("sizes", [2], [0, -1]) as unknown as Weights[number],
      integers("image", [4], [-1, 11, 6, 6]) as unknown as Weights[number],
    ];
    const network = await loadOnnx(classifier(nodes, weights, 11));
    // What the depthwise convolution makes of a channel goes with it.
    const smaller = await exactly(network, { r1: [0, 2], r2: [0, 1, 4, 5], r3: [1], r5: [0, 2] });
    const dims = await savedDims(smaller);
    expect(Object.fromEntries(dims)).toMatchObject({
      "w1/kept": [2, 3, 3, 3],
      "depth/kept": [4, 1, 3, 3],
      "depthBias/kept": [4],
      "w3/kept": [1, 4, 1, 1],
      "w4/kept": [4, 1, 1, 1],
      "up/kept": [2, 2, 3, 3],
      "image/kept": [4],
      "head/kept": [2, 6],
    });
    await refused(network, { r2: [0, 1, 4, 5] }).toThrow(/units of r2.*ConvTranspose t1 needs them/);
    await refused(network, { gated: [0, 1, 4, 5] }).toThrow(/units of gated.*needs them/);
    await refused(network, { r1: [0, 2] }).toThrow("units of r1");
  });

  it("names an operator that it does not know, an axis that is not the channels', and other networks", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w1"], ["c1"]],
      ["LRN", ["c1"], ["n1"], { size: 3 }],
      ["Relu", ["n1"], ["features"]],
    ];
    const bytes = classifier(nodes, [w("w1", 4, 3, 3, 3)], 4);
    await refused(await loadOnnx(bytes), { c1: [0] }).toThrow("LRN n1 takes them, and nothing can go through it");
    await refused(await loadOnnx(bytes), { features: [0] }).toThrow("invalid units of features");
    const network = await loadOnnx(classifier([["Conv", ["x", "w1"], ["features"]]], [w("w1", 4, 3, 3, 3)], 4), {
      axes: { features: 1 },
    });
    await refused(network, { features: [0] }).toThrow("channels along axis 1 of features");
    await expect(compress(network, ["features/0"])).rejects.toThrow("invalid sites");
    await refused(network, { flat: [0] }, { place: "activation" }).toThrow("invalid place");
    const smaller = await compress(network, { flat: [0] });
    expect(() => smaller.save("smaller.pt")).toThrow("invalid path");
  });
});
