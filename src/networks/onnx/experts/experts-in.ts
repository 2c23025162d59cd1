import { assemble, nodesOf } from "../assemble.js";
import { inputInfos, type OnnxInput } from "../inputs.js";
import type { OnnxGraph } from "../onnx-graph.js";
import type { Runtime } from "../runtime.js";
import { usedNames } from "../schema.js";
import { mayHaveExperts, type OpenedExperts, openExperts } from "./open-experts.js";

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
  return openExperts(graph.model, read[0].name, (tensor) => types.get(tensor) === "float32");
}
