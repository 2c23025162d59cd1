import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../../../src/errors.js";
import { formatSafetensors } from "../../../src/formats/safetensors.js";
import { type LoadMlpOptions, loadMlp } from "../../../src/networks/mlp/file.js";
import { logits } from "../../../src/networks/mlp/forward.js";
import {
  dictionary,
  float,
  integer,
  module,
  none,
  ordered,
  type Piece,
  parameter,
  tensor,
  torchFile,
} from "../formats/torch-writer.js";

const folder = mkdtempSync(join(tmpdir(), "module-order-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A dense layer of simple numbers, and the storages that it needs. */
interface Dense {
  readonly piece: Piece;
  readonly storages: Readonly<Record<string, readonly number[]>>;
}

function dense(inputs: number, outputs: number, salt: number, bias = true): Dense {
  const [weight, shift] = [`w${salt}`, `b${salt}`];
  const weights = Array.from({ length: inputs * outputs }, (_, i) => (((7 * i + salt) % 11) - 5) / 4);
  const biases = Array.from({ length: outputs }, (_, o) => (o - 1) / 2);
  const parameters = {
    weight: parameter(tensor({ key: weight, shape: [outputs, inputs] })),
    bias: bias ? parameter(tensor({ key: shift, shape: [outputs] })) : none,
  };
  const attributes = { in_features: integer(inputs), out_features: integer(outputs) };
  const piece = module("torch.nn.modules.linear.Linear", { parameters, attributes });
  return { piece, storages: { [weight]: weights, ...(bias && { [shift]: biases }) } };
}

const [first, second, third] = [dense(2, 3, 0), dense(3, 3, 3), dense(3, 2, 1)];
const small = { first: dense(2, 3, 0), last: dense(3, 2, 1) };
const of = (name: string, attributes: Record<string, Piece> = {}) => module(`torch.nn.modules.${name}`, { attributes });
const relu = of("activation.ReLU");
const leaky = (slope: number) => of("activation.LeakyReLU", { negative_slope: float(slope) });
const dropout = of("dropout.Dropout", { p: float(0.5) });
const flatten = (start: number) => of("flatten.Flatten", { start_dim: integer(start), end_dim: integer(-1) });
const parts = (modules: readonly Piece[]) => Object.fromEntries(modules.map((part, i) => [`m${i}`, part]));
const sequential = (...modules: Piece[]) =>
  module("torch.nn.modules.container.Sequential", { modules: parts(modules) });

let files = 0;
function written(root: Piece, layers: readonly Dense[] = [first, second, third]): string {
  const path = join(folder, `${files++}.pt`);
  writeFileSync(path, torchFile(root, Object.assign({}, ...layers.map(({ storages }) => storages))));
  return path;
}
const read = (root: Piece, options: LoadMlpOptions = {}) => loadMlp(written(root), options);

describe("a whole nn.Sequential", () => {
  it("gives the logits that PyTorch gives", async () => {
    // torch 2.13: nn.Sequential(Flatten(), Linear(2, 3), Dropout(), LeakyReLU(0.2), Sequential(Linear(3, 3),
    // Identity()), Linear(3, 3), Sequential(LeakyReLU(-0.5), LeakyReLU(0.1)), Sequential(Sequential(Linear(3,
    // 2)))).eval() of these inputs
    const fourth = dense(3, 3, 5);
    const root = sequential(
      flatten(1),
      first.piece,
      dropout,
      leaky(0.2),
      sequential(second.piece, of("linear.Identity")),
      fourth.piece,
      sequential(leaky(-0.5), leaky(0.1)),
      sequential(sequential(third.piece)),
    );
    const network = await loadMlp(written(root, [first, second, third, fourth]));
    expect(network.negativeSlopes).toEqual([0.2, 1, -0.5]);
    const found = await logits(network, Float32Array.of(1, 2, -3, 0.5));
    const expected = [-0.882031261920929, -1.427734375, -1.0390625, -0.76953125];
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 6));
  });

  it.each<[string, Piece[], number[]]>([
    ["one activation between two layers", [first.piece, relu, second.piece, leaky(0.3), third.piece], [0, 0.3]],
    ["none between two layers, which is the identity", [first.piece, second.piece, leaky(0.3), third.piece], [1, 0.3]],
    ["two in a row", [first.piece, leaky(0.5), leaky(0.5), second.piece, relu, relu, third.piece], [0.25, 0]],
    [
      "a ReLU behind a slope below 0, which it passes on",
      [first.piece, leaky(-2), relu, second.piece, relu, third.piece],
      [-2, 0],
    ],
    [
      "what does nothing in eval()",
      [dropout, first.piece, dropout, relu, second.piece, relu, third.piece, dropout],
      [0, 0],
    ],
    [
      "an activation of slope 1 at the ends",
      [leaky(1), first.piece, relu, second.piece, relu, third.piece, leaky(1)],
      [0, 0],
    ],
  ])("%s", async (_what, modules, slopes) => {
    expect((await read(sequential(...modules))).negativeSlopes).toEqual(slopes);
    expect((await read(sequential(sequential(...modules.slice(0, 2)), ...modules.slice(2)))).negativeSlopes).toEqual(
      slopes,
    );
  });

  it.each<[string, Piece[], string]>([
    [
      "an activation first",
      [relu, first.piece, relu, second.piece, relu, third.piece],
      "has a ReLU (m0) before its first dense",
    ],
    [
      "one last",
      [first.piece, second.piece, third.piece, leaky(0.2)],
      "has a LeakyReLU (m3) behind its last dense layer",
    ],
    [
      "a Sigmoid",
      [first.piece, of("activation.Sigmoid"), second.piece, third.piece],
      "has a Sigmoid (m1), which a network of",
    ],
    [
      "a Flatten of the rows",
      [flatten(0), first.piece, second.piece, third.piece],
      "has a Flatten (m0), which a network of",
    ],
    ["a ModuleList", [of("container.ModuleList"), first.piece, second.piece, third.piece], "has a ModuleList (m0)"],
    [
      "a slope that is not said",
      [first.piece, of("activation.LeakyReLU"), second.piece, third.piece],
      "LeakyReLU that does not",
    ],
    [
      "a hook",
      [first.piece, of("activation.ReLU", { _forward_hooks: dictionary({ a: none }) }), second.piece, third.piece],
      "has a ReLU (m1) with a hook",
    ],
    ["one layer alone", [first.piece], "dense layers were expected, at least two"],
  ])("is refused by name with %s", async (_what, modules, problem) => {
    const promise = read(sequential(...modules));
    await expect(promise).rejects.toThrow(FileError);
    await expect(promise).rejects.toThrow(problem);
  });

  it("has biases or none", async () => {
    const bare = [dense(2, 3, 0, false), dense(3, 2, 1, false)];
    const path = written(sequential(bare[0].piece, relu, bare[1].piece), bare);
    const [hidden, output] = (await loadMlp(path)).layers;
    expect([[...hidden.biases], [...output.biases]]).toEqual([
      [0, 0, 0],
      [0, 0],
    ]);
    expect([...hidden.weights]).toEqual([...bare[0].storages.w0]);
  });

  it("has to be what the options say", async () => {
    const root = sequential(first.piece, relu, second.piece, leaky(0.2), third.piece);
    expect((await read(root, { activation: "relu,leaky-relu:0.2" })).negativeSlopes).toEqual([0, 0.2]);
    expect((await read(root, { negativeSlope: [0, 0.2] })).negativeSlopes).toEqual([0, 0.2]);
    expect((await read(root, { layers: ["m0", "m2", "m4"] })).negativeSlopes).toEqual([0, 0.2]);
    for (const [options, problem] of [
      [{ activation: "relu" }, "has relu,leaky-relu:0.2; relu was asked for"],
      [{ negativeSlope: 0.2 }, "has relu,leaky-relu:0.2; leaky-relu:0.2 was asked for"],
      [{ layers: ["m4", "m2", "m0"] }, "computes its layers as m0, m2, m4; m4, m2, m0 asked for"],
      [{ activation: "relu,relu,relu" }, "invalid activation; expected one, or one for each of 2 hidden layers"],
    ] as const) {
      await expect(read(root, options)).rejects.toThrow(problem);
    }
  });
});

