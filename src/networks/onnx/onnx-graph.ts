import type { TensorGraph } from "../cut.js";
import {
  type Graph,
  isStandard,
  type Model,
  type Node,
  storedNames,
  usedNames,
  type ValueInfo,
  whole,
} from "./schema.js";

/** An ONNX graph as tensors, by their names. Weights and constants are not among them. */
export interface OnnxGraph extends TensorGraph {
  readonly model: Model & { graph: Graph };
  /** Inputs of the network, without those that have a stored value. */
  readonly inputs: readonly ValueInfo[];
  /** The node that gives a tensor; undefined for an input. */
  producerOf(name: string): Node | undefined;
}

/** Reads a model's graph. */
export function onnxGraph(model: Model & { graph: Graph }): OnnxGraph {
  const { graph } = model;
  const stored = new Set(storedNames(graph));
  const inputs = (graph.input ?? []).filter(({ name }) => !stored.has(name ?? ""));
  const producers = new Map<string, Node>();
  for (const node of graph.node ?? []) {
    if (isStandard(node, "Constant")) continue;
    for (const output of node.output ?? []) if (output !== "") producers.set(output, node);
  }
  const inputNames = new Set(inputs.map(({ name }) => name ?? ""));
  const isTensor = (name: string) => producers.has(name) || inputNames.has(name);
  const sources = new Map<Node, readonly string[]>();
  for (const node of graph.node ?? []) sources.set(node, [...new Set(usedNames(node))].filter(isTensor));
  return {
    model,
    inputs,
    order: [...inputNames, ...producers.keys()],
    producerOf: (name) => producers.get(name),
    inputsOf(name) {
      const producer = producers.get(name);
      return producer ? sources.get(producer)! : [];
    },
  };
}

/** Sizes of an input as its file declares them: null where open; undefined where it declares no shape. */
export function declaredShape(input: ValueInfo): (number | null)[] | undefined {
  const shape = input.type?.tensorType?.shape;
  return (
    shape &&
    (shape.dim ?? []).map((dim) => {
      const length = whole(dim.dimValue);
      return length > 0 ? length : null;
    })
  );
}

/** Version of the standard operators that a model, or one of its functions, uses; 0 where it does not say. */
export function operatorVersion(model: Pick<Model, "opsetImport">): number {
  const standard = (model.opsetImport ?? []).find(({ domain }) => !domain || domain === "ai.onnx");
  return whole(standard?.version);
}
