import type { Command } from "commander";
import { InterruptedError } from "../engine/runs/interruption.js";
import { type ShapleyOptions, shapley } from "../engine/shapley.js";
import { stoppedText } from "../estimators/stopping/record.js";
import { checkWritable, writeWhole } from "../files.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import { intervalFactor } from "../modes/confidence.js";
import { cancelling, meansCancel } from "../modes/lost-digits.js";
import { saveModes } from "../modes/save.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { meanOverTasks, tasksAlone } from "../modes/task-mean.js";
import { checkModesFile } from "../modes/write.js";
import { checkDistinct } from "../output-path.js";
import { modesSize, shortName } from "../words.js";
import type { CommandContext } from "./context.js";
import { addDecoderOptions, type DecoderArguments, decoderGame } from "./decoder-options.js";
import { addNetworkOptions, addQuestionOptions, type GameArguments } from "./game-options.js";
import { checkGoals } from "./missed-goals.js";
import { networkFiles } from "./network-files.js";
import { positiveIntegerOption, sizeOption } from "./options.js";
import { addSamplingOptions, type SamplingArguments, samplingOptions } from "./sampling-options.js";

interface AnalyseOptions extends Omit<GameArguments, "inputs">, DecoderArguments, SamplingArguments {
  inputs?: string;
  blocks?: string;
  workers: string;
  sumsMemory?: string;
  resume?: string;
  out: string;
  summary?: string;
}

/** `analyse`: the Shapley Modes of one network, from file to file. */
export function addAnalyse(program: Command, context: CommandContext): void {
  const command = addNetworkOptions(program.command("analyse"));
  addSamplingOptions(addDecoderOptions(addQuestionOptions(command, "optional")))
    .description("compute the Shapley Modes of a network's units (`sites` lists where they can be lesioned)")
    .option(
      "--blocks <number>",
      "keep the means of so many independent blocks of orderings in modes.npz, for tests and intervals",
    )
    .option(
      "--sums-memory <size>",
      "what leverage may take for differences of pairs, such as 500MB: more go to a temporary file; default 1GB, or half of what is free",
    )
    .option("--workers <number>", "threads that share the work; the result does not depend on it", "1")
    .option("--resume <folder>", "save what is done there, and go on from it when the command is run again")
    .requiredOption(
      "--out <file>",
      "modes.npz or modes.zarr (with standard errors and provenance), modes.tidy.csv (with standard errors), or modes.csv (msapy's format)",
    )
    .option("--summary <file>", "a summary for programs, as JSON")
    .action((options: AnalyseOptions) => analyse(options, context));
}

async function analyse(options: AnalyseOptions, { signal }: CommandContext): Promise<void> {
  // Everything is checked before anything is computed.
  const { out, summary: summaryPath } = options;
  const checkOutputs = (outputShape?: readonly number[]) => {
    checkModesFile(out, outputShape);
    if (summaryPath !== undefined) checkWritable(summaryPath);
  };
  checkOutputs();
  checkDistinct({ out, summary: summaryPath });
  const files = options.tasks === undefined ? networkFiles(options) : undefined;
  const sampling: ShapleyOptions = {
    ...samplingOptions(options),
    ...(options.blocks !== undefined && { blocks: positiveIntegerOption("blocks", options.blocks) }),
    ...(options.sumsMemory !== undefined && { memory: sizeOption("sums-memory", options.sumsMemory) }),
    workers: positiveIntegerOption("workers", options.workers),
    ...(options.resume !== undefined && { resume: options.resume }),
  };
  const game = files ? await gameFromFiles(files) : await decoderGame(options);
  checkOutputs(game.outputShape); // now that it is known which files are inputs
  let modes: ShapleyModes;
  try {
    modes = await shapley(game, { ...sampling, signal, progress: true });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const advice =
      options.resume === undefined
        ? "with --resume FOLDER it could go on where it was stopped"
        : "the same command goes on from there";
    throw new InterruptedError(error.progress, advice, error);
  }
  await saveModes(modes, options.out);
  const summary = summaryOf(modes);
  if (options.summary !== undefined) writeWhole(options.summary, `${canonicalJson(summary)}\n`);
  process.stdout.write(`${summaryText(modes, options.out)}\n`);
  checkGoals(modes, options.out);
}

/** The mean over the outputs; of a language model over its tasks alone. */
function meanContributions(modes: ShapleyModes) {
  return meanOverTasks(modes) ?? modes.meanOverOutputs();
}

