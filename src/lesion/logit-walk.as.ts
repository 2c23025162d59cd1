// AssemblyScript, compiled at build time to dist/lesion/logit-walk.wasm. The host (wasm-logit-walk.ts) lays out the
// memory; all pointers are byte offsets into it. `stride` is the number of inputs, rounded up to a multiple of 16.

export { logarithms, margins, softmax } from "./softmax.as";

/**
 * Brings one unit back: logits[k, b] += weights[k] * difference[b] for every class k and input b, each product and each
 * sum rounded to float32, and predictions[b] = the first k with the largest logit. Sixteen inputs at a time.
 */
export function add(logits: usize, difference: usize, weights: usize, predictions: usize, stride: i32, classes: i32): void {
  const row = (<usize>stride) << 2;
  for (let b: i32 = 0; b < stride; b += 16) {
    const at = (<usize>b) << 2;
    const d0 = v128.load(difference + at);
    const d1 = v128.load(difference + at, 16);
    const d2 = v128.load(difference + at, 32);
    const d3 = v128.load(difference + at, 48);
    let p = logits + at;
    let w = v128.load32_splat(weights);
    let most0 = f32x4.add(v128.load(p), f32x4.mul(w, d0));
    let most1 = f32x4.add(v128.load(p, 16), f32x4.mul(w, d1));
    let most2 = f32x4.add(v128.load(p, 32), f32x4.mul(w, d2));
    let most3 = f32x4.add(v128.load(p, 48), f32x4.mul(w, d3));
    v128.store(p, most0);
    v128.store(p, most1, 16);
    v128.store(p, most2, 32);
    v128.store(p, most3, 48);
    let class0 = i32x4.splat(0);
    let class1 = class0;
    let class2 = class0;
    let class3 = class0;
    for (let k: i32 = 1; k < classes; k++) {
      p += row;
      w = v128.load32_splat(weights + ((<usize>k) << 2));
      const x0 = f32x4.add(v128.load(p), f32x4.mul(w, d0));
      const x1 = f32x4.add(v128.load(p, 16), f32x4.mul(w, d1));
      const x2 = f32x4.add(v128.load(p, 32), f32x4.mul(w, d2));
      const x3 = f32x4.add(v128.load(p, 48), f32x4.mul(w, d3));
      v128.store(p, x0);
      v128.store(p, x1, 16);
      v128.store(p, x2, 32);
      v128.store(p, x3, 48);
      const here = i32x4.splat(k); // larger than every class before it, so the largest is the last that was better
      class0 = i32x4.max_s(class0, v128.and(here, f32x4.gt(x0, most0)));
      class1 = i32x4.max_s(class1, v128.and(here, f32x4.gt(x1, most1)));
      class2 = i32x4.max_s(class2, v128.and(here, f32x4.gt(x2, most2)));
      class3 = i32x4.max_s(class3, v128.and(here, f32x4.gt(x3, most3)));
      most0 = f32x4.pmax(most0, x0);
      most1 = f32x4.pmax(most1, x1);
      most2 = f32x4.pmax(most2, x2);
      most3 = f32x4.pmax(most3, x3);
    }
    const low = i16x8.narrow_i32x4_u(class0, class1);
    const high = i16x8.narrow_i32x4_u(class2, class3);
    v128.store(predictions + (<usize>b), i8x16.narrow_i16x8_u(low, high));
  }
}

/**
 * The logits, and predictions, with some units intact: logits[k, b] = base[k] + the sum over these units of
 * weights[unit, k] * difference[unit, b], added in their order and rounded as in `add`.
 */
