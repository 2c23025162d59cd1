import type { Graph, Model, Node, ValueInfo } from "./messages.js";

/** Whether every object has a property of that name: onnxruntime-node, which keeps tensors in objects by name, then errs. */
const isTaken = (name: string | undefined) => name !== undefined && name in {};

/** A model whose inputs and outputs have names that onnxruntime-node takes; inside, tensors keep theirs. */
export function withSafeNames(model: Model): {
  model: Model;
  feeds<T>(feeds: Record<string, T>): Record<string, T>;
  results<T>(results: Record<string, T>): Record<string, T>;
} {
  const graph: Graph = model.graph ?? {};
  if (![...(graph.input ?? []), ...(graph.output ?? [])].some(({ name }) => isTaken(name))) {
    return { model, feeds: (feeds) => feeds, results: (results) => results };
  }
  const safe = (name: string | undefined, port: string) => (isTaken(name) ? `shapley-modes/${port}/${name}` : name!);
  const renamed = (ports: readonly ValueInfo[] | undefined, port: string) =>
    (ports ?? []).map((info) => (isTaken(info.name) ? { ...info, name: safe(info.name, port) } : info));
  const identities = (ports: readonly ValueInfo[] | undefined, node: (name: string) => Node) =>
    (ports ?? []).flatMap(({ name }) => (isTaken(name) ? [node(name!)] : []));
  const same = (from: string, to: string): Node => ({ opType: "Identity", input: [from], output: [to] });
  const names = new Map((graph.output ?? []).map(({ name }) => [safe(name, "output"), name!]));
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        input: renamed(graph.input, "input"),
        output: renamed(graph.output, "output"),
        node: [
          ...identities(graph.input, (name) => same(safe(name, "input"), name)),
          ...(graph.node ?? []),
          ...identities(graph.output, (name) => same(name, safe(name, "output"))),
        ],
      },
    },
    feeds: (feeds) => Object.fromEntries(Object.entries(feeds).map(([name, held]) => [safe(name, "input"), held])),
    results: (results) =>
      Object.fromEntries(Object.entries(results).map(([name, held]) => [names.get(name) ?? name, held])),
  };
}
