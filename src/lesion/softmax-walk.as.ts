// AssemblyScript, compiled at build time to dist/lesion/softmax-walk.wasm: softmax-walk.ts has the same operations in
// TypeScript, says what they are for and how large their errors are. All pointers are byte offsets. Terms, float64, and
// factors, float32, are by tile: `[tiles][classes][8 inputs]`.

import { logarithms } from "./softmax.as";

const mantissaBits: i64 = 0x000f_ffff_ffff_ffff;
/** Tiles whose mantissas, each below 2, are multiplied before an exponent is taken of their product. */
const together: i32 = 512;

// @ts-ignore: a decorator of AssemblyScript
@inline
function mantissa(x: v128): v128 {
  return v128.or(v128.and(x, i64x2.splat(mantissaBits)), f64x2.splat(1));
}

/** Exponents with their bias of 1023. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function exponent(x: v128): v128 {
  return i64x2.shr_u(x, 52);
}

/**
 * Brings one unit back: terms *= factors.
 *
 * @param sums where their sums over the classes go, one for each input; 0 for nowhere: then the product of these over
 *   the inputs is product[0] * 2^product[1]
 */
export function add(terms: usize, factors: usize, tiles: i32, classes: i32, sums: usize, product: usize): void {
  let m0 = f64x2.splat(1);
  let m1 = m0;
  let m2 = m0;
  let m3 = m0;
  let e0 = i64x2.splat(0);
  let e1 = e0;
  let e2 = e0;
  let e3 = e0;
  let exponents: i64 = 0;
  for (let first: i32 = 0; first < tiles; first += together) {
    const end = min(first + together, tiles);
    for (let tile = first; tile < end; tile++) {
      let s0 = f64x2.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (let k: i32 = 0; k < classes; k++) {
        const t0 = f64x2.mul(v128.load(terms), f64x2.promote_low_f32x4(v128.load64_zero(factors)));
        const t1 = f64x2.mul(v128.load(terms, 16), f64x2.promote_low_f32x4(v128.load64_zero(factors, 8)));
        const t2 = f64x2.mul(v128.load(terms, 32), f64x2.promote_low_f32x4(v128.load64_zero(factors, 16)));
        const t3 = f64x2.mul(v128.load(terms, 48), f64x2.promote_low_f32x4(v128.load64_zero(factors, 24)));
        v128.store(terms, t0);
        v128.store(terms, t1, 16);
        v128.store(terms, t2, 32);
        v128.store(terms, t3, 48);
        s0 = f64x2.add(s0, t0);
        s1 = f64x2.add(s1, t1);
        s2 = f64x2.add(s2, t2);
        s3 = f64x2.add(s3, t3);
        terms += 64;
        factors += 32;
      }
      if (sums != 0) {
        v128.store(sums, s0);
        v128.store(sums, s1, 16);
        v128.store(sums, s2, 32);
        v128.store(sums, s3, 48);
        sums += 64;
        continue;
      }
      m0 = f64x2.mul(m0, mantissa(s0));
      m1 = f64x2.mul(m1, mantissa(s1));
      m2 = f64x2.mul(m2, mantissa(s2));
      m3 = f64x2.mul(m3, mantissa(s3));
      e0 = i64x2.add(e0, exponent(s0));
      e1 = i64x2.add(e1, exponent(s1));
      e2 = i64x2.add(e2, exponent(s2));
      e3 = i64x2.add(e3, exponent(s3));
    }
    e0 = i64x2.add(e0, exponent(m0));
    e1 = i64x2.add(e1, exponent(m1));
    e2 = i64x2.add(e2, exponent(m2));
    e3 = i64x2.add(e3, exponent(m3));
    m0 = mantissa(m0);
    m1 = mantissa(m1);
    m2 = mantissa(m2);
    m3 = mantissa(m3);
    exponents += <i64>(end - first + 1);
  }
  const m = f64x2.mul(f64x2.mul(m0, m1), f64x2.mul(m2, m3));
  const e = i64x2.add(i64x2.add(e0, e1), i64x2.add(e2, e3));
  store<f64>(product, f64x2.extract_lane(m, 0) * f64x2.extract_lane(m, 1));
  store<f64>(product, <f64>(i64x2.extract_lane(e, 0) + i64x2.extract_lane(e, 1) - 8 * 1023 * exponents), 8);
}

/** into[i] += numbers[i], float64; `count` is a multiple of 8. */
export function accumulate(into: usize, numbers: usize, count: i32): void {
  const end = into + ((<usize>count) << 3);
  for (; into < end; into += 32) {
    v128.store(into, f64x2.add(v128.load(into), v128.load(numbers)));
    v128.store(into, f64x2.add(v128.load(into, 16), v128.load(numbers, 16)), 16);
    numbers += 32;
  }
}

/**
 * into[i] = the lesser of 0 and logits[i] - ln sums[i], float64, the logarithms of the mantissas in float32; `count` is
 * a multiple of 8.
 *
 * @param logs where these go, float32
 */
export function logProbabilities(logits: usize, sums: usize, logs: usize, into: usize, count: i32): void {
  for (let b: usize = 0; b < <usize>count; b += 2) {
    v128.store64_lane(logs + (b << 2), f32x4.demote_f64x2_zero(mantissa(v128.load(sums + (b << 3)))), 0);
  }
  logarithms(logs, count);
  const end = into + ((<usize>count) << 3);
  for (; into < end; into += 16) {
    const e = i64x2.sub(exponent(v128.load(sums)), i64x2.splat(1023));
    const low = i8x16.shuffle(e, e, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11);
    const share = f64x2.mul(f64x2.convert_low_i32x4_s(low), f64x2.splat(0.6931471805599453));
    const log = f64x2.add(share, f64x2.promote_low_f32x4(v128.load64_zero(logs)));
    v128.store(into, f64x2.pmin(f64x2.splat(0), f64x2.sub(v128.load(logits), log)));
    logits += 16;
    sums += 16;
    logs += 8;
  }
}
