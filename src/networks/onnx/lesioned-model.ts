import type { Cut } from "../cut.js";
import type { MaskedTensor } from "../network.js";
import { maskShape } from "../shapes.js";
import { assemble, inputInfo, nodesOf } from "./assemble.js";
import { names } from "./lesioned-pass.js";
import { type OnnxGraph, operatorVersion } from "./onnx-graph.js";
import { ownPrefix } from "./open-rows.js";
import { type Model, type Node, renamed, type StoredTensor, type ValueInfo } from "./schema.js";
import { bytesOf } from "./types.js";

/** A tensor that is computed once for each input. */
export interface OnceTensor {
  readonly name: string;
  /** ONNX's code of its numbers. */
  readonly code: number;
  readonly shape: readonly number[];
}

/** Whether a model has the operator Where, which came with version 9. */
export function hasWhere({ model }: OnnxGraph): boolean {
  return operatorVersion(model) >= 9;
}

/**
 * The second half of a cut network, with a mask after every lesioned tensor: y = x where intact, else the replacement.
 * What was computed once is an input, of which every row takes its own (Gather). A mask selects: what is not finite and
 * lesioned leaves no trace.
 *
 * @returns the model, and the name of its output
 */
export function lesionedModel(
  graph: OnnxGraph,
  cut: Cut,
  once: readonly OnceTensor[],
  lesions: readonly MaskedTensor[],
  output: string,
): { model: Model; output: string } {
  const replaced = new Map(lesions.map(({ name }) => [name, names.lesioned(name)]));
  const known = new Set(cut.once);
  const inputs: ValueInfo[] = [inputInfo(names.rows, 6, ["rows"])];
  const stored: StoredTensor[] = [];
  const nodes: Node[] = [];
  const byName = new Map(lesions.map((lesion) => [lesion.name, lesion]));
  const where = hasWhere(graph);
  if (!where)
    stored.push({ name: "shapley-modes/flat", dims: [1], dataType: 7, rawData: bytesOf(BigInt64Array.of(-1n)) });

  function gather(from: string, to: string): Node {
    return { opType: "Gather", input: [from, names.rows], output: [to] };
  }
  function mask(lesion: MaskedTensor): void {
    const { name, shape, paired } = lesion;
    const replacement = names.replacement(name);
    inputs.push(inputInfo(replacement, 1, [paired ? "inputs" : 1, ...shape]));
    if (!where) {
      inputs.push(inputInfo(names.places(name), 6, ["rows", ...shape]));
      nodes.push(...selection(name));
      return;
    }
    const intact = names.intact(name);
    inputs.push(inputInfo(intact, 9, ["rows", ...maskShape(lesion, 1).slice(1)]));
    const other = paired ? `${replacement}/rows` : replacement;
    if (paired) nodes.push(gather(replacement, other));
    nodes.push({ opType: "Where", input: [intact, name, other], output: [names.lesioned(name)] });
  }

  for (const { name, code, shape } of once) {
    inputs.push(inputInfo(names.once(name), code, ["inputs", ...shape]));
    nodes.push(gather(names.once(name), name));
    const lesion = byName.get(name);
    if (lesion) mask(lesion);
  }
  for (const node of nodesOf(graph, new Set(cut.again))) {
    // An output of the same node that was computed before keeps its name; this one nobody uses.
    const given = (node.output ?? []).map((name) => (known.has(name) ? `${name}/unused` : name));
    const sameNames = given.every((name, i) => name === node.output![i]);
    nodes.push(sameNames ? renamed(node, replaced) : { ...renamed(node, replaced), output: given });
    for (const name of node.output ?? []) {
      const lesion = known.has(name) ? undefined : byName.get(name);
      if (lesion) mask(lesion);
    }
  }
  const last = replaced.get(output) ?? output;
  return { model: assemble(graph, { inputs, nodes, outputs: [last], stored }), output: last };
}

/**
 * Where for models from before operator version 9: each number is taken from its place in x and, behind it, the
 * replacement.
 */
function selection(name: string): Node[] {
  const part = (suffix: string) => `${ownPrefix}selection-${suffix}/${name}`;
  const flat = "shapley-modes/flat";
  return [
    { opType: "Reshape", input: [name, flat], output: [part("intact")] },
    { opType: "Reshape", input: [names.replacement(name), flat], output: [part("other")] },
    {
      opType: "Concat",
      input: [part("intact"), part("other")],
      output: [part("both")],
      attribute: [{ name: "axis", type: 2, i: 0 }],
    },
    { opType: "Gather", input: [part("both"), names.places(name)], output: [names.lesioned(name)] },
  ];
}
