import type { TensorOnDisk } from "./checkpoint.js";
import type { Matrix, Products } from "./products.js";
import { vectorsFrom, type WeightKeeper } from "./weights.js";

/** Weights that stay on the disk, and what multiplies with them: it reads those of a part of a layer at a time. */
export interface StreamedWeights {
  readonly keeper: WeightKeeper;
  readonly products: Products;
  /** Bytes of weights that were read for products and embeddings so far. */
  bytesRead(): number;
  /** Bytes of the largest part: so many are in memory at once. */
  mostBytes(): number;
  /** Bytes of the largest tensor: it passes through a buffer of its size. */
  largestTensor(): number;
}

/** A matrix on the disk, which is in memory while its part is. */
interface StreamedMatrix extends Matrix {
  readonly tensor: TensorOnDisk;
  /** What is in memory together: attention of a layer, its router, one expert, the head. */
  readonly part: string;
}

/**
 * Weights on the disk. One part is in memory: a product with another one takes its place. So whoever multiplies
 * everything with one part before going on to the next reads each once.
 *
 * @param inner what multiplies, with nothing kept
 */
export function streamedWeights(inner: Products): StreamedWeights {
  const parts = new Map<string, number>();
  let buffer = new Uint8Array();
  let largest = 0;
  let bytesRead = 0;
  let current: string | undefined;
  const loaded = new Map<Matrix, Matrix>();
  const most = () => Math.max(0, ...parts.values());

  function inMemory(matrix: StreamedMatrix): Matrix {
    const { tensor, part } = matrix;
    if (part !== current) {
      inner.clear();
      loaded.clear();
      current = part;
    }
    const known = loaded.get(matrix);
    if (known) return known;
    if (buffer.length < largest) buffer = new Uint8Array(largest);
    const bytes = buffer.subarray(0, tensor.size);
    tensor.read(0, bytes);
    bytesRead += tensor.size;
    const held = inner.keep({ shape: tensor.shape, dtype: tensor.dtype, bytes });
    loaded.set(matrix, held);
    return held;
  }

  return {
    keeper: {
      matrix(tensor): StreamedMatrix {
        const [outputs, inputs] = tensor.shape;
        const part = tensor.name.split(".").slice(0, -2).join(".");
        parts.set(part, (parts.get(part) ?? 0) + tensor.size);
        largest = Math.max(largest, tensor.size);
        return { outputs, inputs, tensor, part };
      },
      embeddings(tensor) {
        const row = new Uint8Array(tensor.size / tensor.shape[0]);
        return vectorsFrom(tensor, (token) => {
          tensor.read(token * row.length, row);
          bytesRead += row.length;
          return row;
        });
      },
    },
    products: {
      keep: () => {
        throw new Error("weights on the disk are kept by nobody");
      },
      clear: () => {},
      get keptBytes() {
        return most();
      },
      multiply: (x, m, weights) => inner.multiply(x, m, inMemory(weights as StreamedMatrix)),
      feedForward: (x, m, ...matrices) =>
        inner.feedForward?.(
          x,
          m,
          ...(matrices.map((own) => inMemory(own as StreamedMatrix)) as [Matrix, Matrix, Matrix]),
        ),
      multiplyRows: (shape, x, w, y) => inner.multiplyRows(shape, x, w, y),
    },
    bytesRead: () => bytesRead,
    mostBytes: most,
    largestTensor: () => largest,
  };
}
