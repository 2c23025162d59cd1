import { isOurs } from "../../errors.js";
import { documentScripts } from "../../pages/document.js";
import { isLesionPage, type LesionPage } from "../../pages/page.js";
import { pageMime } from "../../pages/page-frame.js";
import { wholePage } from "../../pages/page-sources.js";
import type { Notebook } from "../run/nbformat.js";

/**
 * The pages that answer of a notebook, by what its outputs hold of them, with the arrays that were left out since the
 * package has them. A page that can not be made whole is left to its picture.
 *
 * @param remark told which these are, and why
 */
export async function wholePages(
  notebook: Notebook,
  remark: (sentence: string) => void,
): Promise<ReadonlyMap<unknown, LesionPage>> {
  const pages = new Map<unknown, LesionPage>();
  const outputs = notebook.cells.flatMap((cell) => (cell.cell_type === "code" ? cell.outputs : []));
  for (const output of outputs) {
    const held = "data" in output ? output.data[pageMime] : undefined;
    if (!isLesionPage(held)) continue;
    try {
      const page = await wholePage(held);
      documentScripts(page.kind); // what it computes with may not be installed here
      pages.set(held, page);
    } catch (error) {
      if (!isOurs(error)) throw error;
      remark(`the page "${held.title}" is shown as a picture: ${error.message}`);
    }
  }
  return pages;
}
