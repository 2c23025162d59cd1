import { FileError } from "../../errors.js";
import { type Graph, type Node, usedNames } from "./schema.js";

/**
 * A graph's nodes, each after those whose tensors it uses. ONNX asks for that order, and ONNX Runtime takes any; nodes
 * that are in order stay where they are.
 *
 * @throws FileError where two nodes wait for each other
 */
export function inOrder(graph: Graph, path: string): readonly Node[] {
  const nodes = graph.node ?? [];
  const producer = new Map<string, number>();
  nodes.forEach((node, at) => {
    for (const name of node.output ?? []) if (name !== "") producer.set(name, at);
  });
  const needs = nodes.map((node) => usedNames(node).flatMap((name) => producer.get(name) ?? []));
  if (needs.every((list, at) => list.every((earlier) => earlier < at))) return nodes;
  const open = needs.map((list) => list.length);
  const waiting = nodes.map((): number[] => []);
  needs.forEach((list, at) => {
    for (const earlier of list) waiting[earlier].push(at);
  });
  const order: number[] = nodes.flatMap((_, at) => (open[at] === 0 ? [at] : []));
  for (const done of order) for (const at of waiting[done]) if (--open[at] === 0) order.push(at);
  if (order.length < nodes.length) {
    const stuck = nodes.find((_, at) => open[at] > 0)!;
    throw new FileError(
      path,
      `its operators wait for each other: ${stuck.opType} needs what is made of its own output`,
    );
  }
  return order.map((at) => nodes[at]);
}
