import { kernelHook } from "../../kernel-hook.js";

/** Least milliseconds between two updates: ten a second are as good as any number to look at, and cost nothing. */
const interval = 100;

/**
 * A function that does something at most ten times a second, however often it is called: the first time at once, then
 * when it is due, and in any case before the running cell ends.
 */
export function paced(work: () => void): () => void {
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    next = performance.now() + interval;
    work();
  };
  const due = (): void => {
    if (timer !== undefined) now();
  };
  return () => {
    if (timer !== undefined) {
      // A loop without a pause leaves the timer no turn.
      if (performance.now() >= next) now();
      return;
    }
    const rest = next - performance.now();
    if (rest <= 0) return now();
    timer = setTimeout(now, rest);
    timer.unref();
    kernelHook()?.beforeEnd(due);
  };
}
