import type { Products } from "./products.js";
import type { FeedForward, Linear } from "./weights.js";

/** x / sqrt(mean of x^2 + epsilon), times a scale: of each row of as many numbers as there are scales, `[rows, scales]`; `at` the first. */
export function rmsNorm(x: Float32Array, scales: Float32Array, epsilon: number): Float32Array {
  const width = scales.length;
  const normed = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += x[at + i] * x[at + i];
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) normed[at + i] = scales[i] * Math.fround(x[at + i] * factor);
  }
  return normed;
}

/** What a product with weights makes of some rows, `[m, outputs]`. */
export function applyLinear(products: Products, x: Float32Array, m: number, { weights, bias }: Linear): Float32Array {
  const y = products.multiply(x, m, weights);
  if (bias) {
    const width = bias.length;
    for (let at = 0; at < y.length; at += width) for (let j = 0; j < width; j++) y[at + j] += bias[j];
  }
  return y;
}

/** What an expert, or a dense layer, makes of some rows, `[m, width]`. */
export function applyFeedForward(products: Products, x: Float32Array, m: number, parts: FeedForward): Float32Array {
  const gate = applyLinear(products, x, m, parts.gate);
  const up = applyLinear(products, x, m, parts.up);
  for (let i = 0; i < gate.length; i++) gate[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
  return applyLinear(products, gate, m, parts.down);
}
