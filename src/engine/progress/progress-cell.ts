import { randomUUID } from "node:crypto";
import { escapeHtml } from "../../escape-html.js";
import { kernelHook } from "../../kernel-hook.js";
import type { ProgressState, Reporter } from "./progress-state.js";
import { endedText, runningText } from "./progress-text.js";

/** Whether this thread runs the cells of a notebook. */
export function inKernel(): boolean {
  return kernelHook() !== undefined;
}

/** One display in the running cell, updated in place; at the end one line of it stays, as a record. */
export function cellReporter(title: string, unit: string, picture: boolean): Reporter {
  const displayId = randomUUID();
  let update = false;
  const show = (html: string, text: string): void => {
    kernelHook()?.display({ "text/html": html, "text/plain": text }, {}, { displayId, update });
    update = true;
  };
  return {
    update(state) {
      const text = runningText(state, unit);
      const bar = `<progress max="${state.total}" value="${state.done}" style="width:16em;vertical-align:middle"></progress>`;
      show(
        `<div>${escapeHtml(title)} ${bar} ${escapeHtml(text)}${picture ? pictureHtml(state) : ""}</div>`,
        `${title}: ${text}`,
      );
    },
    end(state, ended) {
      const text = `${title}: ${endedText(state, unit, ended)}`;
      show(`<div>${escapeHtml(text)}</div>`, text);
    },
  };
}

function pictureHtml({ picture }: ProgressState): string {
  if (!picture) return "";
  const data = Buffer.from(picture()).toString("base64");
  const style = "display:block;width:24em;max-height:16em;min-height:1.5em;margin-top:0.4em;image-rendering:pixelated";
  return `<img alt="the modes so far, units from left to right, outputs from top to bottom" style="${style}" src="data:image/png;base64,${data}">`;
}
