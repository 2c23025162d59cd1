import type { CodeCell, Notebook } from "./nbformat.js";
import { hasTag } from "./parameters.js";

/** How much of a notebook has been run. Cells without code do not count. */
export interface RunState {
  /** `never`: no cell; `partly`: some; `whole`: all, or there is no code. */
  readonly state: "never" | "partly" | "whole";
  readonly run: number;
  readonly total: number;
  /** Whether the counts of the cells that were run rise from top to bottom. */
  readonly inOrder: boolean;
  /**
   * What the first failing cell says; absent where none failed, but for those that were meant to (`raises-exception`).
   */
  readonly failure?: string;
}

/** How much of a notebook has been run, told by its counts and outputs. */
export function runState(notebook: Notebook): RunState {
  const cells = notebook.cells.filter(
    (cell): cell is CodeCell => cell.cell_type === "code" && cell.source.trim() !== "",
  );
  const run = cells.filter((cell) => cell.execution_count !== null || cell.outputs.length > 0).length;
  const errors = cells
    .filter((cell) => !hasTag(cell, "raises-exception"))
    .flatMap((cell) => cell.outputs.flatMap((output) => (output.output_type === "error" ? [output] : [])));
  const counts = cells.map((cell) => cell.execution_count).filter((count) => count !== null);
  const inOrder = counts.every((count, at) => at === 0 || count > counts[at - 1]);
  const state = run === cells.length ? "whole" : run === 0 ? "never" : "partly";
  const failure = errors.length > 0 ? { failure: `${errors[0].ename}: ${errors[0].evalue}` } : {};
  return { state, run, total: cells.length, inOrder, ...failure };
}

/**
 * What a reader must know before the results, as a sentence; undefined where all was run in order and nothing failed.
 */
export function stateRemark(notebook: Notebook): string | undefined {
  const { state, run, total, inOrder, failure } = runState(notebook);
  if (state === "never") return "This notebook was never run: it holds code, and no results.";
  if (failure) return `A cell of this notebook failed (${failure}); ${run} of its ${total} cells were run.`;
  if (state === "partly") return `Only ${run} of the ${total} cells of this notebook were run.`;
  if (!inOrder)
    return "The cells of this notebook were not run from top to bottom: another run may give other results.";
  return undefined;
}
