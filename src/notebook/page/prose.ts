import type MarkdownIt from "markdown-it";
import { escapeHtml } from "../../escape-html.js";
import type { MimeData } from "../../kernel-hook.js";
import { loadPart } from "../../parts.js";
import { addImages, type ImageFiles } from "./prose-images.js";
import { pageParts, type Sanitiser } from "./sanitise.js";

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
 * @param files where the images that the prose names are read from
 * @param highlight colours TypeScript, as HTML
 * @param safe what the HTML goes through that comes of it
 */
export async function proseRenderer(
  files: ImageFiles,
  highlight: (code: string) => string,
  safe: Sanitiser,
): Promise<ProseRenderer> {
  const [{ default: Markdown }, { default: temml }] = await loadPart("the making of pages", pageParts, () =>
    Promise.all([import("markdown-it"), import("temml")]),
  );
  const formula = formulaMaker(temml);
  const markdown = new Markdown({
    html: true,
    linkify: true,
    highlight: (code, language) => (/^(ts|typescript|js|javascript)$/.test(language) ? highlight(code) : ""),
  });
  const headings: Heading[] = [];
  addFormulas(markdown, formula);
  addAnchors(markdown, headings);
  addImages(markdown, files);
  markNumbers(markdown);
  return {
    headings,
    render: (text, attachments = {}) => safe.html(markdown.render(text, { attachments })),
    formula: (latex) => safe.html(formula(latex.trim().replace(/^\${1,2}([\s\S]*?)\${1,2}$/, "$1"), true)),
  };
}

/** What Temml does here. */
interface FormulaSetter {
  renderToString(latex: string, options: { displayMode: boolean; throwOnError: boolean }): string;
}

/** What sets LaTeX as MathML; what is nested too deep to be set stays as it is. */
export function formulaMaker(temml: FormulaSetter): (latex: string, displayMode: boolean) => string {
  return (latex, displayMode) => {
    try {
      return temml.renderToString(latex, { displayMode, throwOnError: false });
    } catch {
      // Nested too deep to be set.
      return `<code>${escapeHtml(latex)}</code>`;
    }
  };
}

/**
 * `$...$` within a line, `$$...$$` as a block or within a line. A dollar before a digit's end or a space is a dollar.
 */
export function addFormulas(markdown: MarkdownIt, formula: (latex: string, displayMode: boolean) => string): void {
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
  const taken = new Set<string>();
  /** The number after which the next heading of the same words looks for a free one. */
  const counts = new Map<string, number>();
  const unused = (base: string): string => {
    let count = counts.get(base) ?? 1;
    let id = count === 1 ? base : `${base}-${count}`;
    while (taken.has(id)) id = `${base}-${++count}`;
    counts.set(base, count);
    taken.add(id);
    return id;
  };
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
      const id = unused(base);
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
