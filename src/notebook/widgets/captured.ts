import { kernelHook } from "../../kernel-hook.js";
import type { Output } from "../run/nbformat.js";
import { collectOutputs, type NamedDisplays } from "../run/outputs.js";

/** Gathers what work prints and displays, instead of its cell. */
export interface Capture {
  /** Outputs so far, as a notebook holds them. */
  readonly outputs: Output[];
  /** Does work; `changed` is called after each of its outputs. Outside a notebook nothing is gathered. */
  during<T>(work: () => T): T;
}

/** A new gathering; `changed` is called after each output. */
export function capture(changed: () => void = () => {}): Capture {
  const displays: NamedDisplays = new Map();
  const collector = collectOutputs(displays);
  const take = (type: string, content: object): boolean => {
    const id = (content as { transient?: { display_id?: string } }).transient?.display_id;
    // What is shown elsewhere is updated there.
    if (type === "update_display_data" && !displays.has(String(id))) return false;
    collector.add({ type, parent: undefined, content: content as Record<string, unknown> });
    changed();
    return true;
  };
  return {
    outputs: collector.outputs,
    during(work) {
      const kernel = kernelHook();
      return kernel ? kernel.capture(take, work) : work();
    },
  };
}
