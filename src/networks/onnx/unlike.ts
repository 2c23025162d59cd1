import { hasRows } from "../shapes.js";
import type { OnnxGraph } from "./onnx-graph.js";
import type { OnnxProbe } from "./probe.js";

/** Tensors that are no sites because of what they hold or how they are shaped, with the reason. */
export function unlikeSites(graph: OnnxGraph, { types, shapes }: OnnxProbe): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const name of graph.order) {
    const shape = shapes.get(name);
    if (types.has(name) && types.get(name) !== "float32") {
      reasons.set(name, `it is ${kind(types.get(name))}, and lesions reach single-precision numbers, float32`);
    } else if (shape?.float && !hasRows(shape)) {
      const sizes = `with one row its shape is [${shape.one.join(", ")}]${shape.two ? `, with two [${shape.two.join(", ")}]` : ""}`;
      reasons.set(name, `its first axis, and it alone, has to be that of the rows; ${sizes}`);
    }
  }
  return reasons;
}

/** Outputs that can not be played, with the reason and what to do. */
export function unlikeOutputs(graph: OnnxGraph, { types, shapes }: OnnxProbe): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const { name = "" } of graph.model.graph.output ?? []) {
    if (shapes.get(name)?.float) continue;
    const remedy =
      "save the network with a float32 tensor as its output, such as the scores that it is made from, or with a Cast behind it";
    if (!types.has(name) && !shapes.has(name)) reasons.set(name, "it is stored in the file, and depends on no input");
    else if (types.has(name))
      reasons.set(name, `it is ${kind(types.get(name))}, and what is played is float32; ${remedy}`);
    else reasons.set(name, "it is an input, of whole numbers or another kind");
  }
  return reasons;
}

function kind(type: string | undefined): string {
  return type ?? "a sequence or an optional, no tensor";
}
