import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SymbolicTensor } from "@tensorflow/tfjs";
import { zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { loadArray } from "../../src/datasets/load-array.js";
import { shapley } from "../../src/engine/shapley.js";
import type { Numbers } from "../../src/formats/numbers.js";
import type { Game } from "../../src/games/game.js";
import { gameFromFiles } from "../../src/lesion/game-from-files.js";
import { networkGame } from "../../src/lesion/network-game.js";
import type { NetworkInputs } from "../../src/networks/network.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { npyFile } from "../datasets/npy-writer.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { graphOf, onnxFile, port, weight } from "../networks/onnx/build.js";

const folder = mkdtempSync(join(tmpdir(), "exact-inputs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const written = (name: string, bytes: Uint8Array) => {
  writeFileSync(at(name), bytes);
  return at(name);
};

/** ONNX's codes of kinds of numbers, and an array that stores them. */
const kinds = {
  float32: [1, Float32Array],
  uint8: [2, Uint8Array],
  int8: [3, Int8Array],
  uint16: [4, Uint16Array],
  int16: [5, Int16Array],
  int32: [6, Int32Array],
  int64: [7, BigInt64Array],
  bool: [9, Uint8Array],
  float64: [11, Float64Array],
  uint32: [12, Uint32Array],
  uint64: [13, BigUint64Array],
} as const;
type Kind = keyof typeof kinds;

/** A network x -> x - `less` (or nothing less) -> low = float(...) -> y = low + 0, whose site `low` tells ids apart. */
function network(kind: Kind, less?: bigint | number): Uint8Array {
  const [code, array] = kinds[kind];
  const wide = array === BigInt64Array || array === BigUint64Array;
  const data = wide ? array.of(BigInt(less ?? 0)) : (array as typeof Float64Array).of(Number(less ?? 0));
  const offset = { name: "less", dims: [1], dataType: code, rawData: new Uint8Array(data.buffer) };
  const subtracts = less !== undefined;
  return onnxFile(
    graphOf({
      nodes: [
        ...(subtracts ? [["Sub", ["x", "less"], ["difference"]] as [string, string[], string[]]] : []),
        ["Cast", [subtracts ? "difference" : "x"], ["low"], { to: 1 }],
        ["Add", ["low", "zero"], ["y"]],
      ],
      inputs: [port("x", ["rows", 1], code)],
      outputs: [port("y", ["rows", 1])],
      weights: [weight("zero", [1], [0]), ...(subtracts ? [offset] : [])],
    }),
    14,
  );
}
const vAll = async (game: Game) => Array.from((await shapley(game, { estimator: "exact" })).vAll ?? []);
const play = async (bytes: Uint8Array, inputs: NetworkInputs) =>
  vAll(await networkGame(await loadOnnx(bytes), inputs, { sites: ["low"] }));

describe.runIf(onnxRuntime)("inputs keep their precision", () => {
  const ids = BigInt64Array.of(16_777_217n, 2n ** 53n + 1n, -(2n ** 62n) - 3n);

  it("int64 from numbers at hand, .npy and .npz files, for networkGame and gameFromFiles, with workers", async () => {
    const bytes = network("int64", 2n ** 53n);
    const inputs = BigInt64Array.of(2n ** 53n + 1n, 2n ** 53n + 3n);
    const npy = written("ids.npy", npyFile("<i8", [2, 1], inputs));
    const npz = written("ids.npz", zipSync({ "x.npy": npyFile("<i8", [2], inputs) }));
    expect(await play(bytes, inputs)).toEqual([1, 3]);
    expect(await play(bytes, { x: inputs })).toEqual([1, 3]);
    expect(await play(bytes, loadArray(npy))).toEqual([1, 3]);
    expect(await play(bytes, loadArray(npz, "x"))).toEqual([1, 3]);
    const onnx = written("ids.onnx", bytes);
    for (const file of [npy, npz]) {
      const game = await gameFromFiles({ network: onnx, inputs: file, sites: ["low"] });
      expect(await vAll(game)).toEqual([1, 3]);
      expect(game.provenance).toMatchObject({ inputs: file === npy ? "ids.npy" : "ids.npz" });
      expect(game.provenance?.inputs_sha256).toBe(loadArray(file).sha256);
      const modes = await shapley(game, { orderings: 2, workers: 2, onRemark: (remark) => expect.fail(remark) });
      expect([...modes.values]).toEqual([1, 3]);
    }
    const game = await networkGame(await loadOnnx(onnx), inputs, { sites: ["low"] });
    const modes = await shapley(game, { orderings: 2, workers: 2, onRemark: (remark) => expect.fail(remark) });
    expect([...modes.values]).toEqual([1, 3]);
  });

  it("float64 timestamps", async () => {
    const bytes = network("float64", 1.7e9);
    const inputs = Float64Array.of(1.7e9 + 5, 1.7e9 + 5.25);
    const npy = written("times.npy", npyFile("<f8", [2, 1], inputs));
    expect(await play(bytes, inputs)).toEqual([5, 5.25]);
    const onnx = written("times.onnx", bytes);
    expect(await vAll(await gameFromFiles({ network: onnx, inputs: npy, sites: ["low"] }))).toEqual([5, 5.25]);
  });

  it("uint64 beyond int64", async () => {
    const inputs = BigUint64Array.of(2n ** 64n - 1n);
    expect(await play(network("uint64"), inputs)).toEqual([2 ** 64]);
    expect(await play(network("float64"), BigUint64Array.of(2n ** 63n))).toEqual([2 ** 63]);
  });

  it.each<[Kind, Numbers, number[]]>([
    ["uint8", Float64Array.of(0, 255), [0, 255]],
    ["int8", BigInt64Array.of(-128n, 127n), [-128, 127]],
    ["uint16", Int32Array.of(0, 65_535), [0, 65_535]],
    ["int16", Float32Array.of(-32_768, 32_767), [-32_768, 32_767]],
    ["int32", BigInt64Array.of(-(2n ** 31n), 2n ** 24n), [-(2 ** 31), 2 ** 24]],
    ["uint32", BigUint64Array.of(2n ** 31n), [2 ** 31]],
    ["int64", Float32Array.of(-3, 2 ** 60), [-3, 2 ** 60]],
    ["bool", Uint8Array.of(0, 1), [0, 1]],
    ["float32", Float64Array.of(0.1), [Math.fround(0.1)]],
    ["float32", BigInt64Array.of(2n ** 24n, 2n ** 40n), [2 ** 24, 2 ** 40]],
    ["float64", Int8Array.of(-5), [-5]],
  ])("other kinds become the network's %s where it holds them", async (kind, inputs, expected) => {
    expect(await play(network(kind), inputs)).toEqual(expected);
  });

  it.each<[Kind, Numbers, string]>([
    ["float32", BigInt64Array.of(0n, 2n ** 53n + 1n), "9007199254740993 at place 0 of row 1"],
    ["float32", Int32Array.of(16_777_217), "16777217 at place 0 of row 0"],
    ["float32", Uint32Array.of(4_294_967_295), "4294967295 at"],
    ["float32", Float64Array.of(1e39), "1e+39 at"],
    ["float64", BigInt64Array.of(2n ** 53n + 1n), "9007199254740993 at"],
    ["float64", BigUint64Array.of(2n ** 64n - 1n), "18446744073709551615 at"],
    ["int32", BigInt64Array.of(2n ** 53n + 1n), "9007199254740993 at"],
    ["int32", Float64Array.of(0.5), "0.5 at"],
    ["int32", Uint32Array.of(2 ** 31), "2147483648 at"],
    ["int64", BigUint64Array.of(2n ** 63n), "9223372036854775808 at"],
    ["int64", Float64Array.of(2 ** 63), "9223372036854776000 at"],
    ["int64", Float32Array.of(1.5), "1.5 at"],
    ["uint8", Int16Array.of(3, -1), "-1 at place 0 of row 1"],
    ["uint8", Float32Array.of(256), "256 at"],
    ["uint64", BigInt64Array.of(-1n), "-1 at"],
    ["bool", Uint8Array.of(2), "2 at"],
    ["int64", Float64Array.of(Number.NaN), 'expected finite numbers; received "NaN at'],
  ])("what %s does not hold is refused by name", async (kind, inputs, message) => {
    const loaded = await loadOnnx(network(kind));
    const error = await networkGame(loaded, inputs, { sites: ["low"] }).catch((cause: Error) => cause);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(/^invalid inputs x; expected /);
    expect((error as Error).message).toContain(message);
  });

  it("also in labelled inputs, for which labels may be bigints", async () => {
    const bytes = network("int64", 2n ** 53n);
    const data = labelledInputs(BigInt64Array.of(2n ** 53n + 1n, 2n ** 53n + 3n), BigInt64Array.of(0n, 0n), {
      shape: [2, 1],
    });
    const options = { sites: ["low"], score: "logits" as const };
    expect(await vAll(await networkGame(await loadOnnx(bytes), data, options))).toEqual([1, 3]);
  });

  it("leaves the numbers that it was given alone, and is not changed with them", async () => {
    const inputs = BigInt64Array.from(ids);
    const game = await networkGame(await loadOnnx(network("int64", 2n)), inputs, { sites: ["low"] });
    const before = await vAll(game);
    inputs.fill(0n);
    expect(await vAll(game)).toEqual(before);
  });

  it("fixed inputs as bigints, text, or a file; refused where the network would round them", async () => {
    const k = port("k", [1], 7);
    const graph = graphOf({
      nodes: [
        ["Sub", ["k", "big"], ["difference"]],
        ["Cast", ["difference"], ["factor"], { to: 1 }],
        ["Mul", ["x", "factor"], ["y"]],
      ],
      inputs: [port("x", ["rows", 1]), k],
      outputs: [port("y", ["rows", 1])],
      weights: [{ name: "big", dims: [1], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(2n ** 53n).buffer) }],
    });
    const onnx = written("fixed.onnx", onnxFile(graph, 14));
    const big = 2n ** 53n + 3n;
    const x = written("x.npy", npyFile("<f4", [1, 1], Float32Array.of(2)));
    for (const value of [big, String(big), [big], [String(big)], BigInt64Array.of(big)]) {
      const game = await gameFromFiles({ network: onnx, inputs: x, sites: ["input"], fixed: { k: value } });
      expect(await vAll(game)).toEqual([6]);
      // Its spec is what JSON can hold.
      const spec = JSON.parse(JSON.stringify(game.spec));
      expect(await vAll(await gameFromFiles(spec.arguments[0]))).toEqual([6]);
    }
    for (const value of [2.5, 2n ** 63n, "1e3", null]) {
      const wrong = { k: value } as unknown as Record<string, bigint>;
      await expect(loadOnnx(onnx, { fixed: wrong })).rejects.toThrow("invalid fixed k; expected");
    }
  });
});

describe("inputs of TensorFlow.js models", () => {
  it("reach an embedding as they are, and are refused where int32 does not hold them", async () => {
    const { tf } = await loadTensorflow();
    const ids = tf.input({ shape: [1], dtype: "int32", name: "ids" });
    const embedding = tf.layers.embedding({ name: "embedding", inputDim: 3, outputDim: 1 });
    const model = tf.model({ inputs: ids, outputs: embedding.apply(ids) as SymbolicTensor });
    embedding.setWeights([tf.tensor2d([10, 20, 30], [3, 1])]);
    const network = await layersNetwork(model);
    const game = await networkGame(network, BigInt64Array.of(2n, 0n), { sites: ["embedding"] });
    expect(await vAll(game)).toEqual([30, 10]);
    for (const bad of [BigInt64Array.of(2n ** 32n), Float32Array.of(0.5)]) {
      await expect(networkGame(network, bad, { sites: ["embedding"] })).rejects.toThrow(
        "invalid inputs ids; expected whole numbers from -2147483648 to 2147483647, as the network takes int32",
      );
    }
  });
});
