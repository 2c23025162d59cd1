import { hasRows, type Probe, type TensorShape } from "../shapes.js";
import { assemble, nodesOf } from "./assemble.js";
import { inputInfos, type OnnxInput, zeroFeeds } from "./inputs.js";
import type { OnnxGraph } from "./onnx-graph.js";
import type { Runtime } from "./runtime.js";
import { type Node, type Schema, usedNames } from "./schema.js";
import { isOldType } from "./types.js";

/** What is known of a network's tensors. */
export interface OnnxProbe extends Probe {
  /** What each computed tensor is, e.g. `float32`; undefined for what is no tensor, such as a sequence. */
  readonly types: ReadonlyMap<string, string | undefined>;
}

/**
 * Learns what all tensors are, without computing any, and their shapes from runs on zeros, with one row and with two, that keep no
 * more than the shapes. A network that does not take two rows, or whose outputs then do not have two, is run a row at a time.
 *
 * @throws FileError where ONNX Runtime can not run the network
 */
export async function probe(
  schema: Schema,
  runtime: Runtime,
  graph: OnnxGraph,
  inputs: readonly OnnxInput[],
): Promise<OnnxProbe> {
  const tensors = graph.order.filter((name) => graph.producerOf(name));
  const nodes = nodesOf(graph, new Set(tensors));
  const used = new Set(nodes.flatMap(usedNames));
  const read = inputs.filter(({ name }) => used.has(name));
  const part = { inputs: inputInfos(read), nodes };
  const types = await runtime.types(assemble(schema, graph, { ...part, outputs: tensors }));
  const shaped = tensors.filter((name) => isOldType(types.get(name)));
  const shapeNodes = shaped.map((name, i): Node => ({ opType: "Shape", input: [name], output: [shapeName(i)] }));
  const outputs = shaped.map((_, i) => shapeName(i));
  // Nothing has a shape where all tensors are of new kinds; a session without outputs there is not.
  const model = assemble(schema, graph, { ...part, nodes: [...nodes, ...shapeNodes], outputs });
  const session = shaped.length > 0 ? await runtime.session(model) : undefined;
  /** The shapes of the tensors in a run on some rows. */
  async function shapesOf(rows: number): Promise<Map<string, number[]>> {
    const results = (await session?.run(zeroFeeds(runtime, read, rows))) ?? {};
    return new Map(shaped.map((name, i) => [name, Array.from(results[shapeName(i)].data, Number)]));
  }
  try {
    const one = await shapesOf(1);
    const two = await shapesOf(2).catch(() => undefined);
    const shapesWith = (second: typeof two) => {
      const shapes = new Map<string, TensorShape>();
      for (const { name, shape, type } of inputs) {
        const float = type.name === "float32";
        shapes.set(name, { one: [1, ...shape], two: second ? [2, ...shape] : undefined, float });
      }
      for (const name of shaped) {
        shapes.set(name, { one: one.get(name)!, two: second?.get(name), float: types.get(name) === "float32" });
      }
      return shapes;
    };
    const shapes = shapesWith(two);
    const playable = (graph.model.graph.output ?? []).map(({ name }) => name ?? "").filter((name) => types.has(name));
    const takesTwo = two && playable.every((name) => !shapes.has(name) || hasRows(shapes.get(name)!));
    return takesTwo ? { shapes, types, mostRows: undefined } : { shapes: shapesWith(undefined), types, mostRows: 1 };
  } finally {
    session?.dispose();
  }
}

/** Name of the shape of a tensor, by its number. */
function shapeName(i: number): string {
  return `shapley-modes/shape/${i}`;
}
