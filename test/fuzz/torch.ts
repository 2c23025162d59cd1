import { uniformIndex } from "../../src/coalitions/random.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import {
  call,
  dictionary,
  float,
  global,
  integer,
  module,
  none,
  ordered,
  type Piece,
  parameter,
  tensor,
  text,
  torchFile,
  tuple,
  yes,
} from "../networks/formats/torch-writer.js";
import { damaged } from "./npz.js";
import { type ZipPart, zipOf } from "./zip-writer.js";

/** A .pt file that a stranger might bring. */
export interface TorchCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it is read (with the option `activation: "relu"`); undefined where damage may have left a whole file. */
  readonly expected: "read" | "refused" | undefined;
}

const storages = { "0": [1, 2, 3, 4, 5, 6], "1": [7, 8, 9], "2": [1, -1, 2], "3": [0] };
const first = tensor({ key: "0", shape: [3, 2] });
const last = tensor({ key: "2", shape: [1, 3] });
const weights = { "a.weight": first, "a.bias": tensor({ key: "1", shape: [3] }), "b.weight": last };
const linear = (weight: Piece) =>
  module("torch.nn.modules.linear.Linear", { parameters: { weight: parameter(weight), bias: none } });
const sequential = (modules: Record<string, Piece>) => module("torch.nn.modules.container.Sequential", { modules });
const relu = module("torch.nn.modules.activation.ReLU");
const whole = sequential({ "0": linear(first), "1": relu, "2": linear(last) });
const file = (root: Piece, held: Readonly<Record<string, Uint8Array | readonly number[]>> = storages) =>
  torchFile(root, held);

const op = { mark: 0x28, put: 0x71, get: 0x68, append: 0x61, build: 0x62, set: 0x73, tuple1: 0x85, tuple2: 0x86 };
/** A tuple of a tuple of ... twice each, whose text would have 2^depth letters. */
const doubling = (depth: number): Piece => {
  const steps = Array.from({ length: depth }, () => [op.put, 9, op.get, 9, op.tuple2]);
  return [...text("x"), ...steps.flat()];
};
const deep = (depth: number): Piece => [...text("x"), ...new Array<number>(depth).fill(op.tuple1)];
const keyed = (key: Piece): Piece => [...ordered(weights), ...key, ...first, op.set];

