import type { ClassLabels } from "../datasets/inputs.js";

/**
 * Softmax of the logits that a walk holds, in float32. exp(x) is 2^(x log2 e), the power of two of a polynomial of
 * degree five; its error relative to itself is below 3e-7 + 1e-7 |x|, which is below 4e-7 of the largest term. Adding
 * up K classes may round as often, by 6e-8 of the sum each. So probabilities are within 1e-6 + 6e-8 K, their logarithms
 * and the cross-entropy within 2e-6 + 6e-8 K, of those of the same logits in float64 (of 24,529 walks with 255 classes
 * the worst probability was off by 1.33e-6); logits of float32 are no nearer to those of the network. Walks behind one
 * lesioned layer do without logits where they can: softmax-walk.ts.
 */
export interface Softmax {
  /** Sum over the inputs of -ln p(class of the input). */
  crossEntropy(): number;
  /** For every input its largest logit, and ln of the sum over the classes of exp(logit - largest). */
  logSums(): { readonly largest: Float32Array; readonly logs: Float32Array };
  /** exp(logit - largest), class-major as the logits are, and the sums of it over the classes. */
  exponentials(): { readonly terms: Float32Array; readonly sums: Float32Array };
}

/** What softmax.as.ts exports, in the kernels that have it. */
export interface SoftmaxKernel {
  softmax(logits: number, stride: number, classes: number, exponentials: number, largest: number, sums: number): void;
  logarithms(numbers: number, count: number): void;
  margins(...numbers: readonly number[]): number;
}

/** Inputs whose sums of exponentials are multiplied before a logarithm is taken of them. */
const together = 64;

/** The softmax of a walk in WebAssembly. */
export function kernelSoftmax(
  kernel: SoftmaxKernel,
  memory: ArrayBuffer,
  { inputs, stride, classes }: { readonly inputs: number; readonly stride: number; readonly classes: number },
  at: { readonly logits: number; readonly labels: number; readonly softmax: number },
): Softmax {
  const largest = at.softmax;
  const sums = largest + 4 * stride;
  const products = sums + 4 * stride;
  const exponentials = products + 16 * Math.ceil(stride / together / 2);
  const floats = (start: number, length: number) => new Float32Array(memory, start, length);
  const numbers = {
    largest: floats(largest, stride),
    sums: floats(sums, stride),
    terms: floats(exponentials, classes * stride),
    products: new Float64Array(memory, products, Math.ceil(inputs / together)),
  };
  return {
    crossEntropy() {
      kernel.softmax(at.logits, stride, classes, 0, largest, sums);
      return withLogarithms(
        kernel.margins(at.logits, stride, at.labels, inputs, largest, sums, products),
        numbers.products,
      );
    },
    logSums() {
      kernel.softmax(at.logits, stride, classes, 0, largest, sums);
      kernel.logarithms(sums, stride);
      return { largest: numbers.largest, logs: numbers.sums };
    },
    exponentials() {
      kernel.softmax(at.logits, stride, classes, exponentials, largest, sums);
      return { terms: numbers.terms, sums: numbers.sums };
    },
  };
}

/** Bytes that {@link kernelSoftmax} takes. */
export function softmaxBytes(stride: number, classes: number): number {
  return 8 * stride + 16 * Math.ceil(stride / together / 2) + 4 * classes * stride;
}

/** {@link Softmax} in TypeScript, the same bits. */
export function plainSoftmax(
  logits: Float32Array,
  stride: number,
  inputs: number,
  classes: number,
  labels: ClassLabels | undefined,
): Softmax {
  const { fround } = Math;
  const largest = new Float32Array(stride);
  const sums = new Float32Array(stride);
  const terms = new Float32Array(classes * stride);
  function compute(): void {
    for (let b = 0; b < inputs; b++) {
      let most = logits[b];
      for (let k = 1; k < classes; k++) if (logits[k * stride + b] > most) most = logits[k * stride + b];
      largest[b] = most;
      let sum = 0;
      for (let k = 0; k < classes; k++) {
        const term = exponential(fround(logits[k * stride + b] - most));
        terms[k * stride + b] = term;
        sum = fround(sum + term);
      }
      sums[b] = sum;
    }
  }
  return {
    crossEntropy() {
      compute();
      const products = new Float64Array(Math.ceil(inputs / together));
      const lanes = new Float64Array(4);
      for (let from = 0; from < inputs; from += together) {
        const to = Math.min(inputs, from + together);
        const whole = to - ((to - from) % 4);
        const four = new Float64Array(4).fill(1);
        for (let b = from; b < to; b++) {
          const lane = b < whole ? (b - from) % 4 : 0;
          lanes[lane] += largest[b] - logits[(labels as ClassLabels)[b] * stride + b];
          four[lane] *= sums[b];
        }
        products[from / together] = four[0] * four[1] * (four[2] * four[3]);
      }
      return withLogarithms(lanes[0] + lanes[1] + (lanes[2] + lanes[3]), products);
    },
    logSums() {
      compute();
      return { largest, logs: sums.map(logarithm) };
    },
    exponentials() {
      compute();
      return { terms, sums };
    },
  };
}

function withLogarithms(margins: number, products: Float64Array): number {
  let sum = margins;
  for (const product of products) sum += Math.log(product);
  return sum;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);
/** 1.5 * 2^23: added to a number it leaves the nearest integer in the lowest bits. */
const magic = 12_582_912;
const ofPower = [
  0.0013264698209241033, 0.009671512991189957, 0.05550733953714371, 0.24022242426872253, 0.6931470036506653, 1,
].map(Math.fround);
const ofLogarithm = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(Math.fround);
const [log2e, lowLn2] = [1.4426950216293335, -2.1219444e-4].map(Math.fround);

/** exp(x) for x not above 0. */
function exponential(x: number): number {
  const { fround } = Math;
  const y = Math.max(fround(x * log2e), -126);
  const n = fround(fround(y + magic) - magic);
  const f = fround(y - n);
  let p = ofPower[0];
  for (let i = 1; i < ofPower.length; i++) p = fround(fround(p * f) + ofPower[i]);
  float[0] = p;
  bits[0] += n << 23;
  return float[0];
}

/** ln x for x not below 1. */
export function logarithm(x: number): number {
  const { fround } = Math;
  float[0] = x;
  let e = (bits[0] >>> 23) - 127;
  bits[0] = (bits[0] & 0x007fffff) | 0x3f800000;
  let m = float[0];
  if (m > 1.4142135381698608) {
    m = fround(m * 0.5);
    e++;
  }
  const f = fround(m - 1);
  const z = fround(f * f);
  let p = ofLogarithm[0];
  for (let i = 1; i < ofLogarithm.length; i++) p = fround(fround(p * f) + ofLogarithm[i]);
  p = fround(fround(p * f) * z);
  p = fround(p + fround(e * lowLn2));
  p = fround(p - fround(z * 0.5));
  return fround(fround(f + p) + fround(e * 0.693359375));
}