describe("a class of one's own", () => {
  const two = [small.first, small.last];
  const own = (...modules: Piece[]) => module("mynets.Net", { modules: parts(modules) });
  const classes = ["mynets.Net"];

  it("is read where it is named and its activation given, as a state dict is", async () => {
    const path = written(own(small.first.piece, small.last.piece, relu), two);
    await expect(loadMlp(path)).rejects.toThrow('names "mynets.Net", which is not on the list of known classes');
    await expect(loadMlp(path, { classes })).rejects.toThrow(
      "is a Net, whose code is not in the file; say it as the option",
    );
    await expect(loadMlp(path, { classes, activation: "identity" })).rejects.toThrow(
      "has relu; identity was asked for",
    );
    expect((await loadMlp(path, { classes, activation: "relu" })).negativeSlopes).toEqual([0]);
    const sigmoid = written(own(small.first.piece, of("activation.Sigmoid"), small.last.piece), two);
    await expect(loadMlp(sigmoid, { classes, activation: "relu" })).rejects.toThrow("has a Sigmoid, which a network");
  });

  it("is that of the paper's companion code only where it is made as there", async () => {
    const layers = [dense(784, 5, 0), dense(5, 10, 1)];
    const theirs = (layer2: Piece, extra: Record<string, Piece> = {}) =>
      module("model.MNISTNet", { modules: { layer1: layers[0].piece, layer2, ...extra } });
    const inner = (...modules: Piece[]) =>
      module("torch.nn.modules.container.Sequential", {
        modules: Object.fromEntries(modules.map((part, i) => [String(i), part])),
      });
    expect((await loadMlp(written(theirs(inner(leaky(0.01), layers[1].piece)), layers))).negativeSlopes).toEqual([
      0.01,
    ]);
    for (const root of [
      theirs(inner(relu, layers[1].piece)),
      theirs(inner(layers[1].piece, leaky(0.01))),
      theirs(layers[1].piece, { relu }),
      theirs(inner(leaky(0.01), layers[1].piece), { more: relu }),
    ]) {
      await expect(loadMlp(written(root, layers))).rejects.toThrow("that is not the one of the paper's companion code");
    }
    const other = [dense(784, 5, 0), dense(5, 9, 1)];
    const nine = module("model.MNISTNet", {
      modules: { layer1: other[0].piece, layer2: inner(leaky(0.01), other[1].piece) },
    });
    await expect(loadMlp(written(nine, other))).rejects.toThrow("that is not the one of the paper's companion code");
  });
});

