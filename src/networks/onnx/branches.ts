import { ancestors } from "../cut.js";
import { assemble, nodesOf } from "./assemble.js";
import { inline, nameOf } from "./inline.js";
import { inputInfos, type OnnxInput, zeroFeeds } from "./inputs.js";
import { type OnnxGraph, onnxGraph } from "./onnx-graph.js";
import { drawingNodes } from "./random.js";
import type { Runtime } from "./runtime.js";
import { type Graph, innerGraphs, isStandard, type Model, type Node } from "./schema.js";

/**
 * Numbers of rows that a condition is tried with; the last ones only where no tensor of the network is computed for it.
 */
const severalRows = [2, 3, 64];

/**
 * Puts the branch that an If takes in the If's place, wherever that does not depend on the network's inputs: its
 * condition follows from constants, fixed inputs and the shape of one row, and is the same for any number of rows. What
 * is inside is then open to lesions. Other Ifs stay as they are.
 *
 * @returns names of the tensors in branches that are not taken, with the reason why lesions do not reach them
 */
export async function openBranches(
  runtime: Runtime,
  model: Model & { graph: Graph },
  rows: readonly OnnxInput[],
): Promise<Map<string, string>> {
  const left = new Map<string, string>();
  const kept = new Set<Node>();
  for (;;) {
    const graph = onnxGraph(model);
    const node = (model.graph.node ?? []).find((candidate) => isStandard(candidate, "If") && !kept.has(candidate));
    if (!node) return left;
    const condition = node.input?.[0] ?? "";
    const shapesOnly = (name: string) => /^(Shape|Size)$/.test(graph.producerOf(name)?.opType ?? "");
    const decides = ancestors(graph, [condition], shapesOnly);
    const needed = ancestors(graph, [condition]);
    const isDrawn = [...drawingNodes(model).keys()].some(({ output }) => output?.some((name) => needed.has(name)));
    if (isDrawn || graph.inputs.some(({ name }) => decides.has(name ?? ""))) {
      kept.add(node);
      continue;
    }
    const shapesOf = rows.filter(({ name }) => needed.has(name));
    const session = await runtime.session(
      assemble(graph, { inputs: inputInfos(shapesOf), nodes: nodesOf(graph, needed), outputs: [condition] }),
    );
    const isTrue = async (count: number) => {
      const result = await session.run(zeroFeeds(runtime, shapesOf, count));
      return Number(result[condition].data[0]) !== 0;
    };
    let taken: string;
    let ofRows = false;
    try {
      const first = await isTrue(1);
      taken = first ? "then_branch" : "else_branch";
      // What is asked of a shape may be how many rows there are. A network of one row at a time takes no more.
      const behindShapes = [...needed].filter((name) => !decides.has(name));
      const cheap = behindShapes.every((name) => !graph.producerOf(name) || shapesOnly(name));
      for (const count of severalRows.slice(0, shapesOf.length === 0 ? 0 : cheap ? 3 : 1)) {
        ofRows ||= (await isTrue(count).catch(() => first)) !== first;
      }
    } finally {
      session.dispose();
    }
    const branch = node.attribute?.find(({ name }) => name === taken)?.g;
    if (!branch || ofRows) {
      kept.add(node);
      continue;
    }
    const reason = `it is in a branch of the If ${nameOf(node)} that is not taken with this shape and these fixed inputs`;
    for (const other of innerGraphs(node)) if (other !== branch) note(other, reason, left);
    inline(model.graph, node, branch, left);
  }
}

/** Names of tensors inside Ifs and loops that stay closed, with the reason why lesions do not reach them. */
export function closedTensors({ model }: OnnxGraph): Map<string, string> {
  const closed = new Map<string, string>();
  for (const node of model.graph.node ?? []) {
    const reason = isStandard(node, "If")
      ? `it is in a branch of the If ${nameOf(node)}, and which branch is taken depends on the inputs; an input can be given a value in fixed`
      : `it is inside the ${node.opType} ${nameOf(node)}, which is run as a whole`;
    for (const inner of innerGraphs(node)) note(inner, reason, closed);
  }
  return closed;
}

/** Notes the reason for everything in a graph and the graphs inside it. */
function note(graph: Graph, reason: string, reasons: Map<string, string>): void {
  for (const node of graph.node ?? []) {
    for (const name of node.output ?? []) if (!reasons.has(name)) reasons.set(name, reason);
    for (const inner of innerGraphs(node)) note(inner, reason, reasons);
  }
}
