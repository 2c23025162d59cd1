import { type Random, randomStream } from "../../src/coalitions/random-streams.js";

/** A .npy file that a stranger might bring. */
export interface NpyCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The shape that is read, "refused", or undefined where damage at random may have left a whole file. */
  readonly expected: readonly number[] | "refused" | undefined;
}

/** The bytes of a .npy file with any header text and any data, right or wrong. */
export function rawNpy(header: string, data: Uint8Array, format = 1, declared?: number): Uint8Array {
  const text = Buffer.from(header, format === 3 ? "utf8" : "latin1");
  const length = Buffer.alloc(format === 1 ? 2 : 4);
  if (format === 1) length.writeUInt16LE((declared ?? text.length) & 0xffff);
  else length.writeUInt32LE(declared ?? text.length);
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from("NUMPY"), format, 0]), length, text, data]);
}

const header = (shape: string, descr = "'<f4'", order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const zeros = (length: number) => new Uint8Array(length);

/** Cases made by hand: each stands for a kind of file. */
function* namedCases(): Generator<NpyCase> {
  const one = (name: string, bytes: Uint8Array, expected: NpyCase["expected"]): NpyCase => ({ name, bytes, expected });
  const shaped = (shape: string, floats: number, expected: NpyCase["expected"]) =>
    one(`shape ${shape.slice(0, 40)}, ${floats} numbers`, rawNpy(header(shape), zeros(4 * floats)), expected);
  yield shaped("(2, 3)", 6, [2, 3]);
  yield shaped("(5L, 4L)", 20, [5, 4]);
  yield shaped("(5L,)", 5, [5]);
  yield shaped("()", 1, []);
  yield shaped("(0,)", 0, [0]);
  yield shaped("(0, 7)", 0, [0, 7]);
  yield shaped("(1, 1, 1)", 1, [1, 1, 1]);
  yield shaped("( 2 ,3,)", 6, [2, 3]);
  yield shaped("(0, 9007199254740991)", 0, [0, 9_007_199_254_740_991]);
  const wrong = ["(-4, -6)", "(-1,)", "(2.5, 9.6)", "(2.0,)", "(0x18,)", "(0o30,)", "(0b11000,)", "(2_4,)", "(1e1,)"];
  const more = ["(5)", "5", "[24]", "(,)", "(24,,)", "(,24)", "(4 6)", "('24',)", "(True,)", "(None,)", "((24,),)"];
  const words = ["(24l,)", "(24LL,)", "(L,)", "(024,)", "(+24,)", "(24j,)", "(nan,)", "(inf,)", "(９,)", ""];
  for (const shape of [...wrong, ...more, ...words]) yield shaped(shape, 24, "refused");
  const huge = ["(9007199254740993,)", "(4294967296, 4294967296)", "(1000000000000, 1000000000000, 0x1)"];
  for (const shape of huge) yield shaped(shape, 4, "refused");
  yield shaped(`(${"1, ".repeat(64)})`, 1, Array(64).fill(1));
  for (const axes of [65, 20_000]) yield shaped(`(${"1, ".repeat(axes)})`, 1, "refused");
  yield shaped("(2, 3)", 5, "refused");
  yield shaped("(2, 3)", 7, "refused");

  const text = (name: string, content: string, data: Uint8Array, expected: NpyCase["expected"], format = 1) =>
    one(name, rawNpy(content, data, format), expected);
  for (const format of [1, 2, 3]) yield text(`format ${format}`, header("(1,)"), zeros(4), [1], format);
  for (const format of [0, 4, 255]) yield text(`format ${format}`, header("(1,)"), zeros(4), "refused", format);
  const long = header("(1,)").padEnd(200_000);
  yield text("a header of 200 kB, format 2", long, zeros(4), [1], 2);
  yield text("a header of 8 MB, format 3", header("(1,)").padEnd(8_000_000), zeros(4), [1], 3);
  yield text("a nested header", `${"(".repeat(50_000)}`, zeros(4), "refused", 2);
  yield text("a nested shape", header(`${"(".repeat(50_000)}${")".repeat(50_000)}`), zeros(4), "refused", 2);
  yield text("keys in another order", "{'shape': (1,), 'fortran_order': False, 'descr': '<f4'}", zeros(4), [1]);
  yield text("double quotes", '{"descr": "<f4", "fortran_order": False, "shape": (1,)}', zeros(4), [1]);
  yield text(
    "a key twice",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (2,)}",
    zeros(8),
    "refused",
  );
  yield text("no shape", "{'descr': '<f4', 'fortran_order': False}", zeros(4), "refused");
  yield text("no descr", "{'fortran_order': False, 'shape': (1,)}", zeros(4), "refused");
  yield text("no order", "{'descr': '<f4', 'shape': (1,)}", zeros(4), "refused");
  yield text("an order that is none", header("(1,)", "'<f4'", "0"), zeros(4), "refused");
  yield text("more behind the end", `${header("(1,)").trim()} + {}`, zeros(4), "refused");
  yield text("no braces", "descr", zeros(4), "refused");
  yield text("an open quote", "{'descr: ", zeros(4), "refused");
  yield text("spaces in the middle of 8 MB", `${" ".repeat(8_000_000)}x`, zeros(4), "refused", 2);
  yield text("an empty header", "", zeros(4), "refused");
  yield text("Fortran order", header("(2, 3)", "'<f4'", "True"), zeros(24), "refused");
  yield text("records", header("(1,)", "[('a', '<f4'), ('b', '<i4')]"), zeros(8), "refused");
  yield text("records of format 3", header("(1,)", "[('\u00e9\u4e2d', '<f4')]"), zeros(4), "refused", 3);
  const kinds = [
    ">f4",
    ">i8",
    "<f2",
    "<f16",
    "<c8",
    "|O",
    "|S4",
    "<U1",
    "<M8[ns]",
    "=f4",
    "f4",
    "constructor",
    "__proto__",
    "",
  ];
  for (const kind of kinds) yield text(`kind ${kind}`, header("(1,)", `'${kind}'`), zeros(4), "refused");
  yield text("a bool of byte 2", header("(1,)", "'|b1'"), Uint8Array.of(2), "refused");
  yield one("nothing", zeros(0), "refused");
  yield one("the magic alone", rawNpy("", zeros(0)).subarray(0, 6), "refused");
  yield one("a header longer than the file", rawNpy(header("(1,)"), zeros(4), 1, 65_535), "refused");
  yield one("a header of 4 GB", rawNpy(header("(1,)"), zeros(4), 2, 0xffffffff), "refused");
  yield one(
    "another magic",
    Buffer.concat([Buffer.from("\x92NUMPY", "latin1"), rawNpy(header("(1,)"), zeros(4)).subarray(6)]),
    "refused",
  );
}

