import { assemble, inputInfo, type ModelParts } from "./assemble.js";
import { type OnnxInput, zeroFeeds } from "./inputs.js";
import type { OnnxGraph } from "./onnx-graph.js";
import type { Runtime } from "./runtime.js";
import type { Node } from "./schema.js";

/**
 * The shapes of tensors with some number of rows. The sizes of the inputs are written into the model, and nothing but
 * shapes is asked for: what ONNX Runtime can say of them beforehand it does not compute, and what it computes it lets
 * go of.
 *
 * @param nodes what the tensors are computed by
 * @param inputs those that are read
 * @param outputs tensors that are to be computed as well, to see that the network runs; they are let go
 * @throws FileError, Error where the network does not run with so many rows
 */
export async function shapesWithRows(
  runtime: Runtime,
  graph: OnnxGraph,
  { nodes, inputs, tensors, outputs }: ShapesAsked,
  rows: number,
): Promise<Map<string, number[]>> {
  // There is no session without outputs.
  if (tensors.length + outputs.length === 0) return new Map();
  const shapeNodes = tensors.map((name, i): Node => ({ opType: "Shape", input: [name], output: [shapeName(i)] }));
  const sessionWith = (count: number | string) => {
    const parts: ModelParts = {
      inputs: inputs.map(({ name, type, shape }) => inputInfo(name, type.code, [count, ...shape])),
      nodes: [...nodes, ...shapeNodes],
      outputs: [...tensors.map((_, i) => shapeName(i)), ...outputs],
    };
    return runtime.session(assemble(graph, parts));
  };
  // With the sizes known, ONNX Runtime puts a branch in its If's place, and may lose what the branch takes from
  // outside.
  const session = await sessionWith(rows).catch(() => sessionWith("rows"));
  try {
    const results = await session.run(zeroFeeds(runtime, inputs, rows));
    return new Map(tensors.map((name, i) => [name, Array.from(results[shapeName(i)].data, Number)]));
  } finally {
    session.dispose();
  }
}

/** Which shapes are asked for. */
export interface ShapesAsked {
  readonly nodes: readonly Node[];
  readonly inputs: readonly OnnxInput[];
  readonly tensors: readonly string[];
  readonly outputs: readonly string[];
}

/** Name of the shape of a tensor, by its number. */
function shapeName(i: number): string {
  return `shapley-modes/shape/${i}`;
}
