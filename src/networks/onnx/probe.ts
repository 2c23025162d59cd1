import { shapeSize } from "../../shape-size.js";
import { hasRows, type Probe, type TensorShape } from "../shapes.js";
import { assemble, nodesOf } from "./assemble.js";
import { inputInfos, type OnnxInput } from "./inputs.js";
import type { OnnxGraph } from "./onnx-graph.js";
import { shapesWithRows } from "./probe-shapes.js";
import type { Runtime } from "./runtime.js";
import { usedNames } from "./schema.js";
import { isOldType } from "./types.js";

/** What is known of a network's tensors. */
export interface OnnxProbe extends Probe {
  /** What each computed tensor is, e.g. `float32`; undefined for what is no tensor, such as a sequence. */
  readonly types: ReadonlyMap<string, string | undefined>;
}

/** A network is run while its shapes are learnt if all of its tensors, of two rows, take no more than this: 256 MB. */
export const mostProbed = 2 ** 28;

/**
 * Learns what all tensors are, without computing any, and their shapes with one row and with two (see
 * `shapesWithRows`): what follows from the inputs' sizes is not computed, and nothing is kept. A small network is run
 * on zeros as well. A network that does not take two rows, or whose outputs then do not have two, is run a row at a
 * time.
 *
 * @throws FileError where ONNX Runtime can not run the network
 */
export async function probe(runtime: Runtime, graph: OnnxGraph, inputs: readonly OnnxInput[]): Promise<OnnxProbe> {
  const tensors = graph.order.filter((name) => graph.producerOf(name));
  const nodes = nodesOf(graph, new Set(tensors));
  const used = new Set(nodes.flatMap(usedNames));
  const read = inputs.filter(({ name }) => used.has(name));
  const part = { inputs: inputInfos(read), nodes };
  const types = await runtime.types(assemble(graph, { ...part, outputs: tensors }));
  const shaped = tensors.filter((name) => isOldType(types.get(name)));
  const asked = { nodes, inputs: read, tensors: shaped };
  const shapesOf = (rows: number, outputs: readonly string[]) =>
    shapesWithRows(runtime, graph, { ...asked, outputs }, rows);
  const playable = (graph.model.graph.output ?? []).map(({ name }) => name ?? "").filter((name) => types.has(name));
  const computed = playable.filter((name) => shaped.includes(name));
  const one = await shapesOf(1, []);
  const perRow = shaped.reduce((sum, name) => sum + 4 * shapeSize(one.get(name)!), 0);
  const runs = 2 * perRow <= mostProbed;
  const two = await shapesOf(2, runs ? computed : []).catch(() => undefined);
  if (runs && !two) await shapesOf(1, computed);
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
  const takesTwo = two && playable.every((name) => !shapes.has(name) || hasRows(shapes.get(name)!));
  return takesTwo ? { shapes, types, mostRows: undefined } : { shapes: shapesWith(undefined), types, mostRows: 1 };
}
