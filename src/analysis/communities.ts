import { shuffle } from "../coalitions/random.js";
import { type Random, randomStreams } from "../coalitions/random-streams.js";
import { interruption } from "../engine/runs/interruption.js";
import { invalid, notNegative, positiveInteger, validSeed } from "../errors.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { louvainMethod } from "./louvain-run.js";
import { coAssignment, groupSizes, meanAdjustedRand, modularity, type Partition } from "./partitions.js";
import { type Summary, summarise } from "./summary.js";
import { unitCorrelation } from "./unit-correlation.js";

/** Options of {@link communities}. */
export interface CommunitiesOptions {
  /** Which units, by name or index; default all. A game's colours, for example, are left out by naming the others. */
  readonly units?: Iterable<string | number>;
  /** gamma: the larger, the more and the smaller communities; default 3, as in the paper. */
  readonly resolution?: number;
  /** Runs of the Louvain method that have to agree; default 100, as in the paper. */
  readonly runs?: number;
  /** Matrices with permuted entries that the modularity is compared with; default 20. */
  readonly nulls?: number;
  /** An integer from 0 to 2^32 - 1; default 1. Equal seeds give equal communities. */
  readonly seed?: number;
  /** Stops it; what is thrown is the signal's reason. In a notebook interrupting the cell does the same. */
  readonly signal?: AbortSignal;
}

/** The names of `CommunitiesOptions`. */
export const communitiesOptionNames: OptionNames<CommunitiesOptions> = {
  units: true,
  resolution: true,
  runs: true,
  nulls: true,
  seed: true,
  signal: true,
};

/** Units that paint alike. */
export interface Communities {
  /**
   * The units of each community in the order of the modes, largest community first (of equal ones the one that comes
   * first).
   */
  readonly members: readonly (readonly string[])[];
  /** Community of each unit that has one, as an index into `members`. */
  readonly communityOf: ReadonlyMap<string, number>;
  /**
   * Units whose mode is the same number everywhere, such as those that are never active: nothing correlates with them,
   * so they are in no community.
   */
  readonly constant: readonly string[];
  readonly resolution: number;
  /** Modularity of these communities at this resolution (`modularity` in partitions.ts). */
  readonly modularity: number;
  /**
   * Modularity that one run finds in the same matrix with its entries permuted, over the `nulls` permutations. It is
   * easily exceeded: in a matrix of correlations two units that go with a third go with each other, which permuted
   * entries do not. So more than this is more than chance in the entries, no more; compare with the modes of control
   * networks, as `ganControls` gives them.
   */
  readonly nullModularity: Summary;
  /**
   * How much alike the runs on the correlations were: adjusted Rand index, mean over all pairs of runs; 1 is the same.
   */
  readonly agreement: number;
  /** How often the runs were clustered again before all agreed; 0 where the first ones did. */
  readonly rounds: number;
}

/** Rounds of consensus before the best partition so far is taken; one or two are usual. */
const mostRounds = 50;

/**
 * Communities of units that paint alike (arXiv 2506.19732, figure B6): Pearson's correlation of their modes with
 * negative ones set to 0, the Louvain method with a resolution, and the consensus of many runs (Lancichinetti and
 * Fortunato 2012): the share of runs that put two units together is clustered by as many runs again, shares up to a
 * half being set to 0, until all runs agree. These rounds have resolution 1, for which communities that all runs agree
 * on stay as they are, however large; a lower threshold would merge what most runs kept apart.
 *
 * Correlation knows no size: a unit that hardly contributes counts as much as any other. Error of sampling lowers
 * correlations between units, so communities of modes from few orderings are smaller.
 *
 * @throws RangeError for options out of range, units that are not there, or fewer than two units
 * @example
 * const { members, modularity } = await communities(modes, { units: modes.units.filter((u) => !u.startsWith("layer5/")) });
 * const smile = modes.group(members[3], "community 3");
 */
