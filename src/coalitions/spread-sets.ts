import type { Steps } from "../pace.js";
import { wordsPerCoalition } from "./coalition.js";
import type { DrawnSets } from "./drawn-sets.js";

/** Some of the sets of one size, which are to stand evenly among those of others. */
export interface SetsOfSize {
  readonly sets: DrawnSets;
  /** The first of them, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Which set comes at which place; default the order in which they were drawn. */
  readonly order?: Uint32Array;
  /** Where between 0 and 1 / number the first stands. */
  readonly offset: number;
}

/** Sets in a row, and the size of each. */
export interface SpreadSets {
  readonly words: Uint32Array;
  readonly sizes: Uint32Array;
}

/** Sets that are put in their places between two yields. */
const setsAtOnce = 1 << 14;

/** Sets of several sizes in one row, in which each size is spread evenly. */
export function* spreadSets(units: number, groups: readonly SetsOfSize[]): Steps<SpreadSets> {
  const width = wordsPerCoalition(Math.max(1, units));
  const count = groups.reduce((sum, { from, to }) => sum + to - from, 0);
  const [words, sizes] = [new Uint32Array(count * width), new Uint32Array(count)];
  const queue = new Queue(
    groups.filter(({ from, to }) => to > from).map((group) => ({ group, at: 0, place: placeOf(group, 0) })),
  );
  for (let row = 0; row < count; row++) {
    const next = queue.first;
    const { sets, order, from, to } = next.group;
    const set = order ? order[from + next.at] : from + next.at;
    words.set(sets.words.subarray(set * width, (set + 1) * width), row * width);
    sizes[row] = sets.size;
    next.at++;
    next.place = from + next.at < to ? placeOf(next.group, next.at) : Number.POSITIVE_INFINITY;
    queue.settle();
    if (row % setsAtOnce === setsAtOnce - 1) yield;
  }
  return { words, sizes };
}

function placeOf({ from, to, offset }: SetsOfSize, at: number): number {
  return (at + offset) / (to - from);
}

/** A group, and where its next set stands. */
interface Waiting {
  readonly group: SetsOfSize;
  at: number;
  place: number;
}

/** Groups by the place of their next set, of equal places the smaller size: a binary heap. */
class Queue {
  constructor(readonly heap: Waiting[]) {
    heap.sort((a, b) => (comesFirst(a, b) ? -1 : 1));
  }

  get first(): Waiting {
    return this.heap[0];
  }

  /** Puts the first one where it belongs since its place has changed. */
  settle(): void {
    const { heap } = this;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && comesFirst(heap[child], heap[least])) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  }
}

function comesFirst(a: Waiting, b: Waiting): boolean {
  return a.place < b.place || (a.place === b.place && a.group.sets.size < b.group.sets.size);
}
