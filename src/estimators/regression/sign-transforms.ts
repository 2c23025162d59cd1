import { codes, together } from "./triple-places.js";

/** All products of some signs, of sums by their values. */
export function walsh(sums: Float64Array, products: Float64Array): void {
  const size = sums.length;
  products.set(sums);
  for (let half = 1; half < size; half *= 2) {
    for (let from = 0; from < size; from += 2 * half) {
      for (let at = from; at < from + half; at++) {
        const [plus, minus] = [products[at], products[at + half]];
        products[at] = plus + minus;
        products[at + half] = plus - minus;
      }
    }
  }
}

const ofLast = new Float64Array(codes * codes * together);
const ofLastTwo = new Float64Array(codes * together * together);

/**
 * Products of one of the first three signs, one of the next three and one of the last three: `[3, 3, 3]`, of sums by
 * all nine.
 */
export function singlesOfThree(sums: Float64Array, products: Float64Array): void {
  for (let row = 0; row < codes * codes; row++) signed(sums, row * codes, 1, ofLast, row * together, 1);
  for (let a = 0; a < codes; a++) {
    for (let c = 0; c < together; c++) {
      signed(ofLast, a * codes * together + c, together, ofLastTwo, a * 9 + c, together);
    }
  }
  for (let column = 0; column < 9; column++) signed(ofLastTwo, column, 9, products, column, 9);
}

/** Of eight sums by three signs, the three with one of the signs each. */
function signed(from: Float64Array, at: number, step: number, to: Float64Array, toAt: number, toStep: number): void {
  const v0 = from[at];
  const v1 = from[at + step];
  const v2 = from[at + 2 * step];
  const v3 = from[at + 3 * step];
  const v4 = from[at + 4 * step];
  const v5 = from[at + 5 * step];
  const v6 = from[at + 6 * step];
  const v7 = from[at + 7 * step];
  const s0 = v0 + v1;
  const s1 = v2 + v3;
  const s2 = v4 + v5;
  const s3 = v6 + v7;
  to[toAt] = s0 + s1 - (s2 + s3);
  to[toAt + toStep] = s0 - s1 + (s2 - s3);
  to[toAt + 2 * toStep] = v0 - v1 + (v2 - v3) + (v4 - v5 + (v6 - v7));
}
