import { readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import type MarkdownIt from "markdown-it";
import { escapeHtml } from "./escape-html.js";
import type { MimeData } from "./hook.js";

/** A heading of the page, for the table of contents. */
export interface Heading {
  readonly level: number;
  readonly text: string;
  /** Anchor on the page. */
  readonly id: string;
}

/** Turns Markdown into HTML, formulas into MathML, and gathers the headings on the way. */
export interface ProseRenderer {
  /** @param attachments the cell's attached files by name, as `![](attachment:NAME)` names them */
  render(markdown: string, attachments?: Record<string, MimeData>): string;
  /** A formula, e.g. of an output of type text/latex; `$` signs around it are optional. */
  formula(latex: string): string;
  /** Headings rendered so far, in order. */
  readonly headings: readonly Heading[];
}

/**
 * A renderer for one page.
 *
 * @param folder images named relative to it are put into the page
 * @param highlight colours TypeScript, as HTML
 */
export async function proseRenderer(folder: string, highlight: (code: string) => string): Promise<ProseRenderer> {
  const [{ default: Markdown }, { default: temml }] = await Promise.all([import("markdown-it"), import("temml")]);
  const formula = (latex: string, displayMode: boolean): string =>
    temml.renderToString(latex, { displayMode, throwOnError: false });
  const markdown = new Markdown({
    html: true,
    linkify: true,
    highlight: (code, language) => (/^(ts|typescript|js|javascript)$/.test(language) ? highlight(code) : ""),
  });
  const headings: Heading[] = [];
  addFormulas(markdown, formula);
  addAnchors(markdown, headings);
  addImages(markdown, folder);
  markNumbers(markdown);
  return {
    headings,
    render: (text, attachments = {}) => markdown.render(text, { attachments }),
    formula: (latex) => formula(latex.trim().replace(/^\${1,2}([\s\S]*?)\${1,2}$/, "$1"), true),
  };
}

/** `$...$` within a line, `$$...$$` as a block or within a line. A dollar before a digit's end or a space is a dollar. */
function addFormulas(markdown: MarkdownIt, formula: (latex: string, displayMode: boolean) => string): void {
  const inline = /^\$\$([\s\S]+?)\$\$|^\$(?![\s$])((?:\\.|[^\\$])*?[^\s\\]|[^\s\\$])\$(?!\d)/;
  markdown.inline.ruler.after("escape", "formula", (state, silent) => {
    if (state.src[state.pos] !== "$") return false;
    const match = inline.exec(state.src.slice(state.pos));
    // The second dollar of "$5 for `$x`" is code.
    if (!match || match[0].includes("`")) return false;
    if (!silent) state.push("formula", "", 0).content = formula(match[1] ?? match[2], match[1] !== undefined);
    state.pos += match[0].length;
    return true;
  });
  markdown.block.ruler.before(
    "fence",
    "formula",
    (state, start, end, silent) => {
      const lineText = (line: number): string =>
        state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
      if (!lineText(start).startsWith("$$")) return false;
      let last = start;
      const closes = (line: number): boolean =>
        /\$\$\s*$/.test(line === start ? lineText(line).slice(2) : lineText(line));
      while (last < end && !closes(last)) last++;
      if (last === end) return false;
      if (silent) return true;
      const text = Array.from({ length: last - start + 1 }, (_, offset) => lineText(start + offset)).join("\n");
      state.push("formula", "", 0).content = formula(text.trim().slice(2, -2), true);
      state.line = last + 1;
      return true;
    },
    { alt: ["paragraph", "blockquote", "list"] },
  );
  markdown.renderer.rules.formula = (tokens, index) => tokens[index].content;
}

function addAnchors(markdown: MarkdownIt, headings: Heading[]): void {
  markdown.core.ruler.push("anchors", (state) => {
    state.tokens.forEach((token, index) => {
      if (token.type !== "heading_open") return;
      const text = (state.tokens[index + 1].children ?? [])
        .map(({ type, content }) => (type === "formula" ? content.replace(/<[^>]*>/g, "") : content))
        .join("");
      const base =
        text
          .toLowerCase()
          .replace(/[^\p{L}\p{N}]+/gu, "-")
          .replace(/^-|-$/g, "") || "section";
      let id = base;
      for (let again = 2; headings.some((heading) => heading.id === id); again++) id = `${base}-${again}`;
      token.attrSet("id", id);
      headings.push({ level: Number(token.tag.slice(1)), text, id });
    });
  });
}

/** Cells of tables that hold a number get the class `number`: such a one does not break over lines. */
function markNumbers(markdown: MarkdownIt): void {
  markdown.core.ruler.push("numbers", (state) => {
    state.tokens.forEach((token, index) => {
      const content = state.tokens[index + 1]?.content ?? "";
      if (token.type === "td_open" && /^[-−+±\d.,eE\s%×()]*\d[-−+±\d.,eE\s%×()]*$/.test(content))
        token.attrJoin("class", "number");
    });
  });
}

const imageTypes: Record<string, string> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
};

/** Images become part of the page; one that is not there, or lies on the network, becomes its description. */
function addImages(markdown: MarkdownIt, folder: string): void {
  markdown.renderer.rules.image = (tokens, index, _options, env: { attachments?: Record<string, MimeData> }) => {
    const source = tokens[index].attrGet("src") ?? "";
    const data = source.startsWith("data:")
      ? source
      : (attached(source, env.attachments ?? {}) ?? fromFile(source, folder));
    const words = escapeHtml(tokens[index].content);
    return data
      ? `<img src="${data}" alt="${words}">`
      : `<span class="absent">[image: ${words || escapeHtml(source)}]</span>`;
  };
}

function attached(source: string, attachments: Record<string, MimeData>): string | undefined {
  if (!source.startsWith("attachment:")) return undefined;
  const forms = attachments[decodeURIComponent(source.slice("attachment:".length))] ?? {};
  const [type, base64] = Object.entries(forms)[0] ?? [];
  return type && `data:${type};base64,${String(base64).trim()}`;
}

function fromFile(source: string, folder: string): string | undefined {
  const type = imageTypes[extname(source).toLowerCase()];
  if (!type || /^[a-z]+:/i.test(source)) return undefined;
  try {
    return `data:${type};base64,${readFileSync(resolve(folder, decodeURIComponent(source))).toString("base64")}`;
  } catch {
    return undefined;
  }
}
