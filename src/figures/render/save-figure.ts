import { extname } from "node:path";
import { invalid } from "../../errors.js";
import { checkWritable, writeWhole } from "../../files.js";
import { has } from "../../kinds.js";
import { knownOptions } from "../../options.js";
import type { Figure } from "../kit/figure.js";
import { figureJson } from "../kit/figure-json.js";
import { type RenderOptions, renderOptionNames, renderStatic } from "./render-static.js";
import { standaloneHtml } from "./standalone-html.js";

/**
 * Writes a figure to a file, whole or not at all. The ending chooses the format: `.svg`, `.png`, `.pdf` (these need
 * Chromium), `.html` (one interactive page that works offline) or `.json` (Plotly's data and layout, all of it; in the
 * other formats a figure of more points than can be seen is thinned).
 *
 * @throws RangeError for another ending, FileError for a path that can not be written (both before anything is drawn),
 * MissingPartError where a picture is wanted and there is no Chromium
 * @example
 * await saveFigure(figure, "results/a1.svg");
 */
export async function saveFigure(figure: Figure, path: string, options: RenderOptions = {}): Promise<void> {
  knownOptions("saveFigure", options, renderOptionNames);
  has("figure", figure, "a Figure", "data", "layout");
  const ending = extname(path).toLowerCase();
  const content = contents[ending];
  if (!content) throw invalid("path", `a name that ends in ${Object.keys(contents).join(", ")}`, path);
  checkWritable(path);
  writeWhole(path, await content(figure, options));
}

type Content = (figure: Figure, options: RenderOptions) => string | Promise<Uint8Array>;

const contents: Readonly<Record<string, Content>> = {
  ".svg": (figure, options) => renderStatic(figure, "svg", options),
  ".png": (figure, options) => renderStatic(figure, "png", options),
  ".pdf": (figure, options) => renderStatic(figure, "pdf", options),
  ".html": (figure) => standaloneHtml(figure),
  ".json": (figure) => `${figureJson(figure)}\n`,
};
