import type { Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { attributeOf } from "../row-places.js";
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

/**
 * The tensor that has to have its rows first that tokens of a router's logits follow each other row by row: the one
 * that a Reshape joined rows and tokens of in front of the router's product; otherwise the logits.
 */
export function joinedRows(graph: OnnxGraph, logits: string): string {
  for (let name = logits; ; ) {
    const node = graph.producerOf(name);
    const is = (...operators: string[]) => node && operators.some((operator) => isStandard(node, operator));
    if (is("Reshape", "Flatten")) return node?.input?.[0] ?? "";
    const keeps = is("MatMul", "Cast", "Identity", "Add") || (is("Gemm") && !attributeOf(node as Node, "transA")?.i);
    if (!keeps) return logits;
    name = node?.input?.[0] ?? "";
  }
}

/** Operators that make of each number one of its own, or change none; of those in `shaping` the first input counts. */
const shaping = ["Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Clip"];
const pointwise = new Set([
  ...shaping,
  ...[
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Neg",
    "Abs",
    "Pow",
    "Sqrt",
    "Exp",
    "Log",
    "Reciprocal",
    "Sum",
    "Min",
    "Max",
    "Where",
  ],
  ...["Sigmoid", "HardSigmoid", "Tanh", "Relu", "LeakyRelu", "Elu", "Softplus", "Softsign", "Erf", "Gelu"],
]);

/**
 * Why shutting experts at a place is not what it would be to be without them: between the router's product with its
 * weights and that place something is made of several experts' numbers, such as a Softmax. Undefined where nothing is.
 *
 * @param shut nodes in front of which experts are shut, too
 */
export function mixedBefore(graph: OnnxGraph, name: string, shut: readonly Node[] = []): string | undefined {
  const seen = new Set([name]);
  for (const own of seen) {
    const node = graph.producerOf(own);
    // What a product with weights gives, or an operator of others, are the router's numbers.
    if (
      !node ||
      shut.includes(node) ||
      /MatMul|Gemm|Conv|Einsum|^(Constant|Shape|ConstantOfShape)$/.test(node.opType ?? "")
    )
      continue;
    if (![...pointwise].some((operator) => isStandard(node, operator)))
      return `between its router and its choice of experts is ${node.opType} ${node.name || node.output?.[0]}, so it is not known what the other experts' numbers would be without one`;
    const inputs = shaping.includes(node.opType ?? "") ? (node.input ?? []).slice(0, 1) : (node.input ?? []);
    for (const input of inputs) if (input !== "") seen.add(input);
  }
  return undefined;
}
