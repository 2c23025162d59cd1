// AssemblyScript, compiled at build time to dist/estimators/regression/triple-sums.wasm. The host (screen-triples.ts)
// lays out the memory; all pointers are byte offsets into it. Two outputs lie beside each other. Additions are those of
// the host's own loops, in their order.

/** Signs of nine units. */
const signs: usize = 512;

/**
 * For each group c of three units from `firstGroup` on, and the groups a < b whose signs in each pair are in `places`:
 * the products of one unit of each with the residuals, summed over the pairs that are not in a fold, and what the
 * squares of these add to the scores.
 *
 * @param places signs of the six units of a and b in each pair, the pairs of a fold together, `[pairs]` of 16 bits
 * @param codes signs of the three units of each group in each pair, `[groups, pairs]` of 8 bits
 * @param series residuals, `[outputs / 2, pairs, 2]`
 * @param starts where the pairs of each fold begin, `[folds + 1]` of 32 bits
 * @param scores `[folds, triples]`
 * @param work room for `pairs` numbers of 16 bits, rounded up to whole vectors, and 512 + 192 + 24 + 27 * folds vectors
 */
export function screen(
  units: i32, pairs: i32, a: i32, b: i32, firstGroup: i32, groups: i32, places: usize, codes: usize,
  series: usize, pairsOfOutputs: i32, folds: i32, starts: usize, scores: usize, triples: usize, work: usize,
): void {
  const sums = work + ((((<usize>pairs) << 1) + 15) & ~15);
  const last = sums + (signs << 4);
  const lastTwo = last + (192 << 4);
  const products = lastTwo + (72 << 4);
  const zero = f64x2.splat(0);
  for (let c = firstGroup; c < groups; c++) {
    const own = codes + <usize>c * <usize>pairs;
    for (let s: usize = 0; s < <usize>pairs; s++) {
      // As byte offsets of sums.
      store<u16>(work + (s << 1), ((<u32>load<u16>(places + (s << 1)) << 3) | <u32>load<u8>(own + s)) << 4);
    }
    for (let o: i32 = 0; o < pairsOfOutputs; o++) {
      const numbers = series + ((<usize>o * <usize>pairs) << 4);
      for (let fold: i32 = 0; fold < folds; fold++) {
        for (let at: usize = 0; at < signs << 4; at += 64) {
          v128.store(sums + at, zero);
          v128.store(sums + at, zero, 16);
          v128.store(sums + at, zero, 32);
          v128.store(sums + at, zero, 48);
        }
        const end = <usize>load<u32>(starts + ((<usize>fold + 1) << 2));
        for (let s = <usize>load<u32>(starts + ((<usize>fold) << 2)); s < end; s++) {
          const place = sums + <usize>load<u16>(work + (s << 1));
          v128.store(place, f64x2.add(v128.load(place), v128.load(numbers + (s << 4))));
        }
        const to = products + ((<usize>fold * 27) << 4);
        for (let row: usize = 0; row < 64; row++) signed(sums + (row << 7), 16, last + row * 48, 16);
        for (let first: usize = 0; first < 8; first++) {
          for (let third: usize = 0; third < 3; third++) {
            signed(last + ((first * 24 + third) << 4), 48, lastTwo + ((first * 9 + third) << 4), 48);
          }
        }
        for (let column: usize = 0; column < 9; column++) signed(lastTwo + (column << 4), 144, to + (column << 4), 144);
      }
      for (let i: i32 = 0; i < 3; i++) {
        for (let j: i32 = 0; j < 3; j++) {
          for (let k: i32 = 0; k < 3 && c * 3 + k < units; k++) {
            const product = products + ((<usize>((i * 3 + j) * 3 + k)) << 4);
            const index = indexOf(<usize>(a * 3 + i), <usize>(b * 3 + j), <usize>(c * 3 + k));
            addSquares(product, 27 << 4, folds, scores + (index << 3), triples);
          }
        }
      }
    }
  }
}

