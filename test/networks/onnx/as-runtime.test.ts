import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../../src/coalitions/coalition.js";
import { shapley } from "../../../src/engine/shapley.js";
import { FileError } from "../../../src/errors.js";
import { networkGame } from "../../../src/lesion/network-game.js";
import type { Network } from "../../../src/networks/network.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { type Model, type Node, type StoredTensor, writeModel } from "../../../src/networks/onnx/messages.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { graphOf, integers, port, weight } from "./build.js";

// Values are those of onnxruntime 1.30 in Python for the same graphs, with x = [1, 2, 3] unless another is given; h = x
// w = [22, 28].

const folder = mkdtempSync(join(tmpdir(), "onnx-runtime-"));
afterAll(() => rmSync(folder, { recursive: true }));

const w = weight("w", [3, 2], [1, 2, 3, 4, 5, 6]);
const always = { name: "always", dims: [], dataType: 9, rawData: Uint8Array.of(1) };
const never = { name: "never", dims: [], dataType: 9, rawData: Uint8Array.of(0) };
const product: Node = { opType: "MatMul", input: ["x", "w"], output: ["h"] };
const op = (
  opType: string,
  input: string[],
  output: string[],
  attribute: Node["attribute"] = [],
  domain = "",
): Node => {
  return { opType, input, output, attribute, domain };
};
const cast = (from: string, to: string, code: number) => op("Cast", [from], [to], [{ name: "to", type: 2, i: code }]);

/** A network of h = x w and some nodes behind it. */
function file(
  nodes: Node[],
  more: { stored?: StoredTensor[]; outputs?: object[]; version?: number; model?: Partial<Model>; graph?: object } = {},
) {
  return writeModel({
    irVersion: 10,
    opsetImport: [{ domain: "", version: more.version ?? 21 }],
    ...more.model,
    graph: {
      name: "graph",
      node: [product, ...nodes],
      initializer: [w, ...(more.stored ?? [])],
      input: [port("x", ["rows", 3])],
      output: more.outputs ?? [port("y", ["rows", "n"])],
      ...more.graph,
    },
  });
}

/** What the network gives with all of h intact, and with its first unit alone. */
async function played(network: Network | Uint8Array | string, x = [1, 2, 3], output?: string): Promise<number[][]> {
  const loaded = network instanceof Uint8Array || typeof network === "string" ? await loadOnnx(network) : network;
  const game = await networkGame(loaded, Float32Array.from(x), {
    sites: ["h"],
    ...(output !== undefined && { output }),
  });
  const [all, first] = [await game.evaluate(coalitionsOf(2, [[0, 1]])), await game.evaluate(coalitionsOf(2, [[0]]))];
  game.dispose();
  return [all, first].map((values) => Array.from(values, (value) => value + 0)); // no -0
}

const branch = (nodes: Node[], output: string, more: object = {}) => ({
  ...graphOf({ nodes: [], outputs: [port(output, undefined)] }),
  node: nodes,
  ...more,
});
const choice = (condition: string, output: string, then: object, other: object, name = ""): Node => ({
  ...op(
    "If",
    [condition],
    [output],
    [
      { name: "then_branch", type: 5, g: then },
      { name: "else_branch", type: 5, g: other },
    ],
  ),
  name,
});

