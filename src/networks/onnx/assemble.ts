import type { OnnxGraph } from "./onnx-graph.js";
import { isStandard, type Model, type Node, type StoredTensor, usedNames, type ValueInfo, whole } from "./schema.js";

/** What a new model is made of. Weights and constants that its nodes use are added. */
export interface ModelParts {
  readonly inputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
  readonly stored?: readonly StoredTensor[];
}

/**
 * A model of some nodes of another one, and new ones, with all else that the other holds: functions, configurations,
 * metadata. The types of its outputs are left to the runtime to infer.
 */
export function assemble({ model }: OnnxGraph, parts: ModelParts): Model {
  const used = new Set([...parts.nodes.flatMap(usedNames), ...parts.outputs]);
  const { graph } = model;
  const constants = (graph.node ?? []).filter(
    (node) => isStandard(node, "Constant") && (node.output ?? []).some((name) => used.has(name)),
  );
  const sparse = graph.sparseInitializer?.filter(({ values }) => used.has(values?.name ?? ""));
  return {
    ...model,
    // Before version 4 stored tensors had to be listed among the inputs.
    irVersion: Math.max(4, whole(model.irVersion)),
    graph: {
      name: "part",
      node: [...constants, ...parts.nodes],
      initializer: [...(graph.initializer ?? []).filter(({ name }) => used.has(name ?? "")), ...(parts.stored ?? [])],
      ...(sparse && { sparseInitializer: sparse }),
      input: [...parts.inputs],
      output: parts.outputs.map((name) => ({ name })),
    },
  };
}

/** The nodes that give some tensors, in the order of the model. */
export function nodesOf(graph: OnnxGraph, tensors: ReadonlySet<string>): Node[] {
  return (graph.model.graph.node ?? []).filter(
    (node) => !isStandard(node, "Constant") && (node.output ?? []).some((name) => tensors.has(name)),
  );
}

/** The description of an input of some type and sizes; a text stands for a size left open. */
export function inputInfo(name: string, code: number, dims: readonly (number | string)[]): ValueInfo {
  const dim = dims.map((length) => (typeof length === "string" ? { dimParam: length } : { dimValue: length }));
  return { name, type: { tensorType: { elemType: code, shape: { dim } } } };
}
