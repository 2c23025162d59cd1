import type { NumericArray } from "../games/value.js";

/** Numbers one after the other, each kind as it is stored: also whole numbers of 64 bits. */
export type Numbers = NumericArray | BigInt64Array | BigUint64Array;

/** What `firstMisfit` and `copyAs` take: numbers as they are stored, or a plain list of them. */
export type NumberList = Numbers | readonly (number | bigint)[];

/** A kind of number: which values it holds, in words and as a test, and the array that stores it. */
interface Kind<Stored extends Numbers = Numbers> {
  readonly rule: string;
  readonly array: new (length: number) => Stored;
  holds(value: number | bigint): boolean;
}

/** Whole numbers from `least` up to, and without, `end`. Numbers and bigints compare exactly. */
function whole<Stored extends Numbers>(array: Kind<Stored>["array"], least: number, end: number): Kind<Stored> {
  return {
    rule: `whole numbers from ${BigInt(least)} to ${BigInt(end) - 1n}`,
    array,
    holds: (value) => (typeof value === "bigint" || Number.isInteger(value)) && value >= least && value < end,
  };
}

const kinds = {
  float32: {
    rule: "finite numbers within the range of float32, whole numbers such that it holds them exactly",
    array: Float32Array,
    holds: (value: number | bigint) => isFloat(value, Math.fround),
  },
  float64: {
    rule: "finite numbers, whole numbers such that float64 holds them exactly",
    array: Float64Array,
    holds: (value: number | bigint) => isFloat(value, (number) => number),
  },
  int8: whole(Int8Array, -128, 128),
  uint8: whole(Uint8Array, 0, 256),
  int16: whole(Int16Array, -32_768, 32_768),
  uint16: whole(Uint16Array, 0, 65_536),
  int32: whole(Int32Array, -(2 ** 31), 2 ** 31),
  uint32: whole(Uint32Array, 0, 2 ** 32),
  int64: whole(BigInt64Array, -(2 ** 63), 2 ** 63),
  uint64: whole(BigUint64Array, 0, 2 ** 64),
  bool: whole(Uint8Array, 0, 2),
} satisfies Record<NumberKind, Kind>;

/** Name of a kind of number, as ONNX Runtime and numpy call it. */
export type NumberKind =
  | "float32"
  | "float64"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool";

/** Fractions are rounded, which is what single precision means; a bigint must come out as it went in. */
function isFloat(value: number | bigint, round: (number: number) => number): boolean {
  if (typeof value === "number") return Number.isFinite(round(value));
  const rounded = round(Number(value));
  return Number.isFinite(rounded) && BigInt(rounded) === value;
}

/** Whether a value is an array of numbers as they are stored, of any kind. */
export function isNumbers(value: unknown): value is Numbers {
  return ArrayBuffer.isView(value) && "length" in value;
}

/** Which values a kind holds, for messages. */
export function ruleOf(kind: NumberKind): string {
  return kinds[kind].rule;
}

/**
 * The place of the first value that a kind of number can not hold: one out of its range, a fraction where it is of
 * whole numbers, a whole number (one that is stored as such) that would be rounded, or one that is not finite. -1 where
 * it holds them all.
 */
export function firstMisfit(values: NumberList, kind: NumberKind): number {
  const { array, holds } = kinds[kind];
  let held: Kind["holds"] = holds;
  if (isWhole(values)) {
    if (values.constructor === array && kind !== "bool") return -1;
    if (kind.startsWith("float") && values.BYTES_PER_ELEMENT < 4) return -1;
    // A whole number is not rounded, as a fraction may be.
    if (kind === "float32") held = (value) => (typeof value === "bigint" ? holds(value) : Math.fround(value) === value);
  }
  for (let i = 0; i < values.length; i++) if (!held(values[i])) return i;
  return -1;
}

/** Whether an array stores whole numbers alone. */
function isWhole(values: NumberList): values is Exclude<Numbers, Float32Array | Float64Array> {
  return isNumbers(values) && !/^Float/.test(values.constructor.name);
}

/** A copy of numbers as another kind, which holds them all (see `firstMisfit`). */
export function copyAs<K extends NumberKind>(values: NumberList, kind: K): InstanceType<(typeof kinds)[K]["array"]>;
export function copyAs(values: NumberList, kind: NumberKind): Numbers {
  const copy = new kinds[kind].array(values.length);
  if (isBig(copy)) {
    if (isBig(values)) copy.set(values);
    else for (let i = 0; i < copy.length; i++) copy[i] = BigInt(values[i]);
  } else if (Array.isArray(values) || isBig(values)) for (let i = 0; i < copy.length; i++) copy[i] = Number(values[i]);
  else copy.set(values as ArrayLike<number>);
  return copy;
}

function isBig(values: NumberList): values is BigInt64Array | BigUint64Array {
  return isNumbers(values) && values.constructor.name.startsWith("Big");
}
