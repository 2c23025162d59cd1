import { type BundleOptions, mimeBundle } from "./bundle.js";
import { kernelHook, type MimeData, mimeMethod } from "./hook.js";

/** How a value is displayed. */
export interface DisplayOptions extends BundleOptions {
  /** Name by which the display can be replaced later; default none. */
  readonly id?: string;
  /** Replaces what was displayed under `id` before; default false. */
  readonly update?: boolean;
}

/**
 * Shows a value in the notebook: a figure is drawn, an object that knows how to show itself does, anything else is
 * shown as text. All forms go into one output. Outside a notebook the text is printed.
 *
 * @example
 * await display(figure);
 * await display(markdown("**half way**"), { id: "state" });
 * await display(markdown("**done**"), { id: "state", update: true });
 */
export async function display(value: unknown, options: DisplayOptions = {}): Promise<void> {
  const { id, update = false, ...rest } = options;
  const { data, metadata } = await mimeBundle(value, rest);
  const kernel = kernelHook();
  if (kernel) kernel.display(data, metadata, id === undefined ? {} : { displayId: id, update });
  else console.log(data["text/plain"]);
}

/** Something that shows itself in the given forms. */
export interface Shown {
  [mimeMethod](): MimeData;
}

/** Markdown, with $formulas$, to be displayed. */
export function markdown(text: string): Shown {
  return { [mimeMethod]: () => ({ "text/markdown": text, "text/plain": text }) };
}

/** A piece of HTML to be displayed, and the text that stands for it where there is no HTML. */
export function html(content: string, text: string): Shown {
  return { [mimeMethod]: () => ({ "text/html": content, "text/plain": text }) };
}
