import { readFileSync, realpathSync, statSync } from "node:fs";
import { extname, isAbsolute, relative, resolve, sep } from "node:path";
import type MarkdownIt from "markdown-it";
import { escapeHtml } from "../../escape-html.js";
import type { MimeData } from "../../kernel-hook.js";
import { dataImage, imageTypes, isDataImage } from "./data-image.js";
import type { Sanitiser } from "./sanitise.js";

/** Where the images of a notebook's prose are read from. */
export interface ImageFiles {
  /** Folder of the notebook. */
  readonly folder: string;
  /** Whether images that lie elsewhere on this disk are read as well. */
  readonly anywhere: boolean;
  /** What an SVG goes through. */
  readonly safe: Sanitiser;
  /** Told an image that lies elsewhere and was left out, as the prose names it. */
  outside(name: string): void;
}

/** Images become part of the page; one that is not there, lies elsewhere or on the network, becomes its description. */
export function addImages(markdown: MarkdownIt, files: ImageFiles): void {
  markdown.renderer.rules.image = (tokens, index, _options, env: { attachments?: Record<string, MimeData> }) => {
    const source = tokens[index].attrGet("src") ?? "";
    const address = isDataImage(source) ? source : (attached(source, env.attachments) ?? fromFile(source, files));
    const words = escapeHtml(tokens[index].content);
    return address
      ? `<img src="${escapeHtml(address)}" alt="${words}">`
      : `<span class="absent">[image: ${words || escapeHtml(source)}]</span>`;
  };
}

function attached(source: string, attachments: unknown): string | undefined {
  const name = source.startsWith("attachment:") ? decoded(source.slice("attachment:".length)) : undefined;
  if (name === undefined || !Object.hasOwn(Object(attachments), name)) return undefined;
  const forms = Object.entries(Object((attachments as Record<string, unknown>)[name]));
  return forms.map(([type, base64]) => dataImage(type, base64)).find(Boolean);
}

/** A file's image; undefined for what is no image, no file, not there, or outside of the folder, also by a link. */
function fromFile(source: string, { folder, anywhere, safe, outside }: ImageFiles): string | undefined {
  const name = decoded(source);
  if (name === undefined || /^[a-z]+:/i.test(source)) return undefined;
  try {
    const path = realpathSync(resolve(folder, name));
    const type = imageTypes[extname(path).toLowerCase()];
    if (!type || !statSync(path).isFile()) return undefined;
    if (!anywhere && !isInside(path, realpathSync(folder))) {
      outside(name);
      return undefined;
    }
    const bytes = readFileSync(path);
    if (type !== "image/svg+xml") return dataImage(type, bytes.toString("base64"));
    const svg = safe.svg(bytes.toString("utf8"));
    return svg && dataImage(type, Buffer.from(svg).toString("base64"));
  } catch {
    return undefined;
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
