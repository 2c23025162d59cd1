import type { GraphModel, io } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { sites } from "../../../src/networks/sites.js";
import { graphNetwork } from "../../../src/networks/tfjs/models.js";
import { loadTensorflow, type Tensorflow } from "../../../src/tensors/backend.js";

let tf: Tensorflow;
beforeAll(async () => {
  tf = (await loadTensorflow()).tf;
});

interface Constant {
  readonly shape: number[];
  readonly dtype: "float32" | "int32";
  readonly values: number[];
}
const type = { float32: "DT_FLOAT", int32: "DT_INT32" };

/** A GraphModel written by hand: an input `x`, constants, and nodes by name, operation, inputs and attributes. */
async function graphModel(
  shape: number[],
  constants: Record<string, Constant>,
  nodes: [name: string, op: string, input: string[], attr?: object][],
): Promise<GraphModel> {
  const dim = shape.map((size) => ({ size: String(size) }));
  const T = { type: "DT_FLOAT" };
  const node = [
    { name: "x", op: "Placeholder", attr: { dtype: T, shape: { shape: { dim } } } },
    ...Object.entries(constants).map(([name, { dtype }]) => ({
      name,
      op: "Const",
      attr: { dtype: { type: type[dtype] } },
    })),
    ...nodes.map(([name, op, input, attr = {}]) => ({ name, op, input, attr: { T, ...attr } })),
  ];
  const data = Object.values(constants).map(({ dtype, values }) =>
    Buffer.from((dtype === "float32" ? Float32Array.from(values) : Int32Array.from(values)).buffer),
  );
  const weightData = Uint8Array.from(Buffer.concat(data)).buffer;
  const weightSpecs = Object.entries(constants).map(([name, c]) => ({ name, shape: c.shape, dtype: c.dtype }));
  const artifacts = {
    modelTopology: { node, library: {}, versions: {} },
    weightSpecs,
    weightData,
    format: "graph-model",
  };
  return tf.loadGraphModel(tf.io.fromMemory(artifacts as io.ModelArtifacts));
}

const float = (shape: number[], values: number[]): Constant => ({ shape, dtype: "float32", values });
const int = (shape: number[], values: number[]): Constant => ({ shape, dtype: "int32", values });

describe("graphNetwork", () => {
  it("computes a node with several outputs with those that need it", async () => {
    // y = relu(left half of x) * 10 + right half of x
    const model = await graphModel([-1, 4], { axis: int([], [1]), ten: float([], [10]) }, [
      ["halves", "Split", ["axis", "x"], { num_split: { i: "2" } }],
      ["left", "Relu", ["halves"]],
      ["tens", "Mul", ["left", "ten"]],
      ["y", "AddV2", ["tens", "halves:1"]],
    ]);
    const network = await graphNetwork(model);
    expect(sites(network).map(({ name, kind, units }) => [name, kind, units])).toEqual([
      ["input", "input", 4],
      ["halves:0", "Split", 2],
      ["halves:1", "Split", 2],
      ["left", "Relu", 2],
      ["tens", "Mul", 2],
      ["y", "AddV2", 2],
    ]);
    const game = await networkGame(network, Float32Array.of(1, -2, 3, 4, 5, 6, 7, 8), { sites: ["left", "input"] });
    // Units: left/0, left/1, then the four numbers of the input.
    const values = await game.evaluate(
      coalitionsOf(6, [
        [0, 1, 2, 3, 4, 5],
        [0, 2, 3, 5],
        [0, 1, 4],
      ]),
    );
    expect([...values]).toEqual([13, 4, 57, 68, 10, 4, 50, 8, 3, 0, 7, 0]);
    game.dispose();
  });

  it("runs a model that fixes one row a row at a time, with the same values", async () => {
    const model = await graphModel([1, 2, 2], { flat: int([2], [1, 4]), w: float([4, 1], [2, -1, 0.5, 3]) }, [
      ["row", "Reshape", ["x", "flat"]],
      ["positive", "Relu", ["row"]],
      ["y", "MatMul", ["positive", "w"], { transpose_a: { b: false }, transpose_b: { b: false } }],
    ]);
    const network = await graphNetwork(model);
    expect(network.mostRows).toBe(1);
    const game = await networkGame(network, Float32Array.of(1, 2, 3, 4, -1, 1, 1, 1), { sites: ["positive"] });
    expect(game.rowsAtOnce).toBe(1);
    expect([...(await game.evaluate(coalitionsOf(4, [[0, 1, 2, 3], [0], [1, 3]])))]).toEqual([13.5, 2.5, 2, 0, 10, 2]);
    game.dispose();
  });

  it("refuses what is no GraphModel", async () => {
    await expect(graphNetwork({} as GraphModel)).rejects.toThrow(
      "invalid model; expected a tf.GraphModel; received Object",
    );
  });
});
