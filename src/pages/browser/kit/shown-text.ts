import { inOneLine } from "../../../words.js";

/** Letters that are read from the right. */
const fromRight = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A text as a page shows it: without controls, and one that is read from the right kept apart from what stands around
 * it.
 */
export function shownText(text: string): string {
  const plain = inOneLine(text).trim();
  return fromRight.test(plain) ? `\u2068${plain}\u2069` : plain;
}

/** The same of a name, which is never nothing. */
export function shownName(name: string): string {
  return shownText(name) || "(no name)";
}
