import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { uniformIndex } from "../../src/coalitions/random.js";
import { type Random, randomStream } from "../../src/coalitions/random-streams.js";
import type { Model, StoredTensor } from "../../src/networks/onnx/messages.js";
import { changed, graphOf, integers, type NodeSpec, onnxFile, port, weight } from "../networks/onnx/build.js";

/** An ONNX file that a stranger might bring, and files beside it. */
export interface OnnxCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Files in the model's folder, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Whether y = x w, [22, 28] for [1, 2, 3]; undefined where damage at random may have left a whole file. */
  readonly expected: "read" | "refused" | undefined;
}

const values = [1, 2, 3, 4, 5, 6];
const weights = weight("w", [3, 2], values);
const x = port("x", ["rows", 3]);
const y = port("y", ["rows", 2]);
const product: NodeSpec[] = [
  ["MatMul", ["x", "w"], ["h"]],
  ["Identity", ["h"], ["y"]],
];
const plain = onnxFile(graphOf({ nodes: product, inputs: [x], outputs: [y], weights: [weights] }));

/** The same network with its weights in a file. */
function apart(entries: Record<string, string>, tensor: Partial<StoredTensor> = {}): Uint8Array {
  return changed(plain, (model) => {
    const [w] = model.graph!.initializer!;
    delete w.rawData;
    w.dataLocation = 1;
    w.externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    Object.assign(w, tensor);
  });
}

function branched(): Uint8Array {
  const branch = (operator: string, output: string) =>
    graphOf({ nodes: [[operator, ["h"], [output]]], outputs: [port(output, undefined)] });
  const nodes: NodeSpec[] = [
    ["MatMul", ["x", "w"], ["h"]],
    ["Equal", ["one", "one"], ["always"]],
    ["If", ["always"], ["y"], { then_branch: branch("Identity", "t"), else_branch: branch("Neg", "t") }],
  ];
  return onnxFile(graphOf({ nodes, inputs: [x], outputs: [y], weights: [weights, integers("one", [], [1])] }));
}

function sequence(): Uint8Array {
  const nodes: NodeSpec[] = [
    ["MatMul", ["x", "w"], ["h"]],
    ["SplitToSequence", ["h"], ["parts"], { axis: 1 }],
    ["ConcatFromSequence", ["parts"], ["y"], { axis: 1 }],
  ];
  return onnxFile(graphOf({ nodes, inputs: [x], outputs: [y], weights: [weights] }));
}

function withFunction(): Uint8Array {
  const node = [{ opType: "MatMul", input: ["a", "b"], output: ["c"] }];
  const own = {
    name: "Product",
    domain: "own",
    input: ["a", "b"],
    output: ["c"],
    node,
    opsetImport: [{ version: 13 }],
  };
  const nodes: NodeSpec[] = [["own:Product", ["x", "w"], ["y"]]];
  const graph = graphOf({ nodes, inputs: [x], outputs: [y], weights: [weights] });
  return onnxFile(graph, 13, ["own"], { irVersion: 8, functions: [own] });
}

