import { withPage } from "../figures/render/chromium.js";
import { documentHtml } from "./document.js";
import type { LesionPage } from "./page.js";

/** Width of a page's picture in pixels: of a column of a notebook. */
const pictureWidth = 880;
/** Milliseconds that a page may take until it is drawn. */
const patience = 30_000;

/**
 * A page as it stands when it is opened, as a PNG.
 *
 * @param scale pixels of the picture per pixel of the page, at least 1
 * @throws MissingPartError where there is no Chromium
 */
export function pagePng(page: LesionPage, scale: number): Promise<Uint8Array> {
  return withPage(async (tab) => {
    await tab.setViewportSize({ width: Math.round(pictureWidth), height: 600 });
    await tab.setContent(documentHtml(page, undefined).replace("<html ", "<html data-still "));
    await tab.waitForSelector("html[data-ready]", { state: "attached", timeout: patience });
    await tab.evaluate(`document.documentElement.style.zoom = ${scale}`);
    const height = Number(await tab.evaluate("Math.ceil(document.documentElement.scrollHeight)"));
    await tab.setViewportSize({ width: Math.round(pictureWidth * scale), height: Math.ceil(height) });
    return tab.screenshot({ animations: "disabled", caret: "hide", fullPage: true });
  });
}
