import { shapeSize } from "../../shape-size.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import type { LesionedPass, SiteLesion } from "../network.js";

/*
 * Tensors are repeated by multiplying them with ones: exact, and on WebAssembly a hundred times faster than tile and
 * gather.
 */

/** The rows that a pass takes of a tensor `[inputs, ...shape]`: its inputs, once for each coalition. */
export function rowsOf(tf: Tensorflow, tensor: Tensor, { coalitions, from, to }: LesionedPass): Tensor {
  const [inputs, ...shape] = tensor.shape;
  const some = from === 0 && to === inputs ? tensor.clone() : tf.slice(tensor, from, to - from);
  if (coalitions === 1) return some;
  const rows = [coalitions * (to - from), ...shape];
  if (tensor.dtype !== "float32") return tf.tile(some, [coalitions, ...shape.map(() => 1)]);
  return tf.reshape(tf.mul(tf.reshape(some, [1, -1]), tf.ones([coalitions, 1])), rows);
}

/**
 * A site's value with its lesions: where a unit is intact the value, else what replaces it.
 *
 * @param value `[rows, ...shape]`
 * @param replacement `[1, ...shape]` or `[inputs, ...shape]`
 * @param intact 1 where intact, else 0, `[coalitions, units]`
 */
export function lesionedValue(
  tf: Tensorflow,
  value: Tensor,
  { site }: SiteLesion,
  replacement: Tensor,
  intact: Uint8Array,
  pass: LesionedPass,
): Tensor {
  const { coalitions, from, to } = pass;
  const inputs = to - from;
  const rows = coalitions * inputs;
  const numbers = shapeSize(site.shape);
  const before = site.axis === undefined ? 1 : shapeSize(site.shape.slice(0, site.axis));
  const behind = numbers / (before * site.units);
  const perUnit = tf.tensor(Float32Array.from(intact), [coalitions, 1, site.units, 1]);
  const mask = tf.cast(tf.mul(perUnit, tf.ones([1, inputs * before, 1, behind])), "bool");
  const other =
    replacement.shape[0] > 1
      ? rowsOf(tf, replacement, pass)
      : tf.mul(tf.reshape(replacement, [1, numbers]), tf.ones([rows, 1]));
  const chosen = tf.where(
    tf.reshape(mask, [rows, numbers]),
    tf.reshape(value, [rows, numbers]),
    tf.reshape(other, [rows, numbers]),
  );
  return tf.reshape(chosen, value.shape);
}
