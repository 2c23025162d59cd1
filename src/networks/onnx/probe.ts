import { hasRows, type Probe, type TensorShape } from "../shapes.js";
import { assemble, nodesOf } from "./assemble.js";
import { inputInfos, type OnnxInput, zeroFeeds } from "./inputs.js";
import type { OnnxGraph } from "./onnx-graph.js";
import type { Runtime } from "./runtime.js";
import { type Schema, usedNames } from "./schema.js";

/** Operators whose results are no tensors. */
const noTensor = /^(Sequence(Construct|Empty|Insert|Erase|Map)|SplitToSequence|Optional)$/;

/**
 * Learns the shapes of all tensors from runs on zeros, with one row and with two. A network that does not take two rows, or
 * whose outputs then do not have two, is run a row at a time.
 *
 * @throws FileError where ONNX Runtime can not run the network
 */
export async function probe(
  schema: Schema,
  runtime: Runtime,
  graph: OnnxGraph,
  inputs: readonly OnnxInput[],
): Promise<Probe> {
  const isInput = new Set(inputs.map(({ name }) => name));
  const tensors = graph.order.filter((name) => {
    const operator = graph.producerOf(name)?.opType;
    return typeof operator === "string" && !noTensor.test(operator);
  });
  const nodes = nodesOf(graph, new Set(tensors));
  const used = new Set(nodes.flatMap(usedNames));
  const read = inputs.filter(({ name }) => used.has(name));
  const session = await runtime.session(assemble(schema, graph, { inputs: inputInfos(read), nodes, outputs: tensors }));
  try {
    const one = await session.run(zeroFeeds(runtime, read, 1));
    const two = await session.run(zeroFeeds(runtime, read, 2)).catch(() => undefined);
    const shapesWith = (second: typeof two) => {
      const shapes = new Map<string, TensorShape>();
      for (const { name, shape, type } of inputs) {
        const float = type.name === "float32";
        shapes.set(name, { one: [1, ...shape], two: second ? [2, ...shape] : undefined, float });
      }
      for (const name of tensors) {
        shapes.set(name, { one: one[name].dims, two: second?.[name].dims, float: one[name].type === "float32" });
      }
      return shapes;
    };
    const shapes = shapesWith(two);
    const outputs = (graph.model.graph.output ?? []).map(({ name }) => name ?? "");
    const takesTwo = two && outputs.every((name) => isInput.has(name) || hasRows(shapes.get(name)!));
    return takesTwo ? { shapes, mostRows: undefined } : { shapes: shapesWith(undefined), mostRows: 1 };
  } finally {
    session.dispose();
  }
}
