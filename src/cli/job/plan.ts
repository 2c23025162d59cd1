import type { Command } from "commander";
import { settingsFiles } from "../../decoders/settings-files.js";
import { invalid } from "../../errors.js";
import { gameFromSpec } from "../../games/from-spec.js";
import type { Game } from "../../games/game.js";
import { openJob } from "../../jobs/job.js";
import { planJob } from "../../jobs/plan-job.js";
import { quoted } from "../../jobs/resources.js";
import type { Json } from "../../json.js";
import { gameFromFiles } from "../../lesion/game-from-files.js";
import { counted, duration, measuredTime, sizeText, thousands } from "../../words.js";
import type { CommandContext } from "../context.js";
import { addDecoderOptions, type DecoderArguments, decoderGame } from "../decoder-options.js";
import { addGameOptions, type GameArguments, questionNames, refuseOptions } from "../game-options.js";
import { networkFiles } from "../network-files.js";
import { collected, positiveIntegerOption } from "../options.js";
import { addSamplingOptions, type SamplingArguments, samplingOptions } from "../sampling-options.js";

interface PlanArguments extends Omit<GameArguments, "network" | "inputs">, DecoderArguments, SamplingArguments {
  network?: string;
  inputs?: string;
  game?: string;
  arguments?: string;
  data: string[];
  chunks?: string;
  chunkSeconds?: string;
  folder: string;
}

/** `job plan`: cuts a computation into chunks. */
export function addPlan(job: Command, context: CommandContext): void {
  addSamplingOptions(addDecoderOptions(addGameOptions(job.command("plan"), "optional")))
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
}

async function plan(options: PlanArguments, { signal }: CommandContext): Promise<void> {
  const { folder, chunks, chunkSeconds, data } = options;
  const sizes = {
    ...(chunks !== undefined && { chunks: positiveIntegerOption("chunks", chunks) }),
    ...(chunkSeconds !== undefined && { chunkSeconds: positiveIntegerOption("chunk-seconds", chunkSeconds) }),
  };
  const sampling = samplingOptions(options);
  const game = await gameOf(options);
  // A decoder's checksum is one of its weights alone.
  const files = options.tasks === undefined ? data : settingsFiles(options.network ?? "");
  await planJob(game, { ...sampling, ...sizes, folder, ...(files.length > 0 && { files }), signal });
  const job = openJob(folder);
  const { plan: made } = job;
  const { seconds_per_block: perBlock, blocks, bytes } = made;
  const each = perBlock === null ? undefined : (perBlock * blocks) / made.chunks;
  const cost =
    each === undefined
      ? ""
      : `, each about ${measuredTime(each)} of one processor like this, ${duration(each * made.chunks)} in all`;
  const lines = [
    `${folder}: ${counted(made.chunks, "chunk")} of ${perChunk(blocks, made.chunks)}${cost}`,
    `  ${made.estimator}, ${thousands(job.blocks.evaluations + 2)} evaluations of ${counted(made.units.length, "unit")}; the files of all chunks take ${sizeText(bytes)}`,
    `next: shapley-modes job run --folder ${quoted(folder)} --on local|slurm`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function perChunk(blocks: number, chunks: number): string {
  const least = Math.floor(blocks / chunks);
  return blocks % chunks === 0 ? counted(least, "block") : `${thousands(least)} or ${counted(least + 1, "block")}`;
}

/** The game of a network's files, of a language model's folder, or of a module. */
async function gameOf({ network, game, arguments: given, ...rest }: PlanArguments): Promise<Game> {
  if (game === undefined) {
    if (given !== undefined) throw invalid("arguments", "none without --game", given);
    if (rest.data.length > 0) throw invalid("data", "none without --game: a network's files are known", rest.data);
    if (network === undefined) throw invalid("network", "a file (--network), or a module's game (--game)", network);
    if (rest.tasks !== undefined) return decoderGame({ ...rest, network });
    return gameFromFiles(networkFiles({ ...rest, network }));
  }
  // What is asked of a network, and how it is lesioned, is a module's own matter.
  refuseOptions(
    ["network", "tasks", "units", ...Object.keys(questionNames)],
    { ...rest, network },
    "none beside --game",
  );
  const at = game.lastIndexOf("#");
  if (at < 1) throw invalid("game", "MODULE#EXPORT, such as ./glove.mjs#glove", game);
  const path = game.slice(0, at);
  const module = /^[./]|^file:/.test(path) || !/\.[cm]?[jt]s$/.test(path) ? path : `./${path}`;
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
