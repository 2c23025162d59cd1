import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/**
 * What a field holds: text, bytes, a whole number of 64 bits or (a code) of 32, a single-precision number, or a message
 * of some kind.
 */
export type FieldKind = "text" | "bytes" | "whole" | "code" | "float" | (string & {});
/** A field: its name here, what it holds, and whether there are many of it. */
export type Field = readonly [name: string, holds: FieldKind, many?: "many"];
/** The fields that are read of each kind of message, by their numbers. */
export type Messages = Readonly<Record<string, Readonly<Record<number, Field>>>>;

/** A message: the fields that are read, and everything else as its bytes. */
export interface Message {
  /** Fields that are not read, each with its tag, in the order of the file. They are written again as they stand. */
  readonly $unknown?: readonly Uint8Array[];
}
type Fields = Record<string, unknown>;

/** The bytes of messages that were read and, being frozen, are as they were. A changed copy has none. */
const sources = new WeakMap<object, Uint8Array>();

/** How deep messages may lie in one another, as in Google's own readers. */
const deepest = 100;

/**
 * Reads a protobuf message. Bytes fields are views of the given bytes, not copies. What was read is frozen: a change is
 * made in a copy, `{ ...message, name }`, and what is not copied is written as it stood, byte for byte.
 *
 * @throws RangeError for bytes that are truncated; Error for bytes that are no protobuf, or nested more than 100 deep
 */
export function readMessage(messages: Messages, kind: string, bytes: Uint8Array, depth = 1): Message {
  if (depth > deepest) throw new Error(`messages are nested more than ${deepest} deep`);
  const reader = new BinaryReader(bytes);
  const message: Fields = {};
  const unknown: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wire] = reader.tag();
    const field = messages[kind][number];
    if (field && readField(field, wire)) continue;
    reader.skip(wire, number);
    unknown.push(bytes.subarray(start, reader.pos));
  }
  if (reader.pos > reader.len) throw new RangeError("premature EOF");
  if (unknown.length > 0) message.$unknown = unknown;
  for (const value of Object.values(message)) if (Array.isArray(value)) Object.freeze(value);
  sources.set(message, bytes);
  return Object.freeze(message);

  /** @returns false for a field that is there in another form than it should have: it stays as its bytes */
  function readField([name, holds, many]: Field, wire: WireType): boolean {
    if (holds === "whole" && many && wire === WireType.LengthDelimited) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) put(name, readWhole(bytes, reader), many);
      return true;
    }
    if (wire !== wireOf(holds)) return false;
    if (holds === "whole") put(name, readWhole(bytes, reader), many);
    else if (holds === "code") put(name, reader.int32(), many);
    else if (holds === "float") put(name, reader.float(), many);
    else if (holds === "text") put(name, reader.string(true), many);
    else if (holds === "bytes") put(name, reader.bytes(), many);
    else {
      const before = many ? undefined : sources.get((message[name] as object) ?? reader);
      // A single message that is given in parts is all of them together.
      const part = before ? joined([before, reader.bytes()]) : reader.bytes();
      put(name, readMessage(messages, holds, part, depth + 1), many);
    }
    return true;
  }
  function put(name: string, value: unknown, many: "many" | undefined): void {
    if (!many) message[name] = value;
    else if (name in message) (message[name] as unknown[]).push(value);
    else message[name] = [value];
  }
}

/**
 * Writes a message. What was read and is as it was is written as it stood; of a changed copy the known fields come
 * first.
 */
export function writeMessage(messages: Messages, kind: string, message: Message): Uint8Array {
  const parts: Uint8Array[] = [];
  collect(kind, message, parts);
  return joined(parts);

  /** Adds the parts of a message, without copying what is large. @returns how many bytes they are */
  function collect(kind: string, message: Message, parts: Uint8Array[]): number {
    const source = sources.get(message);
    if (source) return add(source, parts);
    let length = 0;
    for (const [number, [name, holds, many]] of Object.entries(messages[kind])) {
      const value = (message as Fields)[name];
      if (value === undefined || value === null) continue;
      length += field(Number(number), holds, many ? (value as unknown[]) : [value], parts);
    }
    for (const record of message.$unknown ?? []) length += add(record, parts);
    return length;
  }
  function field(number: number, holds: FieldKind, values: readonly unknown[], parts: Uint8Array[]): number {
    const wire = wireOf(holds);
    if (holds === "bytes" || holds in messages) {
      return values.reduce<number>((sum, value) => {
        const inner = holds === "bytes" ? [value as Uint8Array] : [];
        const length = holds === "bytes" ? inner[0].byteLength : collect(holds, value as Message, inner);
        const before = add(new BinaryWriter().tag(number, wire).uint32(length).finish(), parts);
        for (const part of inner) add(part, parts);
        return sum + before + length;
      }, 0);
    }
    const writer = new BinaryWriter();
    for (const value of values) {
      writer.tag(number, wire);
      if (holds === "text") writer.string(value as string);
      else if (holds === "float") writer.float(value as number);
      else if (typeof value === "number" && value >= 0 && value < 2 ** 31) writer.uint32(value);
      else writer.int64(value as number | bigint);
    }
    return add(writer.finish(), parts);
  }
}

function add(part: Uint8Array, parts: Uint8Array[]): number {
  parts.push(part);
  return part.byteLength;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** A whole number of up to 64 bits: a bigint where a number could not hold it. */
function readWhole(bytes: Uint8Array, reader: BinaryReader): number | bigint {
  if (bytes[reader.pos] < 0x80) return reader.uint32();
  const large = BigInt(reader.int64());
  const value = Number(large);
  return Number.isSafeInteger(value) ? value : large;
}

function wireOf(holds: FieldKind): WireType {
  if (holds === "whole" || holds === "code") return WireType.Varint;
  return holds === "float" ? WireType.Bit32 : WireType.LengthDelimited;
}
