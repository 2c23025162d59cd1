// What is wrong with the links of a folder of pages: for scripts/docs.mjs, and for its test.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fromHtml } from "hast-util-from-html";

/** Elements whose address is asked for when a page opens, not when a reader clicks. */
const loading = { script: "src", img: "src", link: "href", iframe: "src", source: "src", video: "src", audio: "src" };

/** All pages below a folder, as paths. */
export function pagesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => join(folder, name));
}

/**
 * Links that lead to no file of the folder, or to no place on its page, and addresses elsewhere that a page would load by itself; a line
 * for each. Addresses elsewhere that a reader may click are not looked at.
 */
export function brokenLinks(folder) {
  const pages = pagesIn(folder).map((path) => ({ path, ...linksOf(readFileSync(path, "utf8")) }));
  const idsOf = new Map(pages.map(({ path, ids }) => [path, ids]));
  return pages.flatMap(({ path, links }) =>
    links.flatMap((link) => {
      const problem = problemOf(link, path, folder, idsOf);
      return problem ? [`${relative(folder, path)}: ${link.address}: ${problem}`] : [];
    }),
  );
}

function problemOf({ address, loads }, page, folder, idsOf) {
  if (/^data:|^mailto:/.test(address)) return undefined;
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(address)) return loads ? "is loaded from elsewhere" : undefined;
  const [before, place] = address.split("#");
  const target = before === "" ? page : resolve(dirname(page), decodeURIComponent(before.split("?")[0]));
  if (relative(folder, target).startsWith("..")) return "is outside the site";
  if (!existsSync(target) || !statSync(target).isFile()) return "there is no such file";
  if (!place || !idsOf.has(target)) return undefined;
  return idsOf.get(target).has(decodeURIComponent(place)) ? undefined : "there is no such place on the page";
}

function linksOf(text) {
  const links = [];
  const ids = new Set();
  const visit = (node) => {
    const { tagName, properties = {}, children = [] } = node;
    for (const name of [properties.id, tagName === "a" ? properties.name : undefined]) if (name) ids.add(String(name));
    for (const name of ["href", "src"]) {
      const address = properties[name];
      if (typeof address === "string") links.push({ address, loads: loading[tagName] === name });
    }
    children.forEach(visit);
  };
  visit(fromHtml(text));
  return { links, ids };
}
