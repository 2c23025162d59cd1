import { compiledKernel } from "../compiled-kernel.js";
import { type LogitParts, type LogitWalk, plainLogitWalk } from "./logit-walk.js";
import { kernelSoftmax, type SoftmaxKernel, softmaxBytes } from "./softmax.js";

interface Kernel extends SoftmaxKernel {
  readonly memory: WebAssembly.Memory;
  set(...numbers: readonly number[]): void;
  add(logits: number, difference: number, weights: number, predictions: number, stride: number, classes: number): void;
  count(predictions: number, labels: number, predicted: number, correct: number, stride: number, classes: number): void;
}

const pageBytes = 65_536;
/** Inputs that the kernel takes at a time. */
const block = 16;
/** The largest finite float32: the logit that keeps padding at class 0. */
const largestFloat = 3.4028234663852886e38;

/**
 * The walk on WebAssembly SIMD: the same bits as {@link plainLogitWalk}, many times faster. More than 255 classes, and
 * networks whose activations do not fit in 4 GB, are left to the plain walk.
 */
export function wasmLogitWalk(parts: LogitParts): LogitWalk {
  const { units, base, differences, weights, inputs, labels, classes } = parts;
  const blocks = Math.ceil(inputs / block);
  // Rows that are a multiple of 4 kB apart would fall on the same places of the processor's cache.
  const stride = (blocks % 64 === 0 ? blocks + 1 : blocks) * block;
  const padding = stride - inputs;

  // The first page is the kernel's own. Every array starts at a multiple of 16 bytes.
  let end = pageBytes;
  const place = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const at = {
    logits: place(classes * stride * 4),
    differences: place(units * stride * 4),
    weights: place(units * classes * 4),
    predictions: place(stride),
    labels: place(stride),
    predicted: place(classes * 4),
    correct: place(classes * 4),
    base: place(classes * 4),
    intact: place(units * 4),
    softmax: place(softmaxBytes(stride, classes)),
  };
  if (classes > 255 || end > 65_535 * pageBytes) return plainLogitWalk(parts);

  const kernel = instantiate();
  const missing = Math.ceil((end - kernel.memory.buffer.byteLength) / pageBytes);
  if (missing > 0) kernel.memory.grow(missing);
  const { buffer } = kernel.memory;
  const logits = new Float32Array(buffer, at.logits, classes * stride);
  const predictions = new Uint8Array(buffer, at.predictions, stride);
  const predicted = new Int32Array(buffer, at.predicted, classes);
  const correct = new Int32Array(buffer, at.correct, classes);
  const rows = new Float32Array(buffer, at.differences, units * stride);
  for (let unit = 0; unit < units; unit++) {
    rows.set(differences.subarray(unit * inputs, (unit + 1) * inputs), unit * stride);
  }
  new Float32Array(buffer, at.weights, units * classes).set(weights);
  new Float32Array(buffer, at.base, classes).set(base);
  const list = new Uint32Array(buffer, at.intact, units);
  const padded = new Uint8Array(buffer, at.labels, stride).fill(255);
  if (labels) padded.set(labels);

  function count(): void {
    kernel.count(at.predictions, at.labels, at.predicted, at.correct, stride, classes);
    predicted[0] -= padding; // see reset
  }

  return {
    logits,
    stride,
    predicted,
    correct,
    softmax: kernelSoftmax(kernel, buffer, { inputs, stride, classes }, at),
    set(intact) {
      list.set(intact);
      kernel.set(
        ...[at.logits, at.differences, at.weights, at.base, at.intact, intact.length],
        ...[at.predictions, stride, classes],
      );
      // Padding as in reset.
      logits.fill(largestFloat, inputs, stride);
      predictions.fill(0, inputs);
      count();
    },
    reset() {
      let prediction = 0;
      for (let k = 0; k < classes; k++) {
        logits.fill(base[k], k * stride, (k + 1) * stride);
        if (base[k] > base[prediction]) prediction = k;
      }
      predictions.fill(prediction);
      // Padding always says class 0 (its differences are 0), and is never right (its label is 255).
      logits.fill(largestFloat, inputs, stride);
      predictions.fill(0, inputs);
      count();
    },
    add(unit) {
      kernel.add(
        at.logits,
        at.differences + unit * stride * 4,
        at.weights + unit * classes * 4,
        at.predictions,
        stride,
        classes,
      );
      count();
    },
  };
}

function instantiate(): Kernel {
  return new WebAssembly.Instance(compiledKernel("lesion/logit-walk")).exports as unknown as Kernel;
}
