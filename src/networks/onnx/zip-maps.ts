import type { Graph, Node } from "./schema.js";

/** Whether a node makes a list of maps from a table: what sklearn-onnx puts behind a classifier's probabilities. */
const isZipMap = ({ opType, domain }: Node) => opType === "ZipMap" && domain === "ai.onnx.ml";

/**
 * A graph whose outputs are tensors where they were lists of maps, made from tensors by ZipMap: the tensors take their
 * place.
 *
 * @returns the graph, and for each output that was left out what to ask for instead
 */
export function withoutMaps(graph: Graph): { graph: Graph; leftOut: ReadonlyMap<string, string> } {
  const leftOut = new Map<string, string>();
  const nodes = (graph.node ?? []).filter(isZipMap);
  if (nodes.length === 0) return { graph, leftOut };
  const tables = new Map(nodes.map(({ input, output }) => [output?.[0] ?? "", input?.[0] ?? ""]));
  const outputs = new Set<string>();
  for (const { name } of graph.output ?? []) {
    const table = tables.get(name ?? "");
    if (table !== undefined) {
      const remedy = `ask for the output ${JSON.stringify(table)}, the same numbers as a tensor, or convert the model with {"zipmap": False}`;
      leftOut.set(name!, `it is a list of maps made by ZipMap; ${remedy}`);
    }
    outputs.add(table ?? name ?? "");
  }
  const output = [...outputs].map((name) => graph.output!.find((port) => port.name === name) ?? { name });
  return { graph: { ...graph, node: graph.node!.filter((node) => !isZipMap(node)), output }, leftOut };
}
