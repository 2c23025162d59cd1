import type { MimeBundle } from "../../kernel-hook.js";
import { pageText } from "../../pages/document.js";
import type { LesionPage } from "../../pages/page.js";
import { frameHtml, frameScript, pageMime } from "../../pages/page-frame.js";
import { pagePng } from "../../pages/page-picture.js";
import { slimPage } from "../../pages/page-sources.js";
import { type FigureBundleOptions, inlinesLibrary } from "./figure-bundle.js";
import { smallPng } from "./figure-png.js";

/** Width of a page's picture in a notebook that is to be small, as a share of the page's. */
const smallShare = 0.4;
/** And of 100, how near its colours are to the page's. */
const smallQuality = 40;

/**
 * The forms of a page that answers: what it holds, for `notebook html`, which makes the page of it; the page itself in a frame of its own; a
 * picture; and its words. In a notebook that is to be small (SHAPLEY_MODES_INLINE_PLOTLY=0) the frame is
 * left out, and what the package has itself.
 */
export async function pageBundle(page: LesionPage, { png = true }: FigureBundleOptions = {}): Promise<MimeBundle> {
  const small = !inlinesLibrary();
  const draw = () => pagePng(page, 1);
  const picture = png ? await (small ? smallPng(draw, smallQuality, smallShare) : smallPng(draw)) : undefined;
  const text = `Page that answers: ${pageText(page)}`;
  const frame = small ? {} : { "text/html": `${frameHtml(page, picture)}<script>${frameScript}</script>` };
  const data = {
    [pageMime]: small ? slimPage(page) : page,
    ...frame,
    ...(picture !== undefined && { "image/png": picture }),
    "text/plain": text,
  };
  return { data, metadata: picture === undefined ? {} : { "image/png": { alt: text } } };
}
