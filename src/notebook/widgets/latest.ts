import { MessageChannel } from "node:worker_threads";

/**
 * One computation after another, for values that come faster than they can be computed with: of the values that come
 * while it computes only the last one counts, and the signal of the computation that is under way is aborted.
 */
export interface Latest {
  /** Computes with a value, now or next; resolves when all is computed. */
  with(compute: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Forgets the value that waits. */
  drop(): void;
  /** Aborts what is under way, and takes no more. */
  stop(): void;
}

/** Why a computation is aborted whose result nobody needs any more. */
export class SupersededError extends Error {
  override readonly name = "Superseded";
  constructor() {
    super("a newer value has come");
  }
}

export function latest(): Latest {
  let next: ((signal: AbortSignal) => Promise<void>) | undefined;
  let present: AbortController | undefined;
  let working: Promise<void> | undefined;
  let stopped = false;

  async function work(): Promise<void> {
    while (next) {
      const compute = next;
      next = undefined;
      present = new AbortController();
      await compute(present.signal);
      // Values that arrived meanwhile are all received before the last of them is taken.
      await turn();
    }
    present = undefined;
    working = undefined;
  }

  return {
    with(compute) {
      if (stopped) return Promise.resolve();
      next = compute;
      present?.abort(new SupersededError());
      working ??= work();
      return working;
    },
    drop() {
      next = undefined;
    },
    stop() {
      stopped = true;
      next = undefined;
      present?.abort(new SupersededError());
    },
  };
}

/** Resolves when messages that are there already have been received: one of this thread's own comes after them. */
function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port2.once("message", () => {
      port1.close();
      resolve();
    });
    port1.postMessage(undefined);
  });
}
