import { AsyncLocalStorage } from "node:async_hooks";
import { performance } from "node:perf_hooks";
import type { KernelHook, MimeBundle } from "../../kernel-hook.js";
import { mimeBundle } from "./bundle.js";
import type { BundleOptions } from "./figure-bundle.js";
import { figureOf, isFigure } from "./figure-facts.js";

/** The clock as it is before a cell puts another in its place. */
const { setTimeout, clearTimeout } = globalThis;

/** Least milliseconds between two updates of a display. */
const interval = 100;
/** A figure is put into its forms and sent so seldom that this takes a fortieth of the time. */
const rest = 39;

/** Milliseconds that a value may take to be put into its forms before later ones are sent without waiting for it. */
const patience = 5000;

/** A value to be shown under an identifier, and the course of the cell that it comes from. */
interface Shown {
  readonly value: unknown;
  readonly options: BundleOptions;
  readonly update: boolean;
  readonly within: <T>(work: () => T) => T;
}

/** One display that is replaced again and again: at most ten times a second, and with a picture once, at its end. */
interface LiveDisplay {
  show(shown: Shown): Promise<void>;
  /** Sends what waits for its time. */
  flush(): Promise<void>;
}

/** By identifier, for as long as the kernel lives: what is late is known to be. */
const live = new Map<string, LiveDisplay>();

/**
 * Shows a value under an identifier, or replaces what is there: at once where the last time is a tenth of a second ago,
 * otherwise when it is due, unless a newer one comes before. A figure is drawn as a picture only before its cell ends.
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
  return display.show({ value, options, update, within: AsyncLocalStorage.snapshot() as Shown["within"] });
}

/** Sends at once what waits for its time, of all displays. */
export async function flushDisplays(): Promise<void> {
  await Promise.all([...live.values()].map((display) => display.flush()));
}

function liveDisplay(kernel: KernelHook, id: string): LiveDisplay {
  /** The value that waits for its time. */
  let waiting: Shown | undefined;
  let timer: NodeJS.Timeout | undefined;
  let next = 0;
  /** Values are numbered: what a later one has overtaken is not sent any more. */
  let begun = 0;
  let sent = 0;
  /**
   * First displays that are still being put into their forms, and how many of these a later value has taken the place
   * of.
   */
  let owed = 0;
  let taken = 0;
  /** The form of the latest value under way, and the cell that it belongs to. */
  let making: { readonly cell: string | undefined; readonly done: Promise<void> } | undefined;
  /** The figure that was sent last, as it was sent, where it has no picture yet. */
  let pictureless: { readonly number: number; readonly shown: Shown; readonly value: unknown } | undefined;
  let failure: { readonly error: unknown } | undefined;

  function send(shown: Shown): Promise<void> {
    const done = made(shown, ++begun);
    making = { cell: kernel.cell(), done };
    return done;
  }

  async function made(shown: Shown, number: number): Promise<void> {
    const { value, options, update, within } = shown;
    clearTimeout(timer);
    timer = undefined;
    waiting = undefined;
    const start = performance.now();
    next = start + patience;
    if (!update) owed++;
    let bundle: MimeBundle;
    try {
      bundle = await within(() => mimeBundle(value, { ...options, png: options.png ?? false }));
    } catch (error) {
      if (!update) owed--;
      throw error;
    } finally {
      plan(number, start, value);
    }
    if (number < sent) return overtaken(shown, bundle);
    // Where nothing stands there yet, what comes first takes the place.
    const isFirst = !update || owed > 0;
    if (isFirst) owed--;
    if (isFirst && update) taken++;
    sent = number;
    within(() => kernel.display(bundle.data, bundle.metadata, { displayId: id, update: !isFirst }));
    plan(number, start, value);
    const figure = options.png === undefined ? figureOf(bundle.data) : undefined;
    pictureless = figure && { number, shown, value: figure };
  }

  /** When the display may change again, after what it took since `start`. */
  function plan(number: number, start: number, value: unknown): void {
    const now = performance.now();
    if (number === begun) next = now + Math.max(interval, isFigure(value) ? rest * (now - start) : 0);
    if (waiting) arm();
  }

  /** A later value was quicker: an update is not needed any more, a display of its own still is. */
  function overtaken({ update, within }: Shown, { data, metadata }: MimeBundle): void {
    if (update) return;
    if (taken > 0) {
      taken--;
      return;
    }
    owed--;
    within(() => kernel.display(data, metadata, { displayId: id, update: false }));
  }

  async function flush(): Promise<void> {
    if (waiting) await send(waiting);
  }

  /** Before the cell ends: the last value, and its picture. */
  async function end(): Promise<void> {
    await flush();
    if (making?.cell === kernel.cell()) await making?.done;
    if (failure) {
      const { error } = failure;
      failure = undefined;
      throw error;
    }
    const last = pictureless;
    pictureless = undefined;
    if (!last || last.number !== begun) return;
    const { data, metadata } = await last.shown.within(() =>
      mimeBundle(last.value, { ...last.shown.options, png: true }),
    );
    // What came meanwhile stays.
    if (!("image/png" in data) || last.number !== begun || waiting) return;
    last.shown.within(() => kernel.display(data, metadata, { displayId: id, update: true }));
  }

  return {
    async show(shown) {
      kernel.beforeEnd(end);
      // Inside of a widget the display is complete at once: nobody waits for an end there.
      const whole = !shown.update && kernel.isCaptured();
      if (whole) return send({ ...shown, options: { png: true, ...shown.options } });
      if (!shown.update || performance.now() >= next) return send(shown);
      waiting = shown;
      if (timer === undefined) arm();
    },
    flush,
  };

  /**
   * The event loop gives the timer its turn where the cell waits for something; where it does not, the next call finds
   * that it is due.
   */
  function arm(): void {
    clearTimeout(timer);
    timer = setTimeout(late, next - performance.now());
    timer.unref?.();
  }

  /** An error here is told by the cell's end, or to who displays next. */
  function late(): void {
    timer = undefined;
    flush().catch((error: unknown) => {
      failure = { error };
      kernel.beforeEnd(end);
    });
  }
}
