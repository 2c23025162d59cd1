import { kernelHook } from "../../kernel-hook.js";

/** What work is given that a widget starts. */
export interface WorkContext {
  /**
   * Trips when the kernel is interrupted, and where a newer value makes the result useless. Work that takes it is given
   * a second after an interrupt to end by itself; other work is given up at once.
   */
  readonly signal: AbortSignal;
}

/** The context of work that begins now; `superseded` trips when nobody needs its result any more. */
export function workContext(superseded?: AbortSignal): WorkContext {
  return {
    get signal() {
      const signals = [superseded, kernelHook()?.signal()].filter((each) => each !== undefined);
      return AbortSignal.any(signals);
    },
  };
}
