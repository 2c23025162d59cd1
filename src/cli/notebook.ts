import { basename, dirname, resolve } from "node:path";
import type { Command } from "commander";
import { invalid, oneOf } from "../errors.js";
import { checkWritable, writeWhole } from "../files.js";
import { notebookToHtml } from "../notebook/page/notebook-html.js";
import { notebookText, readNotebook } from "../notebook/run/nbformat.js";
import { parameterValues } from "../notebook/run/parameters.js";
import { stateRemark } from "../notebook/run/run-state.js";
import { type CommandContext, IncompleteError } from "./context.js";
import { executeNotebook } from "./execute-notebook.js";
import { collected, positiveIntegerOption } from "./options.js";

interface RunCommandOptions {
  out: string;
  set: string[];
  timeout?: string;
}

/** `notebook run` and `notebook html`. */
export function addNotebook(program: Command, context: CommandContext): void {
  const notebook = program.command("notebook").description("run notebooks and share them; no Python needed");
  notebook
    .command("run <notebook>")
    .description("run a notebook from top to bottom and write it with its outputs")
    .requiredOption("--out <file>", "the executed notebook")
    .option("--set <name=value>", "set a variable of the cell tagged parameters", collected, [])
    .option("--timeout <seconds>", "longest time that a cell may take; default none")
    .action((path: string, options: RunCommandOptions) => runCommand(path, options, context));
  notebook
    .command("html <notebook>")
    .description("make one HTML file of an executed notebook: figures interactive, works offline")
    .requiredOption("--out <file>", "the HTML file")
    .option("--code <shown|folded>", "whether code is open when the page opens; default shown")
    .option("--images <folder|anywhere>", "where images of the text may lie; default the notebook's folder")
    .option(
      "--trusted",
      "keep scripts in the notebook's HTML; without it nothing in the notebook acts, figures are drawn all the same",
    )
    .action(htmlCommand);
}

interface HtmlCommandOptions {
  out: string;
  code?: string;
  images?: string;
  trusted?: boolean;
}

async function htmlCommand(path: string, { out, trusted, ...words }: HtmlCommandOptions): Promise<void> {
  const code = oneOf("code", ["shown", "folded"], words.code ?? "shown");
  const images = oneOf("images", ["folder", "anywhere"], words.images ?? "folder");
  checkWritable(out);
  const notebook = readNotebook(path);
  checkWritable(out); // which is not the notebook itself
  const folder = dirname(resolve(path));
  const leftOut = (sentence: string) => process.stderr.write(`${path}: ${sentence}\n`);
  const page = { name: basename(path, ".ipynb"), folder, code, images, trusted: trusted === true, remark: leftOut };
  writeWhole(out, await notebookToHtml(notebook, page));
  const remark = stateRemark(notebook);
  if (remark) {
    process.stderr.write(`${path}: ${remark} (shapley-modes notebook run ${path} --out ... runs it)\n`);
  }
}

async function runCommand(path: string, options: RunCommandOptions, { signal }: CommandContext): Promise<void> {
  checkWritable(options.out);
  const notebook = readNotebook(path);
  checkWritable(options.out); // which is not the notebook itself
  const parameters = parameterValues(notebook, options.set);
  const timeoutSeconds = options.timeout === undefined ? undefined : timeoutOption(options.timeout);
  const { notebook: executed, failure } = await executeNotebook(notebook, resolve(path), {
    parameters,
    signal,
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  });
  const begun = failure === undefined || failure.cell > 0;
  if (begun || !signal.aborted) writeWhole(options.out, notebookText(executed));
  if (begun && signal.aborted) process.stderr.write(`${path}: the notebook up to there is in ${options.out}\n`);
  signal.throwIfAborted();
  if (failure) {
    const what = `cell ${failure.cell} failed: ${failure.ename}: ${failure.evalue}`;
    throw new IncompleteError(`${path}: ${what} (the notebook up to there is in ${options.out})`);
  }
}

/** Seconds that a timer of Node can count: 24 days. */
const longestTimeout = 2_147_483;

function timeoutOption(text: string): number {
  const seconds = positiveIntegerOption("timeout", text);
  if (seconds > longestTimeout) throw invalid("timeout", `at most ${longestTimeout} seconds`, seconds);
  return seconds;
}
