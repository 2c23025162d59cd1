const float = new Float32Array(1);
const bitsOfFloat = new Uint32Array(float.buffer);

/** The IEEE 754 half-precision number nearest to a single-precision one, as bits; ties go to the even one. */
export function float16Bits(value: number): number {
  float[0] = value;
  const sign = (bitsOfFloat[0] >>> 16) & 0x8000;
  const magnitude = bitsOfFloat[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more: infinity
  if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(float[0]) * 2 ** 24); // below 2^-14: subnormal
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The number that half-precision bits stand for. */
export function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bfloat16 number nearest to a single-precision one, as bits; ties go to the even one. */
export function bfloat16Bits(value: number): number {
  float[0] = value;
  const bits = bitsOfFloat[0];
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // stays not a number
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The number that bfloat16 bits stand for: the upper half of a single-precision number. */
export function bfloat16Value(bits: number): number {
  bitsOfFloat[0] = bits << 16;
  return float[0];
}

/** Nearest integer to a number of 0 or more; ties go to the even one. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
