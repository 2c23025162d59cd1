/** Reads the parts of a pickle one after the other. */
export interface PickleCursor {
  byte(): number;
  uint16(): number;
  int32(): number;
  uint32(): number;
  /** A length of 8 bytes; beyond 2^53 it is rounded, and then longer than any pickle. */
  length64(): number;
  float64(): number;
  data(length: number): Uint8Array;
  /** Text in UTF-8. */
  text(length: number): string;
  /** Text of one byte a character. */
  latin(length: number): string;
  /** Text up to the end of the line. */
  line(): string;
  skip(length: number): void;
}

/** A cursor at the first byte. Each of its functions throws an Error where the bytes end. */
export function pickleCursor(bytes: Uint8Array): PickleCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): number => {
    if (length > bytes.length - at) throw new Error("it is cut off");
    at += length;
    return at - length;
  };
  const data = (length: number) => bytes.subarray(take(length), at);
  const latin = (length: number) => new TextDecoder("latin1").decode(data(length));
  return {
    byte: () => view.getUint8(take(1)),
    uint16: () => view.getUint16(take(2), true),
    int32: () => view.getInt32(take(4), true),
    uint32: () => view.getUint32(take(4), true),
    length64: () => Number(view.getBigUint64(take(8), true)),
    float64: () => view.getFloat64(take(8)),
    data,
    text: (length) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data(length)),
    latin,
    line() {
      const end = bytes.indexOf(10, at);
      if (end < 0) throw new Error("it is cut off within a line");
      const found = latin(end - at);
      take(1);
      return found;
    },
    skip: (length) => void take(length),
  };
}

/** Most digits of a number that is written out, as Python has it. */
const mostDigits = 4300;

/** A whole number in decimal digits: a bigint where a number is not exact. */
export function whole(digits: string): number | bigint {
  if (digits.length > mostDigits || !/^[+-]?\d+$/.test(digits)) throw new Error("it has a number that is none");
  return exact(BigInt(digits.replace(/^\+/, "")));
}

/** A number with a fraction, or Python's `inf` and `nan`. */
export function fraction(digits: string): number {
  if (digits === "nan") return Number.NaN;
  if (digits === "inf" || digits === "-inf") return Number(digits.replace("inf", "Infinity"));
  if (digits.length > mostDigits || !/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(digits) || Number.isNaN(Number(digits))) {
    throw new Error("it has a number that is none");
  }
  return Number(digits);
}

/**
 * A whole number of any length, little-endian, two's complement; of no bytes 0. A bigint where a number is not exact.
 */
export function twosComplement(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const value = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
  return exact(BigInt.asIntN(8 * bytes.length, value));
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
