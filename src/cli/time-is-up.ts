const told = new AbortController();
let listening = false;

/**
 * A signal that SIGUSR1 aborts, by which array engines say that a task's time is nearly over. To Node it means
 * something else, so it is listened to as early as can be: the command calls this before it loads what computes.
 */
export function timeIsUp(): AbortSignal {
  if (!listening) {
    process.on("SIGUSR1", () => told.abort(new Error("told to end by SIGUSR1: its time is nearly over")));
    listening = true;
  }
  return told.signal;
}
