import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { shapley } from "../../../src/engine/shapley.js";
import { FileError, MissingPartError } from "../../../src/errors.js";
import type { Lesion } from "../../../src/lesion/lesion.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { describeOnnxRuntime } from "../../../src/networks/onnx/describe.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { sites } from "../../../src/networks/sites.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { changed, graphOf, int64, integers, type NodeSpec, onnxFile, port, weight } from "./build.js";

const one = (values: ArrayLike<number>) => Array.from(values);

/** y = sum of x w + 7, for four inputs. */
const weights = [2, -1, 0.5, 3];
const linear = onnxFile(
  graphOf({
    nodes: [["Gemm", ["x", "w", "b"], ["y"]]],
    weights: [weight("w", [4, 1], weights), weight("b", [1], [7])],
    inputs: [port("x", ["rows", 4])],
    outputs: [port("y", ["rows", 1])],
  }),
);

afterEach(() => {
  vi.doUnmock("onnxruntime-node");
  vi.resetModules();
});

describe.skipIf(!onnxRuntime)("loadOnnx", () => {
  it("gives a linear model's inputs their w (x - r)", async () => {
    const network = await loadOnnx(linear);
    expect(network.backend).toBe("onnxruntime-node (cpu)");
    expect(sites(network)).toEqual([
      { name: "input", kind: "input", shape: [4], units: 4, rows: "any" },
      { name: "y", kind: "Gemm", shape: [1], units: 1, rows: "any" },
    ]);
    const x = Float32Array.of(1, 2, 3, 4, -1, 0.5, 8, 0.25);
    const r = Float32Array.of(0.5, -1, 2, 10, 4, 3, 2, 1);
    const game = await networkGame(network, x, { sites: ["input"], lesion: { activation: r } });
    const modes = await shapley(game, { estimator: "exact" });
    weights.forEach((w, i) => {
      for (const row of [0, 1])
        expect(modes.values[2 * i + row]).toBeCloseTo(w * (x[4 * row + i] - r[4 * row + i]), 12);
    });
    game.dispose();
  });

  it("computes again in every pass what follows from how many rows there are", async () => {
    const nodes: NodeSpec[] = [
      ["Relu", ["x"], ["positive"]],
      ["Shape", ["positive"], ["sizes"]],
      ["Gather", ["sizes", "zero"], ["rows"]],
      ["Unsqueeze", ["rows", "zeros"], ["rowsAsList"]],
      ["Concat", ["rowsAsList", "pairs"], ["target"], { axis: 0 }],
      ["Reshape", ["positive", "target"], ["y"]],
    ];
    const file = onnxFile(
      graphOf({
        nodes,
        weights: [integers("zero", [], [0]), integers("zeros", [1], [0]), integers("pairs", [2], [2, 2])],
        inputs: [port("x", ["n", 4])],
        outputs: [port("y", ["n", 2, 2])],
      }),
    );
    const x = Float32Array.of(1, -2, 3, 4, 5, 6, -7, 8);
    const game = await networkGame(await loadOnnx(file), x, { sites: ["positive"], lesion: { constant: -1 } });
    expect(game.outputShape).toEqual([2, 2, 2]);
    const values = one(await game.evaluate(coalitionsOf(4, [[0, 1, 2, 3], [1], [2, 3]])));
    const expected = [1, 0, 3, 4, 5, 6, 0, 8, -1, 0, -1, -1, -1, 6, -1, -1, -1, -1, 3, 4, -1, -1, 0, 8];
    expect(values).toEqual(expected);
  });

  it("puts the branch in an If's place where fixed inputs decide it, also inside another branch", async () => {
    const inner = (factor: string, output: string) =>
      graphOf({ nodes: [["Mul", ["positive", factor], [output]]], outputs: [port(output, undefined)] });
    const outer = graphOf({
      nodes: [
        ["Relu", ["x"], ["positive"]],
        ["If", ["high"], ["scaled"], { then_branch: inner("ten", "a"), else_branch: inner("two", "b") }],
      ],
      outputs: [port("scaled", undefined)],
    });
    const other = graphOf({ nodes: [["Neg", ["x"], ["negative"]]], outputs: [port("negative", undefined)] });
    const file = onnxFile(
      graphOf({
        nodes: [
          ["Greater", ["rate", "limit"], ["high"]],
          ["Equal", ["mode", "mode"], ["always"]],
          ["If", ["always"], ["y"], { then_branch: outer, else_branch: other }],
        ],
        weights: [weight("ten", [1], [10]), weight("two", [1], [2]), integers("limit", [], [100])],
        inputs: [port("x", ["rows", 2]), port("rate", [], int64), port("mode", [], int64)],
        outputs: [port("y", ["rows", 2])],
      }),
    );
    for (const [rate, factor] of [
      [200, 10],
      [50, 2],
    ]) {
      const network = await loadOnnx(file, { fixed: { rate, mode: 1 } });
      expect(network.sites.map(({ name }) => name)).toEqual(expect.arrayContaining(["input", "positive", "y"]));
      const game = await networkGame(network, Float32Array.of(3, 4), { sites: ["positive"] });
      expect(one(await game.evaluate(coalitionsOf(2, [[0, 1], [1]])))).toEqual([3 * factor, 4 * factor, 0, 4 * factor]);
    }
    await expect(loadOnnx(file, { fixed: { rate: 1 } })).rejects.toThrow(
      "invalid fixed; expected a value for the input mode, which has no axis for rows: its shape is []; received undefined",
    );
    await expect(loadOnnx(file, { fixed: { rat: 1 } })).rejects.toThrow(
      'invalid name in fixed; expected one of the network\'s 3 inputs, such as the nearest: rate, x, mode; received "rat"',
    );
    await expect(loadOnnx(file, { fixed: { rate: [1, 2] } })).rejects.toThrow(
      "invalid fixed rate; expected the numbers of a tensor",
    );
  });

  it("runs an If that the inputs decide as a whole, and says why nothing in it can be lesioned", async () => {
    const branch = (operator: string, output: string) =>
      graphOf({ nodes: [[operator, ["x"], [output]]], outputs: [port(output, undefined)] });
    const file = onnxFile(
      graphOf({
        nodes: [
          ["ReduceSum", ["x"], ["total"], { keepdims: 0 }],
          ["Greater", ["total", "nil"], ["positive"]],
          ["If", ["positive"], ["chosen"], { then_branch: branch("Relu", "up"), else_branch: branch("Neg", "down") }],
          ["Mul", ["chosen", "two"], ["y"]],
        ],
        weights: [weight("nil", [], [0]), weight("two", [1], [2])],
        inputs: [port("x", [1, 2])],
        outputs: [port("y", [1, 2])],
      }),
    );
    const network = await loadOnnx(file);
    const game = await networkGame(network, Float32Array.of(3, -1), { sites: ["chosen"] });
    expect(one(await game.evaluate(coalitionsOf(2, [[0], [1]])))).toEqual([6, 0, 0, 0]);
    await expect(networkGame(network, Float32Array.of(1, 1), { sites: ["down"] })).rejects.toThrow(
      /^invalid site; expected a site that lesions can reach \(it is in a branch of the If chosen, and which branch is taken depends on the inputs; .*\); received "down"$/,
    );
  });

  it("lesions what a branch takes from outside it", async () => {
    const branch = (operator: string, output: string) =>
      graphOf({ nodes: [[operator, ["twice"], [output]]], outputs: [port(output, undefined)] });
    const file = onnxFile(
      graphOf({
        nodes: [
          ["Add", ["x", "x"], ["twice"]],
          ["ReduceSum", ["x"], ["total"], { keepdims: 0 }],
          ["Greater", ["total", "nil"], ["positive"]],
          ["If", ["positive"], ["y"], { then_branch: branch("Exp", "up"), else_branch: branch("Neg", "down") }],
        ],
        weights: [weight("nil", [], [0])],
        inputs: [port("x", [1, 2])],
        outputs: [port("y", [1, 2])],
      }),
    );
    const network = await loadOnnx(file);
    const game = await networkGame(network, Float32Array.of(-1, -3), { sites: ["twice"], lesion: { constant: 4 } });
    expect(one(await game.evaluate(coalitionsOf(2, [[0, 1], [0], []])))).toEqual([2, 6, 2, -4, -4, -4]);
  });

  it("computes a node again for the outputs that have no row for each input, and keeps those that have", async () => {
    // y = relu(x) at the place of the largest number, plus that number: the place is a whole number, so it is computed
    // in every pass, and with it the largest number, which was computed once.
    const file = onnxFile(
      graphOf({
        nodes: [
          ["TopK", ["x", "k"], ["largest", "place"], { axis: 1 }],
          ["Relu", ["x"], ["positive"]],
          ["GatherElements", ["positive", "place"], ["picked"], { axis: 1 }],
          ["Add", ["picked", "largest"], ["y"]],
        ],
        weights: [integers("k", [1], [1])],
        inputs: [port("x", ["rows", 3])],
        outputs: [port("y", ["rows", 1])],
      }),
    );
    const x = Float32Array.of(5, 1, 2, -3, -2, -1);
    const game = await networkGame(await loadOnnx(file), x, { sites: ["positive"], lesion: { constant: 100 } });
    expect(one(await game.evaluate(coalitionsOf(3, [[0, 1, 2], [0], []])))).toEqual([10, -1, 10, 99, 105, 99]);
  });

  it("knows which axis holds the units behind transposes and changes of shape, and takes another", async () => {
    const nodes: NodeSpec[] = [
      ["Conv", ["x", "w"], ["maps"]],
      ["Transpose", ["maps"], ["last"], { perm: [0, 2, 3, 1] }],
      ["Relu", ["last"], ["positive"]],
      ["Reshape", ["positive", "shape"], ["places"]],
      ["MatMul", ["places", "v"], ["y"]],
    ];
    const file = onnxFile(
      graphOf({
        nodes,
        weights: [
          weight("w", [5, 1, 1, 1], [1, 2, 3, 4, 5]),
          weight("v", [5, 2], new Float32Array(10)),
          integers("shape", [3], [0, -1, 5]),
        ],
        inputs: [port("x", ["rows", 1, "height", "width"])],
        outputs: [port("y", undefined)],
      }),
    );
    await expect(loadOnnx(file)).rejects.toThrow(
      'invalid shape; expected the sizes that the network leaves open; its input x is [1, ?, ?] for each row, "?" being open',
    );
    const network = await loadOnnx(file, { shape: [1, 2, 3] });
    expect(network.sites.map(({ name, axis, units }) => [name, axis, units])).toEqual([
      ["input", undefined, 6],
      ["maps", 0, 5],
      ["last", 2, 5],
      ["positive", 2, 5],
      ["places", 1, 5],
      ["y", 1, 2],
    ]);
    const other = await loadOnnx(file, { shape: { x: [1, 2, 3] }, axes: { maps: "all", places: 0, input: 1 } });
    expect(other.sites.slice(0, 2).map(({ units }) => units)).toEqual([2, 30]);
  });

  it("lesions exactly also where a value is infinite", async () => {
    const file = onnxFile(
      graphOf({
        nodes: [
          ["Log", ["x"], ["log"]],
          ["Exp", ["log"], ["y"]],
        ],
        inputs: [port("x", ["rows", 2])],
        outputs: [port("y", ["rows", 2])],
      }),
    );
    const game = await networkGame(await loadOnnx(file), Float32Array.of(0, 1), { sites: ["log"] });
    expect(one(await game.evaluate(coalitionsOf(2, [[], [0]])))).toEqual([1, 1, 0, 1]);
  });

  it.each([7, 8, 13])(
    "selects under a mask also what is infinite or no number, with operators of version %i",
    async (version) => {
      // log(0) = -infinity, log(-1) is no number, log(1) = 0; the weights let nothing cancel.
      const file = onnxFile(
        graphOf({
          nodes: [
            ["Log", ["x"], ["log"]],
            ["Gemm", ["log", "w", "b"], ["y"]],
          ],
          weights: [weight("w", [3, 1], [1, 10, 100]), weight("b", [1], [0.5])],
          inputs: [port("x", ["rows", 3])],
          outputs: [port("y", ["rows", 1])],
        }),
        version,
      );
      const x = Float32Array.of(0, -1, 1, 1, 1, 0);
      const play = async (lesion: Lesion, coalitions: number[][]) =>
        one(
          await (await networkGame(await loadOnnx(file), x, { sites: ["log"], lesion })).evaluate(
            coalitionsOf(3, coalitions),
          ),
        );
      expect(await play({ constant: 2 }, [[], [2], [0], [1, 2]])).toEqual([
        222.5,
        222.5,
        22.5,
        Number.NEGATIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        220.5,
        Number.NaN,
        Number.NEGATIVE_INFINITY,
      ]);
      const paired = { activation: Float32Array.of(1, Math.E, 1, Math.E, 1, Math.E) };
      const values = await play(paired, [[], [2]]);
      [10.5, 101.5, 10.5, Number.NEGATIVE_INFINITY].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 4));
    },
  );

  it("selects units along an axis with operators of version 8", async () => {
    const nodes: NodeSpec[] = [
      ["Identity", ["x"], ["maps"]],
      ["Relu", ["maps"], ["y"]],
    ];
    const ports = { inputs: [port("x", ["rows", 2, 3])], outputs: [port("y", ["rows", 2, 3])] };
    const file = onnxFile(graphOf({ nodes, ...ports }), 8);
    const x = Float32Array.from({ length: 12 }, (_, i) => i + 1);
    for (const [axis, expected] of [
      [0, [9, 9, 9, 4, 5, 6, 9, 9, 9, 10, 11, 12]],
      [1, [9, 2, 9, 9, 5, 9, 9, 8, 9, 9, 11, 9]],
    ] as const) {
      const network = await loadOnnx(file, { axes: { maps: axis } });
      const game = await networkGame(network, x, { sites: ["maps"], lesion: { constant: 9 } });
      expect(one(await game.evaluate(coalitionsOf(axis + 2, [[1]])))).toEqual(expected);
    }
  });

  it("tells an inner tensor called input from the network's input", async () => {
    const file = onnxFile(
      graphOf({
        nodes: [
          ["MatMul", ["image", "w"], ["input"]],
          ["MatMul", ["input", "v"], ["y"]],
        ],
        weights: [weight("w", [3, 2], [1, 2, 3, 4, 5, 6]), weight("v", [2, 1], [1, 10])],
        inputs: [port("image", ["rows", 3])],
        outputs: [port("y", ["rows", 1])],
      }),
    );
    const network = await loadOnnx(file, { axes: { image: 0, input: 0 } });
    expect(sites(network).map(({ name, kind, units }) => [name, kind, units])).toEqual([
      ["image", "input", 3],
      ["input", "MatMul", 2],
      ["y", "MatMul", 1],
    ]);
    const modes = async (site: string) =>
      one(
        (await shapley(await networkGame(network, Float32Array.of(1, 2, 3), { sites: [site] }), { estimator: "exact" }))
          .values,
      );
    expect(await modes("input")).toEqual([22, 280]);
    expect((await modes("image")).map(Math.round)).toEqual([21, 86, 195]);
  });

  it("lets ONNX Runtime report nothing to its maker", async () => {
    await loadOnnx(linear);
    expect(process.env.ORT_DISABLE_TELEMETRY).toBe("1");
  });

  it("refuses names in axes, shape and usualShape that are none of the network's, naming the nearest", async () => {
    await expect(loadOnnx(linear, { axes: { inptu: 0 } })).rejects.toThrow(
      'invalid name in axes; expected one of the network\'s 2 sites, such as the nearest: input, y; received "inptu"',
    );
    await expect(loadOnnx(linear, { shape: { X: [4] } as never })).rejects.toThrow(
      'invalid name in shape; expected one of the network\'s 1 inputs, such as the nearest: x; received "X"',
    );
    await expect(loadOnnx(linear, { usualShape: { z: [4] } })).rejects.toThrow("invalid name in usualShape");
    await expect(loadOnnx(linear, { axes: ["input"] as never })).rejects.toThrow("invalid axes; expected an object of");
    await expect(loadOnnx(linear, { shape: { x: [4] }, usualShape: { x: [4], labels: [] } })).resolves.toBeDefined();
  });

  it("takes weights from a file beside the model", async () => {
    const folder = mkdtempSync(join(tmpdir(), "onnx-"));
    try {
      const path = join(folder, "linear.onnx");
      const apart = changed(linear, (model) => {
        const w = model.graph!.initializer![0];
        w.rawData = new Uint8Array(0);
        w.dataLocation = 1;
        w.externalData = [
          { key: "location", value: "weights.bin" },
          { key: "offset", value: "8" },
          { key: "length", value: "16" },
        ];
      });
      writeFileSync(path, apart);
      await expect(loadOnnx(path)).rejects.toThrow("its weights are in weights.bin, which is not beside it");
      writeFileSync(join(folder, "weights.bin"), Buffer.alloc(20));
      await expect(loadOnnx(path)).rejects.toThrow("is truncated: 16 bytes were expected at 8, 12 are there");
      writeFileSync(join(folder, "weights.bin"), new Uint8Array(Float32Array.of(9, 9, ...weights).buffer));
      const game = await networkGame(await loadOnnx(path), Float32Array.of(1, 2, 3, 4), { sites: ["input"] });
      expect(one(await game.evaluate(coalitionsOf(4, [[0, 1, 2, 3]])))).toEqual([20.5]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses files that are absent, truncated, or no ONNX model", async () => {
    await expect(loadOnnx("absent.onnx")).rejects.toThrow("absent.onnx: no such file");
    await expect(loadOnnx(linear.subarray(0, linear.length - 9))).rejects.toThrow("ONNX model: is truncated");
    await expect(loadOnnx(Buffer.from("hello there"))).rejects.toThrow("is not an ONNX model");
    await expect(loadOnnx(new Uint8Array(0))).rejects.toThrow("is not an ONNX model: it holds no graph of operators");
    await expect(loadOnnx(3 as never)).rejects.toThrow(
      "invalid source; expected the path of an ONNX file, or its bytes",
    );
    await expect(loadOnnx(new Uint8Array(0))).rejects.toBeInstanceOf(FileError);
  });

  it("names an operator that ONNX Runtime lacks, and keeps the cause", async () => {
    const withOperator = (operator: string, domains: string[]) =>
      onnxFile(
        graphOf({
          nodes: [[operator, ["x"], ["y"]]],
          inputs: [port("x", ["rows", 2])],
          outputs: [port("y", ["rows", 2])],
        }),
        13,
        domains,
      );
    for (const [operator, domains, name] of [
      ["Frobnicate", [], "Frobnicate"],
      ["com.me:Frob", ["com.me"], "com.me:Frob"],
    ] as const) {
      const error = await loadOnnx(withOperator(operator, [...domains])).catch((caught) => caught);
      expect(error).toBeInstanceOf(FileError);
      expect(error.message).toBe(`ONNX model: has an operator that ONNX Runtime lacks: ${name}`);
      expect((error.cause as Error).message).toContain("Frob");
    }
  });

  it("is found to compute by computing", async () => {
    expect(await describeOnnxRuntime()).toEqual({ available: true, problem: undefined });
  });

  it("says what is missing where ONNX Runtime or a provider is absent", async () => {
    await expect(loadOnnx(linear, { providers: ["nonesuch"] })).rejects.toThrow(
      'invalid ONNX Runtime provider; expected one of cpu, webgpu, cuda, tensorrt; received "nonesuch"',
    );
    const network = await loadOnnx(linear, { providers: ["cuda"] }).catch((caught) => caught);
    if (network instanceof Error) {
      expect(network).toBeInstanceOf(MissingPartError);
      expect(network.message).toMatch(
        /^one of the ONNX Runtime providers cuda is not available; this installation has cpu.*; for cuda install .*ONNXRUNTIME_NODE_INSTALL=cuda12/,
      );
    } else expect(network.backend).toBe("onnxruntime-node (cuda)");
    vi.resetModules();
    vi.doMock("onnxruntime-node", () => {
      throw new Error("Cannot find package 'onnxruntime-node'");
    });
    const fresh = await import("../../../src/networks/onnx/load.js");
    await expect(fresh.loadOnnx(linear)).rejects.toThrow(
      "ONNX Runtime is not available; install it with: npm install onnxruntime-node@1.30",
    );
    const { describeOnnxRuntime: describeFresh } = await import("../../../src/networks/onnx/describe.js");
    expect(await describeFresh()).toEqual({
      available: false,
      problem: "ONNX Runtime is not available; install it with: npm install onnxruntime-node@1.30",
    });
  });

  it("refuses a site that there is not, naming the nearest, and a mask of the wrong length", async () => {
    const network = await loadOnnx(linear);
    await expect(networkGame(network, new Float32Array(4), { sites: ["z"] })).rejects.toThrow(
      'invalid site; expected one of the network\'s 2 sites, such as the nearest: y, input; received "z"',
    );
    const [site] = network.sites;
    const rows = { count: 1, data: [new Float32Array(4)] };
    const prepared = await network.prepare(rows, [{ site, replacement: new Float32Array(4) }], "y");
    await expect(prepared.run({ coalitions: 2, from: 0, to: 1, intact: [new Uint8Array(7)] })).rejects.toThrow(
      "invalid mask of input; expected 8 numbers, one for each of 2 coalitions and 4 units; received Uint8Array of length 7",
    );
    prepared.dispose();
  });
});
