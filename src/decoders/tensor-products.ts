import { decodeNumbers } from "../formats/tensor.js";
import type { Tensor2D, Tensorflow } from "../tensors/tensorflow.js";
import type { Matrix, Products } from "./products.js";

interface TensorMatrix extends Matrix {
  /** Where the backend has it, `[outputs, inputs]` in float32. */
  readonly tensor: Tensor2D;
}

/**
 * {@link Products} on a backend of TensorFlow.js, such as a graphics card. Weights are kept there, widened to float32;
 * rows go there and products come back. A feed-forward network comes back once, so that what is between its products
 * stays there. Products of rows with rows, which are attention's, are made by others: they are small, and their numbers
 * here.
 *
 * In which order a backend adds is its own affair: numbers agree with those of other backends within rounding, and a
 * row's may depend on how many are beside it.
 *
 * @param rows what multiplies rows with rows
 */
export function tensorProducts(tf: Tensorflow, rows: Pick<Products, "multiplyRows">): Products {
  const held = new Set<Tensor2D>();
  let keptBytes = 0;
  const numbersOf = (work: () => Tensor2D): Float32Array => {
    const made = tf.tidy(work);
    try {
      return made.dataSync<"float32">();
    } finally {
      made.dispose();
    }
  };
  const through = (x: Tensor2D, weights: Matrix) =>
    tf.matMul(x, (weights as TensorMatrix).tensor, false, true) as Tensor2D;
  return {
    get keptBytes() {
      return keptBytes;
    },
    keep({ shape: [outputs, inputs], dtype, bytes }): TensorMatrix {
      const tensor = tf.tensor2d(decodeNumbers(bytes, dtype), [outputs, inputs]);
      held.add(tensor);
      keptBytes += 4 * outputs * inputs;
      return { outputs, inputs, tensor };
    },
    clear() {
      for (const tensor of held) tensor.dispose();
      held.clear();
      keptBytes = 0;
    },
    multiply: (x, m, weights) => numbersOf(() => through(tf.tensor2d(x, [m, weights.inputs]), weights)),
    feedForward: (x, m, gate, up, down) =>
      numbersOf(() => {
        const input = tf.tensor2d(x, [m, gate.inputs]);
        const logits = through(input, gate);
        return through(tf.mul(tf.mul(logits, tf.sigmoid(logits)), through(input, up)), down);
      }),
    multiplyRows: rows.multiplyRows,
  };
}
