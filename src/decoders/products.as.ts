// AssemblyScript, compiled at build time to dist/decoders/products.wasm. The host (wasm-products.ts) lays out the
// memory; all pointers and strides are in bytes. plain-products.ts has the same operations in TypeScript.

/** Formats of w: 0 for float32, 1 for float16, and */
const bfloat16: i32 = 2;

/** Numbers of x that are multiplied at a time: they stay in the second cache while the rows of w pass by. */
const blockNumbers: i32 = 131072;

/**
 * y[i, j] = sum over l of x[i, l] * w[j, l], in float32: four sums, of the l that leave the same rest by four, each
 * added one by one in ascending order; then (first + second) + (third + fourth). So a number does not depend on what
 * else is computed beside it.
 *
 * @param k a multiple of 4, and so many numbers are in a row of w; of other matrices the host fills rows up with zeros
 * @param format of w: 0 for float32
 * @param wide room for 4 k numbers, where w is not float32
 */
export function multiply(
  m: i32, k: i32, n: i32, x: usize, xRow: usize, w: usize, wRow: usize, y: usize, yRow: usize, format: i32, wide: usize,
): void {
  const block = max(16, (blockNumbers / k) & ~3);
  for (let from: i32 = 0; from < m; from += block) {
    const to = min(m, from + block);
    for (let j: i32 = 0; j < n; j += 4) {
      const columns = min(4, n - j);
      let rows = w + <usize>j * wRow;
      let row = wRow;
      if (format != 0) {
        row = (<usize>k) << 2;
        for (let c: i32 = 0; c < columns; c++) widen(rows + <usize>c * wRow, wide + <usize>c * row, k, format);
        rows = wide;
      }
      let i = from;
      let own = x + <usize>i * xRow;
      let out = y + <usize>i * yRow + ((<usize>j) << 2);
      if (columns == 4) {
        for (; i + 4 <= to; i += 4) {
          eight(own, xRow, rows, rows + row, k, out, yRow);
          eight(own, xRow, rows + 2 * row, rows + 3 * row, k, out + 8, yRow);
          own += 4 * xRow;
          out += 4 * yRow;
        }
        for (; i < to; i++) {
          four(own, rows, row, k, out);
          own += xRow;
          out += yRow;
        }
      } else {
        for (; i < to; i++) {
          for (let c: i32 = 0; c < columns; c++) {
            store<f32>(out + ((<usize>c) << 2), one(own, rows + <usize>c * row, k));
          }
          own += xRow;
          out += yRow;
        }
      }
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

/** Four rows of x by two of w. */
function eight(x: usize, xRow: usize, w: usize, v: usize, k: i32, y: usize, yRow: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const x1 = x + xRow;
  const x2 = x1 + xRow;
  const x3 = x2 + xRow;
  const end = (<usize>k) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const a = v128.load(w + at);
    const b = v128.load(v + at);
    let c = v128.load(x + at);
    s00 = f32x4.add(s00, f32x4.mul(c, a));
    s01 = f32x4.add(s01, f32x4.mul(c, b));
    c = v128.load(x1 + at);
    s10 = f32x4.add(s10, f32x4.mul(c, a));
    s11 = f32x4.add(s11, f32x4.mul(c, b));
    c = v128.load(x2 + at);
    s20 = f32x4.add(s20, f32x4.mul(c, a));
    s21 = f32x4.add(s21, f32x4.mul(c, b));
    c = v128.load(x3 + at);
    s30 = f32x4.add(s30, f32x4.mul(c, a));
    s31 = f32x4.add(s31, f32x4.mul(c, b));
  }
  store<f32>(y, total(s00));
  store<f32>(y, total(s01), 4);
  y += yRow;
  store<f32>(y, total(s10));
  store<f32>(y, total(s11), 4);
  y += yRow;
  store<f32>(y, total(s20));
  store<f32>(y, total(s21), 4);
  y += yRow;
  store<f32>(y, total(s30));
  store<f32>(y, total(s31), 4);
}

/** One row of x by four of w. */
function four(x: usize, w: usize, row: usize, k: i32, y: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const w1 = w + row;
  const w2 = w1 + row;
  const w3 = w2 + row;
  const end = (<usize>k) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const c = v128.load(x + at);
    s0 = f32x4.add(s0, f32x4.mul(c, v128.load(w + at)));
    s1 = f32x4.add(s1, f32x4.mul(c, v128.load(w1 + at)));
    s2 = f32x4.add(s2, f32x4.mul(c, v128.load(w2 + at)));
    s3 = f32x4.add(s3, f32x4.mul(c, v128.load(w3 + at)));
  }
  store<f32>(y, total(s0));
  store<f32>(y, total(s1), 4);
  store<f32>(y, total(s2), 8);
  store<f32>(y, total(s3), 12);
}

function one(x: usize, w: usize, k: i32): f32 {
  let s = f32x4.splat(0);
  const end = (<usize>k) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    s = f32x4.add(s, f32x4.mul(v128.load(x + at), v128.load(w + at)));
  }
  return total(s);
}

/** Numbers of 16 bits as float32, which is exact. */
function widen(from: usize, to: usize, count: i32, format: i32): void {
  const end = from + ((<usize>count) << 1);
  if (format == bfloat16) {
    for (; from < end; from += 8) {
      v128.store(to, i32x4.shl(i32x4.extend_low_i16x8_u(v128.load64_zero(from)), 16));
      to += 16;
    }
    return;
  }
  const scale = v128.splat<f32>(reinterpret<f32>(0x77800000)); // 2^112, from the one bias of exponents to the other
  for (; from < end; from += 8) {
    const bits = i32x4.extend_low_i16x8_u(v128.load64_zero(from));
    const magnitude = v128.and(bits, i32x4.splat(0x7fff));
    const value = f32x4.mul(i32x4.shl(magnitude, 13), scale);
    const infinite = v128.and(i32x4.gt_s(magnitude, i32x4.splat(0x7bff)), i32x4.splat(0x7f800000)); // and what is no number
    const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
    v128.store(to, v128.or(v128.or(value, infinite), sign));
    to += 16;
  }
}
