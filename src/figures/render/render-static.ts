import type { Page } from "playwright-core";
import { oneOf } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { finite, within } from "../kit/checks.js";
import type { Figure } from "../kit/figure.js";
import { figureJson } from "../kit/figure-json.js";
import { thinned } from "../kit/thin.js";
import { withPage, withScriptPage } from "./chromium.js";
import { plotlyBundle } from "./plotly-bundle.js";

/** A picture's format. */
export type StaticFormat = "png" | "svg" | "pdf";

/** Options of `renderStatic`. */
export interface RenderOptions {
  /** Pixels of a PNG per pixel of the figure; default 2. */
  readonly scale?: number;
  /** Width in pixels, 96 to the inch; default the figure's. */
  readonly width?: number;
  /** Height in pixels; default the figure's. */
  readonly height?: number;
}

/** The names of `RenderOptions`. */
export const renderOptionNames: OptionNames<RenderOptions> = { scale: true, width: true, height: true };

/**
 * Draws a figure as a picture, through the browser that all figures share. An SVG is text in UTF-8; the type of a PDF
 * stays text. A figure of more points than can be seen is thinned. Equal figures give equal bytes with the same
 * browser.
 *
 * @throws MissingPartError where there is no Chromium, RangeError for a size or a format that is none
 */
export async function renderStatic(
  given: Figure,
  format: StaticFormat,
  options: RenderOptions = {},
): Promise<Uint8Array> {
  knownOptions("renderStatic", options, renderOptionNames);
  oneOf("format", ["png", "svg", "pdf"], format);
  const figure = thinned(given);
  const scale = within("scale", options.scale ?? 2, 0.1, 10);
  const width = within("width", options.width ?? figure.layout.width ?? 700, 10, 20_000);
  const height = within("height", options.height ?? figure.layout.height ?? 450, 10, 20_000);
  const wanted =
    format === "png" ? { format, width, height, scale } : { format: "svg" as const, width, height, scale: 1 };
  const url = await withScriptPage(plotlyBundle([figure]).path, (page) => toImage(page, figure, wanted));
  const content = url.slice(url.indexOf(",") + 1);
  if (format === "png") return Buffer.from(content, "base64");
  const svg = sortedAttributes(decodeURIComponent(content));
  return format === "svg" ? Buffer.from(svg, "utf8") : withPage((page) => printed(page, svg, width, height));
}

/**
 * An SVG with the attributes of every element in alphabetical order: Plotly sets them in one that now and then differs.
 */
function sortedAttributes(svg: string): string {
  return svg.replace(/<([\w:]+)((?:\s+[\w:-]+="[^"]*")+)/g, (_, name: string, attributes: string) => {
    const sorted = [...attributes.matchAll(/[\w:-]+="[^"]*"/g)].map(([attribute]) => attribute).sort();
    return `<${name} ${sorted.join(" ")}`;
  });
}

/**
 * The figure as a data URL. Plotly names its clip paths at random: the page's random numbers are made the same ones.
 * The first drawing in a page writes some attributes in another order than all later ones: it is thrown away.
 */
function toImage(
  page: Page,
  figure: Figure,
  options: { format: "png" | "svg"; width: number; height: number; scale: number },
): Promise<string> {
  const draw = `(async () => {
    const { data, layout } = ${figureJson(figure, 0)};
    const draw = () => {
      let state = 1;
      Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;
      return Plotly.toImage({ data, layout }, ${JSON.stringify(options)});
    };
    if (!window.drawnBefore) await draw();
    window.drawnBefore = true;
    return draw();
  })()`;
  return page.evaluate(draw) as Promise<string>;
}

/** An SVG printed on a page of its size. The date of printing is replaced by a fixed one. */
async function printed(page: Page, svg: string, width: number, height: number): Promise<Uint8Array> {
  await page.setContent(
    `<!doctype html><style>@page { margin: 0; size: ${width}px ${height}px } body { margin: 0 } svg { display: block }</style>${svg}`,
  );
  const pdf = await page.pdf({
    width: `${Math.ceil(finite("width", width))}px`,
    height: `${Math.ceil(height)}px`,
    printBackground: true,
    pageRanges: "1",
  });
  const text = pdf.toString("latin1");
  return Buffer.from(text.replace(/(\/(?:Creation|Mod)Date \(D:)\d{14}/g, "$120000101000000"), "latin1");
}
