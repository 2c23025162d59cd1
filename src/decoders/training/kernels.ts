import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../package.js";

/** What kernels.as.ts computes: pointers and strides are in bytes. */
export interface TrainingKernels {
  readonly memory: WebAssembly.Memory;
  multiply(
    ...numbers: [
      ...shape: [m: number, n: number, k: number],
      ...a: [pointer: number, row: number, step: number],
      ...b: [pointer: number, row: number, column: number],
      ...c: [pointer: number, row: number],
      more: number,
      room: number,
    ]
  ): void;
  normForward(
    rows: number,
    width: number,
    x: number,
    scales: number,
    epsilon: number,
    y: number,
    factors: number,
  ): void;
  normBackward(
    ...numbers: [
      ...shape: [rows: number, width: number],
      ...kept: [x: number, scales: number, factors: number],
      ...gradients: [dy: number, dx: number, dScales: number],
    ]
  ): void;
  rotate(
    ...numbers: [
      ...shape: [rows: number, heads: number, pairs: number, length: number],
      ...at: [vectors: number, cosines: number, sines: number],
      sign: number,
    ]
  ): void;
  softmaxForward(rows: number, first: number, seen: number, scores: number, row: number, scale: number): void;
  softmaxBackward(rows: number, seen: number, shares: number, gradients: number, row: number, scale: number): void;
  swigluForward(count: number, gate: number, up: number, y: number): void;
  swigluBackward(count: number, gate: number, up: number, dy: number): void;
  gatherRows(count: number, width: number, from: number, index: number, to: number): void;
  scatterRows(count: number, width: number, from: number, index: number, gates: number, to: number): void;
  scatterBackward(
    ...numbers: [
      ...shape: [count: number, width: number],
      ...kept: [rows: number, index: number, gates: number],
      ...gradients: [dy: number, dGates: number],
    ]
  ): void;
  addTo(count: number, from: number, to: number): void;
  crossEntropy(
    rows: number,
    vocabulary: number,
    logits: number,
    targets: number,
    weights: number,
    surprises: number,
  ): number;
  sumOfSquares(count: number, from: number): number;
  adamStep(
    ...numbers: [
      count: number,
      ...at: [parameters: number, gradients: number, means: number, squares: number],
      ...by: [scale: number, beta1: number, beta2: number, rate: number, correction: number],
      ...and: [epsilon: number, keep: number],
    ]
  ): void;
}

/** Numbers of room that a product takes to pack what it multiplies. */
const roomNumbers = 132_128;

const pageBytes = 65_536;

let compiled: WebAssembly.Module | undefined;

/** The kernels, and a memory that is laid out once: every array has its place. */
export class TrainingMemory {
  readonly kernels: TrainingKernels;
  /** Room for products to pack what they multiply. */
  readonly room: number;
  #end = pageBytes; // the first page is the kernel's own

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(join(packageRoot, "dist/decoders/training/kernels.wasm")));
    this.kernels = new WebAssembly.Instance(compiled).exports as unknown as TrainingKernels;
    this.room = this.take(roomNumbers);
  }

  /** Room for so many numbers of four bytes, which are 0. @returns where it begins */
  take(numbers: number): number {
    const at = this.#end;
    this.#end += Math.ceil(numbers / 4) * 16;
    const missing = Math.ceil((this.#end - this.kernels.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.kernels.memory.grow(missing);
    return at;
  }

  /** The numbers at a place; no longer after more room was taken. */
  numbers(at: number, count: number): Float32Array {
    return new Float32Array(this.kernels.memory.buffer, at, count);
  }

  /** Whole numbers at a place; no longer after more room was taken. */
  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.kernels.memory.buffer, at, count);
  }
}
