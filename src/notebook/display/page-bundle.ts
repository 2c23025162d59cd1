import { escapeHtml } from "../../escape-html.js";
import type { MimeBundle } from "../../kernel-hook.js";
import { pageText } from "../../pages/document.js";
import type { LesionPage } from "../../pages/page.js";
import { frameHtml, frameScript, pageMime } from "../../pages/page-frame.js";
import { pagePng } from "../../pages/page-picture.js";
import { slimPage } from "../../pages/page-sources.js";
import { type BundleOptions, inlinesLibrary } from "./figure-bundle.js";
import { smallPng } from "./figure-png.js";

/** Width of a page's picture in a notebook that is to be small, as a share of the page's. */
const smallShare = 0.4;
/** And of 100, how near its colours are to the page's. */
const smallQuality = 40;

/**
 * The forms of a page that answers: what it holds, for `notebook html`, which makes the page of it; the page itself in
 * a frame of its own; a picture; and its words. In a notebook that is to be small (SHAPLEY_MODES_INLINE_PLOTLY=0) the
 * frame is left out, and what the package has itself.
 */
export async function pageBundle(page: LesionPage, { png = true }: BundleOptions = {}): Promise<MimeBundle> {
  const small = !inlinesLibrary();
  const draw = () => pagePng(page, 1);
  const picture = png ? await (small ? smallPng(draw, smallQuality, smallShare) : smallPng(draw)) : undefined;
  const text = `Page that answers: ${pageText(page)}`;
  const frame = small ? {} : { "text/html": outputHtml(page, picture, text) };
  const data = {
    [pageMime]: small ? slimPage(page) : page,
    ...frame,
    ...(picture !== undefined && { "image/png": picture }),
    "text/plain": text,
  };
  return { data, metadata: picture === undefined ? {} : { "image/png": { alt: text } } };
}

/**
 * A page in a cell's output. JupyterLab takes frames, scripts and styles out of what it does not trust: then the
 * picture and a sentence are left, which a style hides beside a frame.
 */
function outputHtml(page: LesionPage, picture: string | undefined, text: string): string {
  const words = escapeHtml(text);
  const image =
    picture === undefined ? "" : `<img src="data:image/png;base64,${picture}" alt="${words}" style="max-width:100%">`;
  const left = `<div class="lesion-page-left">${image}<p>${words} It answers where the notebook is trusted (in JupyterLab: Trust Notebook, of its commands).</p></div>`;
  const style = "<style>.lesion-page+.lesion-page-left{display:none}</style>";
  return `${frameHtml(page, picture)}${left}${style}<script>${frameScript}</script>`;
}
