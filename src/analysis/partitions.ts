/**
 * A partition of items into groups: the group of each item, groups being numbered 0, 1, ... in the order in which they
 * first appear, so that equal partitions are equal arrays.
 */
export type Partition = Int32Array;

/** A partition from any labels of its groups. */
export function partitionOf(labels: ArrayLike<number>): Partition {
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: labels.length }, (_, i) => {
    const label = labels[i];
    const known = numbers.get(label);
    if (known !== undefined) return known;
    numbers.set(label, numbers.size);
    return numbers.size - 1;
  });
}

/** How many items each group has. */
export function groupSizes(partition: Partition): number[] {
  const sizes: number[] = [];
  for (const group of partition) sizes[group] = (sizes[group] ?? 0) + 1;
  return sizes;
}

/**
 * Modularity of a partition of a weighted undirected graph (Newman 2006; resolution of Reichardt and Bornholdt 2006):
 * Q = sum over groups of inside / 2m - gamma (degrees / 2m)^2, where 2m is the sum of all weights, every edge counted
 * in both directions. 0 for a graph without edges.
 *
 * @param weights symmetric, not negative, `[items, items]`; the diagonal is left out
 */
export function modularity(weights: Float64Array, partition: Partition, resolution: number): number {
  const n = partition.length;
  const groups = groupSizes(partition).length;
  const inside = new Float64Array(groups);
  const degrees = new Float64Array(groups);
  let total = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      if (a === b) continue;
      const weight = weights[a * n + b];
      total += weight;
      degrees[partition[a]] += weight;
      if (partition[a] === partition[b]) inside[partition[a]] += weight;
    }
  }
  if (total === 0) return 0;
  return inside.reduce((q, within, g) => q + within / total - resolution * (degrees[g] / total) ** 2, 0);
}

/**
 * Adjusted Rand index of two partitions (Hubert and Arabie 1985): 1 where they are the same, 0 as much alike as chance
 * would have it given their sizes, and 1 where both put all items, or no two, together.
 */
export function adjustedRand(a: Partition, b: Partition): number {
  const sizesA = groupSizes(a);
  const sizesB = groupSizes(b);
  const common = new Float64Array(sizesA.length * sizesB.length);
  for (let i = 0; i < a.length; i++) common[a[i] * sizesB.length + b[i]]++;
  const pairs = (counts: Iterable<number>) => {
    let sum = 0;
    for (const count of counts) sum += (count * (count - 1)) / 2;
    return sum;
  };
  const together = pairs(common);
  const [pairsA, pairsB, all] = [pairs(sizesA), pairs(sizesB), pairs([a.length])];
  const expected = all === 0 ? 0 : (pairsA * pairsB) / all;
  const most = (pairsA + pairsB) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}

/** Mean adjusted Rand index over all pairs of several partitions; 1 for a single one. */
export function meanAdjustedRand(partitions: readonly Partition[]): number {
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < partitions.length; a++) {
    for (let b = 0; b < a; b++, pairs++) sum += adjustedRand(partitions[a], partitions[b]);
  }
  return pairs === 0 ? 1 : sum / pairs;
}

/** Share of the partitions that put two items into one group, `[items, items]`; 0 on the diagonal. */
export function coAssignment(partitions: readonly Partition[]): Float64Array {
  const n = partitions[0].length;
  const together = new Float64Array(n * n);
  for (const partition of partitions) {
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) if (a !== b && partition[a] === partition[b]) together[a * n + b]++;
    }
  }
  return together.map((count) => count / partitions.length);
}
