import type { Products } from "./products.js";
import { giveBack, takeArray } from "./spare-arrays.js";
import type { FeedForward, Linear } from "./weights.js";

/**
 * x / sqrt(mean of x^2 + epsilon), times a scale: of each row of as many numbers as there are scales, `[rows, scales]`;
 * `at` the first.
 */
export function rmsNorm(x: Float32Array, scales: Float32Array, epsilon: number): Float32Array {
  const width = scales.length;
  const normed = takeArray(x.length);
  for (let at = 0; at < x.length; at += width) {
    const factor = 1 / Math.sqrt(squaresOf(x, at, width) / width + epsilon);
    for (let i = 0; i < width; i++) normed[at + i] = scales[i] * Math.fround(x[at + i] * factor);
  }
  return normed;
}

/** The sum of the squares of some numbers: four sums, which do not wait for each other. */
function squaresOf(x: Float32Array, at: number, count: number): number {
  const whole = at + count - (count % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = at;
  for (; i < whole; i += 4) {
    a += x[i] * x[i];
    b += x[i + 1] * x[i + 1];
    c += x[i + 2] * x[i + 2];
    d += x[i + 3] * x[i + 3];
  }
  for (; i < at + count; i++) a += x[i] * x[i];
  return a + b + (c + d);
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
  const { gate, up, down } = parts;
  const plain = !gate.bias && !up.bias && !down.bias;
  const made = plain ? products.feedForward?.(x, m, gate.weights, up.weights, down.weights) : undefined;
  if (made) return made;
  const hidden = applyLinear(products, x, m, gate);
  const upper = applyLinear(products, x, m, up);
  gateRows(hidden, upper, 0, 0, hidden.length);
  const terms = applyLinear(products, hidden, m, down);
  giveBack(hidden, upper);
  return terms;
}

/** silu(gate) * up, in the place of the gate: so many numbers, from a place in each array on. */
export function gateRows(gate: Float32Array, up: Float32Array, atGate: number, atUp: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const logit = gate[atGate + i];
    gate[atGate + i] = (logit / (1 + Math.exp(-logit))) * up[atUp + i];
  }
}
