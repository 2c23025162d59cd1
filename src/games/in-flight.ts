/** Starts work as soon as there is room for it. */
export type InFlight = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Lets at most so many pieces of work go on at once; the others wait in line, first come, first served. Once one has
 * failed none is started any more: the others fail with its error.
 */
export function atMostInFlight(limit: number): InFlight {
  const waiting: (() => void)[] = [];
  let free = limit;
  let failure: { readonly error: unknown } | undefined;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      if (failure) throw failure.error;
      return await work();
    } catch (error) {
      failure ??= { error };
      throw error;
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/**
 * Does work for the numbers 0 to `count` - 1, in ascending order, at most so many at once. The first error, or the
 * signal, ends it: nothing more is started, what is under way is told by its signal, and is not waited for.
 *
 * @param work gets a signal of its own that is aborted when it is not needed any more
 */
export async function eachInFlight(
  count: number,
  limit: number,
  signal: AbortSignal | undefined,
  work: (index: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  // One for each piece of work: a signal that all share would gather a listener of every request.
  const underWay = new Set<AbortController>();
  let stopped = false;
  const stop = (reason: unknown) => {
    stopped = true;
    for (const each of underWay) each.abort(reason);
  };
  const follow = () => stop(signal?.reason);
  signal?.addEventListener("abort", follow, { once: true });
  let next = 0;
  const goOn = async () => {
    while (next < count && !stopped) {
      signal?.throwIfAborted();
      const own = new AbortController();
      underWay.add(own);
      await work(next++, own.signal);
      underWay.delete(own);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(limit, count) }, goOn));
    signal?.throwIfAborted();
  } catch (error) {
    stop(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", follow);
  }
}
