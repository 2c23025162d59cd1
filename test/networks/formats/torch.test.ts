import { afterEach, describe, expect, test, vi } from "vitest";
import { FileError } from "../../../src/errors.js";
import { readPickled } from "../../../src/formats/pickle.js";
import { PickleName } from "../../../src/formats/pickle-meaning.js";
import { parseTorch } from "../../../src/formats/torch.js";
import { fc } from "../../helpers/properties.js";
import {
  call,
  dictionary,
  float,
  global,
  integer,
  module,
  none,
  object,
  ordered,
  type Piece,
  parameter,
  tensor,
  text,
  torchFile,
  tuple,
  yes,
} from "./torch-writer.js";

const linear = (weight: Piece, bias: Piece) =>
  module("torch.nn.modules.linear.Linear", { parameters: { weight: parameter(weight), bias: parameter(bias) } });
const leaky = module("torch.nn.modules.activation.LeakyReLU", { attributes: { negative_slope: float(0.2) } });

/** A whole module of the published networks' make, 2 -> 3. */
const wholeModule = module("model.MNISTNet", {
  modules: {
    layer1: module("torch.nn.modules.container.Sequential", {
      modules: { "0": linear(tensor({ key: "0", shape: [3, 2] }), tensor({ key: "1", shape: [3] })), "1": leaky },
    }),
  },
});
const advice = "(of a module of your own, save its state_dict())";
/** 2^63 + 5 as a pickle has it. */
const big: Piece = [0x8a, 9, 5, 0, 0, 0, 0, 0, 0, 0x80, 0];
const storages = { "0": [1, 2, 3, 4, 5, 6], "1": [7, 8, 9] };
const plain = (map: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>) =>
  Object.fromEntries([...map].map(([name, { shape, data }]) => [name, { shape: [...shape], data: [...data] }]));

afterEach(() => vi.restoreAllMocks());

