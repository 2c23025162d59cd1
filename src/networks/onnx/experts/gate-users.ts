import type { OnnxGraph } from "../onnx-graph.js";
import { attributeOf } from "../row-places.js";
import { isStandard, type Node, usedNames } from "../schema.js";

/** The gates that experts are weighted by: a tensor and the node that makes it; or why they can not be masked. */
export interface UsedGates {
  readonly gates: string;
  readonly node: Node;
  readonly reason?: string;
}

/** Operators whose first input's numbers come out as they are, or summed. */
const passing = new Set([
  ...["Gather", "GatherElements", "GatherND", "Slice", "Split", "Transpose", "Unsqueeze", "Squeeze", "Reshape"],
  ...["Flatten", "Expand", "Tile", "Cast", "Identity", "Concat", "Neg", "ReduceSum", "ReduceMean"],
]);

/**
 * The gates behind those that a choice of experts gives: rescaled ones where something rescales them, such as a
 * division by their sum. A mask in front of that would make the others larger, and divide by 0 where all are lesioned.
 * All that is done with them then has to be linear: only so is a gate of 0 an expert that adds nothing while the others
 * stay.
 *
 * @param choice the TopK that picks experts
 * @param node gives the gates, the first of its outputs
 */
export function usedGates(graph: OnnxGraph, choice: Node, node: Node): UsedGates {
  const users = usersIn(graph);
  const gates = node.output?.[0] ?? "";
  const behind = rescaling(graph, users, gates);
  if (behind) return usedGates(graph, choice, behind);
  const reason = bentUse(graph, users, choice, gates);
  return { gates, node, ...(reason !== undefined && { reason }) };
}

type Users = (name: string) => readonly Node[];

/** A function that gives the nodes that use a tensor. */
export function usersIn({ model }: OnnxGraph): Users {
  const users = new Map<string, Node[]>();
  for (const node of model.graph.node ?? []) {
    for (const name of new Set(usedNames(node))) {
      const own = users.get(name);
      if (own) own.push(node);
      else users.set(name, [node]);
    }
  }
  return (name) => users.get(name) ?? [];
}

/** The tensors that depend on some, these included. @param without nodes behind which none is followed */
function behindThem(
  users: Users,
  names: readonly string[],
  without: (node: Node) => boolean = () => false,
): Set<string> {
  const found = new Set(names);
  for (const name of found) {
    for (const node of users(name)) if (!without(node)) for (const output of node.output ?? []) found.add(output);
  }
  found.delete("");
  return found;
}

/**
 * The node through which all goes that is made of gates, and that rescales them: a division by something that is made
 * of them, or a norm.
 */
function rescaling(graph: OnnxGraph, users: Users, gates: string): Node | undefined {
  const outputs = new Set((graph.model.graph.output ?? []).map(({ name }) => name));
  return users(gates).find((node) => {
    const [first, second] = node.input ?? [];
    const between = behindThem(users, [gates], (own) => own === node);
    const others = first === gates ? second : first;
    const isOne =
      (isStandard(node, "LpNormalization") && first === gates) ||
      (isStandard(node, "Div") && first === gates && between.has(second ?? "")) ||
      (isStandard(node, "Mul") && others !== gates && between.has(others ?? ""));
    // What is between ends in this node, and nowhere else.
    return isOne && [...between].every((name) => !outputs.has(name) && users(name).length > 0);
  });
}

/** Why what is done with gates is not linear in them, up to where experts' outputs come in; undefined where it is. */
function bentUse(graph: OnnxGraph, users: Users, choice: Node, gates: string): string | undefined {
  const ofGates = behindThem(users, [gates]);
  const ofChoice = behindThem(users, (choice.output ?? []).filter(Boolean));
  const ofData = behindThem(
    users,
    graph.inputs.map(({ name }) => name ?? ""),
  );
  // Data that come past the choice: experts' outputs are made of them, masks of picked experts are not.
  const pastChoice = behindThem(
    users,
    graph.inputs.map(({ name }) => name ?? ""),
    (node) => node === choice || isStandard(node, "Shape") || isStandard(node, "Size"),
  );
  // Gates, and sums of them: not multiplied yet with what experts give.
  const plain = new Set([gates]);
  // Those that were multiplied with something of the data: perhaps with what experts give for a choice of rows.
  const products = new Set<string>();
  // Those that were multiplied with what experts give.
  const terms = new Set<string>();
  for (const name of plain) {
    for (const node of users(name)) {
      let isProduct = products.has(name);
      let isTerm = terms.has(name);
      const others = (node.input ?? []).filter((own) => own !== name && own !== "");
      const is = (...operators: string[]) => operators.some((operator) => isStandard(node, operator));
      if (is("Shape", "Size", "NonZero")) continue;
      if (is("Mul", "MatMul", "Gemm", "Einsum")) {
        const twice = (node.input ?? []).filter((own) => own === name).length > 1;
        if (twice || others.some((own) => ofGates.has(own))) return useOf(name, gates, node);
        if (others.some((own) => ofData.has(own) && !ofChoice.has(own))) continue;
        isProduct ||= others.some((own) => ofData.has(own));
        isTerm ||= others.some((own) => pastChoice.has(own));
      } else if (isTerm && addsRows(node, name)) {
        // The experts' terms are added to the rows of the tokens that they are of.
        continue;
      } else if (is("Add", "Sub", "Sum")) {
        // Beside experts' outputs stands what goes past the layer; gates of themselves have nothing added.
        const beside = others.filter((own) => !ofGates.has(own));
        if (beside.length > 0 && !isProduct) return useOf(name, gates, node);
        if (beside.some((own) => ofData.has(own))) continue;
      } else if (is("Div")) {
        if (node.input?.[0] !== name || node.input?.[1] === name || others.some((own) => ofGates.has(own)))
          return useOf(name, gates, node);
      } else {
        const first = node.input?.[0] === name && node.input.lastIndexOf(name) === 0;
        if (node.opType !== "Concat" && !first) return useOf(name, gates, node);
        if (![...passing].some((operator) => is(operator))) return useOf(name, gates, node);
      }
      for (const output of node.output ?? []) {
        plain.add(output);
        if (isProduct) products.add(output);
        if (isTerm) terms.add(output);
      }
    }
  }
  return undefined;
}

/** Whether a node writes some rows to others, or adds them there (index_add): so each counts once. */
function addsRows(node: Node, name: string): boolean {
  if (!isStandard(node, "ScatterND") && !isStandard(node, "ScatterElements")) return false;
  const by = attributeOf(node, "reduction")?.s;
  const reduction = by && by.length > 0 ? new TextDecoder().decode(by) : "none";
  return node.input?.[2] === name && node.input.indexOf(name) === 2 && ["none", "add"].includes(reduction);
}

function useOf(name: string, gates: string, node: Node): string {
  const what = name === gates ? "they" : `${name}, made of them,`;
  const go = name === gates ? "go" : "goes";
  return `its gates are used as more than factors of experts' outputs: ${what} ${go} into ${node.opType} ${node.name || node.output?.[0]}; with one of them 0 the others would not stay as they are`;
}