/** Cases made by hand: each stands for a kind of file. */
function* namedCases(): Generator<OnnxCase> {
  const numbers = new Uint8Array(Float32Array.from(values).buffer);
  const files = { "w.bin": numbers };
  const edited = (name: string, edit: Parameters<typeof changed>[1], expected: OnnxCase["expected"]) => ({
    name,
    bytes: changed(plain, edit),
    expected,
  });
  for (const [name, bytes] of Object.entries({
    plain,
    branched: branched(),
    sequence: sequence(),
    withFunction: withFunction(),
  })) {
    yield { name, bytes, expected: "read" };
  }
  const external = (name: string, entries: Record<string, string>, expected: OnnxCase["expected"]): OnnxCase => {
    return { name: `external ${name}`, bytes: apart(entries), files, expected };
  };
  const location = "w.bin";
  yield external("plain", { location, offset: "0", length: "24" }, "read");
  yield external("without length", { location }, "read");
  yield external("length 0", { location, length: "0" }, "read");
  const numerals = [
    "-4",
    "-80",
    "abc",
    "1.5",
    "",
    " 24",
    "24 ",
    "0x18",
    "1e1",
    "NaN",
    "Infinity",
    `${2n ** 53n}`,
    `${2n ** 60n}`,
  ];
  for (const key of ["offset", "length"]) {
    for (const text of [...numerals, "40000000000", "4"]) {
      yield external(`${key} ${JSON.stringify(text)}`, { location, [key]: text }, "refused");
    }
  }
  const places = [
    "",
    ".",
    "..",
    "/",
    "/dev/zero",
    "../w.bin",
    "absent.bin",
    "a\0b",
    "x".repeat(5000),
    "*/_ORT_MEM_ADDR_/*",
  ];
  for (const place of places) yield external(`location ${place.slice(0, 20)}`, { location: place }, "refused");
  yield external("of no location", { offset: "0" }, "refused");
  for (const dims of [[-4], [3, -2], [2n ** 53n], [2n ** 60n, 8], [3, 2, 1000], [4]] as StoredTensor["dims"][]) {
    yield { name: `external [${dims}]`, bytes: apart({ location }, { dims: dims! }), files, expected: "refused" };
    yield edited(`dims [${dims}]`, (model) => Object.assign(model.graph!.initializer![0], { dims }), "refused");
  }
  for (const dataType of [0, 8, 99, -1, 2 ** 31 - 1]) {
    yield { name: `external type ${dataType}`, bytes: apart({ location }, { dataType }), files, expected: "refused" };
    yield edited(`type ${dataType}`, (model) => Object.assign(model.graph!.initializer![0], { dataType }), "refused");
  }
  for (const size of [-4, 2 ** 53, 2n ** 60n]) {
    yield edited(
      `input size ${size}`,
      (model) => {
        model.graph!.input![0].type!.tensorType!.shape!.dim![1] = { dimValue: size };
      },
      "refused",
    );
  }
  yield edited(
    "an output that no node makes",
    (model) => {
      model.graph!.output![0].name = "nowhere";
    },
    "refused",
  );
  yield edited(
    "nodes in a circle",
    (model) => {
      model.graph!.node![0].input![0] = "y";
    },
    "refused",
  );
  yield edited("nodes in another order", (model) => void model.graph!.node!.reverse(), "read");
  for (const [what, edit] of Object.entries<(model: Model) => void>({
    graph: (model) => void delete model.graph,
    "operator sets": (model) => void delete model.opsetImport,
    nodes: (model) => void delete model.graph!.node,
    outputs: (model) => void delete model.graph!.output,
  })) {
    yield edited(`without ${what}`, edit as never, "refused");
  }
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "length", "then", "", "h/\n"]) {
    yield edited(
      `a tensor called ${JSON.stringify(name)}`,
      (model) => {
        model.graph!.node![0].output = [name];
        model.graph!.node![1].input = [name];
      },
      name === "" ? "refused" : "read",
    );
  }
  const nested = (levels: number) => {
    let bytes = new Uint8Array();
    for (let level = 0; level < levels; level++) {
      // A graph of a node of an attribute that is a graph.
      for (const field of [6, 5, 1])
        bytes = new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
    }
    return new BinaryWriter().raw(plain).tag(7, WireType.LengthDelimited).bytes(bytes).finish();
  };
  for (const levels of [40, 1000, 20_000])
    yield { name: `${levels} graphs deep`, bytes: nested(levels), expected: "refused" };
  const groups = (count: number) => new Uint8Array([...plain, ...Array(count).fill(0xa3), ...Array(count).fill(0xa4)]);
  yield { name: "groups", bytes: groups(100_000), expected: "refused" };
  yield { name: "a varint without end", bytes: new Uint8Array([8, ...Array(50).fill(0xff)]), expected: "refused" };
  yield { name: "nothing", bytes: new Uint8Array(), expected: "refused" };
  for (let length = 1; length < plain.length; length += 7) {
    yield { name: `the first ${length} bytes`, bytes: plain.subarray(0, length), expected: undefined };
  }
}

