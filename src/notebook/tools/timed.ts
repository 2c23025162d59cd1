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
  const start = performance.now();
  const told = (end: string): void => console.log(`${what}: ${end}${seconds((performance.now() - start) / 1000)}`);
  try {
    const result = await work();
    told("");
    return result;
  } catch (error) {
    told("failed after ");
    throw error;
  }
}

/** A time to three significant digits: `35 ms`, `0.59 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`. */
export function seconds(time: number): string {
  if (time < 0.0995) return `${Number((time * 1000).toPrecision(2))} ms`;
  if (time < 9.995) return `${time.toFixed(2)} s`;
  if (time < 59.95) return `${time.toFixed(1)} s`;
  const whole = Math.round(time);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(time / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
