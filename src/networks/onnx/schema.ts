import type { Graph, Node } from "./messages.js";

export type { Graph, Model, Node, SparseTensor, StoredTensor, ValueInfo } from "./messages.js";

/** A whole number, however protobuf stores it. */
export function whole(value: unknown): number {
  return Number(value ?? 0);
}

/**
 * Whether a node is one of the standard's own operators of some name, not one of another domain that is called the
 * same.
 */
export function isStandard({ opType, domain }: Node, operator: string): boolean {
  return opType === operator && (!domain || domain === "ai.onnx");
}

/** Graphs inside a node: branches of an If, bodies of a Loop or Scan. */
export function innerGraphs(node: Node): Graph[] {
  return (node.attribute ?? []).flatMap((attribute) => [
    ...(attribute.g ? [attribute.g] : []),
    ...(attribute.graphs ?? []),
  ]);
}

/** Names that a node uses: its inputs, and what graphs inside it take from outside. */
export function usedNames(node: Node): string[] {
  const names = (node.input ?? []).filter((name) => name !== "");
  for (const graph of innerGraphs(node)) {
    const own = new Set(definedNames(graph));
    for (const inner of graph.node ?? []) names.push(...usedNames(inner).filter((name) => !own.has(name)));
  }
  return names;
}

/** Names of a graph's stored tensors, the sparse ones among them. */
export function storedNames(graph: Graph): string[] {
  return [
    ...(graph.initializer ?? []).map(({ name }) => name ?? ""),
    ...(graph.sparseInitializer ?? []).map(({ values }) => values?.name ?? ""),
  ];
}

/** Names that a graph itself gives: inputs, stored tensors, outputs of its nodes. */
export function definedNames(graph: Graph): string[] {
  return [
    ...(graph.input ?? []).map(({ name }) => name ?? ""),
    ...storedNames(graph),
    ...(graph.node ?? []).flatMap((node) => node.output ?? []),
  ];
}

/**
 * A node that uses other names for some tensors, also in graphs inside it; the same node where it uses none of them.
 */
export function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
  if (!usedNames(node).some((name) => names.has(name))) return node;
  const attribute = (node.attribute ?? []).map((held) => ({
    ...held,
    ...(held.g && { g: renamedGraph(held.g, names) }),
    ...(held.graphs && { graphs: held.graphs.map((graph) => renamedGraph(graph, names)) }),
  }));
  const input = (node.input ?? []).map((name) => names.get(name) ?? name);
  return { ...node, input, ...(attribute.length > 0 && { attribute }) };
}

function renamedGraph(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const own = new Set(definedNames(graph));
  const outer = new Map([...names].filter(([name]) => !own.has(name)));
  return { ...graph, node: (graph.node ?? []).map((node) => renamed(node, outer)) };
}
