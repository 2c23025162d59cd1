import { escapeHtml } from "../escape-html.js";
import { documentHtml, pageText } from "./document.js";
import type { LesionPage } from "./page.js";

/** Marks an output that is a page: all that it holds, without the script that answers. */
export const pageMime = "application/vnd.shapley-modes.page+json";

/** Height of a frame in pixels until its page says how high it is. */
const firstHeight = 900;

/**
 * A page in a frame of its own, cut off from what is around it: it has its own policy, no address, and can reach neither the page that holds it nor
 * anything else. Where no scripts run the picture stands in its place.
 *
 * @param still as for `documentHtml`
 */
export function frameHtml(page: LesionPage, still: string | undefined): string {
  const inside = escapeHtml(documentHtml(page, still));
  const label = escapeHtml(pageText(page));
  return `<iframe class="lesion-page" sandbox="allow-scripts" title="${label}" style="width:100%;height:${firstHeight}px;border:0" srcdoc="${inside}"></iframe>`;
}

/** Gives the frames of pages on a page the heights that these tell of: sensible ones, from a frame's own window. */
export const frameScript = `
(function () {
  if (window.shapleyModesFrames) return;
  window.shapleyModesFrames = true;
  window.addEventListener("message", function (event) {
    var height = event.data && event.data.shapleyModesHeight;
    if (!(height > 0 && height < 20000)) return;
    Array.prototype.forEach.call(document.querySelectorAll("iframe.lesion-page"), function (frame) {
      if (frame.contentWindow === event.source) frame.style.height = Math.ceil(height) + 2 + "px";
    });
  });
})();
`;