describe("parseTorch reads", () => {
  test("a whole module: names as in the state dict, and the module itself as data", async () => {
    const { tensors, module } = await parseTorch(torchFile(wholeModule, storages), "net.pt");
    expect(plain(tensors)).toEqual({
      "layer1.0.weight": { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] },
      "layer1.0.bias": { shape: [3], data: [7, 8, 9] },
    });
    const [[name, layer1]] = module!.children();
    expect([module!.className, name, layer1.shortName]).toEqual(["model.MNISTNet", "layer1", "Sequential"]);
    expect([...layer1.children()].map(([key, part]) => [key, part.shortName, part.get("negative_slope")])).toEqual([
      ["0", "Linear", undefined],
      ["1", "LeakyReLU", 0.2],
    ]);
  });

  test("a state dict, in its order, alone or in a training script's checkpoint", async () => {
    const dict = ordered({ b: tensor({ key: "1", shape: [3] }), a: tensor({ key: "0", shape: [3, 2] }) });
    for (const root of [dict, dictionary({ epoch: integer(6), model_state_dict: dict, scheduler: none })]) {
      const read = await parseTorch(torchFile(root, storages), "net.pt");
      expect([...read.tensors.keys()]).toEqual(["b", "a"]);
      expect(read.module).toBeUndefined();
    }
  });

  test("the only network in what a training script saved, and says what there is where it is not the only one", async () => {
    const dict = ordered({
      "a.weight": tensor({ key: "0", shape: [3, 2] }),
      "a.bias": tensor({ key: "1", shape: [3] }),
    });
    const adam = dictionary({
      state: dictionary({ a: dictionary({ exp_avg: tensor({ key: "0", shape: [6] }) }) }),
      param_groups: tuple(dictionary({ lr: float(0.1) })),
    });
    const lightning = {
      epoch: integer(6),
      "pytorch-lightning_version": text("2.4.0"),
      state_dict: dict,
      callbacks: dictionary({ best: dictionary({ score: tensor({ key: "9", shape: [], storage: "DoubleStorage" }) }) }),
      optimizer_states: adam,
      hyper_parameters: object("lightning.fabric.utilities.data", "AttributeDict", dictionary({ lr: float(0.1) })),
    };
    const read = async (root: Piece) => [...(await parseTorch(torchFile(root, storages), "net.pt")).tensors.keys()];
    for (const root of [
      { model: dict, optimizer: adam },
      { net: dict },
      lightning,
      { state_dict: wholeModule, seed: big },
    ]) {
      expect((await read(dictionary(root))).at(-1)).toMatch(/^(a|layer1\.0)\.bias$/);
    }
    expect(await read(ordered({ w: tensor({ key: "1", shape: [3] }), seed: big, nothing: none }))).toEqual(["w"]);
    for (const [root, problem] of [
      [
        { generator: dict, discriminator: dict },
        'holds more than one network: "generator", "discriminator"; torch.save',
      ],
      [
        { model: dict, "b.weight": tensor({ key: "1", shape: [3] }) },
        'more than one network: "model", tensors of its own',
      ],
      [
        { optimizer: adam, epoch: integer(3) },
        'but a dictionary of "optimizer" (a dictionary), "epoch" (a number); save',
      ],
      [{ a: dictionary({ state_dict: dict }) }, 'but a dictionary of "a" (a dictionary)'],
      [
        { w: tensor({ key: "1", shape: [3] }), _extra_state: dictionary({}) },
        'holds a dictionary as "_extra_state" among',
      ],
    ] as const) {
      await expect(read(dictionary(root))).rejects.toThrow(problem);
    }
  });

  test("numbers of any length: torch.initial_seed() is up to 2^64, a small one may be negative", async () => {
    for (const [seed, value] of [
      [big, (1n << 63n) + 5n],
      [[0x8a, 1, 0xff], -1],
      [[0x8a, 0], 0],
      [[0x8b, 2, 0, 0, 0, 0x00, 0x80], -32768],
      [new TextEncoder().encode("L-12L\n"), -12],
    ] as const) {
      const pickle = Uint8Array.of(0x80, 2, ...seed, 0x2e);
      const meaning = { name: () => new PickleName("x"), persistent: () => 0 };
      expect(readPickled(pickle, meaning)).toBe(value);
    }
  });

  test("negated views, with the signs that PyTorch shows", async () => {
    const negated = tensor({ key: "1", shape: [3], metadata: dictionary({ neg: yes, conj: [0x89] }) });
    const { tensors } = await parseTorch(torchFile(ordered({ negated }), storages), "net.pt");
    expect([...tensors.get("negated")!.data]).toEqual([-7, -8, -9]); // torch._neg_view(torch.tensor([7., 8., 9.]))
    const odd = ordered({ w: tensor({ key: "1", shape: [3], metadata: dictionary({ conj: yes }) }) });
    await expect(parseTorch(torchFile(odd, storages), "net.pt")).rejects.toThrow(
      'a tensor with "conj" in its metadata',
    );
  });

  test("one window on a storage under many names once", async () => {
    const same = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`${i}.weight`, tensor({ key: "0", shape: [300, 100] })]),
    );
    const { tensors } = await parseTorch(torchFile(ordered(same), { "0": new Array(30_000).fill(1) }), "net.pt");
    expect(tensors.size).toBe(2000);
    expect(new Set([...tensors.values()].map(({ data }) => data)).size).toBe(1);
  });

  test("strided and shifted windows on one storage", async () => {
    const root = ordered({
      transposed: tensor({ key: "0", shape: [2, 3], strides: [1, 2], count: 6 }),
      second: tensor({ key: "0", shape: [2], offset: 2, count: 6 }),
      column: tensor({ key: "0", shape: [3, 1], strides: [2, 1], offset: 1, count: 6 }),
      scalar: tensor({ key: "0", shape: [], offset: 5, count: 6 }),
      empty: tensor({ key: "0", shape: [0, 4], count: 6 }),
    });
    const { tensors } = await parseTorch(torchFile(root, storages), "net.pt");
    expect(plain(tensors)).toEqual({
      transposed: { shape: [2, 3], data: [1, 3, 5, 2, 4, 6] },
      second: { shape: [2], data: [3, 4] },
      column: { shape: [3, 1], data: [2, 4, 6] },
      scalar: { shape: [], data: [6] },
      empty: { shape: [0, 4], data: [] },
    });
  });

  test("half and bfloat16 storages", async () => {
    const root = ordered({
      half: tensor({ key: "0", shape: [2], storage: "HalfStorage" }),
      brain: tensor({ key: "1", shape: [1], storage: "BFloat16Storage" }),
    });
    const file = torchFile(root, { "0": Uint8Array.of(0x00, 0x3c, 0x01, 0x00), "1": Uint8Array.of(0x40, 0xc0) });
    const { tensors } = await parseTorch(file, "net.pt");
    expect([...tensors.get("half")!.data]).toEqual([1, 2 ** -24]);
    expect([...tensors.get("brain")!.data]).toEqual([-3]);
  });

  test("a module of another class only where its name is given", async () => {
    const file = torchFile(module("mynets.Classifier", { modules: { one: leaky } }));
    await expect(parseTorch(file, "net.pt")).rejects.toThrow('names "mynets.Classifier"');
    const read = await parseTorch(file, "net.pt", { classes: ["mynets.Classifier"] });
    expect(read.module!.className).toBe("mynets.Classifier");
  });
});

