import { randomUUID } from "node:crypto";
import { kernelHook, type MimeBundle } from "../../kernel-hook.js";
import { mimeBundle } from "../display/bundle.js";
import { displayLibrary } from "../display/display.js";
import type { Output } from "../run/nbformat.js";

/**
 * A place in a cell's output where one drawing follows another: ordinary displays that are replaced by their
 * identifiers (update_display_data). Every front end knows these, with widgets or without; figures come with all their
 * forms; and the file keeps the last drawing as the cell's output, for viewers that run nothing. An Output widget can
 * do none of that.
 */
export interface DrawingPlace {
  /** Replaces what is there by what some work printed and displayed, and by what it returned. */
  draw(outputs: readonly Output[], value: unknown, options?: { png?: boolean }): Promise<void>;
  /** Replaces what is there by an error. */
  fail(error: unknown): void;
}

/** A new place, in the cell in whose course it is drawn in first. */
export function drawingPlace(): DrawingPlace {
  const id = `drawing-${randomUUID()}`;
  let places = 0;

  function replace(bundles: readonly MimeBundle[]): void {
    const kernel = kernelHook();
    const empty = { data: { "text/plain": "" }, metadata: {} };
    for (let at = 0; at < Math.max(places, bundles.length); at++) {
      const { data, metadata } = bundles[at] ?? empty;
      if (kernel) kernel.display(data, metadata, { displayId: `${id}-${at}`, update: at < places });
      else console.log(data["text/plain"]);
    }
    places = Math.max(places, bundles.length);
  }

  return {
    async draw(outputs, value, { png = true } = {}) {
      const kernel = kernelHook();
      if (kernel) displayLibrary(kernel, value);
      const last = value === undefined ? [] : [await mimeBundle(value, { png: png && kernel !== undefined })];
      replace([...outputs.map(asBundle), ...last]);
    },
    fail: (error) => replace([textBundle(kernelHook()?.traceback(error) ?? String(error))]),
  };
}

function asBundle(output: Output): MimeBundle {
  if (output.output_type === "stream") return textBundle(output.text);
  if (output.output_type === "error") return textBundle(output.traceback.join("\n"));
  return output;
}

function textBundle(text: string): MimeBundle {
  return { data: { "text/plain": text.replace(/\n$/, "") }, metadata: {} };
}
