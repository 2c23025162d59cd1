// AssemblyScript, compiled at build time to dist/decoders/training/kernels.wasm: what a decoder's training computes over and over, in float32. The
// host (kernels.ts) lays out the memory; all pointers and strides are in bytes. Widths of rows are multiples of four.

/** Of a product, numbers that are added up before the next ones, and columns: packed they stay in the second cache. */
const depth: i32 = 256;
const breadth: i32 = 512;

/**
 * c[i, j] = sum over l of a[i, l] * b[l, j], or that much more. Each sum goes through l in ascending order, 256 at a time.
 *
 * @param aStep from l to l + 1 in a; one of aRow and aStep is 4
 * @param bColumn from j to j + 1 in b; one of bRow and bColumn is 4
 * @param more 1 where it is added to what c holds
 * @param room for 132,128 numbers
 */
export function multiply(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, bColumn: usize, c: usize, cRow: usize,
  more: i32, room: usize,
): void {
  const rows = room + ((<usize>(depth * breadth)) << 2);
  const edge = rows + ((<usize>(4 * depth)) << 2);
  for (let from: i32 = 0; from < n; from += breadth) {
    const columns = min(breadth, n - from);
    for (let start: i32 = 0; start < k; start += depth) {
      const length = min(depth, k - start);
      packColumns(b + <usize>start * bRow + <usize>from * bColumn, bRow, bColumn, length, columns, room);
      const fresh = start == 0 && more == 0;
      for (let i: i32 = 0; i < m; i += 4) {
        const count = min(4, m - i);
        packRows(a + <usize>i * aRow + <usize>start * aStep, aRow, aStep, count, length, rows);
        let panel = room;
        let to = c + <usize>i * cRow + ((<usize>from) << 2);
        for (let j: i32 = 0; j < columns; j += 8) {
          if (count == 4 && columns - j >= 8) {
            tile(length, rows, panel, to, cRow, fresh);
          } else {
            tile(length, rows, panel, edge, 32, true);
            const width = min(8, columns - j);
            for (let r: i32 = 0; r < count; r++) {
              for (let s: i32 = 0; s < width; s++) {
                const at = to + <usize>r * cRow + ((<usize>s) << 2);
                const value = load<f32>(edge + ((<usize>(8 * r + s)) << 2));
                store<f32>(at, fresh ? value : load<f32>(at) + value);
              }
            }
          }
          panel += (<usize>length) << 5;
          to += 32;
        }
      }
    }
  }
}

/** Four rows of eight columns: one packed tile of a by one packed panel of b. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function tile(k: i32, a: usize, b: usize, c: usize, cRow: usize, fresh: bool): void {
  let s0 = f32x4.splat(0);
  let t0 = s0;
  let s1 = s0;
  let t1 = s0;
  let s2 = s0;
  let t2 = s0;
  let s3 = s0;
  let t3 = s0;
  const end = a + ((<usize>k) << 4);
  while (a < end) {
    const u = v128.load(b);
    const v = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x0, u));
    t0 = f32x4.add(t0, f32x4.mul(x0, v));
    const x1 = v128.load32_splat(a, 4);
    s1 = f32x4.add(s1, f32x4.mul(x1, u));
    t1 = f32x4.add(t1, f32x4.mul(x1, v));
    const x2 = v128.load32_splat(a, 8);
    s2 = f32x4.add(s2, f32x4.mul(x2, u));
    t2 = f32x4.add(t2, f32x4.mul(x2, v));
    const x3 = v128.load32_splat(a, 12);
    s3 = f32x4.add(s3, f32x4.mul(x3, u));
    t3 = f32x4.add(t3, f32x4.mul(x3, v));
    a += 16;
    b += 32;
  }
  put(c, s0, t0, fresh);
  put(c + cRow, s1, t1, fresh);
  put(c + 2 * cRow, s2, t2, fresh);
  put(c + 3 * cRow, s3, t3, fresh);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function put(at: usize, s: v128, t: v128, fresh: bool): void {
  v128.store(at, fresh ? s : f32x4.add(v128.load(at), s));
  v128.store(at, fresh ? t : f32x4.add(v128.load(at, 16), t), 16);
}

/** Panels of eight columns, `[k, 8]` each, filled up with zeros. */
function packColumns(b: usize, bRow: usize, bColumn: usize, k: i32, n: i32, to: usize): void {
  for (let j: i32 = 0; j < n; j += 8) {
    const width = min(8, n - j);
    const from = b + <usize>j * bColumn;
    if (width == 8 && bColumn == 4) {
      let at = from;
      for (let l: i32 = 0; l < k; l++) {
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        at += bRow;
        to += 32;
      }
    } else if (width == 8) {
      transposeFour(from, bColumn, k, to, 32);
      transposeFour(from + 4 * bColumn, bColumn, k, to + 16, 32);
      to += (<usize>k) << 5;
    } else {
      for (let l: i32 = 0; l < k; l++) {
        for (let s: i32 = 0; s < 8; s++) {
          const value = s < width ? load<f32>(from + <usize>l * bRow + <usize>s * bColumn) : 0;
          store<f32>(to + ((<usize>s) << 2), value);
        }
        to += 32;
      }
    }
  }
}

/** A tile of four rows, `[k, 4]`, filled up with zeros. */
function packRows(a: usize, aRow: usize, aStep: usize, count: i32, k: i32, to: usize): void {
  if (count == 4 && aStep == 4) {
    transposeFour(a, aRow, k, to, 16);
    return;
  }
  for (let l: i32 = 0; l < k; l++) {
    if (count == 4 && aRow == 4) v128.store(to, v128.load(a));
    else for (let r: i32 = 0; r < 4; r++) store<f32>(to + ((<usize>r) << 2), r < count ? load<f32>(a + <usize>r * aRow) : 0);
    a += aStep;
    to += 16;
  }
}

/** The numbers of four rows side by side: of each place four, `step` bytes from one place to the next. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function transposeFour(from: usize, row: usize, count: i32, to: usize, step: usize): void {
  let l: i32 = 0;
  for (; l + 4 <= count; l += 4) {
    const a = v128.load(from);
    const b = v128.load(from + row);
    const c = v128.load(from + 2 * row);
    const d = v128.load(from + 3 * row);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(to + step, v128.shuffle<i64>(ab, cd, 1, 3));
    v128.store(to + 2 * step, v128.shuffle<i64>(ef, gh, 0, 2));
    v128.store(to + 3 * step, v128.shuffle<i64>(ef, gh, 1, 3));
    from += 16;
    to += 4 * step;
  }
  for (; l < count; l++) {
    for (let r: usize = 0; r < 4; r++) store<f32>(to + (r << 2), load<f32>(from + r * row));
    from += 4;
    to += step;
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

/** e^x to some 2e-7 of it: powers of 2 and a polynomial of degree 5 (Cephes, expf). Of less than -87 it is 1e-38. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function exponential(given: v128): v128 {
  const x = f32x4.max(f32x4.min(given, f32x4.splat(88)), f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  return f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}

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
 * Softmax of scores times a scale, in place, of rows that see one more number each: row i sees `first + i + 1`; numbers behind are 0.
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

/** Of rows that were scattered with gates: gradients of the rows, which are gates[i] dy[index[i]], in their place, and of the gates. */
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
 * Of every row the surprise, minus the logarithm of the target's probability, and the gradient of weight times surprise, in place of the logits.
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
