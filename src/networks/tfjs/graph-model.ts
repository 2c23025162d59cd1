import type { GraphModel, Tensor } from "@tensorflow/tfjs";
import { wrongKind } from "../../errors.js";
import type { TfGraph, TfInput } from "./graph.js";

/** A node of the stored graph (TensorFlow's GraphDef as JSON). */
interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, { readonly s?: string }>>;
}

/**
 * A GraphModel as tensors, one for each node, by the nodes' names. A node with several outputs is computed with those that
 * need it, and is no site. Constants are not listed.
 */
export function modelGraph(model: GraphModel): TfGraph {
  const { artifacts } = model as unknown as { artifacts?: { modelTopology?: { node?: GraphNode[] } } };
  const nodes = new Map((artifacts?.modelTopology?.node ?? []).map((node) => [node.name, node]));
  if (nodes.size === 0) throw wrongKind("model", "a GraphModel, as tf.loadGraphModel gives one", model);
  const several = new Set(
    [...nodes.values()].flatMap((node) => (node.input ?? []).filter((input) => /:[1-9]\d*$/.test(input)).map(bare)),
  );
  const inputs = model.inputs.map((input): TfInput => {
    const tensor = bare(input.name);
    const shape = (input.shape ?? []).map((length) => (length < 0 ? null : length));
    return { name: tensor, tensor, dtype: input.dtype === "int32" ? "int32" : "float32", shape };
  });
  const isInput = new Set(inputs.map((input) => input.tensor));
  const order: string[] = [];
  const inputsByName = new Map<string, readonly string[]>();

  /** The tensors behind a reference: itself, nothing for a constant, its inputs for a node with several outputs. */
  function behind(reference: string): readonly string[] {
    if (reference.startsWith("^")) return [];
    const name = bare(reference);
    const node = nodes.get(name);
    if (!node || node.op === "Const") return [];
    const sources = visit(node);
    return several.has(name) && !isInput.has(name) ? sources : [name];
  }

  function visit(node: GraphNode): readonly string[] {
    const known = inputsByName.get(node.name);
    if (known) return known;
    const sources = isInput.has(node.name) ? [] : [...new Set((node.input ?? []).flatMap(behind))];
    inputsByName.set(node.name, sources);
    if (!several.has(node.name) || isInput.has(node.name)) order.push(node.name);
    return sources;
  }
  for (const input of inputs) visit(nodes.get(input.tensor) ?? { name: input.tensor, op: "Placeholder" });
  const outputs = model.outputs.map((output) => {
    const [tensor] = behind(output.name);
    return { name: signatureName(model, output.name), tensor };
  });

  return {
    inputs,
    outputs,
    order,
    inputsOf: (name) => inputsByName.get(name) ?? [],
    kindOf: (name) => (isInput.has(name) ? "input" : (nodes.get(name)?.op ?? "")),
    axisOf: (name, rank) => (isChannelsFirst(nodes.get(name)) ? 0 : rank - 1),
    compute(name, values) {
      const sources = inputsByName.get(name) ?? [];
      const fed = Object.fromEntries(sources.map((source, i) => [source, values[i]]));
      return model.execute(fed, name) as Tensor;
    },
  };
}

/** A node's name, from a reference such as `node:0`. */
function bare(reference: string): string {
  return reference.replace(/:\d+$/, "");
}

/** The name that the model's signature gives an output, else the node's. */
function signatureName(model: GraphModel, tensor: string): string {
  const { modelSignature } = model as unknown as { modelSignature?: { outputs?: Record<string, { name: string }> } };
  const found = Object.entries(modelSignature?.outputs ?? {}).find(([, { name }]) => bare(name) === bare(tensor));
  return bare(found?.[0] ?? tensor);
}

function isChannelsFirst(node: GraphNode | undefined): boolean {
  const format = node?.attr?.data_format?.s;
  return format !== undefined && Buffer.from(format, "base64").toString().startsWith("NC");
}