/**
 * The same for triples with units of one or two groups.
 *
 * @param places signs of the units in each pair, `size` different ones
 * @param list place of each triple in the Walsh transform of the sums by signs, and among the scores: `[count, 2]` of
 *   32 bits
 * @param work room for (1 + folds) * size vectors
 */
export function screenWithin(
  size: i32, pairs: i32, places: usize, list: usize, count: i32,
  series: usize, pairsOfOutputs: i32, folds: i32, starts: usize, scores: usize, triples: usize, work: usize,
): void {
  const bytes = (<usize>size) << 4;
  const zero = f64x2.splat(0);
  for (let o: i32 = 0; o < pairsOfOutputs; o++) {
    const numbers = series + ((<usize>o * <usize>pairs) << 4);
    for (let fold: i32 = 0; fold < folds; fold++) {
      const sums = work + <usize>fold * bytes;
      for (let at: usize = 0; at < bytes; at += 16) v128.store(sums + at, zero);
      const end = <usize>load<u32>(starts + ((<usize>fold + 1) << 2));
      for (let s = <usize>load<u32>(starts + ((<usize>fold) << 2)); s < end; s++) {
        const place = sums + ((<usize>load<u16>(places + (s << 1))) << 4);
        v128.store(place, f64x2.add(v128.load(place), v128.load(numbers + (s << 4))));
      }
      for (let half: usize = 16; half < bytes; half <<= 1) {
        for (let from: usize = 0; from < bytes; from += half << 1) {
          for (let at = sums + from; at < sums + from + half; at += 16) {
            const plus = v128.load(at);
            const minus = v128.load(at + half);
            v128.store(at, f64x2.add(plus, minus));
            v128.store(at + half, f64x2.sub(plus, minus));
          }
        }
      }
    }
    for (let t: i32 = 0; t < count; t++) {
      const product = work + (<usize>load<u32>(list + ((<usize>t) << 3)) << 4);
      addSquares(product, bytes, folds, scores + ((<usize>load<u32>(list + ((<usize>t) << 3), 4)) << 3), triples);
    }
  }
}

/** Adds to the score of a triple in each fold the square of its product in all others. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function addSquares(product: usize, step: usize, folds: i32, score: usize, triples: usize): void {
  let all = f64x2.splat(0);
  for (let fold: usize = 0; fold < <usize>folds; fold++) all = f64x2.add(all, v128.load(product + fold * step));
  for (let fold: usize = 0; fold < <usize>folds; fold++) {
    const others = f64x2.sub(all, v128.load(product + fold * step));
    const squares = f64x2.mul(others, others);
    const to = score + ((fold * triples) << 3);
    store<f64>(to, load<f64>(to) + f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
  }
}

/** Place of the triple i < j < k in ascending order of k, j, i. */
function indexOf(i: usize, j: usize, k: usize): usize {
  return (k * (k - 1) * (k - 2)) / 6 + (j * (j - 1)) / 2 + i;
}

/** Of eight sums by three signs, the three with one of the signs each. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function signed(from: usize, step: usize, to: usize, toStep: usize): void {
  const v0 = v128.load(from);
  const v1 = v128.load(from + step);
  const v2 = v128.load(from + 2 * step);
  const v3 = v128.load(from + 3 * step);
  const v4 = v128.load(from + 4 * step);
  const v5 = v128.load(from + 5 * step);
  const v6 = v128.load(from + 6 * step);
  const v7 = v128.load(from + 7 * step);
  const s0 = f64x2.add(v0, v1);
  const s1 = f64x2.add(v2, v3);
  const s2 = f64x2.add(v4, v5);
  const s3 = f64x2.add(v6, v7);
  const d0 = f64x2.sub(v0, v1);
  const d1 = f64x2.sub(v2, v3);
  const d2 = f64x2.sub(v4, v5);
  const d3 = f64x2.sub(v6, v7);
  v128.store(to, f64x2.sub(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  v128.store(to + toStep, f64x2.add(f64x2.sub(s0, s1), f64x2.sub(s2, s3)));
  v128.store(to + 2 * toStep, f64x2.add(f64x2.add(d0, d1), f64x2.add(d2, d3)));
}
