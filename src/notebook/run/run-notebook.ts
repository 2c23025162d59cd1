import { type WidgetStates, widgetStates } from "../page/widget-states.js";
import { provenance } from "../tools/provenance.js";
import { type KernelClient, startKernel } from "./client.js";
import { checkKernelParts } from "./kernel-parts.js";
import type { KernelOptions } from "./kernel-process.js";
import { type KernelSpec, kernelSpec } from "./kernelspec.js";
import type { CodeCell, ErrorOutput, Notebook } from "./nbformat.js";
import { collectOutputs, type NamedDisplays } from "./outputs.js";
import { hasTag, injectParameters, type ParameterValues } from "./parameters.js";
import type { Message } from "./wire.js";

/** How a notebook is run. */
export interface RunOptions extends KernelOptions {
  /** Values for the variables of the cell tagged `parameters`; default none, the notebook's own. */
  readonly parameters?: ParameterValues;
  /** Seconds that each cell may take; default no limit. */
  readonly timeoutSeconds?: number;
  /** Stops the run: the kernel is killed, and the run fails. */
  readonly signal?: AbortSignal;
  /** Called before and after each code cell. */
  readonly onCell?: (progress: CellProgress) => void;
  /** Kernel to run; default the one of this package. */
  readonly kernel?: KernelSpec;
}

/** Where a run is. */
export interface CellProgress {
  /** The code cell's number, from 1, among the code cells that are not empty. */
  readonly number: number;
  /** How many such cells there are. */
  readonly total: number;
  readonly state: "started" | "done" | "failed";
  readonly cell: CodeCell;
}

/** Why a run did not reach its end. */
export interface RunFailure {
  /** Number of the cell, as in CellProgress; 0 where the kernel did not start. */
  readonly cell: number;
  readonly ename: string;
  readonly evalue: string;
}

/** An executed notebook: whole where `failure` is absent, else as far as the run came. */
export interface RunResult {
  readonly notebook: Notebook;
  readonly failure?: RunFailure;
}

/** Seconds that an interrupted cell has to end before its kernel is killed. */
const patience = 5;

/**
 * Runs all code cells of a notebook in a kernel of its own and returns the notebook with their outputs; the one given
 * is not changed. A cell that fails ends the run, unless it is tagged `raises-exception`. Throws RangeError, before the
 * kernel starts, for a kernel that lacks a package, and for parameters that the notebook does not declare or whose kind
 * is wrong; everything that happens after that (errors, time-outs, a dying kernel, the signal) is in the result, as an
 * `error` output of the cell and a failure.
 */
export async function runNotebook(given: Notebook, options: RunOptions = {}): Promise<RunResult> {
  if (!options.kernel) checkKernelParts();
  const notebook = withoutOutputs(injectParameters(given, options.parameters ?? {}));
  const cells = notebook.cells.filter(
    (cell): cell is CodeCell => cell.cell_type === "code" && cell.source.trim() !== "",
  );
  let kernel: KernelClient | undefined;
  let number = 0;
  const stopped = whenAborted(options.signal);
  const widgets = widgetStates();
  // All of the notebook comes from one kernel: its widgets may be called the same in every run.
  const env = { SHAPLEY_MODES_WIDGET_IDS: "counted", ...options.env };
  try {
    const starting = startKernel(options.kernel ?? kernelSpec(), { ...options, env });
    kernel = await Promise.race([starting, stopped.promise]).catch((error) => {
      starting.then((late) => late.kill()).catch(() => {});
      throw error;
    });
    await describeLanguage(notebook, kernel);
    const seen: Seen = { displays: new Map(), widgets };
    for (const cell of cells) {
      number++;
      options.onCell?.({ number, total: cells.length, state: "started", cell });
      const failure = await Promise.race([runCell(kernel, cell, seen, options.timeoutSeconds), stopped.promise]);
      options.onCell?.({ number, total: cells.length, state: failure ? "failed" : "done", cell });
      if (failure) return { notebook, failure: { cell: number, ...failure } };
    }
    return { notebook };
  } catch (error) {
    kernel?.kill();
    const { name: ename, message } = error as Error;
    const evalue = number > 0 ? `${message} while cell ${number} of ${cells.length} was running` : message;
    if (number > 0) cells[number - 1].outputs.push(errorOutput(ename, evalue));
    return { notebook, failure: { cell: number, ename, evalue } };
  } finally {
    stopped.forget();
    notebook.metadata = widgets.into(notebook.metadata);
    await kernel?.stop();
  }
}

