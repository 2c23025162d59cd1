import type { onnx } from "onnx-proto";

/** The namespace of the ONNX messages, at run time. */
export type Schema = typeof onnx;
/** A model as its file holds it. */
export type Model = onnx.ModelProto;
/** A node: an operator, the names of what it takes and gives, and its attributes. */
export type Node = onnx.INodeProto;
/** The nodes of a model, or of a branch or loop inside a node. */
export type Graph = onnx.IGraphProto;
/** A stored tensor: a weight or a constant. */
export type StoredTensor = onnx.ITensorProto;
/** The name, type and shape of an input or output. */
export type ValueInfo = onnx.IValueInfoProto;

/** Loads the ONNX messages on first use. */
export async function loadSchema(): Promise<Schema> {
  const module = await import("onnx-proto");
  return ((module as unknown as { default?: { onnx: Schema } }).default ?? module).onnx;
}

/** A whole number, however protobuf stores it. */
export function whole(value: unknown): number {
  if (value === null || value === undefined) return 0;
  return typeof value === "number" ? value : (value as { toNumber(): number }).toNumber();
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

/** Names that a graph itself gives: inputs, stored tensors, outputs of its nodes. */
export function definedNames(graph: Graph): string[] {
  return [
    ...(graph.input ?? []).map(({ name }) => name ?? ""),
    ...(graph.initializer ?? []).map(({ name }) => name ?? ""),
    ...(graph.node ?? []).flatMap((node) => node.output ?? []),
  ];
}

/** A copy of a node that uses other names for some tensors, also in graphs inside it. */
export function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string) => names.get(name) ?? name;
  const attribute = (node.attribute ?? []).map((held) => ({
    ...held,
    ...(held.g && { g: renamedGraph(held.g, names) }),
    ...(held.graphs && held.graphs.length > 0 && { graphs: held.graphs.map((graph) => renamedGraph(graph, names)) }),
  }));
  return { ...node, input: (node.input ?? []).map(rename), attribute };
}

function renamedGraph(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const own = new Set(definedNames(graph));
  const outer = new Map([...names].filter(([name]) => !own.has(name)));
  return { ...graph, node: (graph.node ?? []).map((node) => renamed(node, outer)) };
}
