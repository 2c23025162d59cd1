import { basename, dirname } from "node:path";
import type { Notebook } from "../notebook/run/nbformat.js";
import { type RunOptions, type RunResult, runNotebook } from "../notebook/run/run-notebook.js";
import { duration } from "../words.js";

/** Runs a notebook in its own folder and says on stderr where it is: one line a cell. */
export async function executeNotebook(notebook: Notebook, path: string, options: RunOptions): Promise<RunResult> {
  const name = basename(path, ".ipynb");
  const start = performance.now();
  let cellStart = start;
  const since = (from: number) => duration((performance.now() - from) / 1000);
  const result = await runNotebook(notebook, {
    cwd: dirname(path),
    ...options,
    onCell({ number, total, state }) {
      if (state === "started") cellStart = performance.now();
      else process.stderr.write(`${name}: cell ${number}/${total} ${state} in ${since(cellStart)}\n`);
    },
  });
  process.stderr.write(`${name}: ${result.failure ? "failed" : "done"} after ${since(start)}\n`);
  return result;
}
