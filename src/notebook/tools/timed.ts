import { isFunction, isText } from "../../kinds.js";
import { measuredTime } from "../../words.js";

/**
 * Does something, prints how long it took, and returns what it gave. What fails is timed as well.
 *
 * @param what printed before the time
 * @param work may be asynchronous
 * @example
 * const modes = await timed("1000 orderings", () => shapley(game, { orderings: 1000 }));
 * // 1000 orderings: 0.59 s
 */
export async function timed<T>(what: string, work: () => T | Promise<T>): Promise<Awaited<T>> {
  isText("what", what, "a text that says what is timed");
  isFunction("work", work);
  const start = performance.now();
  const told = (end: string): void => console.log(`${what}: ${end}${measuredTime((performance.now() - start) / 1000)}`);
  try {
    const result = await work();
    told("");
    return result;
  } catch (error) {
    told("failed after ");
    throw error;
  }
}
