import { randomStream } from "../../src/coalitions/random-streams.js";
import { damaged } from "./npz.js";

/** A .safetensors file that a stranger might bring. */
export interface SafetensorsCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whether it is read (with the option `activation: "relu"`); undefined where damage may have left a whole file. */
  readonly expected: "read" | "refused" | undefined;
}

/**
 * A file of any header text and so many bytes of data. @param length what it says of the header's length, where not so
 */
function raw(header: string, data: number, length?: bigint): Uint8Array {
  const text = Buffer.from(header);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([start, text, Buffer.alloc(data, 1)]);
}

const a = { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] };
const b = { dtype: "F32", shape: [1, 3], data_offsets: [24, 36] };
const held = (more: object = {}, data = 36) => raw(JSON.stringify({ "a.weight": a, "b.weight": b, ...more }), data);

function* namedCases(): Generator<SafetensorsCase> {
  const one = (
    name: string,
    bytes: Uint8Array,
    expected: SafetensorsCase["expected"] = "refused",
  ): SafetensorsCase => ({
    name,
    bytes,
    expected,
  });
  yield one("as it should be", held(), "read");
  yield one("spaces behind the header", raw(`${JSON.stringify({ "a.weight": a, "b.weight": b })}    `, 36), "read");
  yield one("metadata", held({ __metadata__: { format: "pt", __proto__x: "y" } }), "read");
  for (const metadata of [
    5,
    null,
    [],
    "x",
    { a: 5 },
    { a: {} },
    { negative_slope: "steep" },
    { negative_slope: "0.2" },
  ]) {
    yield one(`metadata ${JSON.stringify(metadata)}`, held({ __metadata__: metadata }));
  }
  yield one(
    "metadata with a __proto__",
    raw(`{"__metadata__":{"__proto__":{"x":1}},"a.weight":${JSON.stringify(a)}}`, 24),
  );
  for (const value of [null, 5, "x", [], {}, { ...b, shape: undefined }, { ...b, data_offsets: undefined }]) {
    yield one(`tensor ${JSON.stringify(value)}`, held({ "b.weight": value }));
  }
  const dtypes: readonly unknown[] = [
    "F64",
    "I32",
    "BOOL",
    "F8_E4M3",
    "",
    5,
    null,
    [],
    {},
    { toString: 1 },
    { constructor: { name: {} } },
  ];
  for (const dtype of dtypes) yield one(`dtype ${JSON.stringify(dtype)}`, held({ "b.weight": { ...b, dtype } }));
  const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  yield one("a dtype of 100,000 arrays", raw(`{"a.weight":{"dtype":${nested},"shape":[1],"data_offsets":[0,4]}}`, 4));
  yield one("a header of 100,000 arrays", raw(nested, 0));
  for (const shape of [
    [3, 1, 1],
    [-1, -3],
    [1.5, 2],
    ["1", "3"],
    [2 ** 53, 0],
    [2 ** 40, 2 ** 40],
    3,
    null,
    {},
    [[1, 3]],
  ]) {
    yield one(`shape ${JSON.stringify(shape)}`, held({ "b.weight": { ...b, shape } }));
  }
  for (const offsets of [
    [0, 12],
    [23, 35],
    [25, 37],
    [36, 24],
    [24],
    [24, 36, 48],
    [24.5, 36.5],
    [-12, 0],
    [24, 2 ** 53],
    "x",
  ]) {
    yield one(`place ${JSON.stringify(offsets)}`, held({ "b.weight": { ...b, data_offsets: offsets } }));
  }
  yield one("too few data", held({}, 35));
  yield one("too many data", held({}, 37));
  for (const length of [0n, 1n, 7n, 99_999_999n, 100_000_001n, 2n ** 53n, 2n ** 64n - 1n]) {
    yield one(`a header of ${length} bytes`, raw("{}", 0, length));
  }
  for (const text of ["", "{", "null", "5", "[]", '"x"', "\ufeff{}", "{}{}", "{\n\n}\n!\n", "{'a': 1}"]) {
    yield one(`header ${JSON.stringify(text)}`, raw(text, 0));
  }
  yield one("a header that is not UTF-8", Buffer.concat([raw("{}  ", 0).subarray(0, 10), Buffer.from([0xff, 0xfe])]));
  yield one("no bytes", new Uint8Array());
  yield one("a zip", Buffer.from("PK\x03\x04PK\x05\x06aaaaaaaaaaaaaaaaaaa"));
  yield one(
    "a name of 100,000 letters",
    held({ [`${"x".repeat(100_000)}.weight`]: { ...b, data_offsets: [36, 48] } }, 48),
  );
  yield one("a line break in a name", held({ "x\n\u2028y": { ...b, data_offsets: [36, 48] } }, 48));
  yield one("not a number among the weights", held({ "b.weight": { ...b, dtype: "F16", shape: [1, 6] } }), "refused");
}

/** The named cases, then so many whole files damaged at random. */
export function* safetensorsCases(seed: number, count: number): Generator<SafetensorsCase> {
  yield* namedCases();
  const random = randomStream(seed);
  for (let i = 0; i < count; i++) {
    const { how, bytes, cut } = damaged(held({ __metadata__: { format: "pt" } }), random);
    yield { name: `safetensors, ${how}`, bytes, expected: cut ? "refused" : undefined };
  }
}
