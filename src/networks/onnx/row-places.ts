import { shapeSize } from "../../shape-size.js";
import type { OnnxGraph } from "./onnx-graph.js";
import { type Node, type StoredTensor, whole } from "./schema.js";
import { integersOf } from "./stored.js";

/**
 * Where the rows are in a tensor: the axis, and how much of that axis' length is outside of them. Of
 * `[time * rows, features]` it is axis 0, with `time` outside.
 */
export interface RowPlace {
  readonly axis: number;
  readonly outside: number;
  /** Whether the operators leave no other place: sizes of 1 can make a changed shape be read in two ways. */
  readonly sure: boolean;
}

/** Operators whose results have no rows, whatever they are computed from. */
const withoutRows = /^(Shape|Size|NonZero|Range|ConstantOfShape|Einsum|Compress|Unique)$/;

/**
 * Where the rows of the inputs are in every tensor that follows from them, as far as the operators say so. They are
 * first in the inputs; a Transpose moves them, a change of shape keeps their place among the numbers.
 *
 * @param shapeOf a tensor's whole shape with one row; undefined where it is not known
 */
export function rowPlaces(
  graph: OnnxGraph,
  shapeOf: (name: string) => readonly number[] | undefined,
): Map<string, RowPlace> {
  const places = new Map<string, RowPlace>();
  for (const { name } of graph.inputs) places.set(name ?? "", { axis: 0, outside: 1, sure: true });
  for (const name of graph.order) {
    const node = graph.producerOf(name);
    const shape = shapeOf(name);
    const place = node && shape && placeAfter(graph, node, name, shape, places, shapeOf);
    if (place && place.axis >= 0 && place.axis < shape.length) places.set(name, place);
  }
  return places;
}

function placeAfter(
  graph: OnnxGraph,
  node: Node,
  name: string,
  shape: readonly number[],
  places: ReadonlyMap<string, RowPlace>,
  shapeOf: (name: string) => readonly number[] | undefined,
): RowPlace | undefined {
  const operator = node.opType ?? "";
  const source = (node.input ?? []).find((input) => places.has(input));
  const before = source === undefined ? undefined : shapeOf(source);
  if (source === undefined || before === undefined || withoutRows.test(operator)) return undefined;
  const place = places.get(source)!;
  const isFirst = source === node.input?.[0];
  if (operator === "Reshape" || operator === "Flatten") return isFirst ? placeInShape(place, before, shape) : undefined;
  if (operator === "Squeeze" || operator === "Unsqueeze") {
    const rank = Math.max(before.length, shape.length);
    const axes = statedAxes(graph, node, rank) ?? before.flatMap((length, axis) => (length === 1 ? [axis] : []));
    if (operator === "Squeeze") {
      return axes.includes(place.axis)
        ? undefined
        : { ...place, axis: place.axis - axes.filter((axis) => axis < place.axis).length };
    }
    const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    return { ...place, axis: kept[place.axis] ?? -1 };
  }
  if (operator === "Transpose") {
    const order = attributeOf(node, "perm")?.ints?.map(whole) ?? before.map((_, i) => before.length - 1 - i);
    return { ...place, axis: order.indexOf(place.axis) };
  }
  if (isRecurrent(node)) {
    const behind = isTimeMajor(node);
    if (place.axis !== (behind ? 1 : 0)) return undefined;
    return { ...place, axis: behind ? (name === node.output?.[0] ? 2 : 1) : 0 };
  }
  if (operator === "Gather") {
    const axis = axisOf(node, shapeOf(node.input?.[0] ?? "")?.length ?? 0);
    if (!isFirst) return { ...place, axis: axis + place.axis };
    if (axis === place.axis) return undefined;
    const added = shape.length - before.length;
    return { ...place, axis: place.axis < axis ? place.axis : place.axis + added };
  }
  if (/^(Reduce|Arg)/.test(operator) && shape.length < before.length) {
    const axes = statedAxes(graph, node, before.length) ?? [axisOf(node, before.length)];
    if (before.length - axes.length !== shape.length || axes.includes(place.axis)) return undefined;
    return { ...place, axis: place.axis - axes.filter((axis) => axis < place.axis).length };
  }
  // Everything else lines up from the right, as in a sum, or keeps its rank.
  const axis = place.axis + shape.length - before.length;
  return shape[axis] === before[place.axis] ? { ...place, axis } : undefined;
}

/** Where rows go when a tensor takes another shape: as many numbers stay outside of them. */
function placeInShape(place: RowPlace, before: readonly number[], after: readonly number[]): RowPlace | undefined {
  const outside = shapeSize(before.slice(0, place.axis)) * place.outside;
  const borders = after.map((_, axis) => axis).filter((axis) => shapeSize(after.slice(0, axis)) === outside);
  if (borders.length > 0) {
    const axis = borders.find((border) => after[border] === 1) ?? borders[0];
    const last = axis === after.length - 1 && axis > 0 && after[axis] !== 1;
    // A matrix has its features last: rows that come right before them belong to the axis in front.
    const sure = place.sure && borders.length === 1;
    return last
      ? { axis: axis - 1, outside: outside / shapeSize(after.slice(0, axis - 1)), sure }
      : { axis, outside: 1, sure };
  }
  const axis = after.findIndex((_, i) => shapeSize(after.slice(0, i + 1)) % outside === 0);
  const within = axis < 0 ? undefined : outside / shapeSize(after.slice(0, axis));
  return within !== undefined && Number.isInteger(within) ? { axis, outside: within, sure: place.sure } : undefined;
}

/**
 * The axes that a node states in an attribute or a stored input, counted from the front; undefined where it states
 * none.
 */
function statedAxes(graph: OnnxGraph, node: Node, rank: number): number[] | undefined {
  const ints = attributeOf(node, "axes")?.ints;
  const stored = storedTensor(graph, node.input?.[1] ?? "");
  const stated = ints && ints.length > 0 ? ints.map(whole) : stored && integersOf(stored);
  return stated?.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Whether a node is a recurrent layer. */
export function isRecurrent(node: Node): boolean {
  return /^(LSTM|GRU|RNN)$/.test(node.opType ?? "");
}

/** Whether a recurrent layer takes `[time, rows, features]`, as they do by default. */
export function isTimeMajor(node: Node): boolean {
  return whole(attributeOf(node, "layout")?.i) === 0;
}

/** The attribute of a name. */
export function attributeOf(node: Node, name: string): NonNullable<Node["attribute"]>[number] | undefined {
  return node.attribute?.find((attribute) => attribute.name === name);
}

/** The axis that a node's attribute states, counted from the front; 0 where it states none. */
export function axisOf(node: Node, rank: number): number {
  const axis = whole(attributeOf(node, "axis")?.i);
  return axis < 0 ? axis + rank : axis;
}

/** The tensor that is stored under a name, or that a Constant holds. */
export function storedTensor({ model }: OnnxGraph, name: string): StoredTensor | undefined {
  const stored = (model.graph.initializer ?? []).find((tensor) => tensor.name === name);
  if (stored) return stored;
  const constant = (model.graph.node ?? []).find(({ opType, output }) => opType === "Constant" && output?.[0] === name);
  return constant && (attributeOf(constant, "value")?.t ?? undefined);
}
