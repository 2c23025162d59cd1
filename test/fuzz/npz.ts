import { crc32, deflateRawSync } from "node:zlib";
import { uniformIndex } from "../../src/coalitions/random.js";
import { type Random, randomStream } from "../../src/coalitions/random-streams.js";
import { toNpy } from "../../src/formats/npy.js";
import { type ZipPart, zipOf } from "./zip-writer.js";

/** A .npz file that a stranger might bring. */
export interface NpzCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * Whether it is read, as the array `modes` [2, 3] of 0 to 5; undefined where damage at random may have left a whole
   * file.
   */
  readonly expected: "read" | "refused" | undefined;
}

const array = toNpy({ shape: [2, 3], values: Float64Array.of(0, 1, 2, 3, 4, 5) });
const modes: ZipPart = { name: "modes.npy", data: array };
const meta = (text: string): ZipPart => ({ name: "meta.json", data: new TextEncoder().encode(text) });

/** Zip and npz files made by hand: each stands for a kind. */
function* namedCases(): Generator<NpzCase> {
  const one = (name: string, bytes: Uint8Array, expected: NpzCase["expected"]): NpzCase => ({ name, bytes, expected });
  const packed = { ...modes, method: 8 };
  yield one("stored", zipOf([modes]), "read");
  yield one("deflated", zipOf([packed]), "read");
  yield one("zip64", zipOf([{ ...packed, wide: true }], { wide: true }), "read");
  yield one("zip64 entries, narrow end", zipOf([{ ...modes, wide: true }]), "read");
  yield one("a comment", zipOf([modes], { comment: new Uint8Array(99).fill(65) }), "read");
  for (const descriptor of ["narrow", "unsigned", "wide"] as const) {
    yield one(`descriptor ${descriptor}`, zipOf([{ ...packed, descriptor }]), "read");
  }
  yield one("descriptor false", zipOf([{ ...packed, descriptor: "false" }]), "refused");
  yield one("descriptor absent", zipOf([{ ...packed, descriptor: "absent" }]), "refused");
  yield one("beside __proto__", zipOf([modes, { ...modes, name: "__proto__" }]), "read");
  yield one("named in UTF-8", zipOf([modes, { ...modes, name: "größe.npy", flags: 0x800 }]), "read");
  yield one("a name that is no UTF-8", zipOf([{ ...modes, name: Uint8Array.of(0xff, 0xfe), flags: 0x800 }]), "refused");
  yield one("an entry twice", zipOf([modes, modes]), "refused");
  for (const [what, flags] of Object.entries({
    encrypted: 1,
    "strongly encrypted": 0x41,
    "directory encrypted": 0x2000,
  })) {
    yield one(what, zipOf([{ ...modes, flags }]), "refused");
  }
  for (const method of [1, 9, 12, 14, 93, 99]) yield one(`method ${method}`, zipOf([{ ...modes, method }]), "refused");
  yield one("another disk", zipOf([{ ...modes, disk: 1 }]), "refused");
  yield one("several disks", zipOf([modes], { disk: 1 }), "refused");
  yield one("several disks, zip64", zipOf([modes], { disk: 1, wide: true }), "refused");
  for (const count of [0, 2, 65_535]) yield one(`${count} entries said`, zipOf([modes], { count }), "refused");
  yield one("2^40 entries said", zipOf([modes], { count: 2 ** 40, wide: true }), "refused");
  yield one("directory too long", zipOf([modes], { length: 4000 }), "refused");
  yield one("directory elsewhere", zipOf([modes], { start: 5 }), "refused");
  yield one("bytes in front", zipOf([modes], { before: new Uint8Array(7), start: 200 }), "refused");
  for (const part of [modes, packed]) {
    const kind = part === packed ? "deflated" : "stored";
    yield one(`${kind}, false CRC-32`, zipOf([{ ...part, said: { crc: 5 } }]), "refused");
    for (const size of [0, 1, array.length - 1, array.length + 1, 2 ** 31, 0xffffffff]) {
      yield one(`${kind}, size ${size} said`, zipOf([{ ...part, said: { size } }]), "refused");
      yield one(`${kind}, packed size ${size} said`, zipOf([{ ...part, said: { packedSize: size } }]), "refused");
      yield one(`${kind}, both sizes ${size} said`, zipOf([{ ...part, said: { size, packedSize: size } }]), "refused");
      yield one(`${kind}, size ${size} in its own header`, zipOf([{ ...part, local: { size } }]), "refused");
    }
    yield one(`${kind}, size 2^62 said`, zipOf([{ ...part, wide: true, said: { size: 2 ** 62 } }]), "refused");
    yield one(`${kind}, another name in its header`, zipOf([{ ...part, local: { name: "modus.npy" } }]), "refused");
    yield one(
      `${kind}, another method in its header`,
      zipOf([{ ...part, local: { method: 8 - (part.method ?? 0) } }]),
      "refused",
    );
    yield one(`${kind}, another CRC-32 in its header`, zipOf([{ ...part, local: { crc: 5 } }]), "refused");
    for (const moved of [1, -1, 30, 2 ** 31])
      yield one(`${kind}, moved by ${moved}`, zipOf([{ ...part, moved }]), "refused");
  }
  const second = { ...modes, name: "v_all.npy" };
  const length = 30 + "modes.npy".length + array.length;
  yield one("two entries of one place", zipOf([modes, { ...second, name: "modus.npy", moved: -length }]), "refused");
  yield one("data that holds an entry", overlapping(), "refused");
  yield one("bytes behind the deflated data", trailing(), "refused");
  yield* bombs(one);
  yield one("no array modes", zipOf([{ ...modes, name: "other.npy" }]), "refused");
  yield one("no entries", zipOf([]), "refused");
  yield one("no bytes", new Uint8Array(), "refused");
  yield one("an array alone", array, "refused");
  yield one("modes.npy is empty", zipOf([{ ...modes, data: new Uint8Array() }]), "refused");
  yield one(
    "modes.npy is text",
    zipOf([{ ...modes, data: new TextEncoder().encode("hello, I am no array") }]),
    "refused",
  );
  for (const text of ["", "{", "5", "null", "[]", '{"units": 5}', '{"units": ["a"]}', '{"units": ["a", "a"]}']) {
    yield one(`meta.json is ${text}`, zipOf([modes, meta(text)]), "refused");
  }
  for (const text of ['{"units": ["a", 5]}', '{"provenance": 5}', '{"units": {"length": 2}}', "[".repeat(100_000)]) {
    yield one(`meta.json is ${text.slice(0, 40)}`, zipOf([modes, meta(text)]), "refused");
  }
  yield one("meta.json has a __proto__", zipOf([modes, meta('{"units": ["a", "b"], "__proto__": {"x": 1}}')]), "read");
  const other = (name: string, shape: number[]) =>
    zipOf([modes, { name, data: toNpy({ shape, values: new Float64Array(shape.reduce((a, b) => a * b, 1)) }) }]);
  yield one("standard_error of its shape", other("standard_error.npy", [2, 3]), "read");
  for (const shape of [[3, 2], [6], [2, 3, 1], [1, 2, 3], [2], []]) {
    yield one(`standard_error [${shape}]`, other("standard_error.npy", shape), "refused");
  }
  for (const shape of [[3, 1], [1, 3], [2], []]) yield one(`v_all [${shape}]`, other("v_all.npy", shape), "refused");
  yield one("mean_standard_error [1, 2]", other("mean_standard_error.npy", [1, 2]), "refused");
}

