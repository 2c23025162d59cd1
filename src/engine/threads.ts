import { join } from "node:path";
import { GameError } from "../errors.js";
import { packageRoot } from "../package.js";
import type { ThreadOutcome, ThreadTask, ThreadWork } from "./thread.js";
import { unpackError } from "./thread-error.js";

/** Options of {@link inThreads}. */
export interface ThreadsOptions {
  /** Most threads that compute at a time. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with how much more the tasks have done; what a dead thread had done is not counted twice. */
  readonly advanced?: ((count: number) => void) | undefined;
}

/** How often a task may lose its thread before it is given up. */
const mostDeaths = 3;
/** Milliseconds between two looks at how far the tasks have come. */
const interval = 50;

/** A task that was handed out: how much of it is done, and how much of that was told. */
interface Running {
  advance: Int32Array;
  told: number;
}

/**
 * Does tasks in worker threads and yields their results in the order of the tasks, each of which is asked for when a thread will soon
 * be free. At most twice as many results as there are threads wait to be taken. A thread that dies is replaced, and its task done again. However this ends, no thread is left
 * when it has ended.
 *
 * @throws the first error in the order of the tasks, whichever thread was first; the signal's reason within a moment; GameError
 *   where a task ended its thread three times
 */
export async function* inThreads<Result, Task = number>(
  work: ThreadWork,
  tasks: Iterable<Task>,
  options: ThreadsOptions,
): AsyncGenerator<Result, void, void> {
  const { signal, threads } = options;
  const { Piscina } = await import("piscina");
  const pool = new Piscina<ThreadTask, ThreadOutcome<Result>>({
    filename: join(packageRoot, "dist", "engine", "thread.js"),
    name: "runTask",
    minThreads: threads,
    maxThreads: threads,
    workerData: work,
    stricterFIFO: true,
    recordTiming: false,
  });
  let ending: Promise<void> | undefined;
  const end = () => (ending ??= pool.destroy());
  const running = new Set<Running>();
  let failure: { readonly error: unknown } | undefined;
  function fail(error: unknown): void {
    failure ??= { error };
    end();
  }
  // A thread that dies between two tasks is replaced; one that dies as it starts is not.
  pool.on("error", (cause: Error) => {
    if (pool.threads.length === 0) fail(new Error(`worker threads do not start (${cause.message})`, { cause }));
  });

  function tell(): void {
    try {
      for (const task of running) {
        const done = Atomics.load(task.advance, 0);
        if (done <= task.told) continue;
        options.advanced?.(done - task.told);
        task.told = done;
      }
    } catch (error) {
      fail(error);
    }
  }

  async function outcome(task: Task): Promise<ThreadOutcome<Result> | { readonly death: Error }> {
    const state: Running = { advance: counter(), told: 0 };
    running.add(state);
    for (let deaths = 1; ; deaths++) {
      try {
        const result = await pool.run({ task, advance: state.advance });
        tell();
        running.delete(state);
        return result;
      } catch (cause) {
        if (ending || deaths === mostDeaths) return { death: diedTooOften(cause as Error) };
        state.advance = counter();
      }
    }
  }

  signal?.addEventListener("abort", end, { once: true });
  const clock = setInterval(tell, interval).unref();
  try {
    signal?.throwIfAborted();
    const outcomes: ReturnType<typeof outcome>[] = [];
    const waiting = tasks[Symbol.iterator]();
    const startNext = (): void => {
      const { value, done } = waiting.next();
      if (!done) outcomes.push(outcome(value));
    };
    for (let t = 0; t < 2 * threads; t++) startNext();
    for (let first = outcomes.shift(); first; first = outcomes.shift()) {
      const result = await first;
      signal?.throwIfAborted();
      if (failure) throw failure.error;
      if ("death" in result) throw result.death;
      if ("error" in result) throw unpackError(result.error);
      yield result.value;
      startNext();
    }
  } finally {
    clearInterval(clock);
    signal?.removeEventListener("abort", end);
    await end();
  }
}

function counter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

function diedTooOften(cause: Error): GameError {
  return new GameError(`the worker thread died ${mostDeaths} times at the same work (${cause.message})`, { cause });
}
