import { invalid, wrongKind } from "../../errors.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { GraphModel, Tensor } from "../../tensors/tensorflow.js";
import type { TfGraph } from "./graph.js";
import { type GraphNode, graphNodes, inOrder, isChannelsFirst, outputCount, type Reference } from "./graph-nodes.js";
import { isRandom, refusalOf } from "./graph-operations.js";
import { graphInputs, graphOutputs, type Signature } from "./graph-signature.js";
import { nodeModel } from "./node-model.js";

/** Tensors that a node computes together. */
interface Step {
  readonly node: GraphNode;
  /** Their names: that of the node, or `node:0`, `node:1`, ... of one with several outputs. */
  readonly tensors: readonly string[];
  /** The tensors that it is computed from, each once; weights are not among them. */
  readonly sources: readonly string[];
  readonly compute: (values: readonly Tensor[]) => readonly Tensor[];
}

/** What a graph is made of, as far as it can be said without its weights. */
interface Plan {
  readonly inputs: ReturnType<typeof graphInputs>;
  readonly outputs: ReturnType<typeof graphOutputs>;
  /** The nodes that are computed, in order, the inputs among them, weights not. */
  readonly order: readonly GraphNode[];
  /** How many outputs a node has. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * A GraphModel as tensors, by the nodes' names; of a node with several outputs each is one, `node:0`, `node:1`, ...
 * What no output depends on is left out, and weights are not listed.
 *
 * @throws RangeError for a graph that does not hold together, or an output that depends on what can not be computed
 *   exactly
 */
export function modelGraph(tf: Tensorflow, model: GraphModel): TfGraph {
  const { artifacts } = model as unknown as { artifacts?: { modelTopology?: unknown } };
  if (!artifacts?.modelTopology) throw wrongKind("model", "a GraphModel, as tf.loadGraphModel gives one", model);
  const weights = new Map(Object.entries(model.weights).map(([name, [value]]) => [name, value]));
  const { inputs, outputs, order, counts } = graphPlan(
    artifacts.modelTopology,
    model.modelSignature as Signature | undefined,
    new Set(weights.keys()),
  );
  const isInput = new Set(inputs.map(({ tensor }) => tensor));
  const tensorOf = ({ node, index }: Reference) => (counts.get(node) === 1 ? node : `${node}:${index}`);
  const steps = new Map<string, Step>();
  for (const node of order) {
    const count = counts.get(node.name) as number;
    const tensors = Array.from({ length: count }, (_, index) => tensorOf({ node: node.name, index }));
    const step = { node, tensors, ...stepOf(tf, node, count, isInput, weights, tensorOf) };
    for (const tensor of tensors) steps.set(tensor, step);
  }
  const step = (name: string) => steps.get(name) as Step;
  const several = [...steps.values()].filter(({ tensors }) => tensors.length > 1);

  return {
    inputs,
    outputs: outputs.map(({ name, reference }) => ({ name, tensor: tensorOf(reference) })),
    order: [...steps.keys()],
    inputsOf: (name) => step(name).sources,
    kindOf: (name) => (isInput.has(name) ? "input" : step(name).node.op),
    axisOf: (name, rank) => (isChannelsFirst(step(name).node) ? 0 : rank - 1),
    random: new Map([...steps].filter(([, { node }]) => isRandom(node.op)).map(([name, { node }]) => [name, node.op])),
    ambiguous: new Map(several.map(({ node, tensors }) => [node.name, tensors])),
    together: (name) => step(name).tensors,
    compute: (name, values) => step(name).compute(values),
  };
}

/**
 * Reads a stored graph: what is computed, and in which order.
 *
 * @param weights names of its weights
 * @throws RangeError as {@link modelGraph}
 */
export function graphPlan(topology: unknown, signature: Signature | undefined, weights: ReadonlySet<string>): Plan {
  const nodes = graphNodes(topology);
  const inputs = graphInputs(nodes, signature);
  const isInput = new Set(inputs.map(({ tensor }) => tensor));
  const isWeight = (name: string) => weights.has(name) && !isInput.has(name);
  const ends = ({ name }: GraphNode) => isInput.has(name) || weights.has(name);
  const outputs = graphOutputs(nodes, signature, (name) => isInput.has(name) || weights.has(name));
  const wanted = [
    ...inputs.map(({ tensor }) => ({ node: tensor, index: 0 })),
    ...outputs.map(({ reference }) => reference),
  ];
  const needed = inOrder(nodes, wanted, ends, checkNode);
  const read = new Map<string, number>();
  for (const { node, index } of [...wanted, ...needed.flatMap((node) => (ends(node) ? [] : node.inputs))]) {
    read.set(node, Math.max(read.get(node) ?? 0, index + 1));
  }
  const counts = new Map<string, number>();
  for (const node of needed) {
    const mostRead = read.get(node.name) as number;
    if (ends(node) && mostRead > 1) throw invalid(`node ${node.name}`, "one output", `${node.name}:${mostRead - 1}`);
    counts.set(node.name, ends(node) ? 1 : outputCount(node, mostRead));
  }
  const put = new Set(outputs.map(({ reference }) => reference.node));
  // A weight is a tensor of the graph only where it is an output itself.
  return { inputs, outputs, order: needed.filter(({ name }) => !isWeight(name) || put.has(name)), counts };
}

/** @throws RangeError for a node that can not be computed as TensorFlow does */
function checkNode(node: GraphNode): void {
  const { name, op } = node;
  if (op === "Const" || op === "Placeholder") {
    throw invalid(`node ${name}`, op === "Const" ? "weights for a constant" : "an input of the signature", op);
  }
  const refusal = refusalOf(node);
  if (refusal) {
    throw invalid("network", `operations that can be computed as TensorFlow does (${refusal})`, `${op}, node ${name}`);
  }
}

/** What a node is computed from, and how. */
function stepOf(
  tf: Tensorflow,
  node: GraphNode,
  count: number,
  isInput: ReadonlySet<string>,
  weights: ReadonlyMap<string, Tensor>,
  tensorOf: (reference: Reference) => string,
): Pick<Step, "sources" | "compute"> {
  const fixed = isInput.has(node.name) ? undefined : weights.get(node.name);
  if (fixed) return { sources: [], compute: () => [fixed.clone()] };
  if (isInput.has(node.name)) {
    return {
      sources: [],
      compute: () => {
        throw invalid(`input ${node.name}`, "a value", undefined);
      },
    };
  }
  // For each input its weight, or the tensor that it is.
  const read = node.inputs.map(
    (input) => (isInput.has(input.node) ? undefined : weights.get(input.node)) ?? tensorOf(input),
  );
  const sources = [...new Set(read.filter((source): source is string => typeof source === "string"))];
  const run = nodeModel(tf, node, count);
  return {
    sources,
    compute: (values) =>
      run(read.map((source) => (typeof source === "string" ? values[sources.indexOf(source)] : source))),
  };
}
