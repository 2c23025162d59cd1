import { invalid } from "../errors.js";

/** Two groups that become one. Groups 0 to n - 1 are the single items; that of merge m is n + m. */
export interface Merge {
  readonly groups: readonly [number, number];
  /** Mean distance between the items of the two. */
  readonly height: number;
}

/** A tree of items. */
export interface Linkage {
  /** n - 1 merges, the lowest first. */
  readonly merges: readonly Merge[];
  /** The items in an order in which every group's stand side by side. */
  readonly order: readonly number[];
}

/**
 * Hierarchical clustering by average linkage (Sokal and Michener 1958): the two groups with the smallest mean distance
 * become one, again and again. By chains of nearest neighbours (Murtagh 1983), n^2 steps. Of equal distances the group
 * with the lowest number goes first.
 *
 * @param distance of two items, the same both ways; not negative
 * @throws RangeError for fewer than one item, and for a distance that is none
 */
export function averageLinkage(items: number, distance: (a: number, b: number) => number): Linkage {
  if (!Number.isSafeInteger(items) || items < 1) throw invalid("items", "a positive integer", items);
  const table = Array.from({ length: items }, (_, a) =>
    Float64Array.from({ length: items }, (_, b) => (a === b ? 0 : distance(a, b))),
  );
  for (const row of table) {
    const bad = row.find((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (bad !== undefined) throw invalid("distance", "a finite number of 0 or more", bad);
  }
  const sizes = new Float64Array(items).fill(1);
  const alive = new Set(sizes.keys());
  /** Merges of rows of the table, in the order of the chains; a row keeps the group that took it in. */
  const joined: { a: number; b: number; height: number }[] = [];
  const chain: number[] = [];
  while (alive.size > 1) {
    if (chain.length === 0) chain.push(alive.values().next().value as number);
    const top = chain[chain.length - 1];
    const before = chain[chain.length - 2];
    // Where as near as any, the one before: chains so come to an end.
    let nearest = before ?? -1;
    for (const other of alive) {
      if (other !== top && (nearest < 0 || table[top][other] < table[top][nearest])) nearest = other;
    }
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    const [a, b] = [Math.min(top, nearest), Math.max(top, nearest)];
    joined.push({ a, b, height: table[a][b] });
    const all = sizes[a] + sizes[b];
    for (const other of alive) {
      if (other === a || other === b) continue;
      const mean = (sizes[a] * table[a][other] + sizes[b] * table[b][other]) / all;
      table[a][other] = mean;
      table[other][a] = mean;
    }
    sizes[a] = all;
    alive.delete(b);
  }
  return inOrder(items, joined);
}

/** Merges by height, groups numbered anew, and the items as the tree has them. */
function inOrder(items: number, joined: readonly { a: number; b: number; height: number }[]): Linkage {
  const sorted = joined.map((merge, at) => ({ ...merge, at })).sort((x, y) => x.height - y.height || x.at - y.at);
  const group = Array.from({ length: items }, (_, item) => item);
  const members = new Map<number, number[]>(group.map((item) => [item, [item]]));
  const parent = Array.from({ length: items }, (_, item) => item);
  const root = (item: number): number => (parent[item] === item ? item : (parent[item] = root(parent[item])));
  const merges = sorted.map(({ a, b, height }, m): Merge => {
    const [first, second] = [root(a), root(b)].sort((x, y) => group[x] - group[y]);
    const groups: [number, number] = [group[first], group[second]];
    members.set(items + m, [...(members.get(groups[0]) ?? []), ...(members.get(groups[1]) ?? [])]);
    parent[second] = first;
    group[first] = items + m;
    return { groups, height };
  });
  return { merges, order: members.get(items + merges.length - 1) ?? [0] };
}