/** Roots that are refused or read, each for a kind. */
function roots(): Readonly<Record<string, readonly [root: Piece, expected: TorchCase["expected"]]>> {
  const polluted = dictionary({ polluted: integer(1), setState: none, size: integer(9) });
  const built = (root: Piece): Piece => [...root, ...polluted, op.build];
  const names = [
    "os\nsystem",
    "builtins\neval",
    "constructor\nconstructor",
    "__proto__\n__proto__",
    "torch\nload",
    "\n",
  ];
  const own = Object.fromEntries(
    names.map((name) => {
      const called: Piece = [0x63, ...new TextEncoder().encode(`${name}\n`), ...tuple(text("x")), 0x52];
      return [`calls ${JSON.stringify(name)}`, [ordered({ ...weights, c: called }), "refused"] as const];
    }),
  );
  const states = {
    "collections.OrderedDict": global("collections", "OrderedDict"),
    "torch._utils._rebuild_tensor_v2": global("torch._utils", "_rebuild_tensor_v2"),
    "torch._utils._rebuild_parameter": global("torch._utils", "_rebuild_parameter"),
    "torch.FloatStorage": global("torch", "FloatStorage"),
    "torch.nn.modules.linear.Linear": global("torch.nn.modules.linear", "Linear"),
    "builtins.set": global("builtins", "set"),
    "a tensor": first,
    "a set": call(global("builtins", "set")),
    "a list": [0x5d],
    "a tuple": tuple(),
    "a text": text("x"),
    None: none,
  };
  const given = Object.fromEntries(
    Object.entries(states).map(([name, piece]) => [
      `state given to ${name}`,
      [ordered({ ...weights, c: built(piece) }), "refused"] as const,
    ]),
  );
  const shaped = (options: Partial<Parameters<typeof tensor>[0]>) =>
    ordered({ ...weights, "b.weight": tensor({ key: "2", shape: [1, 3], count: 3, ...options }) });
  const views = (count: number, window: (i: number) => number) =>
    ordered({
      ...Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `v${i}.weight`,
          tensor({ key: "8", shape: [5000], offset: window(i), count: 8000 }),
        ]),
      ),
    });
  const itself: Piece = [...global("torch.nn.modules.container", "Sequential"), ...tuple(), 0x81, op.put, 7];
  const nested = (depth: number): Piece => (depth === 0 ? whole : sequential({ n: nested(depth - 1) }));
  /** Each level holds the one below it twice. */
  const tree = (depth: number): Piece => {
    let inner: Piece = [...relu, op.put, 8];
    for (let i = 0; i < depth; i++) inner = [...sequential({ a: inner, b: [op.get, 8] }), op.put, 8];
    return inner;
  };
  return {
    "a state dict": [ordered(weights), "read"],
    "a whole module": [whole, "read"],
    "a name __proto__": [ordered({ ...weights, __proto__x: integer(3), ["__proto__"]: float(2) }), "read"],
    "a key that is a doubling tuple": [keyed(doubling(60)), "refused"],
    "a key that is a deep tuple": [keyed(deep(100_000)), "refused"],
    "a key that is a long text": [keyed(long(60_000)), "refused"],
    "a key that is a number": [keyed(integer(5)), "refused"],
    "a value that is a doubling tuple": [ordered({ ...weights, c: doubling(60) }), "refused"],
    "a doubling tuple": [doubling(60), "refused"],
    "a module's name that is a doubling tuple": [[...doubling(60), ...text("x"), 0x93], "refused"],
    "a name of 60,000 letters": [[0x63, ...new Array<number>(60_000).fill(65), 10, 66, 10], "refused"],
    "a part whose name is a doubling tuple": [
      object({ _modules: [...dictionary({}), ...doubling(60), ...relu, op.set] }),
      "refused",
    ],
    "a storage whose key is a doubling tuple": [
      [...tuple(text("storage"), doubling(60), none, none, none), 0x51],
      "refused",
    ],
    "a list that holds itself": [[0x5d, op.put, 1, op.get, 1, op.append], "refused"],
    "a dictionary that holds itself": [[0x7d, op.put, 1, ...text("x"), op.get, 1, op.set], "refused"],
    "a module that holds itself": [
      [...itself, ...dictionary({ _modules: ordered({ a: [op.get, 7] }) }), op.build],
      "refused",
    ],
    "modules 63 deep": [nested(61), "read"],
    "modules 500 deep": [nested(500), "refused"],
    "a tree of 2^40 modules": [tree(40), "refused"],
    "2000 names of one window": [views(2000, () => 0), "refused"],
    "2000 windows on one storage": [views(2000, (i) => i), "refused"],
    "a stride of 0": [shaped({ shape: [1, 4], strides: [1, 0] }), "refused"],
    "a window beyond its storage": [shaped({ offset: 1 }), "refused"],
    "a shape of 2^31": [shaped({ shape: [2 ** 31 - 1, 3] }), "refused"],
    "33 axes": [shaped({ shape: new Array<number>(33).fill(1) }), "refused"],
    "a storage that says too many": [shaped({ count: 4 }), "refused"],
    "two kinds of one storage": [shaped({ key: "0", storage: "HalfStorage" }), "refused"],
    "a kind of storage that there is not": [shaped({ storage: "QUInt8Storage" }), "refused"],
    "a storage that is not there": [shaped({ key: "77" }), "refused"],
    "a storage outside the folder": [shaped({ key: "../data.pkl" }), "refused"],
    "state twice": [[...relu, ...dictionary({}), op.build], "refused"],
    "a pickle of nothing": [[], "refused"],
    "a pickle that stops in a mark": [[op.mark], "refused"],
    "a frozen tuple appended to": [[...tuple(integer(1)), ...integer(2), op.append], "refused"],
    "a parameter of a text": [ordered({ ...weights, c: parameter(text("x")) }), "refused"],
    "an OrderedDict of a number": [call(global("collections", "OrderedDict"), integer(5)), "refused"],
    "an OrderedDict of pairs that are none": [
      call(global("collections", "OrderedDict"), tuple(integer(5), integer(6))),
      "refused",
    ],
    "an OrderedDict that is None": [call(global("collections", "OrderedDict"), none), "refused"],
    "a Linear called": [call(global("torch.nn.modules.linear", "Linear"), integer(3)), "refused"],
    "a storage called": [call(global("torch", "FloatStorage"), integer(3)), "refused"],
    "a number of 60,000 bytes": [
      ordered({ ...weights, seed: [0x8b, 0x60, 0xea, 0, 0, ...new Array<number>(60_000).fill(7)] }),
      "read",
    ],
    "a number of 4 GB": [[0x8b, 0xff, 0xff, 0xff, 0xff, 1], "refused"],
    "a text of 2^62": [[0x8d, 0, 0, 0, 0, 0, 0, 0, 0x40, 65], "refused"],
    "5000 digits": [[0x4c, ...new Array<number>(5000).fill(0x39), 0x4c, 10], "refused"],
    "a float called constructor": [[0x46, ...new TextEncoder().encode("constructor\n")], "refused"],
    "metadata that are a list": [
      ordered({ ...weights, c: tensor({ key: "0", shape: [6], metadata: [0x5d] }) }),
      "refused",
    ],
    "an extension": [[0x82, 1], "refused"],
    "protocol 6": [[0x80, 6, ...ordered(weights)], "refused"],
    "a bool as a number": [shaped({ shape: [1, 3], metadata: dictionary({ neg: integer(1) }) }), "refused"],
    "neg of a storage": [shaped({ metadata: dictionary({ neg: yes }) }), "read"],
    ...own,
    ...given,
  };
}

