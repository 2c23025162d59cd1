import { atOnce, type Steps } from "../pace.js";
import { wordsPerCoalition } from "./coalition.js";
import { allPairs, type ComplementPairs, expectedBySize, pairCounts } from "./complement-pairs.js";
import { Drawer, DrawnSets } from "./drawn-sets.js";
import { uniformIndex } from "./random.js";
import { randomStreams } from "./random-streams.js";
import { type SetsOfSize, type SpreadSets, spreadSets } from "./spread-sets.js";

/**
 * Pairs of complements in stages, each of which is a draw of its own kind together with those before it:
 * {@link nestedPairs}.
 */
export interface NestedPairs {
  /** How many pairs there are after each stage, in ascending order. */
  readonly ends: readonly number[];
  /** The first pairs, drawn as `complementPairs` draws so many. What comes after their stage is not drawn. */
  first(count: number): ComplementPairs;
  /** The same in steps. */
  draw(count: number): Steps<ComplementPairs>;
}

/** A draw of some pairs: how many of each size, by the size of the smaller coalition. */
interface Stage {
  readonly expected: Float64Array;
  readonly drawn: Uint32Array;
  readonly end: number;
}

/**
 * Pairs {S, complement} by leverage scores, as `complementPairs` draws them, in stages of growing numbers. After each
 * stage the pairs so far are a draw for their number: of every size there are as many as that asks for, and these are
 * the first ones of a random order of all sets of the size, so each of them is there with equal probability. (The first
 * pairs of a draw for a larger number are not: they hold too few small coalitions, which a larger one takes whole.) The
 * number of a size is its expectation, rounded by an offset of the size's own, so that it never falls.
 *
 * What a stage holds does not depend on how many more are planned, but for the last, which is cut off at `most`.
 *
 * @param most pairs in all
 * @param first how many the first stage is to have; `growth` times as many, in all, the second, and so on
 * @param seed an integer from 0 to 2^32 - 1
 */
export function nestedPairs(units: number, most: number, first: number, growth: number, seed: number): NestedPairs {
  const counts = pairCounts(units);
  const streams = randomStreams(seed);
  const rounding = streams(0);
  const offsets = Float64Array.from(counts, () => uniformIndex(rounding, 1 << 20) / (1 << 20));
  const stages = stagesOf(units, counts, offsets, most, first, growth);
  const bySize = Array.from(counts, (count, size) => new DrawnSets(new Drawer(units, streams(size)), size, count));
  let there: SpreadSets & { readonly stages: number } = {
    words: new Uint32Array(0),
    sizes: new Uint32Array(0),
    stages: 0,
  };

  function* draw(count: number): Steps<ComplementPairs> {
    while (there.sizes.length < count) {
      const { stages: stage } = there;
      const groups = yield* groupsOf(stage);
      const more = yield* spreadSets(units, groups);
      // Another may have drawn it meanwhile.
      if (there.stages === stage) there = { ...joined(there, more), stages: stage + 1 };
    }
    const expected = expectedOf(stages, count);
    const width = wordsPerCoalition(Math.max(1, units));
    return {
      sets: { count, units: Math.max(1, units), words: there.words.subarray(0, count * width) },
      sizes: there.sizes.subarray(0, count),
      expected,
      inclusion: expected.map((mean, size) => (mean === 0 ? 0 : mean / counts[size])),
      complete: count === allPairs(units),
    };
  }

  /** What a stage has of each size beyond the one before it, drawn. */
  function* groupsOf(stage: number): Steps<SetsOfSize[]> {
    const groups: SetsOfSize[] = [];
    for (const [size, to] of stages[stage].drawn.entries()) {
      yield* bySize[size].grow(to);
      const from = stages[stage - 1]?.drawn[size] ?? 0;
      groups.push({ sets: bySize[size], from, to, offset: (offsets[size] + stage * goldenShare) % 1 });
    }
    return groups;
  }

  return { ends: stages.map(({ end }) => end), first: (count) => atOnce(draw(count)), draw };
}

function joined(some: SpreadSets, more: SpreadSets): SpreadSets {
  const words = new Uint32Array(some.words.length + more.words.length);
  const sizes = new Uint32Array(some.sizes.length + more.sizes.length);
  words.set(some.words);
  words.set(more.words, some.words.length);
  sizes.set(some.sizes);
  sizes.set(more.sizes, some.sizes.length);
  return { words, sizes };
}

function stagesOf(
  units: number,
  counts: Float64Array,
  offsets: Float64Array,
  most: number,
  first: number,
  growth: number,
): Stage[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const stageOf = (pairs: number): Stage => {
    const expected = expectedBySize(units, counts, pairs);
    const drawn = Uint32Array.from(expected, (mean, size) =>
      mean < counts[size] ? Math.floor(mean + offsets[size]) : counts[size],
    );
    return { expected, drawn, end: drawn.reduce((sum, number) => sum + number, 0) };
  };
  let pairs = Math.min(most, all);
  let last = stageOf(pairs);
  while (last.end > most) {
    pairs -= last.end - most;
    last = stageOf(pairs);
  }
  const stages: Stage[] = [];
  for (let wanted = first; wanted < pairs; wanted = Math.ceil(wanted * growth)) {
    const stage = stageOf(wanted);
    if (stage.end > (stages.at(-1)?.end ?? 0)) stages.push(stage);
  }
  if (last.end > (stages.at(-1)?.end ?? 0)) stages.push(last);
  return stages;
}

/** Multiples of it are spread evenly between 0 and 1. */
const goldenShare = (Math.sqrt(5) - 1) / 2;

/** Expected pairs of each size among the first ones: between two stages, in proportion. */
function expectedOf(stages: readonly Stage[], count: number): Float64Array {
  const at = stages.findIndex(({ end }) => count <= end);
  const before = at > 0 ? stages[at - 1] : undefined;
  const { expected, end } = stages[at];
  const share = (count - (before?.end ?? 0)) / (end - (before?.end ?? 0));
  return expected.map((mean, size) => {
    const had = before?.expected[size] ?? 0;
    return had + share * (mean - had);
  });
}
