import { invalid } from "../../errors.js";
import type { TfInput } from "./graph.js";
import { type GraphNode, outputCount, type Reference, referenceOf } from "./graph-nodes.js";

/** What a GraphModel says of its inputs and outputs, as stored. */
export interface Signature {
  readonly inputs?: unknown;
  readonly outputs?: unknown;
}

/** An output of the network, and the output of a node that it is. */
export interface GraphOutput {
  readonly name: string;
  readonly reference: Reference;
}

/** TensorFlow.js' types for those of TensorFlow, as its converter maps them. */
const types = new Map<unknown, TfInput["dtype"]>([
  ...["DT_FLOAT", "DT_HALF", "DT_DOUBLE", 1, 19, 2].map((type) => [type, "float32"] as const),
  ...["DT_INT32", "DT_INT64", "DT_INT8", "DT_UINT8", 3, 9, 6, 4].map((type) => [type, "int32"] as const),
  ...["DT_BOOL", 10].map((type) => [type, "bool"] as const),
]);

/**
 * The inputs of a graph: those of its signature, else its placeholders (of those with a default value only where there
 * are no others). Their names are those of their nodes.
 *
 * @throws RangeError for one of text or complex numbers, or without an axis of rows that is open or 1
 */
export function graphInputs(nodes: ReadonlyMap<string, GraphNode>, signature: Signature | undefined): TfInput[] {
  const stated = entriesOf("inputs", signature?.inputs).filter(([, { resourceId }]) => resourceId === undefined);
  const ofKind = (op: string) => [...nodes.values()].filter((node) => node.op === op).map(({ name }) => name);
  const plain = ofKind("Placeholder");
  const placeholders = plain.length > 0 ? plain : ofKind("PlaceholderWithDefault");
  const names = new Set(
    stated.length === 0
      ? placeholders
      : stated.map(([key, { name }]) => {
          const { node, index } = referenceOf(`the signature's input ${key}`, name);
          if (index > 0) throw invalid(`signature's input ${key}`, "a node's first output", name);
          return node;
        }),
  );
  if (names.size === 0) throw invalid("graph", "at least one input", "none");
  return [...names].map((name) => {
    const node = nodes.get(name);
    if (!node) throw invalid("signature", "inputs that are nodes of the graph", name);
    const [, said] = stated.find(([key, { name: tensor }]) => referenceOf(key, tensor).node === name) ?? [];
    return inputOf(node, said);
  });
}

function inputOf({ name, attr }: GraphNode, said: Entry | undefined): TfInput {
  const type = attr.dtype?.type ?? said?.dtype ?? "DT_FLOAT";
  const dtype = types.get(type);
  if (dtype === undefined)
    throw invalid(`input ${name}`, "one of real numbers or booleans, not of text and the like", type);
  const shape = (attr.shape?.shape ?? said?.tensorShape) as { unknownRank?: unknown; dim?: unknown } | undefined | null;
  if (shape === undefined || shape === null || shape.unknownRank) {
    return { name, tensor: name, dtype, shape: undefined, oneRow: false };
  }
  const dims: unknown = shape.dim ?? [];
  if (!Array.isArray(dims)) throw invalid(`shape of input ${name}`, "a list of sizes", dims);
  const sizes = dims.map((dim: { size?: unknown } | null) => Number(dim?.size ?? 0));
  if (!sizes.every((length) => Number.isSafeInteger(length) && (length === -1 || length > 0))) {
    throw invalid(`shape of input ${name}`, "positive sizes, or -1 where open", sizes);
  }
  const [rows, ...row] = sizes;
  if (rows !== -1 && rows !== 1) {
    throw invalid(`shape of input ${name}`, "an axis of rows in front, open or 1", sizes);
  }
  return { name, tensor: name, dtype, shape: row.map((length) => (length < 0 ? null : length)), oneRow: rows === 1 };
}

/**
 * The outputs of a graph by the names that its signature gives them (`name` for `name:0`, where no other has that
 * name), else all that nothing is computed from: `node`, or of a node with several outputs `node:0`, `node:1`, ...
 */
export function graphOutputs(
  nodes: ReadonlyMap<string, GraphNode>,
  signature: Signature | undefined,
  isKnown: (name: string) => boolean,
): GraphOutput[] {
  const stated = entriesOf("outputs", signature?.outputs);
  if (stated.length > 0) {
    const short = stated.map(([key]) => key.replace(/:0$/, ""));
    return stated.map(([key, { name }], i) => {
      const alone = short.filter((other) => other === short[i]).length === 1;
      return { name: alone ? short[i] : key, reference: referenceOf(`the signature's output ${key}`, name) };
    });
  }
  const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const last = [...nodes.values()].filter(({ name, op }) => !read.has(name) && !isKnown(name) && op !== "NoOp");
  if (last.length === 0) throw invalid("graph", "at least one output", "none");
  return last.flatMap((node) => {
    const count = outputCount(node, 1);
    return Array.from({ length: count }, (_, index) => ({
      name: count === 1 ? node.name : `${node.name}:${index}`,
      reference: { node: node.name, index },
    }));
  });
}

/** What a signature says of a tensor. */
interface Entry {
  readonly name?: unknown;
  readonly dtype?: unknown;
  readonly tensorShape?: unknown;
  readonly resourceId?: unknown;
}

function entriesOf(which: string, stated: unknown): [string, Entry][] {
  if (stated === undefined || stated === null) return [];
  const isObject = (value: unknown) => value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isObject(stated)) throw invalid(`${which} of the signature`, "an object of tensors by name", stated);
  return Object.entries(stated as object).map(([key, entry]) => {
    if (!isObject(entry)) throw invalid(`${which} of the signature`, "an object of tensors by name", entry);
    return [key, entry as Entry];
  });
}
