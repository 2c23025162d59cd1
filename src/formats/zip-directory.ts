import { describe, FileError } from "../errors.js";

/** An entry of a zip file, as its directory says it. */
export interface ZipEntry {
  readonly name: string;
  /** Its bytes in the file, compressed unless it is stored. */
  readonly packed: Uint8Array;
  /** How many bytes it is to have unpacked. */
  readonly size: number;
  /** Whether it is stored as it is; else it is compressed by deflate. */
  readonly stored: boolean;
  /** CRC-32 that its unpacked bytes are to have. */
  readonly crc: number;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 };
const descriptorSignature = 0x08074b50;

/** Deflate makes no more than 1032 bytes of one. */
const mostOfDeflate = 1032;

/** What one header says of an entry. */
interface Header {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
}

/**
 * The entries that a zip file's directory lists, each checked against its own header and its place in the file. Source:
 * PKWARE, APPNOTE.TXT 6.3.10.
 *
 * @throws FileError as `openZip` does
 */
export function zipDirectory(bytes: Uint8Array, path: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { start, end, count } = directoryPlace(view, path);
  const entries: ZipEntry[] = [];
  const spans: { from: number; to: number; name: string }[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== signatures.central) throw falseDirectory(path);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > end) throw falseDirectory(path);
    const nameBytes = bytes.subarray(at + 46, at + 46 + nameLength);
    const flags = view.getUint16(at + 8, true);
    const name = decoded(nameBytes, flags, path);
    const extra = wideFields(view, at + 46 + nameLength, extraLength, path);
    const sizes = sizesAt(view, at + 20, extra);
    const place = view.getUint32(at + 42, true);
    const from = place === 0xffffffff ? extra() : place;
    const disk = view.getUint16(at + 34, true);
    const header = { flags, method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), ...sizes };
    checkKind(header, disk, name, path);
    const span = entrySpan(view, from, start, header, nameBytes, path);
    if (!span)
      throw new FileError(path, `contradicts itself about its entry ${describe(name)}, or is cut off within it`);
    spans.push({ from, to: span.end, name });
    const packed = bytes.subarray(span.data, span.data + header.packedSize);
    entries.push({ name, packed, size: header.size, stored: header.method === 0, crc: header.crc });
    at = next;
  }
  if (at !== end) throw falseDirectory(path);
  spans.sort((a, b) => a.from - b.from);
  for (let i = 1; i < spans.length; i++) {
    if (spans[i].from < spans[i - 1].to) {
      throw new FileError(
        path,
        `has its entries ${describe(spans[i - 1].name)} and ${describe(spans[i].name)} overlap`,
      );
    }
  }
  return entries;
}

/** Where the directory is, and how many entries it lists. */
function directoryPlace(view: DataView, path: string): { start: number; end: number; count: number } {
  const last = view.byteLength - 22;
  let at = last;
  while (at >= 0 && !(view.getUint32(at, true) === signatures.end && view.getUint16(at + 20, true) === last - at)) {
    if (last - --at > 0xffff) break;
  }
  if (at < 0 || last - at > 0xffff) throw new FileError(path, "is no zip file, or is cut off: it has no directory");
  const wide = at >= 20 && view.getUint32(at - 20, true) === signatures.locator;
  const record = wide ? number64(view, at - 12) : at;
  if (wide && (record + 56 > at - 20 || view.getUint32(record, true) !== signatures.end64)) throw falseDirectory(path);
  if (wide && record + 12 + number64(view, record + 4) !== at - 20) throw falseDirectory(path);
  const fields = wide
    ? {
        disks: [view.getUint32(record + 16, true), view.getUint32(record + 20, true), view.getUint32(at - 16, true)],
        counts: [number64(view, record + 24), number64(view, record + 32)],
        length: number64(view, record + 40),
        start: number64(view, record + 48),
      }
    : {
        disks: [view.getUint16(at + 4, true), view.getUint16(at + 6, true)],
        counts: [view.getUint16(at + 8, true), view.getUint16(at + 10, true)],
        length: view.getUint32(at + 12, true),
        start: view.getUint32(at + 16, true),
      };
  const { disks, counts, length, start } = fields;
  if (disks.some((disk) => disk !== 0) || counts[0] !== counts[1]) {
    throw new FileError(path, "is one part of a zip that is spread over several files");
  }
  if (start + length !== record) throw falseDirectory(path);
  return { start, end: record, count: counts[0] };
}

