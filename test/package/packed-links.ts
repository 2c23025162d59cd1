import { readFileSync } from "node:fs";
import { posix } from "node:path";

/** Links and pictures of Markdown, of `[words](where)` and `<img src="where">`. */
const links = /\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g;

/**
 * Links of packed pages, the README for one, to files that are not packed: npm's page of the package, and who opens the
 * pages in node_modules, would find nothing there.
 *
 * @param files - paths of what is packed
 * @returns each as `PAGE: where it leads`
 */
export function brokenInPack(root: string, files: readonly string[]): string[] {
  const isPacked = (path: string) => files.includes(path) || files.some((file) => file.startsWith(`${path}/`));
  const pages = files.filter((path) => path.endsWith(".md"));
  return pages.flatMap((page) => {
    const text = readFileSync(posix.join(root, page), "utf8").replace(/^```[\s\S]*?^```/gm, "");
    const places = Array.from(text.matchAll(links), (match) => (match[1] ?? match[2]).split("#")[0]);
    const local = places.filter((place) => place !== "" && !/^[a-z]+:/.test(place));
    const leads = local.map((place) => posix.join(posix.dirname(page), place).replace(/\/$/, ""));
    return leads.filter((path) => !isPacked(path)).map((path) => `${page}: ${path}`);
  });
}