function long(letters: number): Piece {
  return [0x58, letters & 255, letters >> 8, 0, 0, ...new Array<number>(letters).fill(65)];
}

function object(state: Readonly<Record<string, Piece>>): Piece {
  return [...global("torch.nn.modules.container", "Sequential"), ...tuple(), 0x81, ...dictionary(state), op.build];
}

/** Zip files around a whole pickle that are not as PyTorch writes them. */
function* archives(): Generator<TorchCase> {
  const root = Uint8Array.from([0x80, 2, ...ordered(weights), 0x2e]);
  const entry = (name: string, data: Uint8Array, more: Partial<ZipPart> = {}): ZipPart => ({
    name: `n/${name}`,
    data,
    ...more,
  });
  const numbers = Object.entries(storages).map(([key, values]) =>
    entry(`data/${key}`, new Uint8Array(Float32Array.from(values).buffer)),
  );
  const pickle = entry("data.pkl", root);
  const read = (name: string, parts: readonly ZipPart[], expected: TorchCase["expected"] = "refused"): TorchCase => ({
    name,
    bytes: zipOf(parts),
    expected,
  });
  yield read("as PyTorch writes it", [pickle, ...numbers], "read");
  yield read(
    "with descriptors",
    [pickle, ...numbers].map((part) => ({ ...part, descriptor: "narrow" })),
    "read",
  );
  yield read(
    "zip64",
    [pickle, ...numbers].map((part) => ({ ...part, wide: true })),
    "read",
  );
  yield read("a compressed storage", [pickle, ...numbers.map((part) => ({ ...part, method: 8 }))]);
  yield read("a compressed pickle", [{ ...pickle, method: 8 }, ...numbers]);
  yield read("a storage twice", [pickle, ...numbers, numbers[0]]);
  yield read("a pickle twice", [pickle, pickle, ...numbers]);
  yield read("two folders", [pickle, { ...pickle, name: "m/data.pkl" }, ...numbers]);
  yield read("a false CRC-32 of a storage", [pickle, { ...numbers[0], said: { crc: 1 } }, ...numbers.slice(1)]);
  yield read("a false CRC-32 of the pickle", [{ ...pickle, said: { crc: 1 } }, ...numbers]);
  yield read("an encrypted storage", [pickle, { ...numbers[0], flags: 1 }, ...numbers.slice(1)]);
  yield read("no pickle", numbers);
  yield read("TorchScript", [pickle, entry("constants.pkl", root), ...numbers]);
  yield read("torch.export", [entry("archive_format", new TextEncoder().encode("pt2"))]);
  yield read("torch.export as it was", [{ name: "serialized_exported_program.json", data: new Uint8Array(2) }]);
  yield read("a pickle of 17 MB", [entry("data.pkl", new Uint8Array(17 * 2 ** 20))]);
  yield {
    name: "legacy",
    bytes: Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a),
    expected: "refused",
  };
  for (const text of ["", "P", "PK", "PK\x05\x06", "\x89HDF\r\n", "hello", "\x80\x04N."]) {
    yield {
      name: `the bytes ${JSON.stringify(text)}`,
      bytes: Uint8Array.from(Buffer.from(text, "latin1")),
      expected: "refused",
    };
  }
}

/** The named cases, then so many whole files and pickles damaged at random. */
export function* torchCases(seed: number, count: number): Generator<TorchCase> {
  const many = { ...storages, "8": new Array<number>(8000).fill(1) };
  for (const [name, [root, expected]] of Object.entries(roots())) {
    yield { name, bytes: file(root, name.includes("window") ? many : storages), expected };
  }
  yield* archives();
  const random = randomStream(seed);
  const files = [file(ordered(weights)), file(whole)];
  const pickles = [ordered(weights), whole];
  for (let i = 0; i < count; i++) {
    if (i % 2 === 0) {
      const { how, bytes, cut } = damaged(files[uniformIndex(random, 2)], random);
      yield { name: `pt, ${how}`, bytes, expected: cut ? "refused" : undefined };
      continue;
    }
    const root = [...pickles[uniformIndex(random, 2)]];
    const at = uniformIndex(random, root.length);
    const value = uniformIndex(random, 256);
    root[at] = value;
    yield { name: `pickle ${root.length}, byte ${at} is ${value}`, bytes: file(root), expected: undefined };
  }
}