describe.skipIf(!onnxRuntime)("functions of a model", () => {
  const refersTo = (name: string) => [new BinaryWriter().tag(21, WireType.LengthDelimited).string(name).finish()];
  const own = [{ version: 21 }, { domain: "own", version: 1 }];

  it("have the defaults of their attributes", async () => {
    const leaky = {
      name: "Leaky",
      domain: "own",
      input: ["a"],
      output: ["b"],
      attributeProto: [{ name: "alpha", type: 1, f: 0.5 }],
      node: [op("LeakyRelu", ["a"], ["b"], [{ name: "alpha", type: 1, $unknown: refersTo("alpha") }])],
      opsetImport: [{ version: 21 }],
    };
    const model = { functions: [leaky], opsetImport: own };
    expect(await played(file([op("Leaky", ["h"], ["y"], [], "own")], { model }), [-1, -2, -3])).toEqual([
      [-11, -14],
      [-11, 0],
    ]);
  });

  it("are told apart by their overload, and call each other in domains of other versions", async () => {
    const of = (overload: string, operator: string) => ({
      name: "F",
      domain: "own",
      overload,
      input: ["a"],
      output: ["b"],
      node: [op(operator, ["a", "a"], ["b"])],
      opsetImport: [{ version: 18 }],
    });
    const called = (name: string, overload: string) => ({ ...op(name, ["h"], [`h${overload}`], [], "own"), overload });
    const square = { ...of("", "Mul"), name: "Square" };
    const outer = {
      ...square,
      name: "Outer",
      domain: "other",
      node: [op("Square", ["a"], ["b"], [], "own")],
      opsetImport: [{ domain: "own", version: 1 }, { version: 17 }],
    };
    const model = {
      functions: [of("double", "Add"), of("square", "Mul"), square, outer],
      opsetImport: [...own, { domain: "other", version: 2 }],
    };
    const nodes = [
      called("F", "double"),
      called("F", "square"),
      op("Outer", ["hdouble"], ["z"], [], "other"),
      op("Sub", ["z", "hsquare"], ["y"]),
    ];
    // (2 h)^2 - h^2
    expect(await played(file(nodes, { model }))).toEqual([
      [1452, 2352],
      [1452, 0],
    ]);
  });

  it("may be all that there is: the standard operators around a lesion are those of the functions", async () => {
    const f = {
      name: "F",
      domain: "own",
      input: ["a", "b"],
      output: ["c"],
      node: [op("MatMul", ["a", "b"], ["c"])],
      opsetImport: [{ version: 21 }],
    };
    const node = [op("F", ["x", "w"], ["h"], [], "own"), op("F", ["h", "v"], ["y"], [], "own")];
    const model = { functions: [f], opsetImport: [{ domain: "own", version: 1 }] };
    expect(await played(file([], { model, graph: { node }, stored: [weight("v", [2, 2], [1, 0, 0, 1])] }))).toEqual([
      [22, 28],
      [22, 0],
    ]);
  });
});

