import { hasRows, type TensorShape } from "../../shapes.js";
import { type OnnxGraph, onnxGraph } from "../onnx-graph.js";
import { type Graph, isStandard, type Model, type Node, type StoredTensor, storedNames, usedNames } from "../schema.js";
import { storedIntegers } from "./stored-tensors.js";

/**
 * The graph in which every Reshape says its sizes, where exporters let them be computed from other tensors' shapes:
 * those that it has for one row, the rows taken over. What is then computed for nothing is left out.
 */
export function settled(graph: OnnxGraph, shapes: ReadonlyMap<string, TensorShape>): OnnxGraph {
  const constants = constantsOf(graph);
  const added: StoredTensor[] = [];
  const node = (graph.model.graph.node ?? []).map((node): Node => {
    const [from, target] = node.input ?? [];
    const [given] = node.output ?? [];
    const [before, after] = [shapes.get(from), shapes.get(given)];
    if (!isStandard(node, "Reshape") || constants.has(target) || !before || !after) return node;
    if (!hasRows(before) || !hasRows(after)) return node;
    const sizes = storedIntegers(`${given}/sizes`, [0, ...after.one.slice(1)]);
    added.push(sizes);
    return { ...node, input: [from, sizes.name!] };
  });
  if (added.length === 0) return graph;
  const whole = { ...graph.model.graph, node, initializer: [...(graph.model.graph.initializer ?? []), ...added] };
  return onnxGraph({ ...graph.model, graph: withoutUnused(whole) });
}

/** Stored tensors and the values of Constant nodes, by name. */
export function constantsOf({ model }: { readonly model: Model }): Map<string, StoredTensor> {
  const constants = new Map((model.graph?.initializer ?? []).map((tensor) => [tensor.name ?? "", tensor]));
  for (const node of model.graph?.node ?? []) {
    if (!isStandard(node, "Constant")) continue;
    const value = node.attribute?.find(({ name }) => name === "value")?.t;
    if (value) constants.set((node.output ?? [])[0], value);
  }
  return constants;
}

/** A graph without nodes and stored tensors that no output follows from. */
export function withoutUnused(graph: Graph): Graph {
  const needed = new Set((graph.output ?? []).map(({ name }) => name ?? ""));
  const nodes: Node[] = [];
  for (const node of [...(graph.node ?? [])].reverse()) {
    if (!(node.output ?? []).some((name) => needed.has(name))) continue;
    nodes.unshift(node);
    for (const name of usedNames(node)) needed.add(name);
  }
  const stored = new Set(storedNames(graph));
  return {
    ...graph,
    node: nodes,
    initializer: (graph.initializer ?? []).filter(({ name }) => needed.has(name ?? "")),
    ...(graph.sparseInitializer && {
      sparseInitializer: graph.sparseInitializer.filter(({ values }) => needed.has(values?.name ?? "")),
    }),
    input: (graph.input ?? []).filter(({ name }) => !stored.has(name ?? "")),
  };
}