describe("the order of a state dict's layers", () => {
  const square = (name: string, salt: number) => ({
    [`${name}.weight`]: tensor({ key: `w${salt}`, shape: [3, 3] }),
  });
  const layers = [dense(3, 3, 0), dense(3, 3, 1)];
  const names = (root: Piece, options: LoadMlpOptions) =>
    loadMlp(written(root, layers), options).then(({ layers: [l] }) =>
      l.weights[0] === -1.25 ? "w0 first" : "w1 first",
    );

  it("is that of the numbers in their names, where the file has the same; else it is to be said", async () => {
    const options = { activation: "relu" };
    const defined = ordered({ ...square("out", 0), ...square("hidden", 1) });
    await expect(names(defined, options)).rejects.toThrow(
      "out, hidden, which fit together in several orders; say them",
    );
    expect(await names(defined, { ...options, layers: ["hidden", "out"] })).toBe("w1 first");
    expect(await names(ordered({ ...square("fc1", 0), ...square("fc2", 1) }), options)).toBe("w0 first");
    const contrary = ordered({ ...square("fc2", 0), ...square("fc1", 1) });
    await expect(names(contrary, options)).rejects.toThrow("fc2, fc1, which fit together in several orders; say them");
    expect(await names(contrary, { ...options, layers: ["fc1", "fc2"] })).toBe("w1 first");
  });

  it("is not told by numbers that need not count from the inputs on, in a file that keeps no order", async () => {
    const folder = mkdtempSync(join(tmpdir(), "module-order-"));
    const loaded = (first: string, second: string) => {
      const path = join(folder, "weights.safetensors");
      const square = (value: number) => ({ shape: [3, 3], data: new Float32Array(9).fill(value) });
      const tensors = new Map([first, second].map((name, l) => [`${name}.weight`, square(l)]));
      writeFileSync(path, formatSafetensors(tensors));
      return loadMlp(path, { activation: "relu" });
    };
    for (const [first, second] of [
      ["fc1", "fc2"],
      ["net.0", "net.2"],
      ["0", "10"],
      ["hidden_1", "hidden_2"],
    ]) {
      expect((await loaded(second, first)).layers[0].weights[0]).toBe(1);
    }
    for (const [first, second] of [
      ["up1", "up2"],
      ["w1v2", "w2v1"],
      ["decoder1", "decoder2"],
    ]) {
      await expect(loaded(first, second)).rejects.toThrow("which fit together in several orders");
    }
  });
});