function checkKind({ flags, method, packedSize, size }: Header, disk: number, name: string, path: string): void {
  const entry = `its entry ${describe(name)}`;
  if (disk !== 0) throw new FileError(path, `has ${entry} in another file`);
  if (flags & 0x2041) throw new FileError(path, `has ${entry} encrypted`);
  if (method !== 0 && method !== 8) {
    throw new FileError(path, `has ${entry} compressed by method ${method}; stored or deflated was expected`);
  }
  const fits = method === 0 ? size === packedSize : size <= mostOfDeflate * packedSize;
  if (!fits || size < 0 || packedSize < 0) {
    throw new FileError(path, `claims a wrong size for ${entry}: ${size} bytes from ${packedSize}`);
  }
}

/**
 * Where an entry's data begins and where all of it ends; undefined where its own header says other than the directory.
 */
function entrySpan(
  view: DataView,
  at: number,
  limit: number,
  said: Header,
  name: Uint8Array,
  path: string,
): { data: number; end: number } | undefined {
  if (at < 0 || at + 30 > limit || view.getUint32(at, true) !== signatures.local) return undefined;
  const [nameLength, extraLength] = [26, 28].map((field) => view.getUint16(at + field, true));
  const data = at + 30 + nameLength + extraLength;
  const end = data + said.packedSize;
  if (end > limit || nameLength !== name.length) return undefined;
  if (!name.every((byte, i) => byte === view.getUint8(at + 30 + i))) return undefined;
  const flags = view.getUint16(at + 6, true);
  if (((flags ^ said.flags) & 0x2049) !== 0 || view.getUint16(at + 8, true) !== said.method) return undefined;
  const crc = view.getUint32(at + 14, true);
  const { packedSize, size } = sizesAt(view, at + 18, wideFields(view, at + 30 + nameLength, extraLength, path));
  const same = (a: number, b: number) => a === b || (a === 0 && (flags & 8) !== 0);
  if (!same(crc, said.crc) || !same(packedSize, said.packedSize) || !same(size, said.size)) return undefined;
  const after = flags & 8 ? descriptorEnd(view, end, limit, said) : end;
  return after === undefined ? undefined : { data, end: after };
}

/**
 * Where the descriptor behind an entry's data ends: CRC-32 and both sizes, of 4 or 8 bytes, often behind a signature.
 */
function descriptorEnd(view: DataView, at: number, limit: number, said: Header): number | undefined {
  for (const from of [at + 4, at]) {
    if (from !== at && (from > limit || view.getUint32(at, true) !== descriptorSignature)) continue;
    if (from + 12 > limit || view.getUint32(from, true) !== said.crc) continue;
    const narrow = [view.getUint32(from + 4, true), view.getUint32(from + 8, true)];
    if (narrow[0] === said.packedSize && narrow[1] === said.size) return from + 12;
    if (from + 20 > limit) continue;
    if (number64(view, from + 4) === said.packedSize && number64(view, from + 12) === said.size) return from + 20;
  }
  return undefined;
}

/** Packed and unpacked size, which stand in the extra field where four bytes do not hold them. */
function sizesAt(view: DataView, at: number, extra: () => number): { packedSize: number; size: number } {
  const [packed, unpacked] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
  const size = unpacked === 0xffffffff ? extra() : unpacked;
  return { size, packedSize: packed === 0xffffffff ? extra() : packed };
}

/** Gives the 64-bit numbers of a zip64 extra field one after the other, and -1 where there are no more. */
function wideFields(view: DataView, from: number, length: number, path: string): () => number {
  const end = from + length;
  if (end > view.byteLength) throw falseDirectory(path);
  let [at, to] = [from, from];
  for (let field = from; field + 4 <= end; ) {
    const next = field + 4 + view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === 1 && next <= end) {
      [at, to] = [field + 4, next];
      break;
    }
    field = next;
  }
  return () => {
    if (at + 8 > to) return -1;
    at += 8;
    return number64(view, at - 8);
  };
}

/** A 64-bit number; beyond 2^53 it is rounded, and then longer than any file. */
function number64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function decoded(name: Uint8Array, flags: number, path: string): string {
  try {
    return new TextDecoder(flags & 0x800 ? "utf-8" : "latin1", { fatal: true, ignoreBOM: true }).decode(name);
  } catch (cause) {
    throw new FileError(path, "has an entry whose name is not UTF-8", { cause });
  }
}

function falseDirectory(path: string): FileError {
  return new FileError(path, "is damaged: its zip directory is not where, or not as long as, it says");
}
