/**
 * Pictures of figures: PNG, SVG and PDF by Chromium, animated GIFs, HTML files that need nothing else.
 *
 * @module shapley-modes/render
 */

export { modesGif } from "./figures/modes-gif.js";
export { chromiumPath, closeChromium } from "./figures/render/chromium.js";
export { type RenderOptions, renderStatic, type StaticFormat } from "./figures/render/render-static.js";
export { type StandaloneHtmlOptions, standaloneHtml } from "./figures/render/standalone-html.js";
