import { inspect } from "node:util";
import { invalid, wrongKind } from "../../errors.js";
import { type KernelHook, kernelHook, type MimeData, mimeMethod } from "../../kernel-hook.js";
import { isText } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { mimeBundle } from "./bundle.js";
import type { BundleOptions } from "./figure-bundle.js";
import { isLibraryShown, libraryScript } from "./figure-bundle.js";
import { isFigure, libraryMime } from "./figure-facts.js";
import { displayLive } from "./live-display.js";

/** How a value is displayed. */
export interface DisplayOptions extends BundleOptions {
  /**
   * Name by which the display can be replaced later; default none. A figure with a name gets its picture when its cell
   * ends.
   */
  readonly id?: string;
  /**
   * Replaces what was displayed under `id` before; default false. The display changes at most ten times a second: of
   * values that come faster the latest is shown, as it is when its turn comes, and the last one in any case.
   */
  readonly update?: boolean;
}

/** The names of `DisplayOptions`. */
export const displayOptionNames: OptionNames<DisplayOptions> = { png: true, id: true, update: true };

/**
 * Shows a value in the notebook: a figure is drawn, an object that knows how to show itself does, anything else is
 * shown as text. All forms go into one output. Outside a notebook the text is printed.
 *
 * With an `id` the display is a live one: `update` replaces it, cheaply enough for every step of a training.
 *
 * @example
 * await display(figure);
 * await display(markdown("**half way**"), { id: "state" });
 * await display(markdown("**done**"), { id: "state", update: true });
 */
export async function display(value: unknown, options: DisplayOptions = {}): Promise<void> {
  knownOptions("display", options, displayOptionNames);
  const { id, update = false, ...rest } = options;
  const kernel = kernelHook();
  if (!kernel) {
    if (value !== null && typeof value === "object" && printedAlready in value) return;
    const { data } = await mimeBundle(value, { ...rest, png: false });
    console.log(data["text/plain"]);
    return;
  }
  if (id !== undefined) {
    if (typeof id !== "string") throw wrongKind("id", "a text", id);
    // An update's own place had it before, and comes too often to be looked at whole.
    if (!update || (isFigure(value) && !isLibraryShown(value))) displayLibrary(kernel, value);
    return displayLive(kernel, id, value, rest, update);
  }
  if (update) throw invalid("update", "an id, of the display that is replaced", update);
  const { data, metadata } = await mimeBundle(value, rest);
  kernel.display(data, metadata);
}

/**
 * Shows Plotly's library, where a figure needs it: an update replaces the output, and the library has one of its own,
 * which stays.
 */
export function displayLibrary(kernel: KernelHook, value: unknown): void {
  const library = isFigure(value) ? libraryScript(value) : "";
  if (library) kernel.display({ "text/html": library, "text/plain": "", [libraryMime]: {} });
}

/** Marks what was printed when it was made, outside of a notebook. */
export const printedAlready: unique symbol = Symbol("printed already");

/** Something that shows itself in the given forms. */
export interface Shown {
  [mimeMethod](): MimeData;
}

/** Markdown, with $formulas$, to be displayed. */
export function markdown(text: string): Shown {
  isText("text", text, "a text");
  return shownAs({ "text/markdown": text, "text/plain": text });
}

/** A piece of HTML to be displayed, and the text that stands for it where there is no HTML. */
export function html(content: string, text: string): Shown {
  isText("content", content, "a text");
  return shownAs({ "text/html": content, "text/plain": text });
}

/** Forms to be displayed; `console.log` prints the text. */
function shownAs(forms: MimeData & { readonly "text/plain": string }): Shown {
  const text = () => forms["text/plain"];
  const shown: Shown = { [mimeMethod]: () => forms };
  return Object.defineProperties(shown, {
    toString: { value: text },
    [inspect.custom]: { value: text, configurable: true },
  });
}
