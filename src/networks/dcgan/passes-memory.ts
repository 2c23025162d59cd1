import { compiledKernel } from "../../compiled-kernel.js";
import { GameError, invalid } from "../../errors.js";
import type { Generator } from "./generator.js";
import { channels, imageSize } from "./size.js";

/** doubling.as.ts as WebAssembly; pointers are byte offsets into its memory. */
export interface DoublingKernel {
  readonly memory: WebAssembly.Memory;
  double(
    ins: number,
    inCount: number,
    outs: number,
    outCount: number,
    input: number,
    filter: number,
    sums: number,
    outputs: number,
    width: number,
    lanes: number,
    fresh: number,
  ): void;
  differences(ins: number, inCount: number, input: number, spread: number, width: number, lanes: number): void;
  fewer(
    ins: number,
    inCount: number,
    outs: number,
    outCount: number,
    spread: number,
    folded: number,
    sums: number,
    channels: number,
    width: number,
    lanes: number,
  ): void;
  activate(
    outs: number,
    outCount: number,
    sums: number,
    slopes: number,
    shifts: number,
    next: number,
    width: number,
    lanes: number,
  ): void;
  paint(
    outs: number,
    outCount: number,
    sums: number,
    images: number,
    outputs: number,
    width: number,
    lanes: number,
    count: number,
  ): void;
}

/** A layer in the kernel's memory. */
export interface LayerMemory {
  readonly channels: number;
  /** Width of what the layer takes in; it gives twice that. */
  readonly width: number;
  readonly filter: number;
  /** The filter as the kernel's `fewer` takes it. */
  readonly folded: number;
  readonly sums: number;
  readonly slopes: number;
  readonly shifts: number;
  /** What the next layer takes in. */
  readonly values: number;
  /** List of the intact channels, and a list of one. */
  readonly list: number;
  readonly single: number;
  readonly intact: number[];
}

/** Where everything lies in the kernel's memory. */
export interface PassesMemory {
  readonly layers: readonly LayerMemory[];
  /** Images side by side: their number, rounded up to a multiple of 4. */
  readonly lanes: number;
  readonly images: number;
  /** What the kernel's `differences` makes, of one layer at a time. */
  readonly spread: number;
  /** All that is needed. */
  readonly bytes: number;
}

/** A page of WebAssembly's memory. */
const pageBytes = 65_536;
/** Bytes that WebAssembly can have, but for a page: 4 GB. */
export const mostBytes: number = 65_535 * pageBytes;
/** The places of a generator's arrays for a number of images; the first page is the kernel's own. */
export function passesMemory(generator: Generator, count: number): PassesMemory {
  const lanes = 4 * Math.ceil(count / 4);
  let bytes = pageBytes;
  const place = (numbers: number): number => {
    const start = bytes;
    bytes += Math.ceil(numbers / 4) * 16;
    return start;
  };
  let widest = 0;
  const layers = generator.parts.map(({ inputs, outputs, weights }, l): LayerMemory => {
    const width = l === 0 ? 2 : 4 * 2 ** (l - 1);
    const last = l === generator.layers - 1;
    const folds = l > 0;
    if (folds) widest = Math.max(widest, inputs * (2 * width + 2) ** 2 * lanes);
    return {
      channels: outputs,
      width,
      filter: l === 0 ? 0 : place(weights.length),
      folded: folds ? place((weights.length / 16) * 36) : 0,
      sums: l === 0 ? 0 : place(outputs * (2 * width) ** 2 * lanes),
      slopes: place(outputs),
      shifts: place(outputs),
      values: last ? 0 : place(outputs * (2 * width + 2) ** 2 * lanes),
      list: place(outputs),
      single: place(1),
      intact: [],
    };
  });
  const spread = place(widest);
  return { layers, lanes, spread, images: place(count * 3 * imageSize(generator) ** 2), bytes };
}

/**
 * Checks that the weights and activations of so many images fit in WebAssembly's 4 GB.
 *
 * @throws RangeError that says how many images do
 */
export function checkKernelFits(generator: Generator, count: number): void {
  const needed = (images: number) => passesMemory(generator, images).bytes;
  if (needed(count) <= mostBytes) return;
  if (needed(1) > mostBytes) {
    const size = `${channels(generator).join("-")} channels`;
    throw invalid("generator", "weights and activations of an image within WebAssembly's 4 GB", size);
  }
  let most = 4; // lanes come in fours
  while (needed(most + 4) <= mostBytes) most += 4;
  throw invalid("number of images", `at most ${most}, so few that their activations fit in WebAssembly's 4 GB`, count);
}

/**
 * The kernel with a memory of at least so many bytes, all 0.
 *
 * @throws GameError where the system has no such memory
 */
export function doublingKernel(bytes: number): DoublingKernel {
  const kernel = new WebAssembly.Instance(compiledKernel("networks/dcgan/doubling"))
    .exports as unknown as DoublingKernel;
  const missing = Math.ceil((bytes - kernel.memory.buffer.byteLength) / pageBytes);
  try {
    if (missing > 0) kernel.memory.grow(missing);
  } catch (cause) {
    const needed = `${Math.ceil(bytes / 2 ** 20)} MB for weights and activations`;
    throw new GameError(`out of memory: the generator takes ${needed}; take fewer images`, { cause });
  }
  return kernel;
}
