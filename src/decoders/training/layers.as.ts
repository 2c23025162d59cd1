// AssemblyScript: what is between the products of a decoder's layers, forwards and backwards. Pointers and strides are
// in bytes; widths of rows are multiples of four.

import { exponential, total } from "./vectors.as";

/** y = x times its factor, 1 / sqrt(mean of x^2 + epsilon), times scales; factors are kept, one a row. */
export function normForward(rows: i32, width: i32, x: usize, scales: usize, epsilon: f32, y: usize, factors: usize): void {
  const bytes = (<usize>width) << 2;
  for (let row: i32 = 0; row < rows; row++) {
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const v = v128.load(x + at);
      squares = f32x4.add(squares, f32x4.mul(v, v));
    }
    const factor: f32 = 1 / sqrt<f32>(total(squares) / <f32>width + epsilon);
    store<f32>(factors, factor);
    const all = f32x4.splat(factor);
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(y + at, f32x4.mul(v128.load(scales + at), f32x4.mul(v128.load(x + at), all)));
    }
    x += bytes;
    y += bytes;
    factors += 4;
  }
}

/** Adds to dx and dScales what follows from dy. */
export function normBackward(
  rows: i32, width: i32, x: usize, scales: usize, factors: usize, dy: usize, dx: usize, dScales: usize,
): void {
  const bytes = (<usize>width) << 2;
  for (let row: i32 = 0; row < rows; row++) {
    const factor = load<f32>(factors);
    const all = f32x4.splat(factor);
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = v128.load(dy + at);
      const v = v128.load(x + at);
      sums = f32x4.add(sums, f32x4.mul(f32x4.mul(d, v128.load(scales + at)), v));
      v128.store(dScales + at, f32x4.add(v128.load(dScales + at), f32x4.mul(d, f32x4.mul(v, all))));
    }
    const back = f32x4.splat(total(sums) * factor * factor * factor / <f32>width);
    for (let at: usize = 0; at < bytes; at += 16) {
      const straight = f32x4.mul(f32x4.mul(v128.load(dy + at), v128.load(scales + at)), all);
      const sum = f32x4.sub(straight, f32x4.mul(v128.load(x + at), back));
      v128.store(dx + at, f32x4.add(v128.load(dx + at), sum));
    }
    x += bytes;
    dy += bytes;
    dx += bytes;
    factors += 4;
  }
}

/**
 * Turns heads' vectors by their positions, or back: number i together with number i + pairs.
 *
 * @param length positions of a sequence: row r stands at r mod length
 * @param pairs a multiple of four
 * @param sign 1, or -1 for back
 */
export function rotate(
  rows: i32, heads: i32, pairs: i32, length: i32, vectors: usize, cosines: usize, sines: usize, sign: f32,
): void {
  const half = (<usize>pairs) << 2;
  const direction = f32x4.splat(sign);
  for (let row: i32 = 0; row < rows; row++) {
    const turn = <usize>(row % length) * half;
    for (let head: i32 = 0; head < heads; head++) {
      for (let at: usize = 0; at < half; at += 16) {
        const c = v128.load(cosines + turn + at);
        const s = f32x4.mul(direction, v128.load(sines + turn + at));
        const a = v128.load(vectors + at);
        const b = v128.load(vectors + half + at);
        v128.store(vectors + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)));
        v128.store(vectors + half + at, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)));
      }
      vectors += 2 * half;
    }
  }
}

/**
 * Softmax of scores times a scale, in place, of rows that see one more number each: row i sees `first + i + 1`; numbers
 * behind are 0.
 *
 * @param row bytes from row to row
 * @param seen numbers of a row that are written; a multiple of four
 */
export function softmaxForward(rows: i32, first: i32, seen: i32, scores: usize, row: usize, scale: f32): void {
  for (let i: i32 = 0; i < rows; i++) {
    const own = first + i + 1;
    const end = scores + ((<usize>seen) << 2);
    for (let at = scores + ((<usize>own) << 2); at < end; at += 4) store<f32>(at, -f32.MAX_VALUE);
    let largest = f32x4.splat(-f32.MAX_VALUE);
    for (let at = scores; at < end; at += 16) largest = f32x4.max(largest, v128.load(at));
    const most = max(
      max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
      max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
    );
    const shift = f32x4.splat(most);
    const factor = f32x4.splat(scale);
    let sums = f32x4.splat(0);
    for (let at = scores; at < end; at += 16) {
      v128.store(at, exponential(f32x4.mul(f32x4.sub(v128.load(at), shift), factor)));
    }
    for (let at = scores + ((<usize>own) << 2); at < end; at += 4) store<f32>(at, 0);
    for (let at = scores; at < end; at += 16) sums = f32x4.add(sums, v128.load(at));
    const whole = f32x4.splat(1 / total(sums));
    for (let at = scores; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), whole));
    scores += row;
  }
}

/** Gradients of the scores, in place of those of their softmax. */
export function softmaxBackward(rows: i32, seen: i32, shares: usize, gradients: usize, row: usize, scale: f32): void {
  const bytes = (<usize>seen) << 2;
  for (let i: i32 = 0; i < rows; i++) {
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(shares + at), v128.load(gradients + at)));
    }
    const mean = f32x4.splat(total(sums));
    const factor = f32x4.splat(scale);
    for (let at: usize = 0; at < bytes; at += 16) {
      const d = f32x4.mul(v128.load(shares + at), f32x4.sub(v128.load(gradients + at), mean));
      v128.store(gradients + at, f32x4.mul(d, factor));
    }
    shares += row;
    gradients += row;
  }
}

/** y = silu(gate) * up. */
export function swigluForward(count: i32, gate: usize, up: usize, y: usize): void {
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const g = v128.load(gate + at);
    const silu = f32x4.div(g, f32x4.add(one, exponential(f32x4.neg(g))));
    v128.store(y + at, f32x4.mul(silu, v128.load(up + at)));
  }
}

/** Gradients of gate and up, in place of these, from those of silu(gate) * up. */
export function swigluBackward(count: i32, gate: usize, up: usize, dy: usize): void {
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < (<usize>count) << 2; at += 16) {
    const g = v128.load(gate + at);
    const u = v128.load(up + at);
    const d = v128.load(dy + at);
    const sigmoid = f32x4.div(one, f32x4.add(one, exponential(f32x4.neg(g))));
    const slope = f32x4.mul(sigmoid, f32x4.add(one, f32x4.mul(g, f32x4.sub(one, sigmoid))));
    v128.store(gate + at, f32x4.mul(f32x4.mul(d, u), slope));
    v128.store(up + at, f32x4.mul(d, f32x4.mul(g, sigmoid)));
  }
}
