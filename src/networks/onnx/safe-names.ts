import type { Model } from "./messages.js";

/**
 * The one name under which an object keeps nothing: onnxruntime-node, which returns outputs in an object by name, loses
 * it.
 */
const lost = "__proto__";
const kept = "shapley-modes/proto";

/** A model none of whose outputs has a name that is lost on the way, and results as if it had it. */
export function withSafeNames(model: Model): {
  model: Model;
  results<T>(results: Record<string, T>): Record<string, T>;
} {
  const { graph } = model;
  if (!graph?.output?.some(({ name }) => name === lost)) return { model, results: (results) => results };
  const node = [...(graph.node ?? []), { opType: "Identity", input: [lost], output: [kept] }];
  const output = graph.output.map((info) => (info.name === lost ? { ...info, name: kept } : info));
  return {
    model: { ...model, graph: { ...graph, node, output } },
    results: (results) =>
      Object.fromEntries(Object.entries(results).map(([name, held]) => [name === kept ? lost : name, held])),
  };
}