describe.skipIf(!onnxRuntime)("branches that are taken", () => {
  it("keep tensors and stored tensors of the same names apart", async () => {
    const other = branch([op("Neg", ["h"], ["t"])], "t");
    const k = (value: number) => ({ initializer: [weight("k", [1], [value])] });
    const times = (value: number) => branch([op("Mul", ["h", "k"], ["t"]), op("Relu", ["t"], ["r"])], "r", k(value));
    const nodes = [
      choice("always", "a", times(2), other, "one"),
      choice("never", "b", other, times(7), "two"),
      op("Add", ["a", "b"], ["y"]),
    ];
    const network = await loadOnnx(file(nodes, { stored: [always, never] }));
    expect(await played(network)).toEqual([
      [198, 252],
      [198, 0],
    ]);
    expect(network.sites.map(({ name }) => name)).toEqual([
      "input",
      "h",
      "one/t",
      "one/r",
      "a",
      "two/t",
      "two/r",
      "b",
      "y",
    ]);
    await expect(networkGame(network, Float32Array.of(1, 2, 3), { sites: ["t"] })).rejects.toThrow(
      /several tensors of the file have this name; in branches that are taken it is now one\/t, two\/t\)/,
    );
  });

  it("may use a name of the graph around them, of a loop inside them, and of their If", async () => {
    const k = [weight("k", [1], [2])];
    // z = relu(2 h) in the branch, whose k and y are its own; then y = z k with the other k.
    const inner = branch([op("Mul", ["h", "k"], ["m"]), op("Relu", ["m"], ["z"])], "z", { initializer: k });
    const nodes = [choice("always", "z", inner, branch([op("Neg", ["h"], ["n"])], "n")), op("Mul", ["z", "k"], ["y"])];
    expect(await played(file(nodes, { stored: [always, weight("k", [1], [7])] }))).toEqual([
      [308, 392],
      [308, 0],
    ]);
    // The branch of an If on the inputs, inside a branch that is taken, has a t of its own.
    const deep = choice(
      "positive",
      "d",
      branch([op("Abs", ["h"], ["t"])], "t"),
      branch([op("Sub", ["h", "t"], ["u"])], "u"),
    );
    const outer = branch([op("Exp", ["zero"], ["t"]), deep, op("Add", ["d", "t"], ["s"])], "s");
    const decides = [
      op("ReduceSum", ["h"], ["sum"], [{ name: "keepdims", type: 2, i: 0 }]),
      op("Greater", ["sum", "zero"], ["positive"]),
    ];
    const file2 = file([...decides, choice("always", "y", outer, outer)], {
      stored: [always, weight("zero", [], [0])],
      graph: { input: [port("x", [1, 3])] },
    });
    expect(await played(file2)).toEqual([
      [23, 29],
      [23, 1],
    ]);
  });

  it("hold sparse tensors and sequences", async () => {
    const sparse = (name: string) => ({
      values: weight(name, [2], [1, 6]),
      indices: integers("", [2], [0, 3]),
      dims: [2, 2],
    });
    const times = (output: string) =>
      branch([op("MatMul", ["h", "s"], [output])], output, { sparseInitializer: [sparse("s")] });
    const nodes = [
      choice("always", "a", times("t"), times("u")),
      choice("never", "b", times("u"), times("t")),
      op("Add", ["a", "b"], ["y"]),
    ];
    expect(await played(file(nodes, { stored: [always, never] }))).toEqual([
      [44, 336],
      [44, 0],
    ]);
    const parts = (names: string[], output: string) => ({
      ...branch([op("SequenceConstruct", names, [output])], output),
      output: [
        {
          name: output,
          type: {
            sequenceType: new Uint8Array(
              new BinaryWriter()
                .tag(1, 2)
                .bytes(Uint8Array.of(0x0a, 2, 8, 1))
                .finish(),
            ),
          },
        },
      ],
    });
    for (const version of [12, 13, 21]) {
      const given = [
        choice("always", "q", parts(["h", "h"], "s"), parts(["h"], "s")),
        op("ConcatFromSequence", ["q"], ["y"], [{ name: "axis", type: 2, i: 1 }]),
      ];
      expect(await played(file(given, { version, model: { irVersion: 7 }, stored: [always] }))).toEqual([
        [22, 28, 22, 28],
        [22, 0, 22, 0],
      ]);
    }
  });

  it("stay closed where how many rows there are decides, which then go through alone", async () => {
    const decides = [
      op("Shape", ["x"], ["sizes"]),
      op("Gather", ["sizes", "first"], ["count"]),
      op("Greater", ["count", "first1"], ["many"]),
    ];
    const nodes = [
      ...decides,
      choice("many", "y", branch([op("Neg", ["h"], ["n"])], "n"), branch([op("Identity", ["h"], ["i"])], "i")),
    ];
    const network = await loadOnnx(file(nodes, { stored: [integers("first", [], [0]), integers("first1", [], [1])] }));
    expect(network.hidden.get("n")).toMatch(/which branch is taken depends on the inputs/);
    expect(await played(network)).toEqual([
      [22, 28],
      [22, 0],
    ]);
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const game = await networkGame(network, x, { sites: ["h"], onRemark: () => {} });
    const one = await shapley(game, { orderings: 6 });
    const two = await shapley(game, { orderings: 6, workers: 2 });
    expect(Array.from(one.vAll as Float64Array)).toEqual([22, 28, 49, 64]);
    expect(two.values).toEqual(one.values);
    game.dispose();
  });
});

