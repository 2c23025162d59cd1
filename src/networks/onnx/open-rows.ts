import { ancestors } from "../cut.js";
import { type OnnxGraph, onnxGraph } from "./onnx-graph.js";
import { attributeOf, axisOf, isRecurrent, isTimeMajor, type RowPlace, storedTensor } from "./row-places.js";
import { type Node, type StoredTensor, whole } from "./schema.js";
import { bytesOf } from "./types.js";

/** What the names of new tensors begin with. */
export const ownPrefix = "shapley-modes/";

/**
 * A graph that was written for one row, opened to any number: shapes that a Reshape, an Expand or a Resize take from
 * constants leave the rows open, and constants that stand beside rows (a class token, a first state) are repeated for
 * each. With one row it computes what it did; with more it is to be tried, since operators in between may mix rows.
 *
 * @param places where the rows are
 * @param shapeOf a tensor's whole shape with one row
 */
export function openRows(
  graph: OnnxGraph,
  places: ReadonlyMap<string, RowPlace>,
  shapeOf: (name: string) => readonly number[] | undefined,
): OnnxGraph {
  const isInput = new Set(graph.inputs.map(({ name }) => name ?? ""));
  const stored: StoredTensor[] = [];
  const nodes: Node[] = [];
  const constants = new Map<string, boolean>();

  function isConstant(name: string): boolean {
    const known = constants.get(name);
    if (known !== undefined) return known;
    const constant = ![...ancestors(graph, [name])].some((origin) => isInput.has(origin));
    constants.set(name, constant);
    return constant;
  }
  function newName(what: string): string {
    return `${ownPrefix}open/${nodes.length}/${stored.length}/${what}`;
  }
  function integers(values: readonly number[]): string {
    const name = newName("sizes");
    const rawData = bytesOf(BigInt64Array.from(values, BigInt));
    stored.push({ name, dims: [values.length], dataType: 7, rawData });
    return name;
  }
  function add(opType: string, input: string[], attribute: NonNullable<Node["attribute"]> = []): string {
    const output = newName(opType);
    nodes.push({ opType, name: output, input, output: [output], attribute });
    return output;
  }
  /** Sizes of which one, that of the rows, is read off a tensor. */
  function sizesLike(tensor: string, { axis }: RowPlace, sizes: readonly number[], at: number): string {
    const rows = add("Gather", [add("Shape", [tensor]), integers([axis])]);
    const parts = [
      ...(at > 0 ? [integers(sizes.slice(0, at))] : []),
      rows,
      ...(at < sizes.length - 1 ? [integers(sizes.slice(at + 1))] : []),
    ];
    return add("Concat", parts, [{ name: "axis", type: 2, i: 0 }]);
  }
  /** A constant once for each row, where it has one for a single row. */
  function repeated(name: string, at: number, like: string, place: RowPlace): string {
    const tensor = storedTensor(graph, name);
    const shape = tensor ? (tensor.dims ?? []).map(whole) : shapeOf(name);
    const single = shapeOf(like)?.[place.axis] === 1;
    if (name === "" || !shape || shape[at] !== 1 || !single || !isConstant(name)) return name;
    const ones = shape.map(() => 1);
    return add("Expand", [name, sizesLike(like, place, ones, at)]);
  }

  function opened(node: Node): Node {
    const input = [...(node.input ?? [])];
    const [source] = input;
    const place = places.get(source);
    const shape = shapeOf(node.output?.[0] ?? "");
    const after = places.get(node.output?.[0] ?? "");
    const operator = node.opType ?? "";
    if (operator === "Reshape" && place && after && shape && isConstant(input[1])) {
      const sizes = shape.map((length, axis) => (axis === after.axis ? -1 : length));
      // A size of 0 would be taken over from the input.
      return shape.includes(0) ? node : { ...node, input: [source, integers(sizes)] };
    }
    if (operator === "Expand" && place && after && shape && isConstant(input[1])) {
      return { ...node, input: [source, integers(shape.map((length, axis) => (axis === after.axis ? 1 : length)))] };
    }
    if (operator === "Resize" && place && after && shape && input[3] && isConstant(input[3])) {
      const axes = attributeOf(node, "axes")?.ints;
      if (axes && axes.length > 0) return node;
      input[3] = sizesLike(source, place, shape, after.axis);
      return { ...node, input };
    }
    if (operator === "Concat" && after) {
      const like = input.find((name) => places.has(name))!;
      const beside = places.get(like)!;
      if (axisOf(node, shape?.length ?? 0) === beside.axis) return node;
      return { ...node, input: input.map((name) => repeated(name, beside.axis, like, beside)) };
    }
    if (isRecurrent(node) && place) {
      const at = isTimeMajor(node) ? 1 : 0;
      return {
        ...node,
        input: input.map((name, i) => (i === 5 || i === 6 ? repeated(name, at, source, place) : name)),
      };
    }
    if (operator === "GridSample" && place) return { ...node, input: [source, repeated(input[1], 0, source, place)] };
    return node;
  }

  for (const node of graph.model.graph.node ?? []) {
    const copy = opened(node);
    nodes.push(copy);
  }
  const { model } = graph;
  const initializer = [...(model.graph.initializer ?? []), ...stored];
  return onnxGraph({ ...model, graph: { ...model.graph, node: nodes, initializer } } as typeof model);
}

/**
 * The recurrent layer that takes the inputs' first axis, the rows, as time, if there is one: its input is
 * `[time, rows, features]`, so what looks like rows are the steps of one sequence.
 */
export function rowsAsTime(graph: OnnxGraph, places: ReadonlyMap<string, RowPlace>): Node | undefined {
  return (graph.model.graph.node ?? []).find((node) => {
    const place = places.get(node.input?.[0] ?? "");
    return isRecurrent(node) && place?.sure && place.axis === (isTimeMajor(node) ? 0 : 1);
  });
}
