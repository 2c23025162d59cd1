import type { Cut } from "../cut.js";
import { assemble, inputInfo, nodesOf } from "./assemble.js";
import { type OnnxGraph, operatorVersion } from "./onnx-graph.js";
import { type Model, type Node, renamed, type Schema, type StoredTensor, type ValueInfo } from "./schema.js";
import { bytesOf } from "./types.js";

/** A tensor that is lesioned: its shape without rows, and whether each input has a replacement of its own. */
export interface LesionedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly maskShape: readonly number[];
  readonly paired: boolean;
}

/** A tensor that is computed once for each input. */
export interface OnceTensor {
  readonly name: string;
  /** ONNX's code of its numbers. */
  readonly code: number;
  readonly shape: readonly number[];
}

/** Names of the new inputs of a lesioned model. */
export const names = {
  /** Which input each row is, int32 `[rows]`. */
  rows: "shapley-modes/rows",
  /** A tensor for all inputs, `[inputs, ...shape]`. */
  once: (tensor: string) => `${tensor}/once`,
  /** Where a tensor is intact, bool `[rows, ...]`. */
  intact: (tensor: string) => `${tensor}/intact`,
  /** What replaces it, `[1 or inputs, ...shape]`. */
  replacement: (tensor: string) => `${tensor}/replacement`,
  /** The tensor with its lesions. */
  lesioned: (tensor: string) => `${tensor}/lesioned`,
};

/**
 * The second half of a cut network, with a mask after every lesioned tensor: y = x where intact, else the replacement. What
 * was computed once is an input, of which every row takes its own (Gather).
 *
 * @returns the model, and the name of its output
 */
export function lesionedModel(
  schema: Schema,
  graph: OnnxGraph,
  cut: Cut,
  once: readonly OnceTensor[],
  lesions: readonly LesionedTensor[],
  output: string,
): { model: Model; output: string } {
  const replaced = new Map(lesions.map(({ name }) => [name, names.lesioned(name)]));
  const known = new Set(cut.once);
  const inputs: ValueInfo[] = [inputInfo(names.rows, 6, ["rows"])];
  const stored: StoredTensor[] = [];
  const nodes: Node[] = [];
  const byName = new Map(lesions.map((lesion) => [lesion.name, lesion]));
  const selects = operatorVersion(graph.model) >= 9;
  if (!selects)
    stored.push({ name: "shapley-modes/one", dims: [1], dataType: 1, rawData: bytesOf(Float32Array.of(1)) });

  function gather(from: string, to: string): Node {
    return { opType: "Gather", input: [from, names.rows], output: [to] };
  }
  function mask(lesion: LesionedTensor): void {
    const { name, shape, maskShape, paired } = lesion;
    const intact = names.intact(name);
    const replacement = names.replacement(name);
    inputs.push(inputInfo(intact, 9, ["rows", ...maskShape.slice(1)]));
    inputs.push(inputInfo(replacement, 1, [paired ? "inputs" : 1, ...shape]));
    const other = paired ? `${replacement}/rows` : replacement;
    if (paired) nodes.push(gather(replacement, other));
    if (selects) nodes.push({ opType: "Where", input: [intact, name, other], output: [names.lesioned(name)] });
    else nodes.push(...blend(name, intact, other));
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
  return { model: assemble(schema, graph, { inputs, nodes, outputs: [last], stored }), output: last };
}

/** Where for models from before operator version 9: x * m + r * (1 - m). */
function blend(name: string, intact: string, other: string): Node[] {
  const part = (suffix: string) => `${name}/blend-${suffix}`;
  return [
    { opType: "Cast", input: [intact], output: [part("m")], attribute: [{ name: "to", type: 2, i: 1 }] },
    { opType: "Sub", input: ["shapley-modes/one", part("m")], output: [part("not")] },
    { opType: "Mul", input: [name, part("m")], output: [part("kept")] },
    { opType: "Mul", input: [other, part("not")], output: [part("other")] },
    { opType: "Add", input: [part("kept"), part("other")], output: [names.lesioned(name)] },
  ];
}
