import type { Command } from "commander";
import { InterruptedError } from "../engine/runs/interruption.js";
import { invalid, oneOf } from "../errors.js";
import { gameFromSpec } from "../games/from-spec.js";
import type { Game } from "../games/game.js";
import { chunksOfTask } from "../jobs/array-index.js";
import { openJob } from "../jobs/job.js";
import { jobScript, scriptEngines } from "../jobs/job-script.js";
import { jobStatus } from "../jobs/job-status.js";
import { rangesText } from "../jobs/layout.js";
import { planJob } from "../jobs/plan-job.js";
import { playChunks } from "../jobs/play-chunks.js";
import { reduceJob } from "../jobs/reduce-job.js";
import { runJob } from "../jobs/run-job.js";
import { runOnSlurm, type SlurmLook } from "../jobs/slurm/run-on-slurm.js";
import { canonicalJson, type Json, type JsonObject } from "../json.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import { saveModes } from "../modes/save.js";
import { checkModesFile } from "../modes/write.js";
import { duration, measuredTime, sizeText, thousands } from "../words.js";
import { type CommandContext, IncompleteError } from "./context.js";
import { addGameOptions, type GameArguments, gameOptions } from "./game-options.js";
import { addResourceOptions, type ResourceArguments, resourceOptions, slurmOptions } from "./job-resources.js";
import { checkGoals } from "./missed-goals.js";
import { collected, positiveIntegerOption, wholeNumberOption } from "./options.js";
import { addSamplingOptions, type SamplingArguments, samplingOptions } from "./sampling-options.js";
import { timeIsUp } from "./time-is-up.js";

interface PlanArguments extends Omit<GameArguments, "network" | "inputs">, SamplingArguments {
  network?: string;
  inputs?: string;
  game?: string;
  arguments?: string;
  data: string[];
  chunks?: string;
  chunkSeconds?: string;
  folder: string;
}

interface ChunkArguments {
  folder: string;
  index?: string;
  offset: string;
  perTask: string;
  workers: string;
  log?: string;
}

interface RunArguments extends ResourceArguments {
  folder: string;
  on: string;
}

/** `job`: the work of `analyse` in chunks, on one machine or many. */
export function addJob(program: Command, context: CommandContext): void {
  const job = program
    .command("job")
    .description("compute Shapley Modes in chunks that any machines do, and that survive whatever happens to them");
  addSamplingOptions(addGameOptions(job.command("plan"), "optional"))
    .description("cut a computation into chunks: writes FOLDER/plan.json, from which any machine can do any chunk")
    .option("--game <module#export>", "instead of a network, a game that an export of a JavaScript module makes")
    .option("--arguments <json>", "with --game, a JSON list of what the export is called with; default []")
    .option(
      "--data <file>",
      "with --game, a file that it reads: no chunk is done with a changed one; may be repeated",
      collected,
      [],
    )
    .option("--chunks <number>", "how many; default so many that each takes about --chunk-seconds")
    .option("--chunk-seconds <number>", "about how long one takes, by a measurement here; default 180")
    .requiredOption(
      "--folder <folder>",
      "of the job: new or without a plan; for several machines, on a disk that all of them see",
    )
    .action((options: PlanArguments) => plan(options, context));
  job
    .command("chunk")
    .description("do one chunk, or the few of one task of an array; what is done already is left as it is")
    .requiredOption("--folder <folder>", "of the job")
    .option(
      "--index <number>",
      "which; default what Slurm, HyperQueue, Kubernetes, PBS or Grid Engine says in the environment",
    )
    .option("--per-task <number>", "chunks of a task, one after another: the index is then that of the task", "1")
    .option("--offset <number>", "added to the index, for arrays that had to be split", "0")
    .option("--workers <number>", "threads that share the work; the result does not depend on it", "1")
    .option("--log <file>", "where the output of this task is kept, for `job status` to name it")
    .action((options: ChunkArguments) => chunk(options, context));
  addResourceOptions(job.command("run"))
    .description(
      "do all chunks that are missing or damaged, here or as array jobs of Slurm; run again, it goes on where it was",
    )
    .requiredOption("--folder <folder>", "of the job")
    .option("--on <where>", "local or slurm", "local")
    .action((options: RunArguments) => run(options, context));
  job
    .command("status")
    .description("tell how far a job is: done, running, failed and why, pace, error, and what to do next")
    .requiredOption("--folder <folder>", "of the job")
    .option("--errors", "read all chunks for the largest standard error; default where they are no more than 100 MB")
    .option("--json", "for programs")
    .action(status);
  job
    .command("reduce")
    .description("fold the chunks into modes: the same bytes as of one process, whoever did which chunk when")
    .requiredOption("--folder <folder>", "of the job")
    .requiredOption("--out <file>", "modes.npz, modes.zarr, modes.tidy.csv or modes.csv")
    .option("--partial", "of the chunks that are there, where some are not; the file says how many were planned")
    .action((options: ReduceArguments) => reduce(options, context));
  addResourceOptions(job.command("script"))
    .description("print a script that does a job with an array engine, to be looked at and submitted by hand")
    .requiredOption("--folder <folder>", "of the job")
    .requiredOption("--for <engine>", scriptEngines.join(", "))
    .action((options: ResourceArguments & { folder: string; for: string }) => {
      const engine = oneOf("for", scriptEngines, options.for);
      process.stdout.write(jobScript(options.folder, engine, resourceOptions(options)));
    });
}

