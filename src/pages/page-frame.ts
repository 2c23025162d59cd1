import { escapeHtml } from "../escape-html.js";
import { documentHtml, pageText } from "./document.js";
import type { LesionPage } from "./page.js";
import { pictureWidth } from "./page-measures.js";

/** Marks an output that is a page: all that it holds, without the script that answers. */
export const pageMime = "application/vnd.shapley-modes.page+json";

/** Height of a frame in pixels until its page says how high it is, where there is no picture of it. */
const firstHeight = 900;

/**
 * A page in a frame of its own, cut off from what is around it: it has its own policy, no address, and can reach
 * neither the page that holds it nor anything else. Where no scripts run the picture stands in its place.
 *
 * @param still as for `documentHtml`
 */
export function frameHtml(page: LesionPage, still: string | undefined): string {
  const inside = escapeHtml(documentHtml(page, still));
  const label = escapeHtml(pageText(page));
  const height = still === undefined ? firstHeight : likelyHeight(still);
  return `<iframe class="lesion-page" sandbox="allow-scripts" title="${label}" style="width:100%;height:${height}px;border:0" srcdoc="${inside}"></iframe>`;
}

/**
 * The height that a page has in a column of a notebook, by its picture, PNG in base64: a PNG begins with its width and
 * height.
 */
function likelyHeight(still: string): number {
  const head = Buffer.from(still.slice(0, 32), "base64");
  if (head.length < 24 || head.toString("latin1", 1, 4) !== "PNG") return firstHeight;
  const height = Math.round((pictureWidth * head.readUInt32BE(20)) / head.readUInt32BE(16));
  return height > 100 && height < 20_000 ? height : firstHeight;
}

/**
 * Gives the frames of pages on a page the heights that these tell of, on the screen and on paper: sensible ones, from a
 * frame's own window. Frames are asked as well, since one may have told of its height before anybody listened.
 */
export const frameScript = `
(function () {
  if (window.shapleyModesFrames) return;
  window.shapleyModesFrames = true;
  function isHeight(height) { return height > 0 && height < 20000; }
  function each(work) { Array.prototype.forEach.call(document.querySelectorAll("iframe.lesion-page"), work); }
  function ask(frame) { if (frame.contentWindow) frame.contentWindow.postMessage({ shapleyModesAsk: true }, "*"); }
  window.addEventListener("message", function (event) {
    var height = event.data && event.data.shapleyModesHeight;
    var printed = event.data && event.data.shapleyModesPrinted;
    if (!isHeight(height)) return;
    each(function (frame) {
      if (frame.contentWindow !== event.source) return;
      frame.style.height = Math.ceil(height) + 2 + "px";
      if (isHeight(printed)) frame.style.setProperty("--printed", Math.ceil(printed) + 16 + "px");
    });
  });
  document.addEventListener("load", function (event) {
    if (event.target.matches && event.target.matches("iframe.lesion-page")) ask(event.target);
  }, true);
  each(ask);
})();
`;