describe("parseTorch never executes what a file names", () => {
  const malicious: readonly (readonly [string, Piece])[] = [
    ["os.system", call(global("os", "system"), text("touch /tmp/pwned"))],
    ["posix.system", call(global("posix", "system"), text("touch /tmp/pwned"))],
    ["builtins.eval", call(global("builtins", "eval"), text("1 + 1"))],
    ["builtins.exec", [...text("builtins"), ...text("exec"), 0x93, ...tuple(text("1")), 0x52]],
    ["torch.load", call(global("torch", "load"), text("other.pt"))],
    ["constructor.constructor", call(global("constructor", "constructor"), text("process.exit(3)"))],
    ["torch.nn.modules.activation.Tanh", module("torch.nn.modules.activation.Tanh")],
    ["subprocess.Popen", [0x28, ...text("id"), 0x69, ...new TextEncoder().encode("subprocess\nPopen\n")]],
    ["collections.OrderedDict.__init__", call(global("collections.OrderedDict", "__init__"))],
  ];
  test.each(malicious)("%s is an error that names it", async (name, root) => {
    const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
    const hidden = ordered({ weight: tensor({ key: "0", shape: [3, 2] }), payload: root });
    for (const file of [torchFile(root), torchFile(hidden, storages)]) {
      const error = await parseTorch(file, "bad.pt").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FileError);
      const way = name.startsWith("torch.nn.") ? "(export such a network to ONNX: torch.onnx.export)" : advice;
      expect((error as Error).message).toBe(
        `bad.pt: names ${JSON.stringify(name)}, which is not on the list of known classes; nothing was executed ${way}`,
      );
    }
    expect(exit).not.toHaveBeenCalled();
  });

  const polluted: Piece = dictionary({ polluted: integer(1), __setstate__: none });
  const build = 0x62;
  test.each<readonly [string, Piece]>([
    ["a dictionary's __proto__", [...dictionary({}), ...text("__proto__"), ...polluted, 0x73]],
    ["a protocol 0 dictionary's __proto__", [0x28, ...text("__proto__"), ...polluted, 0x64]],
    ["the state of a set", [...call(global("builtins", "set")), ...polluted, build]],
    ["the state of a function that it names", [...global("collections", "OrderedDict"), ...polluted, build]],
    ["the state of a class that it names", [...global("torch.nn.modules.linear", "Linear"), ...polluted, build]],
    [
      "the state of a tensor",
      [...tensor({ key: "0", shape: [6] }), ...dictionary({ shape: tuple(integer(9)) }), build],
    ],
  ])("nor can it change, by %s, this process or how the next file is read", async (_what, root) => {
    await expect(parseTorch(torchFile(root, storages), "bad.pt")).rejects.toThrow(FileError);
    for (const value of [{}, [], new Map(), new Set(), () => 0, new Float32Array()]) {
      expect((value as unknown as Record<string, unknown>).polluted).toBeUndefined();
    }
    expect((await parseTorch(torchFile(wholeModule, storages), "net.pt")).tensors.size).toBe(2);
  });
});

