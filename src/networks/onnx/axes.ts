import type { OnnxGraph } from "./onnx-graph.js";
import { type Node, whole } from "./schema.js";

/** Operators whose results have their channels first, right behind the rows. */
const channelsFirst =
  /^(Conv|ConvInteger|QLinearConv|ConvTranspose|BatchNormalization|InstanceNormalization|LRN|GroupNormalization|(Global)?(Average|Max|Lp)Pool|DepthToSpace|SpaceToDepth|PRelu)$/;
/** Operators whose results have their features last. */
const featuresLast = /^(MatMul|Gemm|LayerNormalization|SkipLayerNormalization|LSTM|GRU|RNN|Attention|Flatten)$/;

/** Operators that change the shape and keep the order of the numbers. */
const reshaping = /^(Reshape|Squeeze|Unsqueeze)$/;

/**
 * The axis, rows not counted, that holds a tensor's channels or features. A convolution's are first, a matrix product's
 * last; other operators keep the axis of the input of the same rank, a Transpose moves it, and a change of shape keeps
 * it where only one axis has its length. Where nothing is known: the only axis, the last of two, the first of three or
 * more.
 */
export function unitAxes(graph: OnnxGraph, shapeOf: (name: string) => readonly number[]): Map<string, number> {
  const axes = new Map<string, number>();
  for (const name of graph.order) {
    const shape = shapeOf(name).slice(1);
    if (shape.length === 0) continue;
    const node = graph.producerOf(name);
    const axis =
      (node && axisAfter(node, shape, axes, (input) => shapeOf(input).slice(1))) ?? (shape.length === 2 ? 1 : 0);
    axes.set(name, Math.min(axis, shape.length - 1));
  }
  return axes;
}

function axisAfter(
  node: Node,
  shape: readonly number[],
  axes: ReadonlyMap<string, number>,
  shapeOf: (name: string) => readonly number[],
): number | undefined {
  const operator = node.opType ?? "";
  const rank = shape.length;
  if (channelsFirst.test(operator)) return 0;
  if (featuresLast.test(operator)) return rank - 1;
  if (reshaping.test(operator)) {
    const source = node.input?.[0] ?? "";
    const axis = axes.get(source);
    if (axis === undefined) return undefined;
    const length = shapeOf(source)[axis];
    const after = shape.indexOf(length);
    return after >= 0 && shape.lastIndexOf(length) === after ? after : undefined;
  }
  const sources = (node.input ?? []).filter((input) => axes.has(input) && shapeOf(input).length === rank);
  const source = operator === "Where" ? sources.at(-1) : sources[0];
  if (source === undefined) return undefined;
  const before = axes.get(source)!;
  if (operator !== "Transpose") return before;
  const permutation = node.attribute?.find(({ name }) => name === "perm")?.ints?.map(whole);
  const after = permutation ? permutation.indexOf(before + 1) - 1 : rank - 1 - before;
  return after >= 0 ? after : undefined;
}
