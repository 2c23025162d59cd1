import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import { lastUses, type TensorGraph } from "../cut.js";

/** An input of a TensorFlow.js model: its own name, the name of its tensor, its sizes (null where left open). */
export interface TfInput {
  readonly name: string;
  readonly tensor: string;
  readonly dtype: "float32" | "int32" | "bool";
  /** Sizes of one row; undefined where the file does not even say how many axes there are. */
  readonly shape: readonly (number | null)[] | undefined;
  /** Whether the file fixes that there is one row. */
  readonly oneRow: boolean;
}

/** A TensorFlow.js model as tensors that are computed one by one. */
export interface TfGraph extends TensorGraph {
  readonly inputs: readonly TfInput[];
  readonly outputs: readonly { readonly name: string; readonly tensor: string }[];
  /** What computes a tensor: a layer's class or a node's operation. */
  kindOf(name: string): string;
  /** Which axis of a tensor (rows not counted) holds its channels. */
  axisOf(name: string, rank: number): number;
  /** The tensors that draw random numbers, and what draws them. */
  readonly random: ReadonlyMap<string, string>;
  /** Names that could mean several tensors, and the names of these. */
  readonly ambiguous: ReadonlyMap<string, readonly string[]>;
  /** The tensors that are computed together with one, in order, itself among them. */
  together(name: string): readonly string[];
  /** These, from what they are computed from. */
  compute(name: string, inputs: readonly Tensor[]): readonly Tensor[];
}

/**
 * Computes tensors in order, each let go after its last use but for those that are kept. What is in `known` at the end
 * is what is kept; if anything throws, nothing is.
 *
 * @param known tensors to start from; they are let go as well
 * @param lesion called with each value of `order`, known or new; returns what takes its place, or nothing
 */
export function computeInOrder(
  tf: Tensorflow,
  graph: TfGraph,
  order: readonly string[],
  known: Map<string, Tensor>,
  kept: ReadonlySet<string>,
  lesion: (name: string, value: Tensor) => Tensor | undefined = () => undefined,
): void {
  const free = lastUses(graph, order, kept);
  const wanted = new Set(order);
  try {
    order.forEach((name, step) => {
      if (!known.has(name)) {
        const inputs = graph.inputsOf(name).map((input) => known.get(input) as Tensor);
        const together = graph.together(name);
        const isNew = together.map((other) => wanted.has(other) && !known.has(other));
        // A layer that does nothing returns its input: a tensor of its own can be let go on its own.
        const values = tf.tidy(() => {
          const computed = graph.compute(name, inputs).filter((_, t) => isNew[t]);
          return computed.map((value, t) =>
            inputs.includes(value) || computed.indexOf(value) < t ? value.clone() : value,
          );
        });
        together.filter((_, t) => isNew[t]).forEach((other, t) => known.set(other, values[t]));
      }
      const intact = known.get(name) as Tensor;
      const lesioned = tf.tidy(() => lesion(name, intact));
      if (lesioned) {
        intact.dispose();
        known.set(name, lesioned);
      }
      for (const done of free[step]) {
        known.get(done)?.dispose();
        known.delete(done);
      }
    });
  } catch (error) {
    for (const tensor of known.values()) tensor.dispose();
    known.clear();
    throw error;
  }
}
