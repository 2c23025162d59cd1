// AssemblyScript: rows on their way to experts and back, and what a decoder learns by: its loss and Adam's steps.
// Pointers and strides are in bytes; widths of rows are multiples of four.

import { exponential, total } from "./vectors.as";

/** to[i] = from[index[i]] */
export function gatherRows(count: i32, width: i32, from: usize, index: usize, to: usize): void {
  const bytes = (<usize>width) << 2;
  for (let i: i32 = 0; i < count; i++) {
    memory.copy(to, from + <usize>load<i32>(index) * bytes, bytes);
    index += 4;
    to += bytes;
  }
}

/** to[index[i]] += from[i], or gates[i] times that where gates is no 0. */
export function scatterRows(count: i32, width: i32, from: usize, index: usize, gates: usize, to: usize): void {
  const bytes = (<usize>width) << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = to + <usize>load<i32>(index + (i << 2)) * bytes;
    const gate = f32x4.splat(gates == 0 ? 1 : load<f32>(gates + (i << 2)));
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(row + at, f32x4.add(v128.load(row + at), f32x4.mul(gate, v128.load(from + at))));
    }
    from += bytes;
  }
}

/**
 * Of rows that were scattered with gates: gradients of the rows, which are gates[i] dy[index[i]], in their place, and
 * of the gates.
 */
export function scatterBackward(
  count: i32, width: i32, rows: usize, index: usize, gates: usize, dy: usize, dGates: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const from = dy + <usize>load<i32>(index + (i << 2)) * bytes;
    const gate = f32x4.splat(load<f32>(gates + (i << 2)));
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = v128.load(from + at);
      sums = f32x4.add(sums, f32x4.mul(d, v128.load(rows + at)));
      v128.store(rows + at, f32x4.mul(gate, d));
    }
    store<f32>(dGates + (i << 2), total(sums));
    rows += bytes;
  }
}

/** to += from */
export function addTo(count: i32, from: usize, to: usize): void {
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}

/**
 * Of every row the surprise, minus the logarithm of the target's probability, and the gradient of weight times
 * surprise, in place of the logits.
 *
 * @returns the sum of weight times surprise
 */
export function crossEntropy(rows: i32, vocabulary: i32, logits: usize, targets: usize, weights: usize, surprises: usize): f64 {
  let sum: f64 = 0;
  const bytes = (<usize>vocabulary) << 2;
  for (let row: usize = 0; row < <usize>rows; row++) {
    let largest = v128.load(logits);
    for (let at: usize = 16; at < bytes; at += 16) largest = f32x4.max(largest, v128.load(logits + at));
    const most = max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    );
    const target = logits + ((<usize>load<i32>(targets + (row << 2))) << 2);
    const own = load<f32>(target);
    const shift = f32x4.splat(most);
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const term = exponential(f32x4.sub(v128.load(logits + at), shift));
      v128.store(logits + at, term);
      sums = f32x4.add(sums, term);
    }
    const whole = total(sums);
    const weight = load<f32>(weights + (row << 2));
    const surprise = <f32>(NativeMath.log(<f64>whole) - (<f64>own - <f64>most));
    store<f32>(surprises + (row << 2), surprise);
    sum += <f64>weight * <f64>surprise;
    const scale = f32x4.splat(weight / whole);
    for (let at: usize = 0; at < bytes; at += 16) v128.store(logits + at, f32x4.mul(v128.load(logits + at), scale));
    store<f32>(target, load<f32>(target) - weight);
    logits += bytes;
  }
  return sum;
}

/** The sum of squares, in float64. */
export function sumOfSquares(count: i32, from: usize): f64 {
  let low = f64x2.splat(0);
  let high = low;
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const v = v128.load(from + at);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/**
 * A step of AdamW (Loshchilov and Hutter 2019) for some parameters.
 *
 * @param scale of the gradients: 1, or less where they are cut
 * @param rate learning rate over 1 - beta1^step
 * @param correction 1 / (1 - beta2^step)
 * @param keep 1 minus learning rate times weight decay
 */
export function adamStep(
  count: i32, parameters: usize, gradients: usize, means: usize, squares: usize, scale: f32, beta1: f32, beta2: f32, rate: f32,
  correction: f32, epsilon: f32, keep: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const c1 = f32x4.splat(1 - beta1);
  const c2 = f32x4.splat(1 - beta2);
  const factor = f32x4.splat(scale);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const g = f32x4.mul(factor, v128.load(gradients + at));
    const m = f32x4.add(f32x4.mul(b1, v128.load(means + at)), f32x4.mul(c1, g));
    const v = f32x4.add(f32x4.mul(b2, v128.load(squares + at)), f32x4.mul(c2, f32x4.mul(g, g)));
    v128.store(means + at, m);
    v128.store(squares + at, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(correction))), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(rate), m), root);
    v128.store(parameters + at, f32x4.sub(f32x4.mul(f32x4.splat(keep), v128.load(parameters + at)), step));
  }
}
