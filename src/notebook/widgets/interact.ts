import { InterruptedError } from "../../engine/runs/interruption.js";
import { notNegative, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { asShown } from "../display/bundle.js";
import { isFigure } from "../display/figure-facts.js";
import { flushDisplays } from "../display/live-display.js";
import { Box } from "./boxes.js";
import { capture } from "./captured.js";
import type { Control } from "./control.js";
import { drawingPlace } from "./drawing.js";
import { latest } from "./latest.js";
import { controlFor, type Shorthand, type ShorthandControls, type ShorthandValues } from "./shorthand.js";
import { shown } from "./widget.js";
import { type WorkContext, workContext } from "./work-context.js";

/** Options of {@link interact}. */
export interface InteractOptions {
  /**
   * Seconds without a new value after which a figure is drawn once more, with a picture for viewers that run no
   * scripts; default 1. While values come it is drawn without, which is much faster.
   */
  readonly settle?: number;
}

/** The names of `InteractOptions`. */
export const interactOptionNames: OptionNames<InteractOptions> = { settle: true };

/** What is drawn from the values of the controls. */
export type Draw<Shorts> = (values: ShorthandValues<Shorts>, context: WorkContext) => unknown;

/** Controls and a drawing that follows them, as {@link interact} makes them. */
export interface Interaction<Shorts> {
  /** The controls, by their names: `controls.k.value = 20` draws again. */
  readonly controls: ShorthandControls<Shorts>;
  /**
   * Draws again with the present values; resolves when that is done. An error is shown in the output, and not thrown.
   */
  redraw(): Promise<void>;
  /** Ends it: the drawing stays as it is, and the controls do nothing any more. */
  stop(): void;
}

/**
 * Controls, and below them what a function makes of their values, drawn again whenever one of them changes: a figure, a
 * table, anything that a cell can end with, and what the function prints and displays.
 *
 * The latest value wins: where values come faster than the function computes, the signal of the computation under way
 * is aborted (in a notebook so is the `cellSignal()` by which `shapley` and its like end), and only the last value is
 * computed with. An error of the first drawing fails its cell; a later one is shown in place of the drawing, until the
 * next value.
 *
 * Each drawing replaces the one before in the cell's output, so the file keeps the last one, and a viewer without
 * widgets shows it.
 *
 * @param shorthands by name, what stands for each control: `[from, to]` or `[from, to, step]` a slider that begins at
 *   `from`, a list of texts a choice, true or false a checkbox, a text a field; or a control that was made before,
 *   which is not shown once more
 * @throws RangeError or TypeError for what stands for no control
 * @example
 * const game = await gameFrom(6, (intact) => intact.size ** 2);
 * await interact({ orderings: [10, 200, 10], unit: ["0", "1", "2"] }, async ({ orderings, unit }, { signal }) => {
 *   const modes = await shapley(game, { orderings, signal });
 *   return `unit ${unit}: ${modes.unit(unit).values[0].toFixed(2)}`;
 * });
 */
export async function interact<const Shorts extends Readonly<Record<string, Shorthand>>>(
  shorthands: Shorts,
  draw: Draw<Shorts>,
  options: InteractOptions = {},
): Promise<Interaction<Shorts>> {
  knownOptions("interact", options, interactOptionNames);
  if (shorthands === null || typeof shorthands !== "object") throw wrongKind("shorthands", "an object", shorthands);
  if (typeof draw !== "function") throw wrongKind("draw", "a function", draw);
  const settle = notNegative("settle", options.settle ?? 1);
  const entries: [string, Control<unknown>][] = [];
  for (const [name, given] of Object.entries(shorthands)) entries.push([name, await controlFor(name, given)]);
  return begin(entries, shorthands, draw, settle) as Promise<Interaction<Shorts>>;
}

async function begin(
  entries: readonly [string, Control<unknown>][],
  given: Readonly<Record<string, unknown>>,
  draw: (values: never, context: WorkContext) => unknown,
  settle: number,
): Promise<unknown> {
  const made = entries.filter(([name, control]) => given[name] !== control).map(([, control]) => control);
  // Also without controls of its own it has a widget, whose cell its drawings belong to.
  const box = new Box("VBox", made);
  if (made.length > 0) shown(box, {});
  const place = drawingPlace();
  const queue = latest();

  /**
   * Draws what the function makes; nothing where it saw that a newer value has come. Resolves with whether that is a
   * figure.
   */
  async function drawn(superseded: AbortSignal, png: boolean): Promise<boolean> {
    if (superseded.aborted) return false;
    const values = Object.fromEntries(entries.map(([name, { value }]) => [name, value])) as never;
    const captured = capture();
    const result = await captured.during(async () => {
      const drawn = await draw(values, workContext(superseded));
      await flushDisplays();
      return drawn;
    });
    if (!superseded.aborted || result !== undefined) await place.draw(captured.outputs, result, { png });
    return isFigure(result);
  }

  let settling: NodeJS.Timeout | undefined;
  function again(png: boolean): Promise<void> {
    clearTimeout(settling);
    return queue.with(async (superseded) => {
      try {
        const figure = await box.model.perform(() => drawn(superseded, png), superseded);
        if (png || !figure || superseded.aborted) return;
        settling = setTimeout(() => void again(true), 1000 * settle);
        settling.unref();
      } catch (error) {
        // Who interrupts wants an idle kernel, and not the next drawing.
        const interrupted = (error as Error)?.name === "Interrupted" && !(error instanceof InterruptedError);
        if (interrupted) queue.drop();
        // What interrupted the drawing may interrupt again: it is told all the same.
        if (interrupted || !superseded.aborted) box.model.within(() => place.fail(error));
      }
    });
  }

  const ends = entries.map(([, control]) => control.follow(() => void again(false)));
  let failure: { readonly error: unknown } | undefined;
  await queue.with(async (superseded) => {
    try {
      await drawn(superseded, true);
    } catch (error) {
      if (!superseded.aborted) failure = { error };
    }
  });
  if (failure) throw failure.error;
  return asShown({
    controls: Object.fromEntries(entries),
    redraw: () => again(true),
    stop() {
      clearTimeout(settling);
      queue.stop();
      for (const end of ends) end();
    },
  });
}
