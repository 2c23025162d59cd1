// AssemblyScript: part of dist/lesion/logit-walk.wasm and dense-walk.wasm. Softmax of class-major logits,
// `[classes][stride]`, in float32: softmax.ts has the same operations in TypeScript, and says how large their errors
// are. All pointers are byte offsets.

const magic: f32 = 12582912; // 1.5 * 2^23: added to a number it leaves the nearest integer in the lowest bits

/** 2^y for y from -126 to 0, in powers of two and a polynomial of the rest. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function power(y: v128): v128 {
  const shifted = f32x4.add(y, f32x4.splat(magic));
  const f = f32x4.sub(y, f32x4.sub(shifted, f32x4.splat(magic)));
  let p = f32x4.add(f32x4.mul(f32x4.splat(0.0013264698209241033), f), f32x4.splat(0.009671512991189957));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(0.05550733953714371));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(0.24022242426872253));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(0.6931470036506653));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** exp(x - largest). */
// @ts-ignore: a decorator of AssemblyScript
@inline
function exponential(x: v128, largest: v128): v128 {
  const y = f32x4.mul(f32x4.sub(x, largest), f32x4.splat(1.44269502162933349609375));
  return power(f32x4.max(y, f32x4.splat(-126)));
}

/**
 * For every input its largest logit, and the sum over the classes of exp(logit - largest).
 *
 * @param exponentials where the terms of these sums go, `[classes][stride]`; 0 for nowhere
 */
export function softmax(logits: usize, stride: i32, classes: i32, exponentials: usize, largest: usize, sums: usize): void {
  const row = (<usize>stride) << 2;
  const end = logits + row * <usize>classes;
  const keep = exponentials - logits;
  for (let at: usize = 0; at < row; at += 64) {
    let p = logits + at;
    let m0 = v128.load(p);
    let m1 = v128.load(p, 16);
    let m2 = v128.load(p, 32);
    let m3 = v128.load(p, 48);
    for (p += row; p < end; p += row) {
      m0 = f32x4.pmax(m0, v128.load(p));
      m1 = f32x4.pmax(m1, v128.load(p, 16));
      m2 = f32x4.pmax(m2, v128.load(p, 32));
      m3 = f32x4.pmax(m3, v128.load(p, 48));
    }
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (p = logits + at; p < end; p += row) {
      const e0 = exponential(v128.load(p), m0);
      const e1 = exponential(v128.load(p, 16), m1);
      const e2 = exponential(v128.load(p, 32), m2);
      const e3 = exponential(v128.load(p, 48), m3);
      s0 = f32x4.add(s0, e0);
      s1 = f32x4.add(s1, e1);
      s2 = f32x4.add(s2, e2);
      s3 = f32x4.add(s3, e3);
      if (exponentials != 0) {
        v128.store(p + keep, e0);
        v128.store(p + keep, e1, 16);
        v128.store(p + keep, e2, 32);
        v128.store(p + keep, e3, 48);
      }
    }
    v128.store(largest + at, m0);
    v128.store(largest + at, m1, 16);
    v128.store(largest + at, m2, 32);
    v128.store(largest + at, m3, 48);
    v128.store(sums + at, s0);
    v128.store(sums + at, s1, 16);
    v128.store(sums + at, s2, 32);
    v128.store(sums + at, s3, 48);
  }
}

/**
 * ln of `count` numbers that are not below 1, in place; `count` is a multiple of 4. The polynomial is that of Cephes'
 * logf.
 */
export function logarithms(numbers: usize, count: i32): void {
  const end = numbers + ((<usize>count) << 2);
  const one = f32x4.splat(1);
  for (let at = numbers; at < end; at += 16) {
    const x = v128.load(at);
    const mantissa = v128.or(v128.and(x, i32x4.splat(0x007fffff)), one);
    const large = f32x4.gt(mantissa, f32x4.splat(1.41421353816986083984375));
    const exponent = i32x4.sub(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(127)), large); // a mask is -1
    const e = f32x4.convert_i32x4_s(exponent);
    const f = f32x4.sub(v128.bitselect(f32x4.mul(mantissa, f32x4.splat(0.5)), mantissa, large), one);
    const z = f32x4.mul(f, f);
    let p = f32x4.add(f32x4.mul(f32x4.splat(7.0376836292e-2), f), f32x4.splat(-1.151461031e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.167699874e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.2420140846e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.4249322787e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-1.6668057665e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.0000714765e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(-2.4999993993e-1));
    p = f32x4.add(f32x4.mul(p, f), f32x4.splat(3.3333331174e-1));
    p = f32x4.mul(f32x4.mul(p, f), z);
    p = f32x4.add(p, f32x4.mul(e, f32x4.splat(-2.12194440e-4)));
    p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
    v128.store(at, f32x4.add(f32x4.add(f, p), f32x4.mul(e, f32x4.splat(0.693359375))));
  }
}

/**
 * The sum over the inputs of largest logit - logit of the own class, which is returned, and products of the sums of 64
 * inputs each, whose logarithms are what is left of the cross-entropy. Four of both side by side, in float64.
 */
export function margins(
  logits: usize, stride: i32, labels: usize, inputs: i32, largest: usize, sums: usize, products: usize,
): f64 {
  let m0: f64 = 0;
  let m1: f64 = 0;
  let m2: f64 = 0;
  let m3: f64 = 0;
  for (let from: i32 = 0; from < inputs; from += 64) {
    const to = min(inputs, from + 64);
    let p0: f64 = 1;
    let p1: f64 = 1;
    let p2: f64 = 1;
    let p3: f64 = 1;
    let b = from;
    for (; b + 3 < to; b += 4) {
      m0 += margin(logits, stride, labels, b, largest);
      m1 += margin(logits, stride, labels, b + 1, largest);
      m2 += margin(logits, stride, labels, b + 2, largest);
      m3 += margin(logits, stride, labels, b + 3, largest);
      const s = sums + ((<usize>b) << 2);
      p0 *= <f64>load<f32>(s);
      p1 *= <f64>load<f32>(s, 4);
      p2 *= <f64>load<f32>(s, 8);
      p3 *= <f64>load<f32>(s, 12);
    }
    for (; b < to; b++) {
      m0 += margin(logits, stride, labels, b, largest);
      p0 *= <f64>load<f32>(sums + ((<usize>b) << 2));
    }
    store<f64>(products + ((<usize>(from >> 6)) << 3), p0 * p1 * (p2 * p3));
  }
  return m0 + m1 + (m2 + m3);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function margin(logits: usize, stride: i32, labels: usize, b: i32, largest: usize): f64 {
  const label = <i32>load<u8>(labels + <usize>b);
  const logit = load<f32>(logits + ((<usize>(label * stride + b)) << 2));
  return <f64>load<f32>(largest + ((<usize>b) << 2)) - <f64>logit;
}
