// Completion and inspection: TypeScript's answers in the form that Jupyter asks for.
"use strict";

/** UTF-16 offset of a position that Jupyter counts in code points. */
function utf16Offset(code, codePoints) {
  return Array.from(code).slice(0, codePoints).join("").length;
}

/** Position in code points, as Jupyter counts, of a UTF-16 offset. */
function codePointOffset(code, offset) {
  return Array.from(code.slice(0, offset)).length;
}

/**
 * What TypeScript knows about the name at a position; inside the brackets of a call, about the function called.
 *
 * @param {(position: number) => object | undefined} ask TypeScript's quick info at a UTF-16 offset
 * @returns quick info, or undefined where nothing is known
 */
function inspect(ask, code, position) {
  for (const at of [position, position - 1, calleeEnd(code, position)]) {
    const info = at >= 0 && at <= code.length && /[\w$]/.test(code[at] ?? "") ? ask(at) : undefined;
    // What TypeScript says of a name that nobody declared.
    if (info && textOf(info.displayParts) !== "any") return info;
  }
  return undefined;
}

/**
 * What could stand at a position.
 *
 * @param {object | undefined} info TypeScript's completions there
 * @returns {{ start: number, end: number, candidates: string[], kinds: string[] }} UTF-16 offsets of what a candidate takes the place of;
 *   candidates that begin with what is typed come first, then those that do so in other case, then those that contain it
 */
function completions(info, code, position) {
  const word = wordAt(code, position);
  if (!info) return { ...word, candidates: [], kinds: [] };
  const { start, length } = info.entries[0]?.replacementSpan ?? info.optionalReplacementSpan ?? {};
  const span = start === undefined ? word : { start, end: start + length };
  const typed = code.slice(span.start, position).toLowerCase();
  const rank = ({ name }) => {
    if (name.startsWith(code.slice(span.start, position))) return 0;
    const at = name.toLowerCase().indexOf(typed);
    return at < 0 ? 3 : Math.min(at, 1) + 1;
  };
  const ranked = info.entries
    .map((entry) => ({ entry, rank: rank(entry) }))
    .filter((one) => one.rank < 3)
    .sort(
      (a, b) => a.rank - b.rank || compare(a.entry.sortText, b.entry.sortText) || compare(a.entry.name, b.entry.name),
    );
  return { ...span, candidates: ranked.map(({ entry }) => entry.name), kinds: ranked.map(({ entry }) => entry.kind) };
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The name, whole or begun, around a position. */
function wordAt(code, position) {
  const [before] = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, position)) ?? [""];
  const [after] = /^[\p{ID_Continue}$]*/u.exec(code.slice(position)) ?? [""];
  return { start: position - before.length, end: position + after.length };
}

/** Offset of the last character of the name before the innermost open bracket left of a position, or -1. */
function calleeEnd(code, position) {
  let depth = 0;
  for (let i = position - 1; i >= 0; i--) {
    if (code[i] === ")") depth++;
    else if (code[i] === "(" && depth-- === 0) return code.slice(0, i).trimEnd().length - 1;
  }
  return -1;
}

/** Text of TypeScript's parts; a link is its own text or, without one, the name that it leads to. */
function textOf(parts = []) {
  return parts
    .map(({ kind, text }, index) => {
      if (kind === "link") return "";
      if (kind === "linkText") return text.replace(/^\s*\|?\s*/, "").trimEnd();
      return kind === "linkName" && parts[index + 1]?.kind === "linkText" ? "" : text;
    })
    .join("");
}

/** Signature and doc comment, `@param`, `@returns`, `@throws`, `@example` and all, as a MIME bundle. */
function quickInfoBundle({ displayParts, documentation, tags = [] }) {
  // How a cell came to know a name is of no interest: `(alias)`, `import name`.
  const signature = textOf(displayParts)
    .replace(/^\(alias\) /, "")
    .replace(/\nimport \S+$/, "");
  const prose = textOf(documentation);
  const tagLines = tags.map(({ name, text }) => ({ name, text: textOf(text) }));
  const plain = [signature, prose, ...tagLines.map(({ name, text }) => `@${name} ${text}`.trimEnd())];
  const markdown = [
    `\`\`\`typescript\n${signature}\n\`\`\``,
    prose,
    ...tagLines.map(({ name, text }) =>
      `*@${name}* ${name === "example" ? `\n\`\`\`typescript\n${text}\n\`\`\`` : text}`.trimEnd(),
    ),
  ];
  return {
    "text/plain": plain.filter(Boolean).join("\n\n"),
    "text/markdown": markdown.filter(Boolean).join("\n\n"),
  };
}

module.exports = { utf16Offset, codePointOffset, completions, inspect, quickInfoBundle };