describe.skipIf(!onnxRuntime)("what is no single-precision tensor", () => {
  it("runs, and is no site: sequences and optionals, also in a loop", async () => {
    const axis = [{ name: "axis", type: 2, i: 1 }];
    const split = [op("SplitToSequence", ["h"], ["parts"], axis), op("SequenceAt", ["parts", "at"], ["y"])];
    const network = await loadOnnx(file(split, { stored: [integers("at", [], [1])] }));
    expect(await played(network)).toEqual([[28], [0]]);
    expect(network.hidden.get("parts")).toBe(
      "it is a sequence or an optional, no tensor, and lesions reach single-precision numbers, float32",
    );
    expect(await played(file([op("Optional", ["h"], ["o"]), op("OptionalGetElement", ["o"], ["y"])]))).toEqual([
      [22, 28],
      [22, 0],
    ]);
    const type = (code: number) => ({ type: { tensorType: { elemType: code, shape: {} } } });
    const sequenceType = Uint8Array.of(0x0a, 4, 0x0a, 2, 8, 1);
    const body = {
      name: "body",
      node: [
        op("Relu", ["h"], ["part"]),
        op("SequenceInsert", ["before", "part"], ["after"]),
        op("Identity", ["on"], ["goesOn"]),
      ],
      input: [
        { name: "i", ...type(7) },
        { name: "on", ...type(9) },
        { name: "before", type: { sequenceType } },
      ],
      output: [
        { name: "goesOn", ...type(9) },
        { name: "after", type: { sequenceType } },
      ],
    };
    const loop = [
      op("SequenceEmpty", [], ["none"]),
      op("Loop", ["times", "always", "none"], ["all"], [{ name: "body", type: 5, g: body }]),
      op("ConcatFromSequence", ["all"], ["y"], axis),
    ];
    expect(await played(file(loop, { stored: [always, integers("times", [], [2])] }))).toEqual([
      [22, 28, 22, 28],
      [22, 0, 22, 0],
    ]);
  });

  it.each([
    ["float16", 10, 21, [44, 56]],
    ["float64", 11, 21, [44, 56]],
    ["bfloat16", 16, 21, [44, 56]],
    ["float8e4m3fn", 17, 21, [44, 56]],
    ["float8e5m2", 19, 21, [46, 56]],
    ["int4", 22, 21, [28, 24]],
    ["uint4", 21, 21, [28, 40]],
    ["int2", 26, 25, [20, 28]],
    ["string", 8, 21, [44, 56]],
    ["uint64", 13, 21, [44, 56]],
  ])("runs, and says why it is no site: %s", async (name, code, version, expected) => {
    const nodes = [cast("h", "c", code), cast("c", "d", 1), op("Add", ["d", "h"], ["y"])];
    const network = await loadOnnx(file(nodes, { version, model: { irVersion: 11 } }));
    expect((await played(network))[0]).toEqual(expected);
    await expect(networkGame(network, Float32Array.of(1, 2, 3), { sites: ["c"] })).rejects.toThrow(
      `invalid site; expected a site that lesions can reach (it is ${name}, and lesions reach single-precision numbers, float32); received "c"`,
    );
  });

  it("is an output that is refused by name, with what to do", async () => {
    const asked = (nodes: Node[], outputs: string[], output?: string) =>
      loadOnnx(file(nodes, { outputs: outputs.map((name) => ({ name })) })).then((network) =>
        played(network, [1, 2, 3], output),
      );
    const text = (name: string, kind: string) =>
      new RegExp(
        `^invalid output; expected one of .*\\(not ${name}: it is ${kind}, .* float32; save the network with a float32 tensor`,
      );
    await expect(asked([op("ArgMax", ["h"], ["y"])], ["y"])).rejects.toThrow(text("y", "int64"));
    await expect(asked([cast("h", "y", 10)], ["y"])).rejects.toThrow(text("y", "float16"));
    await expect(asked([cast("h", "y", 11)], ["y"])).rejects.toThrow(text("y", "float64"));
    await expect(asked([cast("h", "y", 16)], ["y"])).rejects.toThrow(text("y", "bfloat16"));
    const sequence = [op("SplitToSequence", ["h"], ["s"]), op("Identity", ["h"], ["y"])];
    await expect(asked(sequence, ["y", "s"], "s")).rejects.toThrow(text("s", "a sequence or an optional, no tensor"));
    expect(await asked(sequence, ["s", "y"])).toEqual([
      [22, 28],
      [22, 0],
    ]);
    expect(await asked([op("Identity", ["h"], ["y"])], ["w", "y"])).toEqual([
      [22, 28],
      [22, 0],
    ]);
    await expect(asked([op("Identity", ["h"], ["y"])], ["w", "y"], "w")).rejects.toThrow(
      "(not w: it is stored in the file",
    );
    await expect(
      loadOnnx(file([op("Neg", ["h"], ["y"])], { graph: { input: [port("x", ["rows", 3], 10)] } })),
    ).rejects.toThrow(/type of the input x; .*received "float16"$/);
  });

  it("is the list of maps that a classifier gives, whose table is an output in its place", async () => {
    const zip = op(
      "ZipMap",
      ["table"],
      ["chances"],
      [{ name: "classlabels_int64s", type: 7, ints: [0, 1] }],
      "ai.onnx.ml",
    );
    const nodes = [
      op("Softmax", ["h"], ["table"]),
      op("ArgMax", ["h"], ["label"], [{ name: "axis", type: 2, i: 1 }]),
      zip,
    ];
    const model = { opsetImport: [{ version: 17 }, { domain: "ai.onnx.ml", version: 1 }] };
    const network = await loadOnnx(file(nodes, { model, outputs: [{ name: "label" }, { name: "chances" }] }));
    expect(network.outputs.map(({ name }) => name)).toEqual(["table"]);
    const [all, first] = await played(network, [0.1, 0, 0]);
    expect(all[1]).toBeCloseTo(1 / (1 + Math.exp(-0.1)), 6);
    expect(first[1]).toBeCloseTo(1 / (1 + Math.exp(0.1)), 6);
    await expect(played(network, [1, 2, 3], "chances")).rejects.toThrow(
      /not chances: it is a list of maps made by ZipMap; ask for the output "table", .* or convert the model with \{"zipmap": False\}/,
    );
  });
});

