import {
  definedNames,
  type Graph,
  innerGraphs,
  type Node,
  renamed,
  type StoredTensor,
  type ValueInfo,
} from "./schema.js";

/**
 * Puts a branch in the place of its If. Names that are the branch's alone stay; others, which mean something else
 * elsewhere in the model, get the If's name in front: `If/name`.
 *
 * @param notes names in the model that now are something else, with a word on what; names that are changed are added
 */
export function inline(graph: Graph, node: Node, branch: Graph, notes: Map<string, string>): void {
  const names = newNames(graph, node, branch, notes);
  const nameNow = (name: string) => names.get(name) ?? name;
  const nodes = (branch.node ?? []).map((inner) => withOutputs(renamed(inner, names), nameNow));
  const handedOn = (node.output ?? []).flatMap((output, i): Node[] => {
    const given = nameNow(branch.output?.[i]?.name ?? "");
    if (output === "") return [];
    // Before version 14 an Identity takes no sequence, which is no site anyway: it takes the If's name.
    if (isNoTensor(branch.output?.[i]) && rename(nodes, given, output)) return [];
    return [{ opType: "Identity", input: [given], output: [output] }];
  });
  const before = graph.node ?? [];
  const at = before.indexOf(node);
  graph.node = [...before.slice(0, at), ...nodes, ...handedOn, ...before.slice(at + 1)];
  const stored = <T extends StoredTensor>(tensor: T): T => withName(tensor, nameNow);
  graph.initializer = [...(graph.initializer ?? []), ...(branch.initializer ?? []).map(stored)];
  const sparse = (branch.sparseInitializer ?? []).map((tensor) =>
    tensor.values ? { ...tensor, values: stored(tensor.values) } : tensor,
  );
  graph.sparseInitializer = [...(graph.sparseInitializer ?? []), ...sparse];
}

/** What a node is called in messages and in new names. */
export function nameOf(node: Node): string {
  return node.name || (node.output ?? []).find((name) => name !== "") || "";
}

/** New names for what a branch defines and the rest of the model defines as well. */
function newNames(graph: Graph, node: Node, branch: Graph, notes: Map<string, string>): Map<string, string> {
  const deeper = (branch.node ?? []).flatMap(innerGraphs).flatMap((inner) => allDefined(inner));
  const elsewhere = new Set([...allDefined(graph, node), ...deeper]);
  const taken = new Set(allDefined(graph));
  const names = new Map<string, string>();
  for (const name of definedNames(branch)) {
    const known = notes.get(name)?.startsWith(severalOf) === true;
    if (name === "" || !(elsewhere.has(name) || known)) continue;
    let other = `${nameOf(node)}/${name}`;
    while (taken.has(other)) other += "'";
    taken.add(other);
    names.set(name, other);
    notes.set(name, known ? `${notes.get(name)}, ${other}` : `${severalOf} ${other}`);
  }
  return names;
}

/** How the note on a name begins that several tensors of the file have. */
const severalOf = "several tensors of the file have this name; in branches that are taken it is now";

/** All names that a graph and the graphs inside it define, but for those inside one node. */
/** Names of all tensors of a graph, and of the graphs inside. */
export function allDefined(graph: Graph, without?: Node): string[] {
  const inside = (graph.node ?? []).filter((node) => node !== without).flatMap(innerGraphs);
  return [...definedNames(graph), ...inside.flatMap((inner) => allDefined(inner))];
}

function withOutputs(node: Node, nameNow: (name: string) => string): Node {
  const output = (node.output ?? []).map(nameNow);
  return output.every((name, i) => name === node.output![i]) ? node : { ...node, output };
}

function withName<T extends { readonly name?: string }>(tensor: T, nameNow: (name: string) => string): T {
  const name = nameNow(tensor.name ?? "");
  return name === tensor.name ? tensor : { ...tensor, name };
}

function isNoTensor(port: ValueInfo | undefined): boolean {
  return port?.type?.sequenceType !== undefined || port?.type?.optionalType !== undefined;
}

/** Gives what some nodes make another name. @returns whether one of them makes it */
function rename(nodes: Node[], from: string, to: string): boolean {
  if (!nodes.some((node) => node.output?.includes(from))) return false;
  const names = new Map([[from, to]]);
  nodes.forEach((node, i) => {
    nodes[i] = withOutputs(renamed(node, names), (name) => names.get(name) ?? name);
  });
  return true;
}
