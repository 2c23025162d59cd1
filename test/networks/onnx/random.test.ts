import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { changed, graphOf, int64, type NodeSpec, onnxFile, port, weight } from "./build.js";

const bool = 9;
/** A stored truth value. */
const truth = (name: string, value: number) =>
  ({ name, dims: [], dataType: bool, rawData: Uint8Array.of(value) }) as ReturnType<typeof weight>;
const half = weight("half", [], [0.5]);
const ports = (rows: number | string = "rows") => ({
  inputs: [port("x", [rows, 2])],
  outputs: [port("y", [rows, 2])],
});
/** y of some nodes that take x. */
const fileOf = (
  nodes: NodeSpec[],
  weights: ReturnType<typeof weight>[],
  version = 13,
  rows: number | string = "rows",
) => onnxFile(graphOf({ nodes, weights, ...ports(rows) }), version, ["com.microsoft", "own"]);

async function refused(file: Uint8Array, operators: string, options = {}): Promise<void> {
  await expect(loadOnnx(file, options)).rejects.toThrow(
    `invalid network; expected one whose output y draws no random numbers; export it for inference (in PyTorch: model.eval()); received "${operators}"`,
  );
}

async function doubles(file: Uint8Array, options = {}): Promise<void> {
  const game = await networkGame(await loadOnnx(file, options), Float32Array.of(1, 2), { sites: ["input"] });
  expect([...(await game.evaluate(coalitionsOf(2, [[0, 1], [1]])))]).toEqual([2, 4, 0, 4]);
}

