import { compiledKernel } from "../compiled-kernel.js";
import type { Steps } from "../pace.js";
import { type SoftmaxParts, tile, unitFactors } from "./softmax-parts.js";
import { crossEntropy, type SoftmaxWalk, startOf } from "./softmax-walk.js";

interface Kernel {
  readonly memory: WebAssembly.Memory;
  add(terms: number, factors: number, tiles: number, classes: number, sums: number, product: number): void;
  accumulate(into: number, numbers: number, count: number): void;
  logProbabilities(logits: number, sums: number, logs: number, into: number, count: number): void;
}

const pageBytes = 65_536;
/** The walk on WebAssembly SIMD: the same bits as `plainSoftmaxWalk`. */
export function* wasmSoftmaxWalk(parts: SoftmaxParts): Steps<SoftmaxWalk> {
  const { units, inputs, classes, perInput } = parts;
  const stride = parts.own.length;
  const size = parts.terms.length;

  // The first page is the kernel's own. Every array starts at a multiple of 16 bytes.
  let end = pageBytes;
  const place = (numbers: number): number => {
    const start = end;
    end += Math.ceil(numbers / 2) * 16;
    return start;
  };
  const at = {
    product: place(2),
    terms: place(size),
    factors: place((units * size) / 2),
    own: place(stride),
    shares: place(perInput ? units * stride : 0),
    sums: place(stride),
    logs: place(stride / 2),
    answer: place(stride),
  };
  const kernel = instantiate();
  const missing = Math.ceil((end - kernel.memory.buffer.byteLength) / pageBytes);
  if (missing > 0) kernel.memory.grow(missing);
  const numbers = (start: number, length: number) => new Float64Array(kernel.memory.buffer, start, length);
  const factors = new Float32Array(kernel.memory.buffer, at.factors, units * size);
  const shares = perInput ? numbers(at.shares, units * stride) : undefined;
  const ownSums = yield* unitFactors(parts, factors, shares);

  const start = startOf(parts);
  const [product, terms, own, sums] = [
    numbers(at.product, 2),
    numbers(at.terms, size),
    numbers(at.own, stride),
    numbers(at.sums, stride),
  ];
  const answer = numbers(at.answer, inputs);
  let { ownSum } = start;
  const reset = () => {
    terms.set(parts.terms);
    own.set(parts.own);
    sums.set(start.sums);
    product.set(start.product);
    ({ ownSum } = start);
  };
  reset();
  return {
    reset,
    add(unit) {
      kernel.add(at.terms, at.factors + 4 * unit * size, stride / tile, classes, perInput ? at.sums : 0, at.product);
      ownSum += ownSums[unit];
      if (perInput) kernel.accumulate(at.own, at.shares + 8 * unit * stride, stride);
    },
    write(value) {
      if (perInput) {
        kernel.logProbabilities(at.own, at.sums, at.logs, at.answer, stride);
        value.set(answer);
      } else value[0] = crossEntropy(product, ownSum, inputs);
    },
  };
}

function instantiate(): Kernel {
  return new WebAssembly.Instance(compiledKernel("lesion/softmax-walk")).exports as unknown as Kernel;
}