export async function communities(modes: ShapleyModes, options: CommunitiesOptions = {}): Promise<Communities> {
  knownOptions("communities", options, communitiesOptionNames);
  has("modes", modes, "ShapleyModes", "units", "values");
  const { resolution = 3, runs = 100, nulls = 20, seed = 1 } = options;
  notNegative("resolution", resolution);
  positiveInteger("runs", runs);
  positiveInteger("nulls", nulls);
  const streams = randomStreams(validSeed(seed));
  const chosen = options.units === undefined ? modes : modes.select(options.units);
  const { units } = chosen;
  if (units.length < 2) throw invalid("units", "at least two units", units);
  if (!Number.isFinite(resolution)) throw invalid("resolution", "a finite number", resolution);
  const pace = pacer(interruption(options.signal));
  const correlations = unitCorrelation(chosen);
  await pace();
  const varying = [...units.keys()].filter((u) => !Number.isNaN(correlations[u * units.length + u]));
  const weights = positiveWeights(correlations, units.length, varying);
  const louvain = await louvainMethod(varying.length);
  let stream = 0;
  const runAll = async (matrix: Float64Array, gamma: number): Promise<Partition[]> => {
    const partitions: Partition[] = [];
    for (let run = 0; run < runs; run++) {
      partitions.push(louvain(matrix, gamma, streams(stream++)));
      await pace();
    }
    return partitions;
  };

  const first = await runAll(weights, resolution);
  let partitions = first;
  let rounds = 0;
  for (; rounds < mostRounds && !allEqual(partitions); rounds++) {
    partitions = await runAll(majorityShares(partitions), 1);
  }
  const quality = (partition: Partition) => modularity(weights, partition, resolution);
  const consensus = partitions.reduce((best, next) => (quality(next) > quality(best) ? next : best));

  const nullQualities: number[] = [];
  for (let n = 0; n < nulls; n++) {
    const random = streams(stream++);
    const permuted = permutedWeights(weights, varying.length, random);
    nullQualities.push(modularity(permuted, louvain(permuted, resolution, random), resolution));
    await pace();
  }
  const members = membersOf(consensus, (item) => units[varying[item]]);
  return {
    members,
    communityOf: new Map(members.flatMap((names, community) => names.map((name) => [name, community] as const))),
    constant: units.filter((_, u) => Number.isNaN(correlations[u * units.length + u])),
    resolution,
    modularity: quality(consensus),
    nullModularity: summarise(nullQualities),
    agreement: meanAdjustedRand(first),
    rounds,
  };
}

/** Correlations among some units, negative ones 0, and 0 on the diagonal. */
function positiveWeights(correlations: Float64Array, units: number, items: readonly number[]): Float64Array {
  const n = items.length;
  const weights = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      if (a !== b) weights[a * n + b] = Math.max(0, correlations[items[a] * units + items[b]]);
    }
  }
  return weights;
}

/** Share of the partitions that put two items together, where it is more than half of them; else 0. */
function majorityShares(partitions: readonly Partition[]): Float64Array {
  return coAssignment(partitions).map((share) => (share > 0.5 ? share : 0));
}

/** The same weights, each on another pair of items. */
function permutedWeights(weights: Float64Array, n: number, random: Random): Float64Array {
  const entries: number[] = [];
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) entries.push(weights[a * n + b]);
  shuffle(random, entries);
  const permuted = new Float64Array(n * n);
  let next = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < a; b++) permuted[a * n + b] = permuted[b * n + a] = entries[next++];
  }
  return permuted;
}

function allEqual([first, ...others]: readonly Partition[]): boolean {
  return others.every((other) => other.every((group, item) => group === first[item]));
}

/** Names by group, largest group first; groups of one size by their first member. */
function membersOf(partition: Partition, name: (item: number) => string): string[][] {
  const groups = groupSizes(partition).map((): string[] => []);
  partition.forEach((group, item) => {
    groups[group].push(name(item));
  });
  return groups.sort((a, b) => b.length - a.length);
}
