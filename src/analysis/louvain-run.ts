import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { randomOrdering } from "../coalitions/random.js";
import type { Random } from "../coalitions/random-streams.js";
import { type Partition, partitionOf } from "./partitions.js";

/**
 * One run of the Louvain method (Blondel et al. 2008) on a weighted undirected graph.
 *
 * @param weights symmetric, not negative, `[items, items]`; the diagonal is left out
 * @param random in which order the items are gone through: other orders find other partitions
 */
export type Louvain = (weights: Float64Array, resolution: number, random: Random) => Partition;

/** The Louvain method for graphs of so many items; loads graphology now. */
export async function louvainMethod(items: number): Promise<Louvain> {
  const [{ UndirectedGraph }, library] = await Promise.all([
    import("graphology"),
    import("graphology-communities-louvain"),
  ]);
  const louvain = library.default as unknown as typeof library.default.default; // a CommonJS module's only export
  // Building a graph takes longer than a run, so there is one for all: every place is joined to every other, and each
  // run says which item stands at which place, and so what weighs an edge.
  const graph = new UndirectedGraph<object, { a: number; b: number }>();
  for (let a = 0; a < items; a++) graph.addNode(a);
  for (let a = 0; a < items; a++) for (let b = 0; b < a; b++) graph.addEdge(a, b, { a, b });

  return (weights, resolution, random) => {
    if (weights.every((weight) => weight === 0)) return Int32Array.from({ length: items }, (_, item) => item);
    const itemAt = randomOrdering(random, items);
    const found = louvain(graph, {
      resolution,
      rng: () => uniformFloat64(random),
      getEdgeWeight: (_, { a, b }) => weights[itemAt[a] * items + itemAt[b]],
    });
    const labels = new Int32Array(items);
    for (let place = 0; place < items; place++) labels[itemAt[place]] = found[place];
    return partitionOf(labels);
  };
}
