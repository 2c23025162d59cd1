import { withPage } from "../figures/render/chromium.js";
import { documentHtml } from "./document.js";
import type { LesionPage } from "./page.js";
import { pictureWidth } from "./page-measures.js";

/**
 * A page as it stands when it is opened, as a PNG.
 *
 * @param scale pixels of the picture per pixel of the page, at least 1
 * @throws MissingPartError where there is no Chromium
 */
export function pagePng(page: LesionPage, scale: number): Promise<Uint8Array> {
  return withPage(async (tab) => {
    // As low as can be: a picture of the whole page is as high as the page.
    await tab.setViewportSize({ width: Math.round(pictureWidth * scale), height: 100 });
    const still = documentHtml(page, undefined).replace("<html ", `<html data-still style="zoom:${scale}" `);
    await tab.setContent(still);
    await tab.waitForSelector("html[data-ready]", { state: "attached" });
    return tab.screenshot({ animations: "disabled", caret: "hide", fullPage: true });
  });
}
