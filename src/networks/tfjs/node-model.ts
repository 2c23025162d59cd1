import type { Tensorflow } from "../../tensors/backend.js";
import type { GraphModel, io, Tensor } from "../../tensors/tensorflow.js";
import type { GraphNode } from "./graph-nodes.js";

/**
 * A node as a model of its own, whose inputs are placeholders of any type and shape: `execute` of the whole model
 * computes inner nodes only from tensors of the types that it reckons with (a comparison's it takes for numbers), and
 * takes a node's name for an output's where they are the same. Its weights are fed like any other input.
 *
 * @returns what computes the first `count` outputs of the node
 * @throws Error of TensorFlow.js, with the node's name in front
 */
export function nodeModel(
  tf: Tensorflow,
  { name, op, inputs, stored }: GraphNode,
  count: number,
): (values: readonly Tensor[]) => Tensor[] {
  const placeholders = inputs.map((_, i) => `input${i}`);
  const node = [
    ...placeholders.map((input) => ({ name: input, op: "Placeholder", attr: {} })),
    { ...stored, name: "node", op, input: placeholders },
  ];
  const outputs = Array.from({ length: count }, (_, index) => `node:${index}`);
  let model: Pick<GraphModel, "execute"> | undefined;
  return (values) => {
    try {
      model ??= loaded(tf, node);
      const fed = Object.fromEntries(placeholders.map((input, i) => [input, values[i]]));
      const computed = model.execute(fed, outputs) as Tensor | (Tensor | undefined)[];
      const list = Array.isArray(computed) ? computed : [computed];
      return outputs.map((_, index) => list[index] ?? lacking(index));
    } catch (cause) {
      const unknown = /^Unknown op/.test((cause as Error).message);
      const problem = unknown ? `TensorFlow.js does not know the operation ${op}` : (cause as Error).message;
      throw new Error(`node ${name} (${op}): ${problem}`, { cause });
    }
  };
}

function lacking(index: number): never {
  throw new Error(`TensorFlow.js computes no output ${index} of it`);
}

function loaded(tf: Tensorflow, node: readonly object[]): Pick<GraphModel, "execute"> {
  const artifacts = {
    modelTopology: { node, library: {}, versions: {} },
    format: "graph-model",
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  };
  return tf.loadGraphModelSync(tf.io.fromMemorySync(artifacts as unknown as io.ModelArtifacts));
}
