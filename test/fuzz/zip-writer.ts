import { crc32, deflateRawSync } from "node:zlib";

/** An entry of a zip file that may lie. */
export interface ZipPart {
  readonly name: string | Uint8Array;
  readonly data: Uint8Array;
  /** 0 stored (default), 8 deflated, or any other that only the headers say. */
  readonly method?: number;
  /** The data as they are in the file; default what the method makes of them. */
  readonly packed?: Uint8Array;
  readonly flags?: number;
  /** What the headers say, where it is not so. */
  readonly said?: { readonly crc?: number; readonly size?: number; readonly packedSize?: number };
  /** What the entry's own header says, where the directory says something else. */
  readonly local?: { readonly name?: string; readonly crc?: number; readonly size?: number; readonly method?: number };
  /** Bytes behind the data instead of none, with flag 8. */
  readonly descriptor?: "narrow" | "wide" | "unsigned" | "false" | "absent";
  /** Sizes and place in extra fields of 8 bytes. */
  readonly wide?: boolean;
  /** Place that the directory says, relative to the true one. */
  readonly moved?: number;
  readonly disk?: number;
}

/** A zip file. @param end what its end says, where it is not so; `wide` with the record of zip64 */
export function zipOf(
  parts: readonly ZipPart[],
  end: {
    readonly wide?: boolean;
    readonly count?: number;
    readonly length?: number;
    readonly start?: number;
    readonly disk?: number;
    readonly comment?: Uint8Array;
    readonly before?: Uint8Array;
  } = {},
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const put = (piece: Uint8Array) => {
    pieces.push(piece);
    length += piece.length;
  };
  put(end.before ?? new Uint8Array());
  const directory: Uint8Array[] = [];
  for (const part of parts) {
    const { data, method = 0, said = {}, local = {}, descriptor, wide = false } = part;
    const name = text(part.name);
    const packed = part.packed ?? (method === 8 ? deflateRawSync(data) : data);
    const crc = said.crc ?? crc32(data);
    const size = said.size ?? data.length;
    const packedSize = said.packedSize ?? packed.length;
    const flags = (part.flags ?? 0) | (descriptor ? 8 : 0);
    const place = length + (part.moved ?? 0);
    const localName = local.name === undefined ? name : text(local.name);
    const all = 0xffffffff;
    const localSizes = descriptor ? [0, 0, 0] : [local.crc ?? crc, packedSize, local.size ?? size];
    const extra = wide && !descriptor ? words(2, [1, 16], 8, [localSizes[2], localSizes[1]]) : new Uint8Array();
    put(words(4, [0x04034b50], 2, [45, flags, local.method ?? method, 0, 0]));
    put(words(4, [localSizes[0], ...(extra.length > 0 ? [all, all] : localSizes.slice(1))]));
    put(words(2, [localName.length, extra.length]));
    for (const piece of [localName, extra, packed]) put(piece);
    if (descriptor === "narrow") put(words(4, [0x08074b50, crc, packedSize, size]));
    if (descriptor === "unsigned") put(words(4, [crc, packedSize, size]));
    if (descriptor === "wide") put(words(4, [0x08074b50, crc], 8, [packedSize, size]));
    if (descriptor === "false") put(words(4, [0x08074b50, crc ^ 1, packedSize, size]));
    const wider = wide ? words(2, [1, 24], 8, [size, packedSize, place]) : new Uint8Array();
    directory.push(words(4, [0x02014b50], 2, [45, 45, flags, method, 0, 0]));
    directory.push(words(4, [crc, ...(wide ? [all, all] : [packedSize, size])]));
    directory.push(words(2, [name.length, wider.length, 0, part.disk ?? 0, 0], 4, [0, wide ? all : place]));
    directory.push(name, wider);
  }
  const start = end.start ?? length;
  const before = length;
  for (const piece of directory) put(piece);
  const [count, bytes] = [end.count ?? parts.length, end.length ?? length - before];
  if (end.wide) {
    const record = length;
    put(words(4, [0x06064b50], 8, [44], 2, [45, 45], 4, [end.disk ?? 0, 0], 8, [count, count, bytes, start]));
    put(words(4, [0x07064b50, 0], 8, [record], 4, [1]));
  }
  const wide = end.wide ? 0xffff : undefined;
  const comment = end.comment ?? new Uint8Array();
  put(words(4, [0x06054b50], 2, [end.disk ?? 0, 0, wide ?? count, wide ?? count]));
  put(words(4, end.wide ? [0xffffffff, 0xffffffff] : [bytes, start], 2, [comment.length]));
  put(comment);
  return Buffer.concat(pieces);
}

function text(name: string | Uint8Array): Uint8Array {
  return typeof name === "string" ? new TextEncoder().encode(name) : name;
}

/** Whole numbers of so many bytes each, little-endian: `words(2, [1, 2], 4, [3])`. */
function words(...parts: readonly (number | readonly number[])[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    for (const value of parts[i + 1] as readonly number[]) {
      let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)));
      for (let b = 0; b < (parts[i] as number); b++, rest >>= 8n) bytes.push(Number(rest & 255n));
    }
  }
  return Uint8Array.from(bytes);
}
