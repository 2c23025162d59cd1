import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/**
 * Frees the memory of what is no longer used, now: large arrays lie outside of the heap that decides when garbage is
 * collected, and the next ones would be taken before the last ones are freed. Takes some ten milliseconds.
 */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
