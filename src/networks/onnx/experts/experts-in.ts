import { assemble, nodesOf } from "../assemble.js";
import { inputInfos, type OnnxInput } from "../inputs.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { shapesWithRows } from "../probe-shapes.js";
import type { Runtime } from "../runtime.js";
import { usedNames } from "../schema.js";
import { countedAxes, mayHaveExperts, type OpenedExperts, openExperts } from "./open-experts.js";

/** The experts of a graph, opened to lesions; undefined where it has none. */
export async function expertsIn(
  runtime: Runtime,
  graph: OnnxGraph,
  inputs: readonly OnnxInput[],
): Promise<OpenedExperts | undefined> {
  if (inputs.length === 0 || !mayHaveExperts(graph.model.graph)) return undefined;
  const tensors = graph.order.filter((name) => graph.producerOf(name));
  const nodes = nodesOf(graph, new Set(tensors));
  const used = new Set(nodes.flatMap(usedNames));
  const read = inputs.filter(({ name }) => used.has(name));
  const types = await runtime.types(assemble(graph, { inputs: inputInfos(read), nodes, outputs: tensors }));
  for (const { name, type } of inputs) types.set(name, type.name);
  const counted = countedAxes(nodes);
  const asked = { nodes, inputs: read, tensors: counted, outputs: [] };
  // Where the network does not run with so many rows, it is not known; what is not known is refused by name.
  const shapes = await shapesWithRows(runtime, graph, asked, 1)
    .catch(() => shapesWithRows(runtime, graph, asked, 2))
    .catch(() => new Map<string, number[]>());
  const ranks = new Map([...shapes].map(([name, { length }]) => [name, length]));
  return openExperts(graph.model, read[0].name, (tensor) => types.get(tensor) === "float32", ranks);
}