describe.skipIf(!onnxRuntime)("numbers in other files", () => {
  const external = (name: string, dims: number[], dataType: number, entries: Record<string, string>): StoredTensor => ({
    name,
    dims,
    dataType,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
  const w32 = (entries: Record<string, string>) => external("w", [3, 2], 1, entries);
  const put = (name: string, bytes: Uint8Array) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  put("w.bin", w.rawData);
  put("padded.bin", Buffer.concat([new Uint8Array(64), w.rawData, new Uint8Array(9)]));
  const behind = [op("Identity", ["h"], ["y"])];
  const right = [
    [22, 28],
    [22, 0],
  ];
  let count = 0;
  const stored = (tensor: StoredTensor) => put(`${count++}.onnx`, file(behind, { graph: { initializer: [tensor] } }));
  const inGraph = (nodes: Node[], more: object = {}) =>
    put(`${count++}.onnx`, file([], { graph: { node: nodes, initializer: [] }, ...more }));

  it("are taken with a length, without, and with length 0, of any kind of number", async () => {
    for (const length of [{}, { length: "0" }, { length: "24" }]) {
      expect(await played(stored(w32({ location: "w.bin", ...length })))).toEqual(right);
      expect(await played(stored(w32({ location: "padded.bin", offset: "64", ...length })))).toEqual(right);
    }
    const kinds: [number, Uint8Array][] = [
      [2, Uint8Array.of(1, 2, 3, 4, 5, 6)],
      [7, new Uint8Array(BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n).buffer)],
      [10, new Uint8Array(Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600).buffer)],
      [11, new Uint8Array(Float64Array.of(1, 2, 3, 4, 5, 6).buffer)],
      [16, new Uint8Array(Uint16Array.of(0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0).buffer)],
      [22, Uint8Array.of(0x21, 0x43, 0x65)],
    ];
    for (const [code, bytes] of kinds) {
      put(`kind${code}.bin`, bytes);
      const node = [cast("v", "w", 1), product, ...behind];
      const initializer = [external("v", [3, 2], code, { location: `kind${code}.bin` })];
      expect(await played(put(`${count++}.onnx`, file([], { graph: { node, initializer } }))), `${code}`).toEqual(
        right,
      );
    }
  });

  it("are taken in attributes, branches, functions and sparse tensors", async () => {
    const constant = (tensor: StoredTensor, output: string) =>
      op("Constant", [], [output], [{ name: "value", type: 4, t: tensor }]);
    expect(await played(inGraph([constant(w32({ location: "w.bin" }), "w"), product, ...behind]))).toEqual(right);
    const own = {
      name: "F",
      domain: "own",
      input: ["a"],
      output: ["b"],
      node: [constant(w32({ location: "w.bin" }), "w"), op("MatMul", ["a", "w"], ["b"])],
      opsetImport: [{ version: 21 }],
    };
    const model = { functions: [own], opsetImport: [{ version: 21 }, { domain: "own", version: 1 }] };
    expect(await played(inGraph([op("F", ["x"], ["h"], [], "own"), ...behind], { model }))).toEqual(right);
    const inBranch = branch([product], "h", { initializer: [w32({ location: "w.bin" })] });
    const node = [choice("always", "g", inBranch, inBranch, "one"), op("Identity", ["g"], ["y"])];
    expect(await played(put(`${count++}.onnx`, file([], { graph: { node, initializer: [always] } })))).toEqual(right);
    put("s.bin", new Uint8Array(Float32Array.of(1, 6).buffer));
    put("i.bin", new Uint8Array(BigInt64Array.of(0n, 5n).buffer));
    const sparse = {
      values: external("w", [2], 1, { location: "s.bin" }),
      indices: external("", [2], 7, { location: "i.bin" }),
      dims: [3, 2],
    };
    expect(
      await played(put(`${count++}.onnx`, file(behind, { graph: { initializer: [], sparseInitializer: [sparse] } }))),
    ).toEqual([
      [1, 18],
      [1, 0],
    ]);
  });

  it("lie in the model's folder, also behind links", async () => {
    const outside = mkdtempSync(join(tmpdir(), "onnx-outside-"));
    try {
      writeFileSync(join(outside, "w.bin"), w.rawData);
      symlinkSync(join(outside, "w.bin"), join(folder, "link.bin"));
      symlinkSync(outside, join(folder, "linked"));
      put("below/w.bin", w.rawData);
      expect(await played(stored(w32({ location: "below/../below/w.bin" })))).toEqual(right);
      const there = join(outside, "w.bin");
      for (const location of [
        there,
        join(folder, "w.bin"),
        `../${outside.split("/").at(-1)}/w.bin`,
        "link.bin",
        "linked/w.bin",
        "/dev/zero",
        "..",
        ".",
      ]) {
        const error = await loadOnnx(stored(w32({ location }))).catch((caught) => caught);
        expect(error, location).toBeInstanceOf(FileError);
        expect(error.message, location).toContain(`its weights are in ${location}, which is not in its folder`);
      }
      // A cache of downloads: a folder of links to a folder where all lies under other names.
      put("cache/blobs/1", file(behind, { graph: { initializer: [w32({ location: "weights" })] } }));
      put("cache/blobs/2", w.rawData);
      mkdirSync(join(folder, "cache/model"));
      symlinkSync("../blobs/1", join(folder, "cache/model/model.onnx"));
      symlinkSync("../blobs/2", join(folder, "cache/model/weights"));
      expect(await played(join(folder, "cache/model/model.onnx"))).toEqual(right);
      await expect(loadOnnx(file(behind, { graph: { initializer: [w32({ location: "w.bin" })] } }))).rejects.toThrow(
        "ONNX model: its weights are in w.bin; give the path of its file instead of its bytes",
      );
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("are ordinary files of the sizes that are stated", async () => {
    execFileSync("mkfifo", [join(folder, "pipe.bin")]);
    symlinkSync("/dev/zero", join(folder, "zero.bin"));
    const refused = (entries: Record<string, string>) => expect(loadOnnx(stored(w32(entries)))).rejects;
    await refused({ location: "pipe.bin" }).toThrow("its weights are in pipe.bin, which is no ordinary file");
    await refused({ location: "zero.bin" }).toThrow("its weights are in zero.bin, which is not in its folder");
    await refused({ location: "w.bin", length: "20" }).toThrow(
      "the tensor w has 20 bytes in w.bin, and as float32 [3, 2] it takes 24",
    );
    await refused({ location: "w.bin", offset: "4" }).toThrow(
      "w.bin: is truncated: 24 bytes were expected at 4, 20 are there",
    );
    await refused({ location: "w.bin", offset: "-4" }).toThrow(
      'the offset of the tensor w in w.bin is "-4", no whole number of bytes',
    );
  });

  it("are not blamed on ONNX Runtime's providers, nor is a model that is not valid", async () => {
    const bad = file([op("MatMul", ["h", "w"], ["y"])]);
    const error = await loadOnnx(bad)
      .then((network) => played(network))
      .catch((caught) => caught);
    expect(error.message).not.toMatch(/provider/i);
    put("five.bin", new Uint8Array(5));
    await expect(loadOnnx(stored(external("w", [3, 2], 2, { location: "five.bin" })))).rejects.toThrow(
      "five.bin: is truncated",
    );
  });
});

describe.skipIf(!onnxRuntime)("a graph", () => {
  it("may have its nodes in any order", async () => {
    const node = [op("Neg", ["b"], ["y"]), op("Add", ["a", "h"], ["b"]), op("Relu", ["h"], ["a"]), product];
    const network = await loadOnnx(file([], { graph: { node } }));
    expect(network.sites.map(({ name }) => name)).toEqual(["input", "h", "a", "b", "y"]);
    expect(await played(network)).toEqual([
      [-44, -56],
      [-44, 0],
    ]);
  });

  it.each(["constructor", "__proto__", "toString", "h"])(
    "may have a tensor, an input or an output called %s",
    async (name) => {
      const inside = file([op("Relu", ["h"], [name === "h" ? "r" : name]), op("Identity", [name], ["y"])]);
      expect(await played(inside)).toEqual([
        [22, 28],
        [22, 0],
      ]);
      if (name === "h") return;
      expect(await played(file([op("Relu", ["h"], [name])], { outputs: [{ name }] }))).toEqual([
        [22, 28],
        [22, 0],
      ]);
      const node = [op("MatMul", [name, "w"], ["h"]), ...[op("Identity", ["h"], ["y"])]];
      expect(await played(file([], { graph: { node, input: [port(name, ["rows", 3])] } }))).toEqual([
        [22, 28],
        [22, 0],
      ]);
    },
  );
});
