import { type BundleOptions, mimeBundle } from "./bundle.js";
import type { KernelHook } from "./hook.js";
import { isFigure } from "./plotly.js";

/** Least milliseconds between two updates of a display. */
const interval = 100;

/** One display that is replaced again and again: at most ten times a second, and with a picture once, at its end. */
interface LiveDisplay {
  show(value: unknown, options: BundleOptions, update: boolean): Promise<void>;
}

/** Displays that have been shown or updated since their last picture, by their identifiers. */
const live = new Map<string, LiveDisplay>();

/**
 * Shows a value under an identifier, or replaces what is there: at once where the last time is a tenth of a second ago, otherwise when
 * it is due, unless a newer one comes before. A figure is drawn as a picture only before its cell ends.
 */
export function displayLive(
  kernel: KernelHook,
  id: string,
  value: unknown,
  options: BundleOptions,
  update: boolean,
): Promise<void> {
  const display = live.get(id) ?? liveDisplay(kernel, id);
  live.set(id, display);
  return display.show(value, options, update);
}

function liveDisplay(kernel: KernelHook, id: string): LiveDisplay {
  let latest: { readonly value: unknown; readonly options: BundleOptions; readonly update: boolean };
  let waiting = false;
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  let begun = 0;
  let sent = 0;

  /** Sends the latest value. What takes longer to be put into its forms than a later value is not sent any more. */
  async function send(picture: boolean): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    waiting = false;
    next = performance.now() + interval;
    const number = ++begun;
    const { value, options, update } = latest;
    const { data, metadata } = await mimeBundle(value, { ...options, png: options.png ?? picture });
    if (number < sent) return;
    sent = number;
    kernel.display(data, metadata, { displayId: id, update });
    latest = { ...latest, update: true };
  }

  async function end(): Promise<void> {
    live.delete(id);
    const { value, options } = latest;
    const lacksPicture = isFigure(value) && options.png === undefined;
    if (waiting || lacksPicture) await send(true);
  }

  return {
    async show(value, options, update) {
      latest = { value, options, update };
      kernel.beforeEnd(end);
      if (!update || performance.now() >= next) return send(false);
      waiting = true;
      // The event loop gives the timer its turn where the cell waits for something; where it does not, the next call finds that it is due.
      timer ??= setTimeout(() => waiting && send(false), next - performance.now()).unref();
    },
  };
}
