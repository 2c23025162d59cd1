// AssemblyScript, compiled at build time to dist/lesion/dense-walk.wasm. The host (dense-walk.ts) lays out the memory;
// all pointers are byte offsets into it. Sixteen inputs of the network make a tile, and what a layer of n units holds
// for them lies together: [tiles][n][16], so that a tile stays in the fastest cache. Each product and each sum is
// rounded to float32.

export { count } from "./logit-walk.as";
export { logarithms, margins, softmax } from "./softmax.as";

/** Bytes of one unit in one tile. */
const unitBytes: usize = 64;

/** What the units of a layer say for one sum: leaky ReLU, minus what they say when lesioned. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function say(sum: v128, slope: v128, lesioned: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.sub(v128.bitselect(sum, f32x4.mul(sum, slope), f32x4.gt(sum, zero)), lesioned);
}

/**
 * Some units of a layer from the start: sums[i] = base[i] + sum over the columns j of weights[i, j] * from[j], for the
 * units i in `rows` and the intact units j of the layer before in `columns`; says[i] = leaky ReLU of it minus
 * lesioned[i], unless `says` is 0.
 */
export function dense(
  rows: usize, rowCount: i32, columns: usize, columnCount: i32,
  weights: usize, base: usize, lesioned: usize, slope: f32,
  from: usize, fromUnits: i32, sums: usize, says: usize, units: i32, tiles: i32,
): void {
  const width = (<usize>fromUnits) << 2;
  const slopes = f32x4.splat(slope);
  const lastColumn = columns + ((<usize>columnCount) << 2);
  for (let t: i32 = 0; t < tiles; t++) {
    const before = from + <usize>t * <usize>fromUnits * unitBytes;
    const here = <usize>t * <usize>units * unitBytes;
    let r: i32 = 0;
    for (; r + 1 < rowCount; r += 2) {
      const i = <usize>load<u32>(rows + ((<usize>r) << 2));
      const j = <usize>load<u32>(rows + ((<usize>r) << 2), 4);
      const ofI = weights + i * width;
      const ofJ = weights + j * width;
      let a0 = v128.load32_splat(base + (i << 2));
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = v128.load32_splat(base + (j << 2));
      let b1 = b0;
      let b2 = b0;
      let b3 = b0;
      for (let c = columns; c < lastColumn; c += 4) {
        const column = <usize>load<u32>(c);
        const x = before + column * unitBytes;
        const x0 = v128.load(x);
        const x1 = v128.load(x, 16);
        const x2 = v128.load(x, 32);
        const x3 = v128.load(x, 48);
        const v = v128.load32_splat(ofI + (column << 2));
        a0 = f32x4.add(a0, f32x4.mul(v, x0));
        a1 = f32x4.add(a1, f32x4.mul(v, x1));
        a2 = f32x4.add(a2, f32x4.mul(v, x2));
        a3 = f32x4.add(a3, f32x4.mul(v, x3));
        const w = v128.load32_splat(ofJ + (column << 2));
        b0 = f32x4.add(b0, f32x4.mul(w, x0));
        b1 = f32x4.add(b1, f32x4.mul(w, x1));
        b2 = f32x4.add(b2, f32x4.mul(w, x2));
        b3 = f32x4.add(b3, f32x4.mul(w, x3));
      }
      put(sums, says, lesioned, here, i, slopes, a0, a1, a2, a3);
      put(sums, says, lesioned, here, j, slopes, b0, b1, b2, b3);
    }
    if (r < rowCount) {
      const i = <usize>load<u32>(rows + ((<usize>r) << 2));
      const ofI = weights + i * width;
      let a0 = v128.load32_splat(base + (i << 2));
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      for (let c = columns; c < lastColumn; c += 4) {
        const column = <usize>load<u32>(c);
        const x = before + column * unitBytes;
        const v = v128.load32_splat(ofI + (column << 2));
        a0 = f32x4.add(a0, f32x4.mul(v, v128.load(x)));
        a1 = f32x4.add(a1, f32x4.mul(v, v128.load(x, 16)));
        a2 = f32x4.add(a2, f32x4.mul(v, v128.load(x, 32)));
        a3 = f32x4.add(a3, f32x4.mul(v, v128.load(x, 48)));
      }
      put(sums, says, lesioned, here, i, slopes, a0, a1, a2, a3);
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function put(sums: usize, says: usize, lesioned: usize, here: usize, unit: usize, slopes: v128, s0: v128, s1: v128, s2: v128, s3: v128): void {
  const at = here + unit * unitBytes;
  v128.store(sums + at, s0);
  v128.store(sums + at, s1, 16);
  v128.store(sums + at, s2, 32);
  v128.store(sums + at, s3, 48);
  if (says == 0) return;
  const constant = v128.load32_splat(lesioned + (unit << 2));
  v128.store(says + at, say(s0, slopes, constant));
  v128.store(says + at, say(s1, slopes, constant), 16);
  v128.store(says + at, say(s2, slopes, constant), 32);
  v128.store(says + at, say(s3, slopes, constant), 48);
}

/**
 * One unit of the layer before comes back, a rank-1 update: sums[i] += weights[i, unit] * from[unit] for the units i in
 * `rows`, and what they say, as in `dense`.
 */
export function add(
  rows: usize, rowCount: i32, unit: i32,
  weights: usize, lesioned: usize, slope: f32,
  from: usize, fromUnits: i32, sums: usize, says: usize, units: i32, tiles: i32,
): void {
  const width = (<usize>fromUnits) << 2;
  const slopes = f32x4.splat(slope);
  const ofUnit = weights + ((<usize>unit) << 2);
  const lastRow = rows + ((<usize>rowCount) << 2);
  for (let t: i32 = 0; t < tiles; t++) {
    const x = from + (<usize>t * <usize>fromUnits + <usize>unit) * unitBytes;
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const x2 = v128.load(x, 32);
    const x3 = v128.load(x, 48);
    const here = <usize>t * <usize>units * unitBytes;
    for (let r = rows; r < lastRow; r += 4) {
      const i = <usize>load<u32>(r);
      const w = v128.load32_splat(ofUnit + i * width);
      const s = sums + here + i * unitBytes;
      const s0 = f32x4.add(v128.load(s), f32x4.mul(w, x0));
      const s1 = f32x4.add(v128.load(s, 16), f32x4.mul(w, x1));
      const s2 = f32x4.add(v128.load(s, 32), f32x4.mul(w, x2));
      const s3 = f32x4.add(v128.load(s, 48), f32x4.mul(w, x3));
      put(sums, says, lesioned, here, i, slopes, s0, s1, s2, s3);
    }
  }
}

/**
 * The sums of the last layer as class-major logits, [classes][stride] with stride 16 * tiles, and predictions[b] = the
 * first class with the largest logit (up to 256 classes).
 */
export function answer(sums: usize, logits: usize, predictions: usize, classes: i32, tiles: i32): void {
  const row = <usize>tiles * unitBytes;
  for (let t: i32 = 0; t < tiles; t++) {
    let s = sums + <usize>t * <usize>classes * unitBytes;
    let to = logits + <usize>t * unitBytes;
    let most0 = f32x4.splat(-f32.MAX_VALUE);
    let most1 = most0;
    let most2 = most0;
    let most3 = most0;
    let class0 = i32x4.splat(0);
    let class1 = class0;
    let class2 = class0;
    let class3 = class0;
    for (let k: i32 = 0; k < classes; k++) {
      const x0 = v128.load(s);
      const x1 = v128.load(s, 16);
      const x2 = v128.load(s, 32);
      const x3 = v128.load(s, 48);
      v128.store(to, x0);
      v128.store(to, x1, 16);
      v128.store(to, x2, 32);
      v128.store(to, x3, 48);
      const here = i32x4.splat(k); // larger than every class before it
      class0 = i32x4.max_s(class0, v128.and(here, f32x4.gt(x0, most0)));
      class1 = i32x4.max_s(class1, v128.and(here, f32x4.gt(x1, most1)));
      class2 = i32x4.max_s(class2, v128.and(here, f32x4.gt(x2, most2)));
      class3 = i32x4.max_s(class3, v128.and(here, f32x4.gt(x3, most3)));
      most0 = f32x4.pmax(most0, x0);
      most1 = f32x4.pmax(most1, x1);
      most2 = f32x4.pmax(most2, x2);
      most3 = f32x4.pmax(most3, x3);
      s += unitBytes;
      to += row;
    }
    const low = i16x8.narrow_i32x4_u(class0, class1);
    const high = i16x8.narrow_i32x4_u(class2, class3);
    v128.store(predictions + ((<usize>t) << 4), i8x16.narrow_i16x8_u(low, high));
  }
}
