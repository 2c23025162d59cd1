// AssemblyScript, compiled at build time to dist/networks/dcgan/doubling.wasm. The host (passes.ts) lays out the
// memory; all pointers are byte offsets into it.
//
// `lanes` images are computed side by side, a multiple of 4; the number of an image is the last index of every array:
//   input   [channels][width + 2][width + 2][lanes], a frame of zeros around each
//   sums [outputs][4 phases][width][width][lanes]: phase 2a + b holds the pixels (2i + a, 2j + b) of a layer's outputs
//   filter  [channels][outputs][4][4], PyTorch's
// A pixel of a phase sees 2 x 2 of the inputs: (2i + a, 2j + b) those at i + a + t, j + b + u of the framed input,
// through the taps 3 - a - 2t, 3 - b - 2u of the filter.

export { differences, fewer } from "./folding.as";

/**
 * Sums of some outputs of a transposed convolution (kernel 4, stride 2, padding 1) over some of its channels.
 *
 * @param ins, outs lists of 32-bit numbers of channels and outputs
 * @param outputs how many the filter has
 * @param fresh 1 to start from 0, 0 to add to the sums that are there
 */
export function double(
  ins: usize, inCount: i32, outs: usize, outCount: i32, input: usize, filter: usize, sums: usize,
  outputs: i32, width: i32, lanes: i32, fresh: i32,
): void {
  const pixel = (<usize>lanes) << 2;
  const inRow = pixel * <usize>(width + 2);
  const inPlane = inRow * <usize>(width + 2);
  const outRow = pixel * <usize>width;
  const phase = outRow * <usize>width;
  for (let oo: i32 = 0; oo < outCount; oo += 2) {
    const o = <usize>load<u32>(outs + ((<usize>oo) << 2));
    // the last of an odd number is computed twice
    const other = <usize>load<u32>(outs + ((<usize>min(oo + 1, outCount - 1)) << 2));
    const ofOutput = filter + (o << 6);
    const apart = (other - o) << 6; // may wrap around, and back again when it is added
    for (let i: i32 = 0; i < width; i++) {
      const to = sums + o * (phase << 2) + outRow * <usize>i;
      const toOther = sums + other * (phase << 2) + outRow * <usize>i;
      const from = input + inRow * <usize>i;
      for (let x: usize = 0; x < outRow; x += 16) {
        let s0 = f32x4.splat(0);
        let s1 = s0;
        let s2 = s0;
        let s3 = s0;
        let t0 = s0;
        let t1 = s0;
        let t2 = s0;
        let t3 = s0;
        if (!fresh) {
          s0 = v128.load(to + x);
          s1 = v128.load(to + x + phase);
          s2 = v128.load(to + x + (phase << 1));
          s3 = v128.load(to + x + 3 * phase);
          t0 = v128.load(toOther + x);
          t1 = v128.load(toOther + x + phase);
          t2 = v128.load(toOther + x + (phase << 1));
          t3 = v128.load(toOther + x + 3 * phase);
        }
        for (let ii: i32 = 0; ii < inCount; ii++) {
          const channel = <usize>load<u32>(ins + ((<usize>ii) << 2));
          const w = ofOutput + ((channel * <usize>outputs) << 6);
          const v = w + apart;
          let p = from + x + channel * inPlane;
          // One row of the inputs after the other, so that all fits in 16 registers; tap (ky, kx) lies at byte 16 ky +
          // 4 kx.
          let left = v128.load(p);
          let middle = v128.load(p + pixel);
          let right = v128.load(p + (pixel << 1));
          s0 = tap(w, 60, left, s0);
          t0 = tap(v, 60, left, t0);
          s1 = tap(w, 56, middle, s1);
          t1 = tap(v, 56, middle, t1);
          s0 = tap(w, 52, middle, s0);
          t0 = tap(v, 52, middle, t0);
          s1 = tap(w, 48, right, s1);
          t1 = tap(v, 48, right, t1);
          p += inRow;
          left = v128.load(p);
          middle = v128.load(p + pixel);
          right = v128.load(p + (pixel << 1));
          s2 = tap(w, 44, left, s2);
          t2 = tap(v, 44, left, t2);
          s3 = tap(w, 40, middle, s3);
          t3 = tap(v, 40, middle, t3);
          s0 = tap(w, 28, left, s0);
          t0 = tap(v, 28, left, t0);
          s1 = tap(w, 24, middle, s1);
          t1 = tap(v, 24, middle, t1);
          s2 = tap(w, 36, middle, s2);
          t2 = tap(v, 36, middle, t2);
          s3 = tap(w, 32, right, s3);
          t3 = tap(v, 32, right, t3);
          s0 = tap(w, 20, middle, s0);
          t0 = tap(v, 20, middle, t0);
          s1 = tap(w, 16, right, s1);
          t1 = tap(v, 16, right, t1);
          p += inRow;
          left = v128.load(p);
          middle = v128.load(p + pixel);
          right = v128.load(p + (pixel << 1));
          s2 = tap(w, 12, left, s2);
          t2 = tap(v, 12, left, t2);
          s3 = tap(w, 8, middle, s3);
          t3 = tap(v, 8, middle, t3);
          s2 = tap(w, 4, middle, s2);
          t2 = tap(v, 4, middle, t2);
          s3 = tap(w, 0, right, s3);
          t3 = tap(v, 0, right, t3);
        }
        v128.store(to + x, s0);
        v128.store(to + x + phase, s1);
        v128.store(to + x + (phase << 1), s2);
        v128.store(to + x + 3 * phase, s3);
        v128.store(toOther + x, t0);
        v128.store(toOther + x + phase, t1);
        v128.store(toOther + x + (phase << 1), t2);
        v128.store(toOther + x + 3 * phase, t3);
      }
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function tap(filter: usize, at: usize, input: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.mul(v128.load32_splat(filter + at), input));
}

/** The next layer's framed input from sums: `max(0, slope x + shift)`, the phases put in their places. */
export function activate(
  outs: usize, outCount: i32, sums: usize, slopes: usize, shifts: usize, next: usize, width: i32, lanes: i32,
): void {
  const pixel = (<usize>lanes) << 2;
  const outRow = pixel * <usize>width;
  const nextRow = pixel * <usize>(2 * width + 2);
  const nextPlane = nextRow * <usize>(2 * width + 2);
  const zero = f32x4.splat(0);
  for (let oo: i32 = 0; oo < outCount; oo++) {
    const o = <usize>load<u32>(outs + ((<usize>oo) << 2));
    const slope = v128.load32_splat(slopes + (o << 2));
    const shift = v128.load32_splat(shifts + (o << 2));
    let from = sums + o * ((outRow * <usize>width) << 2);
    for (let ab: i32 = 0; ab < 4; ab++) {
      const a = ab >> 1;
      const b = ab & 1;
      for (let i: i32 = 0; i < width; i++) {
        let to = next + o * nextPlane + nextRow * <usize>(2 * i + a + 1) + pixel * <usize>(b + 1);
        for (let j: i32 = 0; j < width; j++) {
          for (let x: usize = 0; x < pixel; x += 16) {
            const value = f32x4.add(f32x4.mul(v128.load(from + x), slope), shift);
            v128.store(to + x, f32x4.pmax(zero, value));
          }
          from += pixel;
          to += pixel << 1;
        }
      }
    }
  }
}

/**
 * The images `[count][outputs][2 width][2 width]` of the last layer's sums: their sigmoid, of the listed outputs alone.
 *
 * @param count images that are wanted, at most `lanes`
 */
export function paint(
  outs: usize, outCount: i32, sums: usize, images: usize, outputs: i32, width: i32, lanes: i32, count: i32,
): void {
  const pixel = (<usize>lanes) << 2;
  const side = <usize>(2 * width);
  const plane = (side * side) << 2;
  const image = plane * <usize>outputs;
  for (let oo: i32 = 0; oo < outCount; oo++) {
    const o = <usize>load<u32>(outs + ((<usize>oo) << 2));
    let from = sums + o * (plane * <usize>lanes);
    for (let ab: i32 = 0; ab < 4; ab++) {
      for (let i: i32 = 0; i < width; i++) {
        let to = images + o * plane + ((<usize>(2 * i + (ab >> 1)) * side + <usize>(ab & 1)) << 2);
        for (let j: i32 = 0; j < width; j++) {
          for (let n: i32 = 0; n < count; n += 4) {
            const value = sigmoid(v128.load(from + ((<usize>n) << 2)));
            const at = to + image * <usize>n;
            const left = count - n;
            store<f32>(at, f32x4.extract_lane(value, 0));
            if (left > 1) store<f32>(at + image, f32x4.extract_lane(value, 1));
            if (left > 2) store<f32>(at + (image << 1), f32x4.extract_lane(value, 2));
            if (left > 3) store<f32>(at + 3 * image, f32x4.extract_lane(value, 3));
          }
          from += pixel;
          to += 8;
        }
      }
    }
  }
}

/**
 * 1 / (1 + exp(-x)), within 2e-7 of it; NaN stays NaN. exp(y) = 2^n exp(r): n is y / ln 2 rounded, r the rest, whose
 * exponential is a polynomial (Cephes' expf). Adding 1.5 x 2^23 rounds to a whole number, which the last bits of the
 * sum then hold: 2^n is put together from them.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
function sigmoid(x: v128): v128 {
  const y = f32x4.pmax(f32x4.pmin(f32x4.neg(x), f32x4.splat(87)), f32x4.splat(-87));
  const shifted = f32x4.add(f32x4.mul(y, f32x4.splat(1.44269504088896341)), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  const high = f32x4.sub(y, f32x4.mul(n, f32x4.splat(0.693359375)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const one = f32x4.splat(1);
  const ofRest = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), one);
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(127 << 23));
  return f32x4.div(one, f32x4.add(one, f32x4.mul(ofRest, power)));
}