/** Small files that would unpack to gigabytes. */
function* bombs(one: (name: string, bytes: Uint8Array, expected: NpzCase["expected"]) => NpzCase): Generator<NpzCase> {
  const zeros = new Uint8Array(2 ** 24);
  zeros.set(array);
  const packed = deflateRawSync(zeros);
  const wide = { ...modes, data: zeros, packed, method: 8, wide: true, said: { crc: crc32(zeros) } };
  yield one("16 MB behind an array of 48 bytes", zipOf([wide]), "refused");
  yield one(
    "16 MB that say 3 GB",
    zipOf([{ ...wide, said: { ...wide.said, size: 3 * 2 ** 30 } }], { wide: true }),
    "refused",
  );
  const many = Array.from({ length: 200 }, (_, i): ZipPart => ({ ...wide, name: `a${i}.npy` }));
  yield one("3 GB in 200 entries", zipOf([modes, ...many]), "refused");
}

/** An entry whose data are a whole other entry, which the directory lists as well. */
function overlapping(): Uint8Array {
  const inner = zipOf([{ ...modes, name: "v_all.npy" }]);
  const innerLength = 30 + "v_all.npy".length + array.length;
  const outer: ZipPart = { name: "modes.npy", data: inner.subarray(0, innerLength) };
  const listed: ZipPart = { name: "v_all.npy", data: array, moved: -innerLength };
  return zipOf([outer, listed]);
}

/** Deflated data with bytes behind their end that the sizes count. */
function trailing(): Uint8Array {
  const bytes = zipOf([
    { ...modes, method: 8 },
    { name: "x", data: new Uint8Array(3) },
  ]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed = view.getUint32(18, true);
  const gap = Buffer.concat([bytes.subarray(0, 39 + packed), new Uint8Array(4), bytes.subarray(39 + packed)]);
  const moved = new DataView(gap.buffer, gap.byteOffset, gap.byteLength);
  moved.setUint32(18, packed + 4, true);
  const end = gap.length - 22;
  const start = moved.getUint32(end + 16, true) + 4;
  moved.setUint32(end + 16, start, true);
  moved.setUint32(start + 20, packed + 4, true);
  const next = start + 46 + "modes.npy".length;
  moved.setUint32(next + 42, moved.getUint32(next + 42, true) + 4, true);
  return gap;
}

/** A whole file with one bit changed, cut off, or with bytes inserted. */
export function damaged(bytes: Uint8Array, random: Random): { how: string; bytes: Uint8Array; cut: boolean } {
  const at = uniformIndex(random, bytes.length);
  const kind = uniformIndex(random, 10);
  if (kind < 2) return { how: `cut off at ${at}`, bytes: bytes.subarray(0, at), cut: true };
  if (kind === 2) {
    const changed = Buffer.concat([
      bytes.subarray(0, at),
      Uint8Array.of(uniformIndex(random, 256)),
      bytes.subarray(at),
    ]);
    return { how: `a byte inserted at ${at}`, bytes: changed, cut: false };
  }
  const changed = Uint8Array.from(bytes);
  const bit = uniformIndex(random, 8);
  changed[at] ^= 1 << bit;
  return { how: `bit ${bit} of byte ${at} changed`, bytes: changed, cut: false };
}

/** The named cases, then so many whole files damaged at random. */
export function* npzCases(seed: number, count: number): Generator<NpzCase> {
  yield* namedCases();
  const random = randomStream(seed);
  const whole = [
    zipOf([modes]),
    zipOf([{ ...modes, method: 8 }, meta('{"units": ["a", "b"]}')]),
    zipOf([{ ...modes, method: 8, descriptor: "wide" }]),
    zipOf([{ ...modes, method: 8, wide: true }], { wide: true }),
  ];
  for (let i = 0; i < count; i++) {
    const { how, bytes, cut } = damaged(whole[i % whole.length], random);
    yield { name: `npz ${i % whole.length}, ${how}`, bytes, expected: cut ? "refused" : undefined };
  }
}
