import { invalid, positiveInteger } from "../errors.js";
import { checkModes } from "../modes/check-modes.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { averageLinkage, type Linkage } from "./linkage.js";
import { defaultDistance, type UnitDistance, unitDistances } from "./unit-distances.js";

/** Options of {@link clusterUnits}. */
export interface ClusterUnitsOptions {
  /**
   * How many clusters; default the number from 2 to 10 with the largest mean silhouette, or one where none is above 0,
   * as of units that are all alike.
   */
  readonly clusters?: number;
  /**
   * "correlation" of the modes' shapes (default, of three outputs or more), or "euclidean" distance of the modes
   * themselves.
   */
  readonly distance?: UnitDistance;
}

/** The names of `ClusterUnitsOptions`. */
export const clusterUnitsOptionNames: OptionNames<ClusterUnitsOptions> = { clusters: true, distance: true };

/** Units in clusters. */
export interface UnitClusters {
  /** Names of the units of each cluster, the largest first. */
  readonly clusters: readonly (readonly string[])[];
  /** Number of each unit's cluster in `clusters`, in the order of the modes' units. */
  readonly assignment: readonly number[];
  /**
   * Silhouette of each unit (Rousseeuw 1987), in the order of the modes' units: how much nearer its own cluster is than
   * the next one, from -1 to 1; 0 for a cluster of one unit, and where there is one cluster alone.
   */
  readonly silhouettes: Float64Array;
  /** Their mean: above 0.5 clusters stand apart, below 0.25 there are hardly any. */
  readonly silhouette: number;
  /** The tree that was cut. */
  readonly linkage: Linkage;
  readonly distance: UnitDistance;
}

/** Most clusters that are tried where their number is not given. */
const mostTried = 10;

/**
 * Clusters of units whose modes are alike: hierarchical clustering by average linkage, cut into as many clusters as
 * asked for, or as stand apart best (`communities` finds them by modularity instead, and says whether they are more
 * than chance). Any units that are not all alike have clusters; the silhouette says how far they stand apart.
 *
 * @throws RangeError for fewer than three units, or a number of clusters from 2 to one less than the units that it is
 *   not; TypeError for what is no ShapleyModes
 * @example
 * const { clusters, silhouette } = clusterUnits(modes);
 */
export function clusterUnits(modes: ShapleyModes, options: ClusterUnitsOptions = {}): UnitClusters {
  knownOptions("clusterUnits", options, clusterUnitsOptionNames);
  checkModes(modes);
  const n = modes.units.length;
  if (n < 3) throw invalid("units", "at least three", n);
  const { distance = defaultDistance(modes) } = options;
  const given = options.clusters === undefined ? undefined : positiveInteger("clusters", options.clusters);
  if (given !== undefined && (given < 2 || given >= n)) throw invalid("clusters", `2 to ${n - 1}`, given);
  const distances = unitDistances(modes, distance);
  const linkage = averageLinkage(n, (a, b) => Math.max(0, distances[a * n + b]));
  const cut = (clusters: number) => {
    const assignment = cutInto(linkage, n, clusters);
    const silhouettes = silhouettesOf(assignment, clusters, distances);
    return { assignment, silhouettes, silhouette: silhouettes.reduce((sum, own) => sum + own, 0) / n };
  };
  const tried = given === undefined ? Array.from({ length: Math.min(mostTried, n - 1) - 1 }, (_, i) => i + 2) : [given];
  const found = tried.map(cut).reduce((most, next) => (next.silhouette > most.silhouette ? next : most));
  const best = given === undefined && !(found.silhouette > 0) ? cut(1) : found;
  const count = 1 + Math.max(...best.assignment);
  const clusters = Array.from({ length: count }, (_, c) => modes.units.filter((_, u) => best.assignment[u] === c));
  return { ...best, clusters, linkage, distance };
}

/**
 * The cluster of each item where the last merges are undone; the largest is 0, and of equal ones that with the first
 * item.
 */
function cutInto({ merges }: Linkage, items: number, clusters: number): number[] {
  const parent = Array.from({ length: 2 * items - 1 }, (_, group) => group);
  const root = (group: number): number => (parent[group] === group ? group : root(parent[group]));
  merges.slice(0, items - clusters).forEach(({ groups }, m) => {
    for (const group of groups) parent[group] = items + m;
  });
  const roots = Array.from({ length: items }, (_, item) => root(item));
  const sizes = new Map<number, number>();
  for (const group of roots) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => (sizes.get(b) as number) - (sizes.get(a) as number));
  return roots.map((group) => order.indexOf(group));
}

function silhouettesOf(assignment: readonly number[], clusters: number, distances: Float64Array): Float64Array {
  const n = assignment.length;
  const sizes = new Float64Array(clusters);
  for (const cluster of assignment) sizes[cluster]++;
  return Float64Array.from(assignment, (own, u) => {
    if (sizes[own] === 1 || clusters === 1) return 0;
    const sums = new Float64Array(clusters);
    for (let other = 0; other < n; other++) sums[assignment[other]] += distances[u * n + other];
    const within = sums[own] / (sizes[own] - 1);
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < clusters; c++) if (c !== own) nearest = Math.min(nearest, sums[c] / sizes[c]);
    const most = Math.max(within, nearest);
    return most === 0 ? 0 : (nearest - within) / most;
  });
}
