import { expect, it } from "vitest";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { chainOperations } from "../../src/tensors/chained-ops.js";
import type { Tensor, Tensorflow } from "../../src/tensors/tensorflow.js";

type Methods = Record<string, (...given: unknown[]) => Tensor | Tensor[]>;

const numbers = (result: Tensor | Tensor[]) =>
  [result].flat().map((tensor) => [tensor.dtype, tensor.shape, Array.from(tensor.dataSync())]);

it("gives tensors every method that the whole package gives them, with the same results", async () => {
  const { tf } = await loadTensorflow("cpu");
  const own = tf.Tensor.prototype as unknown as Methods;
  const chained = Object.getOwnPropertyNames(own).filter((name) => !isOfTheClass(name));
  // Of a class that has none of the methods yet.
  const prototype = Object.create(null) as Methods;
  chainOperations({ ...tf, Tensor: { prototype } } as unknown as Tensorflow);
  expect(Object.keys(prototype).sort()).toEqual(chained.sort());

  const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const b = tf.tensor2d([5, 6, 7, 8], [2, 2]);
  const given: Record<string, unknown[]> = {
    ...{
      add: [b],
      matMul: [b],
      concat: [b, 1],
      stack: [b],
      reshape: [[4]],
      as2D: [4, 1],
      as3D: [1, 2, 2],
      reshapeAs: [tf.ones([4])],
    },
    ...{
      flatten: [],
      as1D: [],
      asType: ["int32"],
      toInt: [],
      toBool: [],
      toFloat: [],
      sum: [0],
      transpose: [],
      unstack: [],
    },
    ...{ where: [tf.tensor2d([1, 0, 0, 1], [2, 2], "bool"), b], norm: [], softmax: [], split: [2, 1] },
  };
  for (const [name, values] of Object.entries(given)) {
    if (!values) continue;
    expect([name, numbers(prototype[name].apply(a, values))]).toEqual([name, numbers(own[name].apply(a, values))]);
  }
  expect(numbers(prototype.asScalar.apply(tf.tensor1d([3]), []))).toEqual([["float32", [], [3]]]);
  expect(numbers(prototype.concat.apply(a, [[b, b]]))[0][1]).toEqual([6, 2]);
});

/** Methods that tensors have in `@tensorflow/tfjs-core` itself. */
function isOfTheClass(name: string): boolean {
  return /^(constructor|rank|isDisposed|buffer|bufferSync|array|arraySync|data|dataToGPU|dataSync|bytes|dispose|throwIfDisposed|print|clone|toString|variable)$/.test(
    name,
  );
}
