import type { Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { isStandard } from "../schema.js";

/** What a tensor is made of by operators that change neither its numbers nor their order. */
export function unchanged(graph: OnnxGraph, name: string): string {
  const node = graph.producerOf(name);
  return node && ["Cast", "Identity", "Reshape", "Flatten"].some((operator) => isStandard(node, operator))
    ? unchanged(graph, node.input?.[0] ?? "")
    : name;
}

/**
 * The node that makes a router's shares of its logits: a Softmax, or a Sigmoid, where that is known; undefined of any
 * other tensor.
 */
export function sharesNode(graph: OnnxGraph, name: string): Node | undefined {
  const node = graph.producerOf(unchanged(graph, name));
  return node && (isStandard(node, "Softmax") || isStandard(node, "Sigmoid")) ? node : undefined;
}
