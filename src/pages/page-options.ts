import { wrongKind } from "../errors.js";
import type { OptionNames } from "../options.js";

/** Options of all pages. */
export interface PageOptions {
  /** Heading of the page. */
  readonly title?: string;
  /** A sentence or two below the heading: what the reader has in front of him; default none. */
  readonly about?: string;
  /** Stops the computing of what the page holds. */
  readonly signal?: AbortSignal;
}

/** The names of `PageOptions`. */
export const pageOptionNames: OptionNames<PageOptions> = { title: true, about: true, signal: true };

/** @throws TypeError for what is no text, by its name */
export function checkTexts(texts: Readonly<Record<string, unknown>>): void {
  for (const [name, text] of Object.entries(texts)) if (typeof text !== "string") throw wrongKind(name, "a text", text);
}
