import type { KernelClient } from "../../src/notebook/run/client.js";
import type { CodeCell, Notebook } from "../../src/notebook/run/nbformat.js";
import { collectOutputs } from "../../src/notebook/run/outputs.js";

/** A notebook of code cells; a source may come with tags. */
export function notebookOf(...sources: (string | [source: string, ...tags: string[]])[]): Notebook {
  const cells = sources.map((entry): CodeCell => {
    const [source, ...tags] = typeof entry === "string" ? [entry] : entry;
    return { cell_type: "code", metadata: tags.length ? { tags } : {}, source, execution_count: null, outputs: [] };
  });
  return { nbformat: 4, nbformat_minor: 4, metadata: {}, cells };
}

/** The code cells of a notebook. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

/** Executes code in a kernel: the reply and the outputs. */
export async function execute(kernel: KernelClient, code: string, more: object = {}) {
  const collector = collectOutputs(new Map());
  const reply = await kernel.request("execute_request", { code, silent: false, ...more }, collector.add);
  return { reply, outputs: collector.outputs };
}