function summaryOf(modes: ShapleyModes): JsonObject {
  const { values, standardErrors } = meanContributions(modes);
  return {
    efficiency_gap: modes.efficiencyGap,
    largest_standard_error: largestError(modes),
    mean_contributions: modes.units.map((unit, u) => ({
      confidence_interval_95: interval(values[u], standardErrors?.[u], intervalFactor(modes.provenance)),
      standard_error: finiteOrNull(standardErrors?.[u]),
      unit,
      value: values[u],
    })),
    ...(meansCancel(modes.values, values) && { mean_contributions_cancel: true }),
    output_shape: modes.outputShape,
    provenance: modes.provenance,
    total: Array.from(modes.total()),
    units: modes.units.length,
    v_all: Array.from(modes.vAll ?? []),
    v_none: Array.from(modes.vNone ?? []),
  };
}

function summaryText(modes: ShapleyModes, out: string): string {
  const { values, standardErrors } = meanContributions(modes);
  const ranked = modes.units.map((_, u) => u).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const factor = intervalFactor(modes.provenance);
  // Of tasks beside contrasts: errors of their mean alone do not follow from those of each output.
  const withoutErrors = standardErrors === undefined && modes.standardErrors !== undefined;
  const line = (u: number) => {
    const [low, high] = interval(values[u], standardErrors?.[u], factor) ?? [];
    const between = low === undefined || high === undefined ? "" : ` (${low.toPrecision(3)} to ${high.toPrecision(3)})`;
    const error = withoutErrors ? "" : ` ± ${standardErrors?.[u]?.toPrecision(2) ?? "?"}`;
    return `  ${modes.units[u]}  ${values[u].toPrecision(3)}${error}${between}`;
  };
  const facts = [
    `${out}: ${modesSize(modes)}, ${modes.provenance.evaluations} evaluations (${modes.provenance.estimator})`,
    `efficiency gap ${modes.efficiencyGap.toExponential(1)}, largest standard error ${largestError(modes)?.toPrecision(2) ?? "unknown"}`,
  ];
  if (meansCancel(modes.values, values)) facts.push(`contributions ${cancelling}`);
  const outputs = outputNames(modes);
  if (outputs.length > 0) facts.push(`outputs: ${outputs.map((name) => shortName(name)).join(", ")}`);
  const terms = termsText(modes.provenance);
  if (terms !== undefined) facts.push(terms);
  const stopped = stoppedText(modes.provenance);
  if (stopped !== undefined) facts.push(stopped);
  const { standard_errors_unknown: why, same_in_all: alike } = modes.provenance;
  if (typeof why === "string") facts.push(`standard errors are unknown: ${why}`);
  if (typeof alike === "string") facts.push(alike);
  if (withoutErrors && largestError(modes) !== 0) {
    facts.push("standard errors of means over the tasks alone are not kept: those of each task are in the file");
  }
  if (out.endsWith(".csv") && !out.endsWith(".tidy.csv")) {
    const more = modes.blocks
      ? "standard errors are in .npz, .zarr and .tidy.csv, blocks in .npz and .zarr"
      : "standard errors are in .npz, .zarr and .tidy.csv";
    facts.push(`${out} has the values alone: ${more}`);
  }
  // A mean over inputs and classes says nothing: probabilities add up to 1 whatever a unit does.
  if (modes.outputShape.length > 1) return facts.join("\n");
  const alone = meanOverTasks(modes);
  const over = alone ? tasksAlone(alone.tasks) : `the ${outputs.length > 0 ? "tasks" : "outputs"}`;
  const title = `largest contributions, mean over ${over} ± 1 standard error (95 % confidence interval):`;
  return [...facts, title, ...ranked.slice(0, 5).map(line)].join("\n");
}

/** Tasks and contrasts of a language model, as the outputs have them; none of other networks. */
function outputNames({ provenance }: ShapleyModes): string[] {
  const { tasks = [], contrasts = [] } = (provenance.game ?? {}) as {
    readonly tasks?: readonly string[];
    readonly contrasts?: readonly { readonly name: string }[];
  };
  return [...tasks, ...contrasts.map(({ name }) => name)];
}

/** Which terms `leverage` used, and which it did without; undefined of other estimators. */
function termsText({ terms, terms_left_out: leftOut }: JsonObject): string | undefined {
  if (terms === undefined) return undefined;
  const used = Array.isArray(terms) ? terms.join(", ") : String(terms);
  const without = Object.entries((leftOut ?? {}) as JsonObject).map(([name, why]) => `${name}: ${why}`);
  return `terms: ${used}${without.length > 0 ? ` (without ${without.join("; ")})` : ""}`;
}

function largestError(modes: ShapleyModes): number | null {
  return finiteOrNull(modes.standardErrors?.reduce((most, error) => Math.max(most, error), 0));
}

/** Ends of a confidence interval; null where no standard error is known. */
function interval(value: number, error: number | undefined, factor: number): [number, number] | null {
  const half = factor * (error ?? Number.NaN);
  return Number.isFinite(half) ? [value - half, value + half] : null;
}

function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