describe.skipIf(!onnxRuntime)("operators that draw random numbers", () => {
  const twice: NodeSpec = ["Add", ["x", "x"], ["h"]];

  it("are refused by name, however many rows the file takes", async () => {
    const like = (operator: string): NodeSpec[] => [
      [operator, ["x"], ["noise"]],
      ["Add", ["x", "noise"], ["y"]],
    ];
    for (const rows of [1, "rows"]) {
      await refused(fileOf(like("RandomNormalLike"), [], 13, rows), "RandomNormalLike noise");
      await refused(fileOf(like("RandomUniformLike"), [], 13, rows), "RandomUniformLike noise");
      await refused(fileOf(like("Bernoulli"), [], 15, rows), "Bernoulli noise");
      for (const operator of ["RandomNormal", "RandomUniform"]) {
        const drawn: NodeSpec[] = [
          [operator, [], ["noise"], { shape: [1, 2], seed: 1.5 }],
          ["Add", ["x", "noise"], ["y"]],
        ];
        await refused(fileOf(drawn, [], 13, rows), `${operator} noise`);
      }
    }
    const drawn: NodeSpec[] = [
      ["Multinomial", ["x"], ["places"], { sample_size: 2 }],
      ["Cast", ["places"], ["y"], { to: 1 }],
    ];
    await refused(fileOf(drawn, []), "Multinomial places");
  });

  it("are Dropouts from version 12 on whose training mode is not known to be false", async () => {
    const dropout = (inputs: string[], before: NodeSpec[] = []): NodeSpec[] => [
      twice,
      ...before,
      ["Dropout", ["h", ...inputs], ["y"]],
    ];
    const [yes, no] = [truth("yes", 1), truth("no", 0)];
    await refused(fileOf(dropout(["", "yes"]), [yes]), "Dropout y");
    await refused(fileOf(dropout(["half", "yes"]), [half, yes], 12), "Dropout y");
    await refused(fileOf(dropout(["half", "mode"], [["Identity", ["yes"], ["mode"]]]), [half, yes]), "Dropout y");
    await refused(fileOf(dropout(["half", "mode"], [["Not", ["no"], ["mode"]]]), [half, no]), "Dropout y");
    await doubles(fileOf(dropout(["half"]), [half]));
    await doubles(fileOf(dropout(["half", "no"]), [half, no]));
    await doubles(fileOf(dropout(["half", "mode"], [["Not", ["yes"], ["mode"]]]), [half, yes]));
    await doubles(fileOf(dropout(["none", "yes"]), [weight("none", [], [0]), yes]));
    await doubles(fileOf([twice, ["Dropout", ["h"], ["y"], { ratio: 0.5 }]], [], 10));
  });

  it("draw or do not draw as an input says that is given a value", async () => {
    const graph = graphOf({
      nodes: [twice, ["Dropout", ["h", "half", "training"], ["y"]]],
      weights: [half],
      inputs: [port("x", ["rows", 2]), port("training", [], bool)],
      outputs: [port("y", ["rows", 2])],
    });
    await refused(onnxFile(graph), "Dropout y", { fixed: { training: 1 } });
    await doubles(onnxFile(graph), { fixed: { training: 0 } });
  });

  it("are found in the training mode that a Constant holds", async () => {
    const file = (value: number) =>
      changed(
        fileOf([["Constant", [], ["mode"]], twice, ["Dropout", ["h", "half", "mode"], ["y"]]], [half]),
        ({ graph }) => {
          graph!.node![0].attribute = [{ name: "value", type: 4, t: truth("", value) }];
        },
      );
    await refused(file(1), "Dropout y");
    await doubles(file(0));
  });

  it("are found inside branches that the inputs decide and loops", async () => {
    const noise = graphOf({ nodes: [["RandomNormalLike", ["h"], ["a"]]], outputs: [port("a", undefined)] });
    const none = graphOf({ nodes: [["Identity", ["h"], ["b"]]], outputs: [port("b", undefined)] });
    const branches = { then_branch: noise, else_branch: none };
    const decided: NodeSpec[] = [
      twice,
      ["ReduceSum", ["x"], ["total"], { keepdims: 0 }],
      ["Greater", ["total", "half"], ["large"]],
      ["If", ["large"], ["y"], branches],
    ];
    await refused(fileOf(decided, [half], 13, 1), "RandomNormalLike a inside If y");
    await refused(fileOf([twice, ["If", ["yes"], ["y"], branches]], [truth("yes", 1)]), "RandomNormalLike a");
    await doubles(fileOf([twice, ["If", ["no"], ["y"], branches]], [truth("no", 0)]));
    const drawnCondition: NodeSpec[] = [
      twice,
      ["RandomUniform", [], ["chance"], { shape: [1] }],
      ["Greater", ["chance", "half"], ["large"]],
      ["If", ["large"], ["y"], { then_branch: none, else_branch: none }],
    ];
    await refused(fileOf(drawnCondition, [half]), "RandomUniform chance");
    const body = graphOf({
      nodes: [
        ["Identity", ["go"], ["on"]],
        ["Dropout", ["state", "half", "yes"], ["next"]],
      ],
      inputs: [port("i", [], int64), port("go", [], bool), port("state", undefined)],
      outputs: [port("on", [], bool), port("next", undefined)],
    });
    const weights = [half, truth("yes", 1), { ...truth("count", 0), dataType: int64, rawData: new Uint8Array(8) }];
    await refused(fileOf([["Loop", ["count", "yes", "x"], ["y"], { body }]], weights), "Dropout next inside Loop y");
  });

  it("are found in functions that the file brings along, by what their calls say", async () => {
    const withFunction = (weights: ReturnType<typeof weight>[], inputs: string[]) =>
      changed(fileOf([twice, ["own:Layer", ["h", ...inputs], ["y"]]], weights), (model) => {
        model.irVersion = 8;
        const node = [{ opType: "Dropout", input: ["data", "r", "mode"], output: ["result"] }];
        const opsetImport = [{ domain: "", version: 13 }];
        const [input, output] = [["data", "r", "mode"], ["result"]];
        model.functions = [{ name: "Layer", domain: "own", input, output, node, opsetImport } as never];
      });
    await refused(withFunction([half, truth("yes", 1)], ["half", "yes"]), "Dropout result inside Layer y");
    await doubles(withFunction([half, truth("no", 0)], ["half", "no"]));
  });

  it("do no harm where the chosen output does not depend on them", async () => {
    const graph = graphOf({
      nodes: [
        twice,
        ["RandomNormalLike", ["h"], ["noise"]],
        ["Add", ["h", "noise"], ["noisy"]],
        ["Relu", ["h"], ["y"]],
      ],
      inputs: [port("x", ["rows", 2])],
      outputs: [port("noisy", ["rows", 2]), port("y", ["rows", 2])],
    });
    const network = await loadOnnx(onnxFile(graph));
    const game = await networkGame(network, Float32Array.of(1, 2), { sites: ["h"], output: "y" });
    expect([...(await game.evaluate(coalitionsOf(2, [[0, 1], [1]])))]).toEqual([2, 4, 0, 4]);
    await expect(networkGame(network, Float32Array.of(1, 2), { sites: ["h"], output: "noisy" })).rejects.toThrow(
      'invalid output; expected one of y (not noisy: it depends on random numbers, drawn by RandomNormalLike noise; export it for inference (in PyTorch: model.eval())); received "noisy"',
    );
  });
});