async function plan(options: PlanArguments, { signal }: CommandContext): Promise<void> {
  const { folder, chunks, chunkSeconds, data } = options;
  const sizes = {
    ...(chunks !== undefined && { chunks: positiveIntegerOption("chunks", chunks) }),
    ...(chunkSeconds !== undefined && { chunkSeconds: positiveIntegerOption("chunk-seconds", chunkSeconds) }),
  };
  const sampling = samplingOptions(options);
  const game = await gameOf(options);
  await planJob(game, { ...sampling, ...sizes, folder, ...(data.length > 0 && { files: data }), signal });
  const job = openJob(folder);
  const { plan: made } = job;
  const { seconds_per_block: perBlock, blocks, bytes } = made;
  const each = perBlock === null ? undefined : (perBlock * blocks) / made.chunks;
  const cost =
    each === undefined
      ? ""
      : `, each about ${measuredTime(each)} of one processor like this, ${duration(each * made.chunks)} in all`;
  const lines = [
    `${folder}: ${thousands(made.chunks)} chunks of ${perChunk(blocks, made.chunks)} blocks${cost}`,
    `  ${made.estimator}, ${thousands(job.blocks.evaluations)} evaluations of ${made.units.length} units; the files of all chunks take ${sizeText(bytes)}`,
    `next: shapley-modes job run --folder ${folder} --on local|slurm`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function perChunk(blocks: number, chunks: number): string {
  const least = Math.floor(blocks / chunks);
  return blocks % chunks === 0 ? `${least}` : `${least} or ${least + 1}`;
}

/** The game of a network's files, or of a module. */
async function gameOf({ network, inputs, game, arguments: given, ...rest }: PlanArguments): Promise<Game> {
  if (game === undefined) {
    if (given !== undefined) throw invalid("arguments", "none without --game", given);
    if (rest.data.length > 0) throw invalid("data", "none without --game: a network's files are known", rest.data);
    if (network === undefined) throw invalid("network", "a file (--network), or a module's game (--game)", network);
    if (inputs === undefined) throw invalid("inputs", "a name or file (--inputs)", inputs);
    return gameFromFiles(gameOptions({ ...rest, network, inputs }));
  }
  if (network !== undefined) throw invalid("network", "none beside --game", network);
  const at = game.lastIndexOf("#");
  if (at < 1) throw invalid("game", "MODULE#EXPORT, such as ./glove.mjs#glove", game);
  const path = game.slice(0, at);
  const module = /^[./]|^file:/.test(path) || !/\.[cm]?js$/.test(path) ? path : `./${path}`;
  return gameFromSpec({ module, export: game.slice(at + 1), arguments: listOption(given ?? "[]") });
}

function listOption(text: string): readonly Json[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // said below
  }
  if (!Array.isArray(list)) throw invalid("arguments", "a JSON list, such as [5]", text);
  return list as Json[];
}

async function chunk(options: ChunkArguments, context: CommandContext): Promise<void> {
  const { folder, log } = options;
  const workers = positiveIntegerOption("workers", options.workers);
  const job = openJob(folder);
  const chunks = chunksOfTask(job, {
    index: options.index === undefined ? undefined : wholeNumberOption("index", options.index),
    offset: wholeNumberOption("offset", options.offset),
    perTask: positiveIntegerOption("per-task", options.perTask),
  });
  const signal = AbortSignal.any([context.signal, timeIsUp()]);
  const start = performance.now();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  let done = 0;
  try {
    await playChunks(job, chunks, {
      workers,
      signal,
      log,
      takenUp: (number, blocks) => say(`chunk ${number}: ${blocks} blocks of an earlier attempt are there`),
      chunkDone(number) {
        say(`chunk ${number} is done (${measuredTime((performance.now() - start) / 1000)} since the start)`);
        done++;
        return false;
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    const progress = `after ${done} of ${chunks.length} chunks (${(signal.reason as Error).message})`;
    const stopped = new InterruptedError(
      progress,
      "every block that was done is kept: the same command goes on from there",
      {
        cause: error,
      },
    );
    if (context.signal.aborted) throw stopped;
    throw new IncompleteError(stopped.message);
  }
  process.stdout.write(`${folder}: ${chunks.length === 1 ? "chunk" : "chunks"} ${rangesText(chunks)} done\n`);
}

async function run(options: RunArguments, { signal }: CommandContext): Promise<void> {
  const { folder } = options;
  const on = oneOf("on", ["local", "slurm"] as const, options.on);
  if (on === "local") {
    const { workers = 1, ...others } = resourceOptions(options);
    for (const [name, value] of Object.entries({ ...others, ...slurmOptions(options) })) {
      throw invalid(name, "none with --on local", value);
    }
    const { done, spared } = await runJob(folder, { workers, signal, progress: true });
    return finished(folder, done.length, spared);
  }
  const line = new LookLine(folder);
  const { failed, spared } = await runOnSlurm(folder, {
    ...resourceOptions(options),
    ...slurmOptions(options),
    signal,
    onLook: (look) => line.show(look),
  });
  if (failed.length > 0) throw new IncompleteError(failedText(folder, failed));
  finished(folder, undefined, spared);
}

function finished(folder: string, done: number | undefined, spared: readonly number[]): void {
  const what =
    done === undefined
      ? "all chunks are done"
      : `${thousands(done)} ${done === 1 ? "chunk" : "chunks"} done, all are there`;
  const enough = spared.length > 0 ? `; precise enough without ${spared.length} more` : "";
  process.stdout.write(
    `${folder}: ${what}${enough}\nnext: shapley-modes job reduce --folder ${folder} --out modes.npz\n`,
  );
}

function failedText(folder: string, failed: readonly { chunk: number; reason: string; log: string | null }[]): string {
  const shown = failed
    .slice(0, 5)
    .map(({ chunk, reason, log }) => `  chunk ${chunk}: ${reason}${log === null ? "" : `; log ${log}`}`);
  const more = failed.length > 5 ? [`  ... and ${failed.length - 5} more`] : [];
  return [
    `${folder}: ${failed.length} chunks were given up; \`job status\` tells of them, \`job run\` tries them again`,
    ...shown,
    ...more,
  ].join("\n");
}

/** How far the arrays are, on stderr: when it has changed, and no more than every few seconds where it is a file. */
class LookLine {
  #last = "";
  #at = Number.NEGATIVE_INFINITY;

  constructor(readonly folder: string) {}

  show({ chunks, done, running, pending }: SlurmLook): void {
    const text = `${this.folder}: ${done} of ${chunks} chunks done, ${running} tasks running, ${pending} waiting`;
    const pause = process.stderr.isTTY ? 0 : 30_000;
    if (text === this.#last || performance.now() - this.#at < pause) return;
    this.#last = text;
    this.#at = performance.now();
    process.stderr.write(`${text}\n`);
  }
}

async function status({ folder, errors, json }: { folder: string; errors?: boolean; json?: boolean }): Promise<void> {
  const found = await jobStatus(folder, errors === undefined ? {} : { errors });
  process.stdout.write(json ? `${canonicalJson(JSON.parse(JSON.stringify(found)) as JsonObject)}\n` : `${found}\n`);
}

interface ReduceArguments {
  folder: string;
  out: string;
  partial?: boolean;
}

async function reduce({ folder, out, partial = false }: ReduceArguments, { signal }: CommandContext): Promise<void> {
  const { plan: planned } = openJob(folder);
  checkModesFile(out, planned.output_shape);
  const { modes, missing, damaged, unused } = await reduceJob(folder, { partial, signal });
  await saveModes(modes, out);
  const left = [
    missing.length > 0 ? [`${missing.length} chunks missing (${rangesText(missing, ", ", 8)})`] : [],
    damaged.length > 0 ? [`${damaged.length} damaged`] : [],
    unused.length > 0 ? [`${unused.length} behind a gap and not used`] : [],
  ].flat();
  const { evaluations, orderings, evaluations_planned: most, orderings_planned: mostOrderings } = modes.provenance;
  const amount = (of: unknown, name: string, planned: unknown) =>
    `${thousands(of as number)}${typeof planned === "number" ? ` of ${thousands(planned)}` : ""} ${name}`;
  const what =
    orderings === null ? amount(evaluations, "evaluations", most) : amount(orderings, "orderings", mostOrderings);
  const lines = [`${out}: ${modes.units.length} units x [${modes.outputShape.join(", ")}], ${what}`];
  if (left.length > 0) lines.push(`a part of what was planned: ${left.join(", ")}`);
  process.stdout.write(`${lines.join("\n")}\n`);
  if (left.length === 0) checkGoals(modes, out);
}
