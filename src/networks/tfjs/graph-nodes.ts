import { invalid } from "../../errors.js";

/** A node of a stored graph (TensorFlow's GraphDef as JSON), checked. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** What it is computed from: output `index` of the node `node`. Control inputs (`^node`) are left out. */
  readonly inputs: readonly Reference[];
  readonly attr: Readonly<Record<string, Attribute>>;
  /** The node as it is stored. */
  readonly stored: object;
}

/** An attribute of a node, as GraphDef's JSON has it. */
export type Attribute = Readonly<Record<string, unknown>>;

/** Text of an attribute, which is stored in base64. */
export function textOf(attribute: Attribute | undefined): string | undefined {
  const text = attribute?.s;
  if (Array.isArray(text)) return Buffer.from(text).toString();
  return typeof text === "string" ? Buffer.from(text, "base64").toString() : undefined;
}

/** One output of a node. */
export interface Reference {
  readonly node: string;
  readonly index: number;
}

/**
 * The nodes of a stored graph by their names. @throws RangeError for a node without a name or operation, or a second
 * one of a name
 */
export function graphNodes(topology: unknown): Map<string, GraphNode> {
  const stored = (topology as { node?: unknown } | null)?.node;
  if (!Array.isArray(stored) || stored.length === 0) throw invalid("graph", "a list of nodes", stored);
  const nodes = new Map<string, GraphNode>();
  for (const entry of stored as unknown[]) {
    const { name, op, input = [], attr = {} } = (entry ?? {}) as Partial<Record<string, unknown>>;
    if (typeof name !== "string" || !/^[^:^]+$/.test(name) || name === "__proto__") {
      throw invalid("graph", "nodes with a name each, without : and ^", name);
    }
    if (typeof op !== "string" || op === "") throw invalid(`operation of node ${name}`, "its name", op);
    if (!Array.isArray(input)) throw invalid(`input of node ${name}`, "a list of names", input);
    if (attr === null || typeof attr !== "object") throw invalid(`attr of node ${name}`, "an object", attr);
    for (const [key, value] of Object.entries(attr)) {
      if (value === null || typeof value !== "object") throw invalid(`attr ${key} of node ${name}`, "an object", value);
    }
    if (nodes.has(name)) throw invalid("graph", "nodes of different names", name);
    const isControl = (reference: unknown) => typeof reference === "string" && reference.startsWith("^");
    const inputs = input.filter((reference) => !isControl(reference)).map((reference) => referenceOf(name, reference));
    nodes.set(name, { name, op, inputs, attr: attr as GraphNode["attr"], stored: entry as object });
  }
  return nodes;
}

/** A reference such as `node` or `node:1`. @throws RangeError for text of another form */
export function referenceOf(by: string, reference: unknown): Reference {
  const found = typeof reference === "string" ? /^([^:]+)(?::(\d{1,6}))?$/.exec(reference) : null;
  if (!found)
    throw invalid(`input of ${by}`, "the name of a node, with :number where it has several outputs", reference);
  return { node: found[1], index: Number(found[2] ?? 0) };
}

/**
 * What some outputs are computed from, every node after those that it needs.
 *
 * @param ends whether a node's inputs are not looked at: inputs of the network, weights
 * @param check called with each node that is computed, before its inputs are looked at
 * @throws RangeError for a node that is not there, or one that is computed from itself
 */
export function inOrder(
  nodes: ReadonlyMap<string, GraphNode>,
  wanted: readonly Reference[],
  ends: (node: GraphNode) => boolean,
  check: (node: GraphNode) => void,
): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<string, "open" | "done">();
  const waiting: { readonly name: string; readonly by: string }[] = wanted
    .map(({ node }) => ({ name: node, by: "the outputs" }))
    .reverse();
  for (let next = waiting.at(-1); next !== undefined; next = waiting.at(-1)) {
    const { name, by } = next;
    const node = nodes.get(name);
    if (!node) throw invalid(`input of ${by}`, "the name of a node of the graph", name);
    if (state.get(name) === undefined) {
      state.set(name, "open");
      const isEnd = ends(node);
      if (!isEnd) check(node);
      const inputs = isEnd ? [] : node.inputs;
      for (const input of [...inputs].reverse()) {
        if (state.get(input.node) === "open")
          throw invalid("graph", "no node that is computed from itself", input.node);
        if (state.get(input.node) === undefined) waiting.push({ name: input.node, by: name });
      }
    } else {
      waiting.pop();
      if (state.get(name) === "open") {
        state.set(name, "done");
        order.push(node);
      }
    }
  }
  return order;
}

/** How many outputs an operation has, where that does not follow from an attribute. */
const outputsOfOperation = new Map([
  ["TopKV2", 2],
  ["Unique", 2],
  ["UniqueV2", 2],
  ["MaxPoolWithArgmax", 2],
  ["SparseReshape", 2],
  ["SparseFillEmptyRows", 4],
]);

/** How many outputs a node has: what its operation says, or what others read from it. */
export function outputCount({ op, attr }: GraphNode, mostRead: number): number {
  const number = (name: string) => Number(attr[name]?.i ?? 1);
  if (op === "Split" || op === "SplitV") return Math.max(number("num_split"), mostRead);
  if (op === "Unpack") return Math.max(number("num"), mostRead);
  if (op === "ShapeN") return Math.max(number("N"), mostRead);
  if (op === "IdentityN") return Math.max((attr.T?.list as { type?: unknown[] })?.type?.length ?? 1, mostRead);
  return Math.max(outputsOfOperation.get(op) ?? 1, mostRead);
}

/** Whether a node says that its channels come before its pixels. */
export function isChannelsFirst({ attr }: GraphNode): boolean {
  return /^NC/.test(textOf(attr.data_format) ?? "");
}
