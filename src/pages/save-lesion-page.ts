import { extname } from "node:path";
import { invalid } from "../errors.js";
import { chromiumPath } from "../figures/render/chromium.js";
import { checkWritable, writeWhole } from "../files.js";
import { has } from "../kinds.js";
import { remarkOnce } from "../remark.js";
import { documentHtml } from "./document.js";
import type { LesionPage } from "./page.js";
import { pagePng } from "./page-picture.js";

/**
 * Writes a page to a file, whole or not at all: `.html` for the page itself, one file that works offline, or `.png` for
 * a picture of it as it opens (which needs Chromium). Where Chromium is there, the picture is in the page too, for
 * browsers in which it can not compute; where Chromium does not start, or does not draw in time, a remark on stderr
 * says so, and the page goes without.
 *
 * @throws RangeError for another ending, FileError for a path that can not be written, before anything is drawn;
 *   MissingPartError where a picture is wanted and there is no Chromium
 * @example
 * await saveLesionPage(page, "shop.html");
 */
export async function saveLesionPage(page: LesionPage, path: string): Promise<void> {
  has("page", page, "a LesionPage", "kind", "facts");
  const ending = extname(path).toLowerCase();
  if (ending !== ".html" && ending !== ".png") throw invalid("path", "a name that ends in .html, .png", path);
  checkWritable(path);
  if (ending === ".png") return writeWhole(path, await pagePng(page, 2));
  const withoutPicture = documentHtml(page, undefined); // so that a page that can not be made is an error, whatever Chromium is like
  const still = chromiumPath() ? await pictureOf(page) : undefined;
  writeWhole(path, still === undefined ? withoutPicture : documentHtml(page, still));
}

/** The page's picture in base64. Undefined where Chromium fails, which a remark says. */
async function pictureOf(page: LesionPage): Promise<string | undefined> {
  try {
    return Buffer.from(await pagePng(page, 1)).toString("base64");
  } catch (error) {
    const [problem] = (error as Error).message.split("\n");
    remarkOnce(`The page comes without a picture for browsers in which it can not compute: ${problem}`);
    return undefined;
  }
}
