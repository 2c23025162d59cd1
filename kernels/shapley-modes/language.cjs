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

module.exports = { utf16Offset, codePointOffset, inspect, quickInfoBundle };
