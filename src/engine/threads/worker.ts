// What a worker thread runs; see worker-pool.ts for the other side.
import { workerData } from "node:worker_threads";
import { move, transferableSymbol, valueSymbol } from "piscina";
import { countNativeCallsIn } from "../../native-calls.js";
import { type BackendName, preferBackend } from "../../tensors/backend.js";
import { type PackedError, packError } from "./thread-error.js";

/** The work of a thread: which export of which module prepares it, and with what. */
export interface ThreadWork<Context = unknown> {
  /** URL of a module. */
  readonly module: string;
  /** Name of an export of the type {@link Prepare}. */
  readonly export: string;
  /** Anything that can be cloned; every thread gets a copy. */
  readonly context: Context;
}

/** Called once in each thread: loads what all tasks need and returns what does one of them. */
export type Prepare<Context, Result, Task = number> = (context: Context) => Promise<RunTask<Result, Task>>;

/** Does a task; tells now and then how much more it has done, in units of its own. */
export type RunTask<Result, Task = number> = (
  task: Task,
  evaluated: (count: number) => void,
) => Promise<{ readonly value: Result; readonly transfer?: readonly ArrayBufferLike[] }>;

/** One task as it is handed to a thread. */
export interface ThreadTask {
  /** Anything that can be cloned. */
  readonly task: unknown;
  /** How much of it is done: one number in shared memory. */
  readonly advance: Int32Array;
}

/**
 * What comes back from a thread: game errors and the like are results, so whatever is thrown means that a thread died.
 */
export type ThreadOutcome<Result> = { readonly value: Result } | { readonly error: PackedError };

const { nativeCalls, backend } = (workerData ?? {}) as { nativeCalls?: Int32Array; backend?: BackendName };
if (nativeCalls) countNativeCallsIn(nativeCalls);
if (backend) preferBackend(backend);

let prepared: Promise<RunTask<unknown, unknown>> | undefined;
let before: Promise<unknown> = Promise.resolve();

/** Makes the thread's preparations, unless they are made; whoever runs a task is told where they fail. */
export async function start(): Promise<void> {
  prepared ??= prepare();
  await prepared.catch(() => {});
}

/** Does a task when those before it are done. */
export function runTask(task: ThreadTask): Promise<unknown> {
  const outcome = before.then(() => runNext(task));
  before = outcome;
  return outcome;
}

async function runNext({ task, advance }: ThreadTask): Promise<unknown> {
  try {
    prepared ??= prepare();
    const run = await prepared;
    const { value, transfer = [] } = await run(task, (count) => Atomics.add(advance, 0, count));
    return move({ [transferableSymbol]: transfer, [valueSymbol]: { value } } as never);
  } catch (thrown) {
    return { error: packError(thrown) };
  }
}

async function prepare(): Promise<RunTask<unknown, unknown>> {
  const { work } = workerData as { work: ThreadWork };
  const exports = (await import(work.module)) as Record<string, Prepare<unknown, unknown, unknown>>;
  return exports[work.export](work.context);
}