/** Records of a message at any depth: where they begin and end, and where what they hold begins. */
function recordsOf(
  bytes: Uint8Array,
  from = 0,
  to = bytes.length,
  depth = 0,
): { at: number; held: number; end: number; wire: number }[] {
  const found: ReturnType<typeof recordsOf> = [];
  const reader = new BinaryReader(bytes.subarray(from, to));
  try {
    while (reader.pos < reader.len) {
      const at = from + reader.pos;
      const [number, wire] = reader.tag();
      const held = from + reader.pos;
      reader.skip(wire, number);
      const end = from + reader.pos;
      found.push({ at, held, end, wire });
      if (wire !== WireType.LengthDelimited || depth > 8) continue;
      const inner = new BinaryReader(bytes.subarray(held, end));
      const length = inner.uint32();
      found.push(...recordsOf(bytes, end - length, end, depth + 1));
    }
  } catch {
    return depth === 0 ? found : [];
  }
  return found;
}

const oddTexts = [
  "",
  "x",
  "y",
  "h",
  "w",
  "t",
  "If",
  "Loop",
  "Constant",
  "__proto__",
  "constructor",
  "\n",
  "1e999",
  "a".repeat(300),
];
const oddNumbers = [0, 1, -1, 2, 7, 9, 16, 63, 2 ** 31 - 1, -(2 ** 31), 2 ** 53, 2n ** 62n, -(2n ** 63n)];

/** A value of the same kind as another, but odd; of a list a shorter or a longer one. */
function oddValue(value: unknown, random: Random): unknown {
  if (typeof value === "string") return oddTexts[uniformIndex(random, oddTexts.length)];
  if (typeof value === "number" || typeof value === "bigint")
    return oddNumbers[uniformIndex(random, oddNumbers.length)];
  if (value instanceof Uint8Array) return value.slice(0, uniformIndex(random, value.length + 1));
  if (!Array.isArray(value)) return undefined;
  const place = uniformIndex(random, value.length + 1);
  return uniformIndex(random, 2) === 0 ? value.toSpliced(place, 1) : [...value, ...value.slice(0, place)];
}

/** A file with one to three of its fields, of any message in it, taken out or made odd. */
function edited(bytes: Uint8Array, random: Random): Uint8Array {
  return changed(bytes, (model) => {
    for (let edits = 1 + uniformIndex(random, 3); edits > 0; edits--) {
      const places: [Record<string, unknown>, string][] = [];
      const collect = (value: unknown) => {
        if (value === null || typeof value !== "object" || value instanceof Uint8Array) return;
        for (const [key, held] of Object.entries(value)) {
          if (key !== "$unknown") places.push([value as Record<string, unknown>, key]);
          collect(held);
        }
      };
      collect(model);
      const [holder, key] = places[uniformIndex(random, places.length)] ?? [{}, ""];
      const odd = oddValue(holder[key], random);
      if (odd === undefined) Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key];
      else holder[key] = odd;
    }
  });
}

/**
 * Damage at random: bytes flipped, a value or a field's number replaced by another, a record put at the end of the
 * file, a field made odd.
 */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const kind = uniformIndex(random, 5);
  if (kind > 2) return edited(bytes, random);
  if (kind === 0) {
    const copy = bytes.slice();
    for (let flips = 1 + uniformIndex(random, 3); flips > 0; flips--) {
      copy[uniformIndex(random, copy.length)] ^= 1 << uniformIndex(random, 8);
    }
    return copy;
  }
  const records = recordsOf(bytes);
  const { at, held, end, wire } = records[uniformIndex(random, records.length)];
  const copy = bytes.slice();
  if (kind === 1 && wire === WireType.Varint) {
    for (let i = held; i < end; i++) copy[i] = (copy[i] & 0x80) | uniformIndex(random, 128);
    return copy;
  }
  if (kind === 1) {
    copy[at] = (uniformIndex(random, 31) << 3) | (copy[at] & 7);
    return copy;
  }
  return Buffer.concat([bytes, bytes.subarray(at, end)]);
}

/**
 * ONNX files as strangers bring them: some made by hand, and as many as are asked for of files damaged at random.
 *
 * @param seed of the damage
 */
export async function* onnxCases(seed: number, count: number): AsyncGenerator<OnnxCase> {
  yield* namedCases();
  const random = randomStream(seed, 0);
  const whole = Object.entries({ plain, branched: branched(), sequence: sequence(), withFunction: withFunction() });
  for (let i = 0; i < count; i++) {
    const [name, bytes] = whole[i % whole.length];
    yield { name: `${name}, damage ${i}`, bytes: damaged(bytes, random), expected: undefined };
  }
}
