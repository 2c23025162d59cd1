// AssemblyScript, compiled at build time to dist/estimators/regression/products.wasm. The hosts (products.ts,
// sign-products.ts) lay out the memory; all pointers are byte offsets into it, all strides count numbers. Products and
// sums are rounded to float64 one by one, in ascending order of what is summed over: the very numbers of a plain loop.

/** Rows of a, and columns of b, that are multiplied at a time: sixteen sums stay in registers. */
const tile: i32 = 4;
/** What is summed over at a time, and columns of b beside each other: a packed block of b stays in the second cache. */
const depth: i32 = 256;
const width: i32 = 256;

/**
 * c[i, j] += sign * (sum over k of a[i, k] * b[k, j]), added one by one.
 *
 * @param packed room for (4 + width) * depth + 16 numbers
 */
export function multiply(
  m: i32, k: i32, n: i32, a: usize, aRow: i32, aColumn: i32, b: usize, bRow: i32, bColumn: i32, c: usize, cRow: i32, sign: f64, packed: usize,
): void {
  const ofA = packed;
  const ofB = ofA + ((<usize>(tile * depth)) << 3);
  const edge = ofB + ((<usize>(width * depth)) << 3);
  for (let j0: i32 = 0; j0 < n; j0 += width) {
    const wide = min(width, n - j0);
    for (let k0: i32 = 0; k0 < k; k0 += depth) {
      const deep = min(depth, k - k0);
      for (let j: i32 = 0; j < wide; j += tile) {
        pack(b + at(k0, bRow) + at(j0 + j, bColumn), bRow, bColumn, deep, min(tile, wide - j), 1, ofB + at(j, deep));
      }
      for (let i: i32 = 0; i < m; i += tile) {
        const high = min(tile, m - i);
        pack(a + at(i, aRow) + at(k0, aColumn), aColumn, aRow, deep, high, sign, ofA);
        for (let j: i32 = 0; j < wide; j += tile) {
          const broad = min(tile, wide - j);
          const to = c + at(i, cRow) + at(j0 + j, 1);
          if (high == tile && broad == tile) sixteen(ofA, ofB + at(j, deep), deep, to, cRow);
          else {
            copy(to, cRow, edge, tile, high, broad);
            sixteen(ofA, ofB + at(j, deep), deep, edge, tile);
            copy(edge, tile, to, cRow, high, broad);
          }
        }
      }
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function at(index: i32, stride: i32): usize {
  return (<usize>index * <usize>stride) << 3;
}

/** Four numbers for each of `deep` steps, those beyond `count` being 0. */
function pack(from: usize, step: i32, across: i32, deep: i32, count: i32, sign: f64, to: usize): void {
  if (count == tile) {
    const next = at(step, 1);
    const one = from + at(across, 1);
    const two = one + at(across, 1);
    const three = two + at(across, 1);
    const length = at(deep, step);
    if (step == 1) {
      for (let s: usize = 0; s < length; s += 8) {
        store<f64>(to, sign * load<f64>(from + s));
        store<f64>(to, sign * load<f64>(one + s), 8);
        store<f64>(to, sign * load<f64>(two + s), 16);
        store<f64>(to, sign * load<f64>(three + s), 24);
        to += 32;
      }
      return;
    }
    const signs = f64x2.splat(sign);
    if (across == 1) {
      for (let s: usize = 0; s < length; s += next) {
        v128.store(to, f64x2.mul(signs, v128.load(from + s)));
        v128.store(to, f64x2.mul(signs, v128.load(from + s, 16)), 16);
        to += 32;
      }
      return;
    }
  }
  for (let s: i32 = 0; s < deep; s++) {
    for (let i: i32 = 0; i < tile; i++) {
      store<f64>(to + at(i, 1), i < count ? sign * load<f64>(from + at(i, across)) : 0);
    }
    from += at(step, 1);
    to += at(tile, 1);
  }
}

function copy(from: usize, fromRow: i32, to: usize, toRow: i32, rows: i32, columns: i32): void {
  for (let i: i32 = 0; i < rows; i++) {
    for (let j: i32 = 0; j < columns; j++) store<f64>(to + at(i, toRow) + at(j, 1), load<f64>(from + at(i, fromRow) + at(j, 1)));
  }
}

/** Four rows by four columns. */
function sixteen(a: usize, b: usize, deep: i32, c: usize, cRow: i32): void {
  const row = at(cRow, 1);
  const c1 = c + row;
  const c2 = c1 + row;
  const c3 = c2 + row;
  let s00 = v128.load(c);
  let s01 = v128.load(c, 16);
  let s10 = v128.load(c1);
  let s11 = v128.load(c1, 16);
  let s20 = v128.load(c2);
  let s21 = v128.load(c2, 16);
  let s30 = v128.load(c3);
  let s31 = v128.load(c3, 16);
  const end = a + at(deep, tile);
  for (; a < end; a += 32) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    b += 32;
    let x = v128.load64_splat(a);
    s00 = f64x2.add(s00, f64x2.mul(x, b0));
    s01 = f64x2.add(s01, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 8);
    s10 = f64x2.add(s10, f64x2.mul(x, b0));
    s11 = f64x2.add(s11, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 16);
    s20 = f64x2.add(s20, f64x2.mul(x, b0));
    s21 = f64x2.add(s21, f64x2.mul(x, b1));
    x = v128.load64_splat(a, 24);
    s30 = f64x2.add(s30, f64x2.mul(x, b0));
    s31 = f64x2.add(s31, f64x2.mul(x, b1));
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/**
 * products[i, j] = total - 2 * (sum over words of weights[word] * number of bits in which column i of a and column j of
 * b differ): sums over rows of products of signs, where all rows of a word have its weight. `[m, n]`.
 *
 * @param a columns of 64-bit words, four columns beside each other: `[columns / 4, words, 4]`; b too, n being a
 *   multiple of 4
 */
export function signProducts(
  a: usize, m: i32, b: usize, n: i32, words: i32, weights: usize, total: f64, products: usize,
): void {
  for (let i: i32 = 0; i < m; i++) {
    const own = a + at(i & ~3, words) + at(i & 3, 1);
    for (let j: i32 = 0; j < n; j += 4) {
      let s0: f64 = 0;
      let s1: f64 = 0;
      let s2: f64 = 0;
      let s3: f64 = 0;
      const other = b + at(j, words);
      for (let w: i32 = 0; w < words; w++) {
        const bits = load<u64>(own + at(w, 4));
        const weight = load<f64>(weights + at(w, 1));
        const from = other + at(w, 4);
        s0 += weight * <f64>(<i32>popcnt(bits ^ load<u64>(from)));
        s1 += weight * <f64>(<i32>popcnt(bits ^ load<u64>(from, 8)));
        s2 += weight * <f64>(<i32>popcnt(bits ^ load<u64>(from, 16)));
        s3 += weight * <f64>(<i32>popcnt(bits ^ load<u64>(from, 24)));
      }
      const out = products + at(i, n) + at(j, 1);
      store<f64>(out, total - 2 * s0);
      store<f64>(out, total - 2 * s1, 8);
      store<f64>(out, total - 2 * s2, 16);
      store<f64>(out, total - 2 * s3, 24);
    }
  }
}
