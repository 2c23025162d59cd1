import type { Command } from "commander";
import { expertsGame } from "../decoders/experts-game.js";
import { loadDecoder } from "../decoders/load-decoder.js";
import { loadTasks } from "../decoders/load-tasks.js";
import type { TaskContrast } from "../decoders/task-contrasts.js";
import { type TaskScore, taskScores } from "../decoders/task-scores.js";
import type { Task } from "../decoders/tasks.js";
import { type DecoderUnits, expertLesions } from "../decoders/units.js";
import { invalid, oneOf } from "../errors.js";
import type { Game } from "../games/game.js";
import { remarkOnce } from "../remark.js";
import { backendNames } from "../tensors/backend.js";
import { shortName } from "../words.js";
import { type GameArguments, refuseOptions } from "./game-options.js";
import { sizeOption } from "./options.js";

/** Options that say what a language model is asked, as the command line gives them. */
export interface DecoderArguments {
  tasks?: string;
  units?: string;
}

/** Kinds of units that are players by themselves; names of units have a slash, or are layers. */
const unitKinds: readonly (keyof DecoderUnits)[] = ["experts", "heads", "layers", "shared", "dense"];

/** Options of other networks, which say nothing of a language model. */
const foreign = [
  "inputs",
  "labels",
  "site",
  "group",
  "output",
  "background",
  "place",
  "shape",
  "fixed",
  "activation",
  "layers",
] as const satisfies readonly (keyof GameArguments)[];

/** Adds `--tasks` and `--units`. */
export function addDecoderOptions(command: Command): Command {
  return command
    .option(
      "--tasks <file>",
      `of a language model, whose folder is --network: a JSON file of tasks, { "tasks": [{ "name", "questions": [{ "prompt", "answer" }] }], "contrasts" }; --score is then ${taskScores.join(", ")}, --lesion ${expertLesions.join(", ")}`,
    )
    .option(
      "--units <kind>",
      `of a language model, what is lesioned: ${unitKinds.join(", ")}, or names with commas, e.g. L1/E3,L0/H2; default experts`,
    );
}

/**
 * The game of a language model's units that the options say. Tasks and options are checked before the checkpoint is
 * read, as far as they can be.
 *
 * @throws RangeError for options that say nothing of a language model; what `loadTasks`, `loadDecoder` and
 *   `expertsGame` throw
 */
export async function decoderGame(
  given: Omit<GameArguments, "inputs"> & { inputs?: string } & DecoderArguments,
): Promise<Game> {
  refuseOptions(foreign, given, "none with --tasks");
  const { tasks: path = "", units: wanted = "experts" } = given;
  const score = given.score === undefined ? undefined : oneOf("score", taskScores, given.score);
  const lesion = oneOf("lesion", expertLesions, given.lesion ?? "silence");
  const units = unitsOption(wanted);
  const memory = given.memory === undefined ? undefined : sizeOption("memory", given.memory);
  const backend = given.backend === undefined ? undefined : oneOf("backend", backendNames, given.backend);
  const { tasks, contrasts } = loadTasks(path);
  const decoder = await loadDecoder(given.network, {
    ...(memory !== undefined && { memory }),
    ...(backend !== undefined && { backend }),
  });
  for (const remark of mixedContrasts(tasks, contrasts, score)) remarkOnce(remark);
  return expertsGame(decoder, tasks, { units, lesion, contrasts, ...(score !== undefined && { score }) });
}

/** What is said of contrasts between tasks whose scores are on unlike scales: logarithms, and shares. */
export function mixedContrasts(
  tasks: readonly Task[],
  contrasts: readonly TaskContrast[] | undefined,
  score: TaskScore = "accuracy",
): string[] {
  const scores = new Map(tasks.map((task) => [task.name, task.score ?? score]));
  return (contrasts ?? []).flatMap(({ name, plus, minus }) => {
    const own = [...new Set([...plus, ...minus].map((task) => scores.get(task)))];
    return own.length > 1 && own.includes("log-probability")
      ? [`contrast ${shortName(name)} is a difference of unlike scores (${own.join(", ")}): its size says little`]
      : [];
  });
}

/** A kind of units, or names. */
function unitsOption(text: string): keyof DecoderUnits | readonly string[] {
  const kind = unitKinds.find((name) => name === text);
  if (kind) return kind;
  if (!/^L\d/.test(text)) throw invalid("units", `${unitKinds.join(", ")}, or names such as L1/E3,L0/H2`, text);
  return text.split(",").map((name) => name.trim());
}