const pieces = [
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ",",
  ":",
  "'",
  '"',
  "-",
  "0",
  "1",
  "2",
  "12",
  "L",
  "0x",
  ".",
  "e",
  " ",
  "\n",
];
const words = ["descr", "shape", "fortran_order", "True", "False", "<f4", "<i8", "|u1", "\\", "\0", "None", "\xff"];

/** Whole files with damage at random: cut, flipped, or with a piece put into the header. */
function damaged(random: Random, i: number): NpyCase {
  const below = (end: number) => (random.next() >>> 0) % end;
  const shape = Array.from({ length: below(4) }, () => below(5));
  const size = shape.reduce((product, length) => product * length, 1);
  const format = 1 + below(3);
  const tuple = `(${shape.map((length) => `${length}, `).join("")})`;
  const content = header(tuple);
  const data = Uint8Array.from({ length: 4 * size }, () => below(256));
  const whole = rawNpy(content, data, format);
  const kind = below(3);
  if (kind === 0) return { name: `cut ${i}`, bytes: whole.subarray(0, below(whole.length)), expected: "refused" };
  if (kind === 1) {
    const bytes = Uint8Array.from(whole);
    bytes[below(Math.min(bytes.length, 90))] ^= 1 << below(8);
    return { name: `flipped ${i}`, bytes, expected: undefined };
  }
  const at = below(content.length);
  const all = [...pieces, ...words];
  const piece = all[below(all.length)];
  const changed = content.slice(0, at) + piece + content.slice(at + below(3));
  return {
    name: `header with ${JSON.stringify(piece)} ${i}`,
    bytes: rawNpy(changed, data, format),
    expected: undefined,
  };
}

/** Cases by name, then `count` that a seed decides. The same seed gives the same bytes. */
export function* npyCases(seed: number, count: number): Generator<NpyCase> {
  yield* namedCases();
  const random = randomStream(seed);
  for (let i = 0; i < count; i++) yield damaged(random, i);
}
