// AssemblyScript, a part of doubling.as.ts, which says how arrays lie in memory: sums of a whole layer with fewer
// products.

/**
 * Framed inputs of some channels, and their differences, for `fewer`:
 * `[lanes / 4][2 width + 2][inCount][2 width + 2][4]`. Along each axis the even places 2p hold d(p) - d(p + 1), the odd
 * ones 2p + 1 hold d(p + 1).
 */
export function differences(
  ins: usize, inCount: i32, input: usize, spread: usize, width: i32, lanes: i32,
): void {
  const pixel = (<usize>lanes) << 2;
  const inRow = pixel * <usize>(width + 2);
  const inPlane = inRow * <usize>(width + 2);
  const columns = <usize>(2 * width + 2) << 4;
  const row = columns * <usize>inCount;
  const lane = row * <usize>(2 * width + 2);
  for (let ii: i32 = 0; ii < inCount; ii++) {
    const plane = input + inPlane * <usize>load<u32>(ins + ((<usize>ii) << 2));
    for (let p: i32 = 0; p <= width; p++) {
      let at = plane + inRow * <usize>p;
      let to = spread + row * <usize>(2 * p) + columns * <usize>ii;
      for (let q: i32 = 0; q <= width; q++) {
        for (let x: usize = 0; x < pixel; x += 16) {
          const upper = v128.load(at + x);
          const upperRight = v128.load(at + x + pixel);
          const lower = v128.load(at + x + inRow);
          const lowerRight = v128.load(at + x + inRow + pixel);
          const right = f32x4.sub(upperRight, lowerRight);
          const place = to + lane * (x >> 4);
          v128.store(place, f32x4.sub(f32x4.sub(upper, lower), right));
          v128.store(place, right, 16);
          v128.store(place + row, f32x4.sub(lower, lowerRight));
          v128.store(place + row, lowerRight, 16);
        }
        at += pixel;
        to += 32;
      }
    }
  }
}

/**
 * The same sums as `double`, from 0, with 9 products in the place of 16 (Winograd 1980; F(2x2, 2x2) of Lavin and Gray
 * 2016). Along one axis two neighbours of a phase are d0 g0 + d1 g1 and d1 g0 + d2 g1: with m0 = (d0 - d1) g0, m1 = d1
 * (g0 + g1) and m2 = (d1 - d2)(-g1) these are m0 + m1 and m1 + m2.
 *
 * @param spread what `differences` made of these channels
 * @param folded filters `[outputs][4 phases][3][channels][3]`: g0, g0 + g1 and -g1 along each axis
 * @param channels how many the filter has
 */
export function fewer(
  ins: usize, inCount: i32, outs: usize, outCount: i32, spread: usize, folded: usize, sums: usize,
  channels: i32, width: i32, lanes: i32,
): void {
  const pixel = (<usize>lanes) << 2;
  const columns = <usize>(2 * width + 2) << 4;
  const row = columns * <usize>inCount;
  const lane = row * <usize>(2 * width + 2);
  const filterRow = <usize>channels * 12;
  const outRow = pixel * <usize>width;
  const phase = outRow * <usize>width;
  for (let oo: i32 = 0; oo < outCount; oo++) {
    const o = <usize>load<u32>(outs + ((<usize>oo) << 2));
    for (let x: usize = 0; x < pixel; x += 16) {
      for (let p: i32 = 0; p < width; p += (p & 1) ? 3 : 1) {
        for (let q: i32 = 0; q < width; q += (q & 1) ? 3 : 1) {
          // Four blocks of 2 x 2 pixels of one phase: this one, and those next to it to the right and below.
          const ab = ((p & 1) << 1) + (q & 1);
          let to = sums + (o * 4 + ab) * phase + outRow * <usize>(p & ~1) + pixel * <usize>(q & ~1) + x;
          for (let k: i32 = 0; k < 3; k++) {
            let m0 = f32x4.splat(0);
            let m1 = m0;
            let m2 = m0;
            let m3 = m0;
            let m4 = m0;
            let m5 = m0;
            let n0 = m0;
            let n1 = m0;
            let n2 = m0;
            let n3 = m0;
            let n4 = m0;
            let n5 = m0;
            let d = spread + lane * (x >> 4) + row * <usize>(2 * p + k) + ((<usize>q) << 5);
            let below = d + (row << 2);
            const ofRow = folded + ((o * 4 + ab) * 3 + k) * filterRow;
            for (let ii: i32 = 0; ii < inCount; ii++) {
              const w = ofRow + <usize>load<u32>(ins + ((<usize>ii) << 2)) * 12;
              let g = v128.load32_splat(w);
              m0 = f32x4.add(m0, f32x4.mul(g, v128.load(d)));
              m3 = f32x4.add(m3, f32x4.mul(g, v128.load(d, 64)));
              n0 = f32x4.add(n0, f32x4.mul(g, v128.load(below)));
              n3 = f32x4.add(n3, f32x4.mul(g, v128.load(below, 64)));
              g = v128.load32_splat(w, 4);
              m1 = f32x4.add(m1, f32x4.mul(g, v128.load(d, 16)));
              m4 = f32x4.add(m4, f32x4.mul(g, v128.load(d, 80)));
              n1 = f32x4.add(n1, f32x4.mul(g, v128.load(below, 16)));
              n4 = f32x4.add(n4, f32x4.mul(g, v128.load(below, 80)));
              g = v128.load32_splat(w, 8);
              m2 = f32x4.add(m2, f32x4.mul(g, v128.load(d, 32)));
              m5 = f32x4.add(m5, f32x4.mul(g, v128.load(d, 96)));
              n2 = f32x4.add(n2, f32x4.mul(g, v128.load(below, 32)));
              n5 = f32x4.add(n5, f32x4.mul(g, v128.load(below, 96)));
              d += columns;
              below += columns;
            }
            // Products of row k are of the first row of a block's pixels (0), of both (1), of the second (2).
            if (k > 0) {
              addPair(to, pixel, m0, m1, m2);
              addPair(to + (pixel << 1), pixel, m3, m4, m5);
              addPair(to + (outRow << 1), pixel, n0, n1, n2);
              addPair(to + (outRow << 1) + (pixel << 1), pixel, n3, n4, n5);
            }
            if (k == 1) to += outRow;
            if (k < 2) {
              storePair(to, pixel, m0, m1, m2);
              storePair(to + (pixel << 1), pixel, m3, m4, m5);
              storePair(to + (outRow << 1), pixel, n0, n1, n2);
              storePair(to + (outRow << 1) + (pixel << 1), pixel, n3, n4, n5);
            }
          }
        }
      }
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function storePair(to: usize, pixel: usize, m0: v128, m1: v128, m2: v128): void {
  v128.store(to, f32x4.add(m0, m1));
  v128.store(to + pixel, f32x4.add(m1, m2));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addPair(to: usize, pixel: usize, m0: v128, m1: v128, m2: v128): void {
  v128.store(to, f32x4.add(v128.load(to), f32x4.add(m0, m1)));
  v128.store(to + pixel, f32x4.add(v128.load(to + pixel), f32x4.add(m1, m2)));
}
