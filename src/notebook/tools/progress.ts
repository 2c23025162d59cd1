import { loopProgress } from "../../engine/progress/loop-progress.js";
import type { ProgressOptions } from "../../engine/progress/reporter.js";
import { interruption } from "../../engine/runs/interruption.js";
import { positiveInteger, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { pacer } from "../../pace.js";

/** Options of {@link progress}. */
export interface LoopOptions extends Pick<ProgressOptions, "title"> {
  /** What is counted, in the plural; default "steps". */
  readonly unit?: string;
  /** How many there are, where the iterable does not say; default its `length` or `size`. */
  readonly total?: number;
  /** Stops the loop; in a notebook, interrupting the cell does as well. */
  readonly signal?: AbortSignal;
}

/** The names of `LoopOptions`. */
export const loopOptionNames: OptionNames<LoopOptions> = { title: true, unit: true, total: true, signal: true };

/** What a loop goes over: a list, anything that can be iterated, or how many times to go round (0, 1, ...). */
export type LoopItems<Item> = Iterable<Item> | AsyncIterable<Item> | number;

/**
 * Does something for each item, one after another, and shows how far it has come, as {@link shapley} does. The event
 * loop has its turn between the items, and interrupting the cell ends the loop.
 *
 * @returns what `work` returned for each item, in order
 * @throws the signal's reason once it is aborted
 * @example
 * const all = await progress(networks, async (network) => shapley(await mlpGame(network, inputs), { progress: false }));
 */
export function progress<Result>(
  times: number,
  work: (step: number, index: number) => Result | Promise<Result>,
  options?: LoopOptions,
): Promise<Result[]>;
export function progress<Item, Result>(
  items: LoopItems<Item>,
  work: (item: Item, index: number) => Result | Promise<Result>,
  options?: LoopOptions,
): Promise<Result[]>;
/**
 * The same items, to be looped over.
 *
 * @example
 * for await (const step of progress(1000)) advance(step);
 */
export function progress(times: number, options?: LoopOptions): AsyncGenerator<number, void, void>;
export function progress<Item>(items: LoopItems<Item>, options?: LoopOptions): AsyncGenerator<Item, void, void>;
export function progress<Item, Result>(
  items: LoopItems<Item>,
  second?: ((item: Item, index: number) => Result | Promise<Result>) | LoopOptions,
  third?: LoopOptions,
): Promise<Result[]> | AsyncGenerator<Item, void, void> {
  const given = typeof second === "function" ? third : second;
  const options = given === undefined ? {} : given;
  knownOptions("progress", options, loopOptionNames);
  if (typeof second !== "function" && typeof items !== "number" && !isIterable(items)) {
    throw wrongKind("items", itemKinds, items);
  }
  return typeof second === "function" ? doAll(watched(items, options), second) : watched(items, options);
}

const itemKinds = "a list, an iterable or a number";

async function doAll<Item, Result>(
  items: AsyncIterable<Item>,
  work: (item: Item, index: number) => Result | Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for await (const item of items) results.push(await work(item, results.length));
  return results;
}

async function* watched<Item>(given: LoopItems<Item>, options: LoopOptions): AsyncGenerator<Item, void, void> {
  const items = typeof given === "number" ? (counted(positiveInteger("items", given)) as Iterable<Item>) : given;
  if (!isIterable(items)) throw wrongKind("items", itemKinds, given);
  const { title = "progress", unit = "steps" } = options;
  const signal = interruption(options.signal);
  const pace = pacer(signal);
  const shown = loopProgress(title, unit, options.total ?? sizeOf(given), true, signal);
  let ended: "done" | "stopped" = "stopped";
  try {
    for await (const item of items) {
      signal?.throwIfAborted();
      yield item;
      shown.step();
      await pace();
    }
    signal?.throwIfAborted();
    ended = "done";
  } finally {
    shown.end(ended);
  }
}

function* counted(total: number): Generator<number> {
  for (let i = 0; i < total; i++) yield i;
}

function sizeOf(items: unknown): number | undefined {
  if (typeof items === "number") return items;
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
}

function isIterable(items: unknown): boolean {
  const { [Symbol.iterator]: plain, [Symbol.asyncIterator]: waiting } = Object(items);
  return typeof plain === "function" || typeof waiting === "function";
}
