/** How long something has taken, how fast it is, and how long it will take. */
export interface Speed {
  /** Seconds since the start. */
  readonly seconds: number;
  /** How much a second, of what was done since the start. */
  readonly rate: number;
  /** Seconds left at that rate; NaN where nobody knows how much there is. */
  readonly secondsLeft: number;
}

/**
 * @param start as `performance.now()` gave it
 * @param done so far
 * @param total of all there is to do; undefined where nobody knows
 * @param already done before the start, by an earlier run
 */
export function speedSince(start: number, done: number, total: number | undefined, already = 0): Speed {
  const seconds = (performance.now() - start) / 1000;
  const rate = (done - already) / Math.max(seconds, 1e-9);
  return { seconds, rate, secondsLeft: ((total ?? Number.NaN) - done) / rate };
}
