import type { Layout } from "../../channels.js";
import type { TensorShape } from "../../shapes.js";
import { inputInfo } from "../assemble.js";
import type { OnnxGraph } from "../onnx-graph.js";
import type { OnnxTensor, Runtime } from "../runtime.js";
import type { Node, StoredTensor } from "../schema.js";

/**
 * What a node that works place by place makes of constants: it is run on tensors of one row and one place for each
 * channel.
 *
 * @param layouts of its inputs that are no weights
 * @returns `[length]`; NaN where one of them is no constant
 */
export async function evaluatedOn(
  runtime: Runtime,
  { model }: OnnxGraph,
  node: Node,
  constants: ReadonlyMap<string, StoredTensor>,
  shapes: ReadonlyMap<string, TensorShape>,
  layouts: ReadonlyMap<number, Layout>,
  length: number,
): Promise<Float32Array> {
  const known = new Uint8Array(length).fill(1);
  for (const { constants: held } of layouts.values()) held.forEach((value, c) => Number.isNaN(value) && (known[c] = 0));
  if (!known.includes(1)) return new Float32Array(length).fill(Number.NaN);
  const input = node.input ?? [];
  const feeds: Record<string, OnnxTensor> = {};
  const infos = new Map<string, ReturnType<typeof inputInfo>>();
  for (const [i, layout] of layouts) {
    const shape = (shapes.get(input[i])?.one ?? []).map((_, axis) => (axis === layout.axis ? length : 1));
    const values = layout.constants.map((value) => (Number.isNaN(value) ? 0 : value));
    feeds[input[i]] = runtime.tensor("float32", values, shape);
    infos.set(input[i], inputInfo(input[i], 1, shape));
  }
  const stored = new Map(
    input.flatMap((name) => {
      const tensor = constants.get(name);
      return tensor ? [[name, { ...tensor, name }] as const] : [];
    }),
  );
  const [output] = node.output ?? [];
  const session = await runtime.session({
    ...model,
    irVersion: Math.max(4, Number(model.irVersion ?? 0)),
    graph: {
      name: "constants",
      node: [{ ...node, output: [output] }],
      initializer: [...stored.values()],
      input: [...infos.values()],
      output: [{ name: output }],
    },
  });
  try {
    const { [output]: result } = await session.run(feeds);
    return Float32Array.from(result.data as Float32Array, (value, c) => (known[c] ? value : Number.NaN));
  } finally {
    session.dispose();
  }
}
