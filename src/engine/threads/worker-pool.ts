import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { GameError } from "../../errors.js";
import { endNativeCalls, nativeCallCounter } from "../../native-calls.js";
import { packageRoot } from "../../package.js";
import { backendInUse } from "../../tensors/backend.js";
import { unpackError } from "./thread-error.js";
import type { ThreadOutcome, ThreadTask, ThreadWork } from "./worker.js";

/** Options of {@link inThreads}. */
export interface ThreadsOptions<Result, Task> {
  /** Worker threads that compute at a time. */
  readonly threads: number;
  /**
   * Does a task in this thread, which then takes tasks as well, from the first moment on: worker threads need a third
   * of a second to start. Gives the event loop its turns and stops when the signal is aborted. Default: this thread
   * only waits.
   */
  readonly here?:
    | ((task: Task, evaluated: (count: number) => void, signal: AbortSignal) => Promise<Result>)
    | undefined;
  /**
   * Whether results are so large that few may be there at a time: for each thread and this one, one that is made and
   * one that waits to be taken; and no task waits in a thread. Default false: four.
   */
  readonly large?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with how much more the tasks have done; what a dead thread had done is not counted twice. */
  readonly evaluated?: ((count: number) => void) | undefined;
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
 * Does tasks in worker threads and yields their results in the order of the tasks, each of which is asked for when a
 * thread will soon be free. Few results wait to be taken (`large` says how many). A thread that dies is replaced, and
 * its tasks done again. However this ends, no thread is left, and nothing computes, when it has ended.
 *
 * @throws the first error in the order of the tasks, whichever thread was first; the signal's reason within a moment;
 *   GameError where a task ended its thread three times
 */
export async function* inThreads<Result, Task = number>(
  work: ThreadWork,
  tasks: Iterable<Task>,
  options: ThreadsOptions<Result, Task>,
): AsyncGenerator<Result, void, void> {
  const { signal, here, threads, large = false } = options;
  const { Piscina } = await import("piscina");
  const nativeCalls = nativeCallCounter();
  const pool = new Piscina<ThreadTask | undefined, ThreadOutcome<Result>>({
    filename: join(packageRoot, "dist", "engine", "threads", "worker-entry.cjs"),
    name: "runTask",
    minThreads: threads,
    maxThreads: threads,
    // One is done while the next one waits in the thread, which then need not wait for this thread.
    concurrentTasksPerWorker: 2,
    workerData: { work, nativeCalls, backend: backendInUse() },
    stricterFIFO: true,
    recordTiming: false,
  });
  const stopHere = new AbortController();
  let ended: Promise<void> | undefined;
  function end(): Promise<void> {
    stopHere.abort(signal?.reason);
    return (ended ??= quiet(nativeCalls)
      .then(() => pool.destroy())
      .then(closedPorts));
  }
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
        options.evaluated?.(done - task.told);
        task.told = done;
      }
    } catch (error) {
      fail(error);
    }
  }

  async function inThread(task: Task): Promise<Outcome<Result>> {
    const state: Running = { advance: counter(), told: 0 };
    running.add(state);
    for (let deaths = 1; ; deaths++) {
      try {
        const outcome = await pool.run({ task, advance: state.advance });
        tell();
        running.delete(state);
        return "error" in outcome ? { error: unpackError(outcome.error) } : outcome;
      } catch (cause) {
        if (ended || deaths === mostDeaths) return { error: diedTooOften(cause as Error) };
        state.advance = counter();
      }
    }
  }

  async function inThisThread(task: Task, run: NonNullable<typeof here>): Promise<Outcome<Result>> {
    try {
      await nextTurn();
      return { value: await run(task, (count) => options.evaluated?.(count), stopHere.signal) };
    } catch (error) {
      return { error };
    }
  }

  const waiting = tasks[Symbol.iterator]();
  /** Of the tasks that were handed out and not yet taken, in their order. */
  const outcomes: Promise<Outcome<Result>>[] = [];
  let started = 0;
  let taken = 0;
  // Where this thread computes as well, the others get tasks once they have started.
  let inHand = here ? Number.POSITIVE_INFINITY : 0;
  let busyHere = here === undefined;

  /** Starts the next task, if there is one and not too many wait to be taken. */
  function startNext(how: (task: Task) => Promise<Outcome<Result>>, free: () => void): boolean {
    if (ended || started - taken >= (large ? 2 : 4) * (threads + 1)) return false;
    const { value, done } = waiting.next();
    if (done) return false;
    started++;
    const over = () => {
      free();
      handOut();
    };
    outcomes.push(how(value).finally(over));
    return true;
  }

  function handOut(): void {
    while (inHand < (large ? 1 : 2) * threads && startNext(inThread, () => inHand--)) inHand++;
    if (here && !busyHere) {
      busyHere = startNext(
        (task) => inThisThread(task, here),
        () => {
          busyHere = false;
        },
      );
    }
  }

  signal?.addEventListener("abort", end, { once: true });
  const clock = setInterval(tell, interval).unref();
  try {
    signal?.throwIfAborted();
    if (here) {
      const join = () => {
        inHand = 0;
        handOut();
      };
      pool.run(undefined, { name: "start" }).then(join, join);
    }
    for (handOut(); outcomes.length > 0; handOut()) {
      const outcome = await (outcomes.shift() as Promise<Outcome<Result>>);
      taken++;
      signal?.throwIfAborted();
      if (failure) throw failure.error;
      if ("error" in outcome) throw outcome.error;
      yield outcome.value;
    }
  } finally {
    clearInterval(clock);
    signal?.removeEventListener("abort", end);
    await Promise.all([end(), ...outcomes]);
  }
}

/** The ports of ended threads are closed a few turns of the event loop later. */
async function closedPorts(): Promise<void> {
  await sleep(5);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

type Outcome<Result> = { readonly value: Result } | { readonly error: unknown };

/** Milliseconds that native code is waited for. */
const patience = 30_000;

/** Waits until no native code is under way in the threads. */
async function quiet(nativeCalls: Int32Array): Promise<void> {
  const start = performance.now();
  while (endNativeCalls(nativeCalls).underWay && performance.now() - start < patience) await sleep(2);
}

function counter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

function diedTooOften(cause: Error): GameError {
  return new GameError(`the worker thread died ${mostDeaths} times at the same work (${cause.message})`, { cause });
}