/** What messages have said so far, about all cells. */
interface Seen {
  readonly displays: NamedDisplays;
  readonly widgets: WidgetStates;
}

/** Runs one cell, and returns its failure where it is one that ends the run. */
async function runCell(
  kernel: KernelClient,
  cell: CodeCell,
  { displays, widgets }: Seen,
  timeoutSeconds: number | undefined,
): Promise<{ ename: string; evalue: string } | undefined> {
  const collector = collectOutputs(displays);
  cell.outputs = collector.outputs;
  const raises = hasTag(cell, "raises-exception");
  const content = {
    code: cell.source,
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: !raises,
  };
  const limit = timeLimit(timeoutSeconds, kernel);
  const take = (message: Message): void => {
    collector.add(message);
    widgets.add(message);
  };
  try {
    const reply = await Promise.race([kernel.request("execute_request", content, take), limit.exceeded]);
    cell.execution_count = (reply.execution_count as number | undefined) ?? null;
    if (limit.reached()) throw limit.error;
    if (reply.status === "ok" || (raises && reply.status === "error")) return undefined;
    return { ename: String(reply.ename ?? reply.status), evalue: String(reply.evalue ?? "") };
  } catch (error) {
    if (error !== limit.error) throw error;
    const last = collector.outputs.at(-1);
    if (last?.output_type === "error" && last.ename === "Interrupted") collector.outputs.pop();
    collector.outputs.push(errorOutput(limit.error.name, limit.error.message));
    return { ename: limit.error.name, evalue: limit.error.message };
  } finally {
    limit.stop();
  }
}

/** Interrupts the kernel when the time is over, and kills it where that does not help. */
function timeLimit(seconds: number | undefined, kernel: KernelClient) {
  const error = new Error(`the cell took longer than ${seconds} s`);
  error.name = "CellTimeout";
  let reached = false;
  let timer: NodeJS.Timeout | undefined;
  const exceeded = new Promise<never>((_resolve, reject) => {
    if (seconds === undefined) return;
    timer = setTimeout(() => {
      reached = true;
      kernel.interrupt();
      timer = setTimeout(() => {
        kernel.kill();
        reject(error);
      }, patience * 1000);
    }, seconds * 1000);
  });
  exceeded.catch(() => {});
  return { error, exceeded, reached: () => reached, stop: () => clearTimeout(timer) };
}

function whenAborted(signal: AbortSignal | undefined): { promise: Promise<never>; forget(): void } {
  let forget = (): void => {};
  const promise = new Promise<never>((_resolve, reject) => {
    const stop = (): void => {
      const error = new Error("the run was stopped");
      error.name = "Stopped";
      reject(error);
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    forget = () => signal?.removeEventListener("abort", stop);
  });
  promise.catch(() => {});
  return { promise, forget };
}

/** Says in the notebook which language its kernel speaks, as Jupyter does, and where and when it ran. */
async function describeLanguage(notebook: Notebook, kernel: KernelClient): Promise<void> {
  const info = await kernel.request("kernel_info_request", {});
  notebook.metadata = { ...notebook.metadata, language_info: info.language_info, "shapley-modes": provenance() };
}

function withoutOutputs(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === "code" ? { ...cell, execution_count: null, outputs: [] } : cell,
  );
  return { ...notebook, cells };
}

function errorOutput(ename: string, evalue: string): ErrorOutput {
  return { output_type: "error", ename, evalue, traceback: [`\u001b[31m${ename}\u001b[39m: ${evalue}`] };
}