export function set(
  logits: usize, differences: usize, weights: usize, base: usize, intact: usize, count: i32, predictions: usize, stride: i32, classes: i32,
): void {
  const row = (<usize>stride) << 2;
  const width = (<usize>classes) << 2;
  const last = intact + ((<usize>count) << 2);
  for (let at: usize = 0; at < row; at += 64) {
    const from = differences + at;
    let most0 = f32x4.splat(0);
    let most1 = most0;
    let most2 = most0;
    let most3 = most0;
    let class0 = i32x4.splat(0);
    let class1 = class0;
    let class2 = class0;
    let class3 = class0;
    for (let k: i32 = 0; k < classes; k += 2) {
      const both = k + 1 < classes;
      const ofK = (<usize>k) << 2;
      const next: usize = both ? 4 : 0;
      let a0 = v128.load32_splat(base + ofK);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = v128.load32_splat(base + ofK + next);
      let b1 = b0;
      let b2 = b0;
      let b3 = b0;
      for (let u = intact; u < last; u += 4) {
        const unit = <usize>load<u32>(u);
        const d = from + unit * row;
        const d0 = v128.load(d);
        const d1 = v128.load(d, 16);
        const d2 = v128.load(d, 32);
        const d3 = v128.load(d, 48);
        const w = weights + unit * width + ofK;
        const v = v128.load32_splat(w);
        a0 = f32x4.add(a0, f32x4.mul(v, d0));
        a1 = f32x4.add(a1, f32x4.mul(v, d1));
        a2 = f32x4.add(a2, f32x4.mul(v, d2));
        a3 = f32x4.add(a3, f32x4.mul(v, d3));
        const x = v128.load32_splat(w + next);
        b0 = f32x4.add(b0, f32x4.mul(x, d0));
        b1 = f32x4.add(b1, f32x4.mul(x, d1));
        b2 = f32x4.add(b2, f32x4.mul(x, d2));
        b3 = f32x4.add(b3, f32x4.mul(x, d3));
      }
      let p = logits + <usize>k * row + at;
      for (let which: i32 = 0; which < 2; which++) {
        const here = i32x4.splat(k + which);
        v128.store(p, a0);
        v128.store(p, a1, 16);
        v128.store(p, a2, 32);
        v128.store(p, a3, 48);
        if (k + which == 0) {
          most0 = a0;
          most1 = a1;
          most2 = a2;
          most3 = a3;
        } else {
          class0 = i32x4.max_s(class0, v128.and(here, f32x4.gt(a0, most0)));
          class1 = i32x4.max_s(class1, v128.and(here, f32x4.gt(a1, most1)));
          class2 = i32x4.max_s(class2, v128.and(here, f32x4.gt(a2, most2)));
          class3 = i32x4.max_s(class3, v128.and(here, f32x4.gt(a3, most3)));
          most0 = f32x4.pmax(most0, a0);
          most1 = f32x4.pmax(most1, a1);
          most2 = f32x4.pmax(most2, a2);
          most3 = f32x4.pmax(most3, a3);
        }
        if (!both) break;
        a0 = b0;
        a1 = b1;
        a2 = b2;
        a3 = b3;
        p += row;
      }
    }
    const low = i16x8.narrow_i32x4_u(class0, class1);
    const high = i16x8.narrow_i32x4_u(class2, class3);
    v128.store(predictions + (at >> 2), i8x16.narrow_i16x8_u(low, high));
  }
}

/** Inputs whose hits fit in the sixteen 8-bit counters of a vector. */
const countable: i32 = 255 * 16;

/** Counts, for each class, how often it is predicted, and how often rightly. */
export function count(predictions: usize, labels: usize, predicted: usize, correct: usize, stride: i32, classes: i32): void {
  for (let k: i32 = 0; k < classes; k++) {
    const here = i8x16.splat(<i8>k);
    let all: i32 = 0;
    let right: i32 = 0;
    for (let from: i32 = 0; from < stride; from += countable) {
      const to = min(from + countable, stride);
      let hits = i8x16.splat(0);
      let rightHits = hits;
      for (let b = from; b < to; b += 16) {
        const hit = i8x16.eq(v128.load(predictions + (<usize>b)), here); // -1 where predicted
        hits = i8x16.sub(hits, hit);
        rightHits = i8x16.sub(rightHits, v128.and(hit, i8x16.eq(v128.load(labels + (<usize>b)), here)));
      }
      all += sum(hits);
      right += sum(rightHits);
    }
    store<i32>(predicted + ((<usize>k) << 2), all);
    store<i32>(correct + ((<usize>k) << 2), right);
  }
}

/** The sum of sixteen unsigned 8-bit numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function sum(numbers: v128): i32 {
  const four = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(numbers));
  return (
    i32x4.extract_lane(four, 0) + i32x4.extract_lane(four, 1) + i32x4.extract_lane(four, 2) + i32x4.extract_lane(four, 3)
  );
}
