import { extname } from "node:path";
import { invalid } from "../errors.js";
import { chromiumPath } from "../figures/render/chromium.js";
import { checkWritable, writeWhole } from "../files.js";
import { documentHtml } from "./document.js";
import type { LesionPage } from "./page.js";
import { pagePng } from "./page-picture.js";

/**
 * Writes a page to a file, whole or not at all: `.html` for the page itself, one file that works offline, or `.png` for a picture of it as
 * it opens (which needs Chromium). Where Chromium is there, the picture is in the page too, for browsers in which it can not compute.
 *
 * @throws RangeError for another ending, FileError for a path that can not be written, before anything is drawn; MissingPartError where a
 *   picture is wanted and there is no Chromium
 * @example
 * await saveLesionPage(page, "shop.html");
 */
export async function saveLesionPage(page: LesionPage, path: string): Promise<void> {
  const ending = extname(path).toLowerCase();
  if (ending !== ".html" && ending !== ".png") throw invalid("path", "a name that ends in .html, .png", path);
  checkWritable(path);
  if (ending === ".png") return writeWhole(path, await pagePng(page, 2));
  const still = chromiumPath() ? Buffer.from(await pagePng(page, 1)).toString("base64") : undefined;
  writeWhole(path, documentHtml(page, still));
}
