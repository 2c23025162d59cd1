import { escapeText as withoutMarkup } from "../../escape-html.js";
import { inOneLine } from "../../words.js";

/** Advance widths of Helvetica in thousandths of the font size, characters 32 to 126 (Adobe's font metrics). */
const widths = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];

/** Width of a plain text in pixels, a little more than what Helvetica, Arial or Liberation Sans take. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    width += widths[code - 32] ?? (code < 0x2e80 ? 600 : 1000);
  }
  return (width / 1000) * fontSize * 1.03;
}

/** Width in pixels of the widest of some texts. */
export function widest(texts: readonly string[], fontSize: number): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text, fontSize)), 0);
}

/** A text broken between words into lines of at most this many pixels; a longer word is a line of its own. */
export function wrapText(text: string, fontSize: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, fontSize) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Characters of either end of a text that are looked at where it is shortened. */
const longestEnd = 200;

/** A text cut in its middle, so that it takes at most this many pixels: `encoder/...ense_17`. */
export function shortened(given: string, fontSize: number, width: number): string {
  const text = inOneLine(given);
  if (textWidth(text, fontSize) <= width) return text;
  const all = [...text];
  // More of a long one no label has room for.
  const characters = all.length > 2 * longestEnd ? [...all.slice(0, longestEnd), ...all.slice(-longestEnd)] : all;
  for (let kept = characters.length - 1; kept > 2; kept--) {
    const head = Math.ceil(kept / 2);
    const shorter = `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (kept - head)).join("")}`;
    if (textWidth(shorter, fontSize) <= width) return shorter;
  }
  return `${characters.slice(0, 2).join("")}…`;
}

/** A text as Plotly's labels take it, in one line. */
export function escapeText(text: string): string {
  return withoutMarkup(inOneLine(text));
}

/** Names without the path that all of them share: `hidden/3`, `hidden/7` become `3`, `7`. */
export function withoutCommonPath(names: readonly string[]): string[] {
  const end = names[0].lastIndexOf("/") + 1;
  const path = names[0].slice(0, end);
  return names.every((name) => name.startsWith(path) && name.length > end)
    ? names.map((name) => name.slice(end))
    : [...names];
}

/** A written number with a minus sign for its hyphen; what rounds to 0 from below has none. */
export function withMinus(written: string): string {
  return written.replace(/^-(?=[0.]+$)/, "").replace("-", "−");
}

/** A text with a small first letter, as within a sentence. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
