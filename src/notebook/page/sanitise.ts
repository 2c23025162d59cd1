import type { Element, Properties, Root, RootContent } from "hast";
import { loadPart } from "../../parts.js";
import { isDataImage } from "./data-image.js";
import { activeElements, htmlSchema, svgSchema } from "./safe-markup.js";
import { namesAnAddress, safeStyle } from "./safe-style.js";

/** Takes out of HTML and SVG of others all that acts. */
export interface Sanitiser {
  /**
   * HTML with words, tables, pictures, formulas and shapes alone; no scripts, handlers, forms, frames or addresses to
   * load.
   */
  html(text: string): string;
  /** An SVG of shapes alone, to be shown as a picture; undefined where there is none in the text. */
  svg(text: string): string | undefined;
  /** Whether something that acts has been left out so far. */
  readonly removed: boolean;
}

/** The packages that pages are made with: prose, formulas, code, and what the HTML of others goes through. */
export const pageParts: readonly string[] = [
  "markdown-it",
  "temml",
  "highlight.js",
  "hast-util-from-html",
  "hast-util-sanitize",
  "hast-util-to-html",
];

/** For notebooks that are trusted: everything stays. */
export const unchanged: Sanitiser = { html: (text) => text, svg: (text) => text, removed: false };

/**
 * A sanitiser by allow-lists: what is not known to be harmless goes. The text is read as browsers read it (parse5), and
 * what stays is written anew, every text and attribute escaped, so nothing can turn into markup on the way.
 */
export async function sanitiser(): Promise<Sanitiser> {
  const [{ fromHtml }, { sanitize }, { toHtml }] = await loadPart("the making of pages", pageParts, () =>
    Promise.all([import("hast-util-from-html"), import("hast-util-sanitize"), import("hast-util-to-html")]),
  );
  let removed = false;
  /** Without what has to be judged by its value; what is judged by its name is the schema's. */
  const restrained = (text: string, kind: Kind): Root => {
    const root = fromHtml(text, { fragment: true });
    const nodes: Element[] = elementsOf(root);
    for (const element of nodes) {
      if (activeElements.has(element.tagName) || acts(element.properties)) removed = true;
      restrain(element, kind);
      nodes.push(...elementsOf(element));
    }
    return root;
  };
  /** What is nested too deep to be read is left out. */
  const whole = <T>(clean: () => T): T | undefined => {
    try {
      return clean();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      removed = true;
      return undefined;
    }
  };
  return {
    html: (text) => whole(() => toHtml(sanitize(restrained(text, "html"), htmlSchema), writing)) ?? "",
    svg: (text) =>
      whole(() => {
        const svg = elementsOf(restrained(text, "svg")).find(({ tagName }) => tagName === "svg");
        if (!svg) return undefined;
        svg.properties = { ...svg.properties, xmlns: "http://www.w3.org/2000/svg", xmlnsXLink: xlink };
        return toHtml(sanitize(svg, svgSchema), { space: "svg", closeEmptyElements: true });
      }),
    get removed() {
      return removed;
    },
  };
}

type Kind = "html" | "svg";
/** Short forms: `<path/>`, `&lt;`. */
const writing = { closeEmptyElements: true, characterReferences: { useNamedReferences: true } };
const xlink = "http://www.w3.org/1999/xlink";

function elementsOf({ children }: Root | Element): Element[] {
  return (children as RootContent[]).filter((child): child is Element => child.type === "element");
}

/** Whether an element listens to something, or leads to a script. */
function acts(properties: Properties): boolean {
  return Object.entries(properties).some(
    ([name, value]) =>
      /^on/i.test(name) || (/href|src|action/i.test(name) && /^\W*(?:java|vb)script\W*:/i.test(String(value))),
  );
}

function restrain(element: Element, kind: Kind): void {
  const properties: Record<string, unknown> = element.properties;
  for (const [name, value] of Object.entries(properties)) {
    const text = String(value);
    if (name === "style" && kind === "html") properties.style = safeStyle(text) || undefined;
    else if (name === "href" || name === "xLinkHref" || name === "src") properties[name] = address(element, kind, text);
    else if (name === "id" && meantForPlotly(element, text)) properties.id = undefined;
    else if (text.includes("(") && namesAnAddress(text)) properties[name] = undefined;
  }
  if (element.tagName === "style") element.children = styleText(element);
  if (kind === "html" && element.tagName === "img" && !properties.src) becomeWords(element);
}

/** Plotly looks for parts of its own by identifiers; headings are called after their text. */
function meantForPlotly({ tagName }: Element, id: string): boolean {
  return /plotly/i.test(id) && !/^h[1-6]$/.test(tagName);
}

/**
 * An address, where it may stand: a link anywhere but to a script, a picture in the page itself, a part of the same
 * SVG.
 */
function address(element: Element, kind: Kind, text: string): string | undefined {
  if (element.tagName === "img" || element.tagName === "image") return isDataImage(text) ? text : undefined;
  if (kind === "svg") return text.startsWith("#") ? text : undefined;
  // Two slashes, or what browsers take for such, lead to another machine.
  return /^[\s\\/]*[\\/][\s\\/]*[\\/]|^file:/i.test(text) ? undefined : text;
}

/** The text of a style that loads nothing and holds no markup. */
function styleText({ children }: Element): Element["children"] {
  const texts = children.filter((child) => child.type === "text");
  return texts.some(({ value }) => /[<&]/.test(value) || namesAnAddress(value)) ? [] : texts;
}

/** A picture that is not in the page becomes its description. */
function becomeWords(element: Element): void {
  const { alt } = element.properties;
  const words = `[image${typeof alt === "string" && alt ? `: ${alt}` : ""}]`;
  Object.assign(element, {
    tagName: "span",
    properties: { className: ["absent"] },
    children: [{ type: "text", value: words }],
  });
}
