import type { Tensor } from "@tensorflow/tfjs";
import type { Tensorflow } from "../../tensors/backend.js";
import { ancestors, mostNumbers } from "../cut.js";
import { defaultMemory, rowsWithin } from "../memory.js";
import type { InputRows, Port } from "../network.js";
import { size, type TensorShape } from "../shapes.js";
import { computeInOrder, type TfGraph } from "./graph.js";

/** Shapes of all tensors, from passes of zeros with one row and with two. */
export function probe(tf: Tensorflow, graph: TfGraph, inputs: readonly Port[]): Map<string, TensorShape> {
  const seen = [1, 2].map((rows) => {
    const shapes = new Map<string, { shape: readonly number[]; dtype: string }>();
    const known = new Map(
      graph.inputs.map(({ tensor, dtype }, i) => [tensor, tf.zeros([rows, ...inputs[i].shape], dtype) as Tensor]),
    );
    computeInOrder(tf, graph, graph.order, known, new Set(), (name, { shape, dtype }) => {
      shapes.set(name, { shape, dtype });
      return undefined;
    });
    return shapes;
  });
  return new Map(
    graph.order.map((name) => {
      const one = seen[0].get(name)!;
      return [name, { one: one.shape, two: seen[1].get(name)!.shape, float: one.dtype === "float32" }];
    }),
  );
}

/**
 * Some tensors of the intact network for all inputs, `[inputs, ...shape]`, computed a part of the inputs at a time. Whoever
 * asks for them lets them go.
 */
export function tensorsForInputs(
  tf: Tensorflow,
  graph: TfGraph,
  shapes: ReadonlyMap<string, TensorShape>,
  { count, data }: InputRows,
  wanted: readonly string[],
): Map<string, Tensor> {
  const isInput = new Set(graph.inputs.map((input) => input.tensor));
  const needed = ancestors(graph, wanted);
  const order = graph.order.filter((name) => needed.has(name));
  const sizeOf = (name: string) => size(shapes.get(name)!.one);
  const inputNames = order.filter((name) => isInput.has(name));
  const again = order.filter((name) => !isInput.has(name));
  const step = rowsWithin(
    defaultMemory,
    4 * mostNumbers(graph, { once: inputNames, again }, [], new Set(wanted), sizeOf),
  );
  const parts: Map<string, Tensor>[] = [];
  for (let from = 0; from < count; from += step) {
    const to = Math.min(from + step, count);
    const known = new Map<string, Tensor>();
    graph.inputs.forEach(({ tensor, dtype }, i) => {
      if (!needed.has(tensor)) return;
      const numbers = data[i].subarray(from * sizeOf(tensor), to * sizeOf(tensor));
      const values = dtype === "int32" ? Int32Array.from(numbers) : Float32Array.from(numbers);
      known.set(tensor, tf.tensor(values, [to - from, ...shapes.get(tensor)!.one.slice(1)], dtype));
    });
    computeInOrder(tf, graph, order, known, new Set(wanted));
    parts.push(known);
  }
  return new Map(
    wanted.map((name) => {
      const tensors = parts.map((part) => part.get(name) as Tensor);
      const whole = tensors.length === 1 ? tensors[0] : tf.concat(tensors);
      if (tensors.length > 1) tf.dispose(tensors);
      return [name, whole];
    }),
  );
}
