import { createContext, Script } from "node:vm";

/** What is run at the moment, and what it gave. */
const current: { work: (() => unknown) | undefined; result: unknown } = { work: undefined, result: undefined };
let runner: { readonly script: Script; readonly context: object } | undefined;

/**
 * Does something that can not be interrupted otherwise, such as a regular expression of a foreign file, and ends it
 * when its time is over. It takes a quarter of a millisecond more.
 *
 * @param work not one that calls this again
 * @throws TimeOver where it took longer
 */
export function withinTime<Result>(milliseconds: number, work: () => Result): Result {
  runner ??= {
    script: new Script("run()"),
    // Of a function from outside of the context, too, the time is limited.
    context: createContext({
      run: () => {
        current.result = current.work?.();
      },
    }),
  };
  current.work = work;
  try {
    runner.script.runInContext(runner.context, { timeout: milliseconds });
    return current.result as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new TimeOver();
    throw error;
  } finally {
    current.work = undefined;
    current.result = undefined;
  }
}

/** Something took longer than it may. */
export class TimeOver extends Error {}
