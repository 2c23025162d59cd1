import type { AttentionTensor, AttentionTensors } from "../network.js";
import type { OnnxGraph } from "./onnx-graph.js";
import { type Node, whole } from "./schema.js";

/**
 * Operators between the softmax and the product with the values: masks, guards against rows without a token, dropout.
 */
const betweenProbabilities = /^(Cast|Dropout|Identity|Where|Mul)$/;
/** Operators that keep a tensor's axes. */
const keeping = /^(Cast|Dropout|Identity)$/;
/** Operators that are a whole attention layer, and the attribute that counts their heads. */
const fused =
  /^(Attention|MultiHeadAttention|GroupQueryAttention|PackedMultiHeadAttention|DecoderMaskedMultiHeadAttention)$/;

/** What an axis counts: rows, heads, tokens, numbers of a head, or rows and heads in one. */
type Axis = "rows" | "heads" | "tokens" | "numbers" | "rows and heads";

/**
 * The tensors in which attention heads stand side by side, `[tokens, heads x numbers of a head]`, right before a
 * layer's output projection, in the order of computation: a Softmax, its product with the values,
 * `[heads, tokens, numbers]`, a Transpose, and a Reshape that joins the last two axes; or what an operator for
 * attention as a whole gives. `shapeOf` gives sizes with one row.
 */
export function attentionTensors(
  graph: OnnxGraph,
  shapeOf: (name: string) => readonly number[] | undefined,
): AttentionTensors {
  const consumers = new Map<string, Node[]>();
  for (const node of graph.model.graph.node ?? []) {
    for (const name of new Set(node.input ?? [])) consumers.set(name, [...(consumers.get(name) ?? []), node]);
  }
  const found: AttentionTensor[] = [];
  const unclear: { name: string; shape: readonly number[] }[] = [];
  const seen = new Set<string>();
  const take = (context: string, tensor: AttentionTensor | undefined) => {
    if (seen.has(context)) return;
    seen.add(context);
    if (tensor) found.push(tensor);
    else unclear.push({ name: context, shape: (shapeOf(context) ?? []).slice(1) });
  };
  for (const name of graph.order) {
    const node = graph.producerOf(name);
    if (!node || node.output?.[0] !== name) continue;
    const operator = node.opType ?? "";
    if (fused.test(operator)) take(name, ofFused(node, name, shapeOf(name)) ?? joined(name, shapeOf, consumers));
    if (operator !== "Softmax") continue;
    for (const context of contextsOf(name, consumers)) take(context, joined(context, shapeOf, consumers));
  }
  const place = new Map(graph.order.map((name, index) => [name, index]));
  found.sort((a, b) => (place.get(a.site) ?? 0) - (place.get(b.site) ?? 0));
  return { found, unclear };
}

/** Products of attention probabilities and values. */
function contextsOf(probabilities: string, consumers: ReadonlyMap<string, readonly Node[]>): string[] {
  return (consumers.get(probabilities) ?? []).flatMap((node) => {
    const [output = ""] = node.output ?? [];
    const operator = node.opType ?? "";
    if (operator === "MatMul" || operator === "Einsum") return node.input?.[0] === probabilities ? [output] : [];
    return betweenProbabilities.test(operator) ? contextsOf(output, consumers) : [];
  });
}

/** Where the heads of a context tensor are joined; undefined where the operators behind it are others. */
function joined(
  context: string,
  shapeOf: (name: string) => readonly number[] | undefined,
  consumers: ReadonlyMap<string, readonly Node[]>,
): AttentionTensor | undefined {
  let axes: readonly Axis[] | undefined = firstAxes(shapeOf(context));
  for (let name = context; axes; ) {
    const [node, ...others] = consumers.get(name) ?? [];
    if (!node || others.length > 0) return undefined;
    const [output = ""] = node.output ?? [];
    const [before, after] = [shapeOf(name), shapeOf(output)];
    const operator = node.opType ?? "";
    if (!before || !after) return undefined;
    if (operator === "Reshape") {
      const [rows, tokens, heads, numbers] = before;
      const together = axes.join() === "rows,tokens,heads,numbers" && rows === 1;
      if (together && after.length === 3 && after[0] === 1 && after[1] === tokens && after[2] === heads * numbers) {
        return { site: output, heads, headSize: numbers };
      }
      axes = axes[0] === "rows and heads" ? apart(before, after) : undefined;
    } else if (operator === "Transpose") {
      const permutation = node.attribute?.find((attribute) => attribute.name === "perm")?.ints?.map(whole);
      const old: readonly Axis[] = axes;
      axes = permutation?.map((axis) => old[axis]);
    } else if (!keeping.test(operator)) return undefined;
    name = output;
  }
  return undefined;
}

/** The axes of a product of probabilities and values. */
function firstAxes(shape: readonly number[] | undefined): readonly Axis[] | undefined {
  if (shape?.length === 4 && shape[0] === 1) return ["rows", "heads", "tokens", "numbers"];
  return shape?.length === 3 ? ["rows and heads", "tokens", "numbers"] : undefined;
}

/** The axes where rows and heads are told apart again. */
function apart(before: readonly number[], after: readonly number[]): readonly Axis[] | undefined {
  const fits = after.length === 4 && after[0] === 1 && after.slice(1).join() === before.join();
  return fits ? ["rows", "heads", "tokens", "numbers"] : undefined;
}

/** What an operator for attention gives, where it joins the heads itself. */
function ofFused(node: Node, site: string, shape: readonly number[] | undefined): AttentionTensor | undefined {
  const count = node.attribute?.find(({ name }) => name === "num_heads" || name === "q_num_heads")?.i;
  const heads = whole(count);
  if (shape?.length !== 3 || shape[0] !== 1 || heads < 1 || shape[2] % heads !== 0) return undefined;
  return { site, heads, headSize: shape[2] / heads };
}
