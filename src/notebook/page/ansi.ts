import { escapeHtml } from "../../escape-html.js";

const colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Text with ANSI colours as HTML: colours become spans of class `ansi-red` and so on, other escapes vanish. */
export function ansiToHtml(text: string): string {
  let classes = new Set<string>();
  let html = "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  for (const part of text.split(/(\u001b\[[0-9;?]*[A-Za-z])/)) {
    if (part.startsWith("\u001b[")) {
      if (part.endsWith("m")) classes = styled(classes, part.slice(2, -1));
    } else if (part) {
      html +=
        classes.size > 0 ? `<span class="${[...classes].join(" ")}">${escapeHtml(part)}</span>` : escapeHtml(part);
    }
  }
  return html;
}

/** Classes after the codes of one escape sequence. */
function styled(before: ReadonlySet<string>, codes: string): Set<string> {
  const classes = new Set(before);
  const without = (isGone: (name: string) => boolean): void => {
    for (const name of classes) if (isGone(name)) classes.delete(name);
  };
  const isColour = (name: string): boolean => colours.some((colour) => name === `ansi-${colour}`);
  const numbers = codes.split(";").map(Number);
  // 38 and 48 take the colour from the numbers that follow them: 256 colours and RGB are left out.
  if (numbers.includes(38) || numbers.includes(48)) return classes;
  for (const code of numbers) {
    if (code === 0) classes.clear();
    else if (code === 1) classes.add("ansi-bold");
    else if (code === 2) classes.add("ansi-dim");
    else if (code === 22) without((name) => name === "ansi-bold" || name === "ansi-dim");
    else if (code === 39) without(isColour);
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      without(isColour);
      classes.add(`ansi-${colours[code % 10]}`);
    }
  }
  return classes;
}