describe("parseTorch refuses", () => {
  const one = ordered({ w: tensor({ key: "0", shape: [3, 2] }) });
  const odd: readonly (readonly [string, Uint8Array, string])[] = [
    ["what is not a zip", Uint8Array.of(0x80, 2, 0x2e, 0, 0, 0), "is a Python pickle without PyTorch's zip file"],
    ["an empty file", new Uint8Array(), "is not a PyTorch file: not a zip"],
    [
      "TorchScript, by name",
      torchFile(one, storages, { others: { "net/constants.pkl": [1] } }),
      "is a TorchScript file",
    ],
    [
      "a program of torch.export, by name",
      torchFile(one, storages, { others: { "net/archive_format": [1] } }),
      "is a program of torch.export (.pt2)",
    ],
    [
      "the format before 1.6, by name",
      Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e),
      "is of the legacy format that PyTorch wrote before 1.6",
    ],
    [
      "a damaged storage",
      flipped(torchFile(one, storages), Buffer.from(new Float32Array(storages["0"]).buffer)),
      "is not of the length and CRC-32 that it says",
    ],
    [
      "many windows on one storage",
      torchFile(
        ordered(
          Object.fromEntries(
            Array.from({ length: 3000 }, (_, i) => [
              `${i}.w`,
              tensor({ key: "0", shape: [9000], offset: i, count: 12_000 }),
            ]),
          ),
        ),
        { "0": new Array(12_000).fill(1) },
      ),
      "has tensors that share storages, with many times its numbers",
    ],
    [
      "a name that is no text",
      torchFile([0x7d, ...tuple(none), ...tensor({ key: "1", shape: [3] }), 0x73], storages),
      "no text",
    ],
    ["a compressed zip", torchFile(one, storages, { level: 6, byteOrder: "little".repeat(99) }), "compressed"],
    ["big-endian numbers", torchFile(one, storages, { byteOrder: "big" }), 'byte order "big"; little was expected'],
    ["an absent storage", torchFile(one, {}), "lacks the storage data/0"],
    ["a storage of the wrong size", torchFile(one, { "0": [1, 2] }), "has 8 bytes in its storage data/0"],
    [
      "double precision",
      torchFile(ordered({ w: tensor({ key: "0", shape: [1], storage: "DoubleStorage" }) })),
      "DoubleStorage",
    ],
    [
      "a tensor beyond its storage",
      torchFile(ordered({ w: tensor({ key: "0", shape: [3], offset: 4, count: 6 }) }), storages),
      'has tensor "w" reach beyond its storage of 6 numbers',
    ],
    [
      "a huge tensor made of one number",
      torchFile(ordered({ w: tensor({ key: "0", shape: [2_000_000_000], strides: [0], count: 6 }) }), storages),
      'has tensor "w" with 2000000000 numbers in a storage of 6',
    ],
    ["a pickle of something else", torchFile(text("hello")), "holds neither a module nor a state dict, but text"],
    ["an empty dictionary", torchFile(dictionary({})), "holds neither a module nor a state dict"],
    [
      "negative sizes",
      torchFile(ordered({ w: tensor({ key: "0", shape: [-1], count: 6 }) }), storages),
      "damaged pickle",
    ],
    [
      "a module inside itself",
      torchFile([...object0(), 0x71, 7, ...dictionary({ _modules: ordered({ me: [0x68, 7] }) }), 0x62]),
      "has a module inside itself",
    ],
  ];
  test.each(odd)("%s", async (_what, bytes, problem) => {
    await expect(parseTorch(bytes, "bad.pt")).rejects.toThrow(FileError);
    await expect(parseTorch(bytes, "bad.pt")).rejects.toThrow(problem);
  });

  test("a file cut off at any byte", async () => {
    const bytes = torchFile(wholeModule, storages);
    for (let length = 0; length < bytes.length; length++) {
      await expect(parseTorch(bytes.subarray(0, length), "cut.pt"), `${length} bytes`).rejects.toThrow(FileError);
    }
  });

  test("or reads a file with any bytes changed, and does nothing else", async () => {
    const bytes = torchFile(wholeModule, storages);
    const flips = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const changed = bytes.slice();
        for (const [at, value] of changes) changed[at] = value;
        const result = await parseTorch(changed, "changed.pt").catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(FileError);
      }),
      { numRuns: 2000 },
    );
  });
});

/** An empty Sequential, before its state. */
function object0(): Piece {
  return [...global("torch.nn.modules.container", "Sequential"), ...tuple(), 0x81];
}

/** A file with one bit changed in some bytes that it holds. */
function flipped(file: Uint8Array, within: Uint8Array): Uint8Array {
  const changed = Buffer.from(file);
  changed[changed.indexOf(within)] ^= 1;
  return changed;
}
