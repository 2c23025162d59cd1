import { compiledKernel } from "../../compiled-kernel.js";
import type { DenseLayer } from "./dense.js";
import type { Mlp } from "./mlp.js";

/** Rows that go through the network at once. */
const rowsAtOnce = 2048;
const pageBytes = 65536;

/** What provenance says of numbers that this module computed. */
export const plainLabel = "none";

/**
 * What becomes of the activations of a hidden layer, `[rows, units]`, on their way to the next; changes them in place.
 */
export type ChangeActivations = (layer: number, values: Float32Array, units: number) => void;

/**
 * Sums of some layers of a network, before their activation, computed without TensorFlow.js: the same numbers as on its
 * WebAssembly backend, bit by bit.
 *
 * @param inputs `[count, inputs of the network]`
 * @param wanted numbers of layers, from 1
 * @param change default nothing
 * @returns one array per wanted layer, `[count, units of the layer]`
 */
export function plainSums(
  network: Pick<Mlp, "layers" | "negativeSlopes">,
  inputs: Float32Array,
  wanted: readonly number[],
  change: ChangeActivations = () => undefined,
): Float32Array[] {
  const features = network.layers[0].inputs;
  const count = inputs.length / features;
  const results = wanted.map((layer) => new Float32Array(count * network.layers[layer - 1].outputs));
  const depth = Math.max(...wanted);
  const kernels = network.layers.slice(0, depth).map((layer) => denseKernel(layer, Math.min(count, rowsAtOnce)));
  for (let from = 0; from < count; from += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, count - from);
    let values = inputs.subarray(from * features, (from + rows) * features);
    kernels.forEach((kernel, l) => {
      const sums = kernel(values, rows);
      const units = network.layers[l].outputs;
      wanted.forEach((layer, w) => {
        if (layer === l + 1) results[w].set(sums, from * units);
      });
      if (l + 1 === depth) return;
      const slope = Math.fround(network.negativeSlopes[l]);
      values = sums.map((x) => (x < 0 ? slope * x : x));
      change(l + 1, values, units);
    });
  }
  return results;
}

interface Kernel {
  readonly memory: WebAssembly.Memory;
  dense(
    inputs: number,
    rows: number,
    columns: number,
    weights: number,
    biases: number,
    sums: number,
    units: number,
  ): void;
}

/** A layer, laid out for the kernel: a function of rows `[rows, inputs]` to their sums `[rows, outputs]`. */
function denseKernel(
  layer: DenseLayer,
  mostRows: number,
): (values: Float32Array<ArrayBufferLike>, rows: number) => Float32Array {
  const { inputs: columns, outputs, weights, biases } = layer;
  const units = 16 * Math.ceil(outputs / 16);
  const kernel = instantiate();
  const at = { weights: 1024, biases: 0, inputs: 0, sums: 0 };
  at.biases = at.weights + 4 * columns * units;
  at.sums = at.biases + 4 * units;
  at.inputs = at.sums + 4 * mostRows * units;
  const end = at.inputs + 4 * mostRows * columns;
  kernel.memory.grow(Math.max(0, Math.ceil((end - kernel.memory.buffer.byteLength) / pageBytes)));
  const floats = (offset: number, length: number) => new Float32Array(kernel.memory.buffer, offset, length);
  const transposed = floats(at.weights, columns * units);
  for (let i = 0; i < outputs; i++) {
    for (let k = 0; k < columns; k++) transposed[k * units + i] = weights[i * columns + k];
  }
  floats(at.biases, outputs).set(biases);
  return (values, rows) => {
    floats(at.inputs, values.length).set(values);
    kernel.dense(at.inputs, rows, columns, at.weights, at.biases, at.sums, units);
    const padded = floats(at.sums, rows * units);
    const sums = new Float32Array(rows * outputs);
    for (let b = 0; b < rows; b++) sums.set(padded.subarray(b * units, b * units + outputs), b * outputs);
    return sums;
  };
}

function instantiate(): Kernel {
  return new WebAssembly.Instance(compiledKernel("networks/mlp/dense-sums")).exports as unknown as Kernel;
}
