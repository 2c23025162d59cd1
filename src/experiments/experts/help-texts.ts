import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Element, ElementContent, Root } from "hast";
import { readRegular } from "../../files.js";
import { loadPart } from "../../parts.js";
import { isHeldOut } from "./arithmetic.js";
import { type Language, languageNames, languages } from "./languages.js";

/** Paragraphs to learn from, and those that are held out, in the order of the files; no paragraph stands twice. */
export interface LanguageText {
  readonly training: readonly string[];
  readonly heldOut: readonly string[];
}

/** Fewest characters of a paragraph. */
const fewest = 40;
/** One paragraph in so many is held out. */
const parts = 25;

/**
 * Texts in five languages: the paragraphs of LibreOffice's help as Debian's packages have them (MPL-2.0), unpacked in a
 * folder. What a translation has word for word as the English help does is left out of all languages: text that was not
 * translated, and code.
 *
 * @param folder where packages were unpacked: it has `usr/share/libreoffice/help`
 */
export async function helpTexts(folder: string): Promise<Record<Language, LanguageText>> {
  const read = await htmlReader();
  const found = new Map(
    languageNames.map((language) => {
      const path = join(folder, "usr/share/libreoffice/help", languages[language].folder, "text");
      const all = htmlFiles(path).flatMap((file) => paragraphs(read(readRegular(file).toString("utf8"))));
      return [language, new Set(all.filter(({ length }) => length >= fewest))];
    }),
  );
  const english = found.get("English") as Set<string>;
  const same = new Set<string>();
  for (const [language, own] of found) {
    if (language !== "English") for (const text of own) if (english.has(text)) same.add(text);
  }
  const texts = languageNames.map((language): [Language, LanguageText] => {
    const own = [...(found.get(language) as Set<string>)].filter((text) => !same.has(text));
    const heldOut = own.filter((text) => isHeldOut(text, parts));
    return [language, { training: own.filter((text) => !isHeldOut(text, parts)), heldOut }];
  });
  return Object.fromEntries(texts) as Record<Language, LanguageText>;
}

/** Files of a folder and those below it, by name. */
function htmlFiles(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith(".html"))
    .sort()
    .map((name) => join(folder, name));
}

async function htmlReader(): Promise<(html: string) => Root> {
  const { fromHtml } = await loadPart(
    "the reading of help pages",
    ["hast-util-from-html"],
    () => import("hast-util-from-html"),
  );
  return (html) => fromHtml(html);
}

/** The texts of all paragraphs of the page's own part, spaces made one. */
function paragraphs(root: Root): string[] {
  const found: string[] = [];
  const look = (node: Root | ElementContent, inside: boolean): void => {
    if (node.type !== "element" && node.type !== "root") return;
    const within = inside || (node.type === "element" && node.properties.id === "DisplayArea");
    if (within && node.type === "element" && node.tagName === "p") found.push(textOf(node).replace(/\s+/g, " ").trim());
    else for (const child of node.children) if (child.type !== "doctype") look(child, within);
  };
  look(root, false);
  return found;
}

/** What a reader sees of an element. */
function textOf(node: Element): string {
  if (node.properties.hidden !== undefined || ["script", "style"].includes(node.tagName)) return "";
  return node.children
    .map((child) => (child.type === "text" ? child.value : child.type === "element" ? textOf(child) : ""))
    .join("");
}
