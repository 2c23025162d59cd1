import { Command, CommanderError } from "commander";
import { InterruptedError } from "../engine/runs/interruption.js";
import { invalid, isOurs } from "../errors.js";
import { IncompleteJobError } from "../jobs/reduce-job.js";
import { packageVersion } from "../version.js";
import { type CommandContext, IncompleteError } from "./context.js";
import { watchStreams } from "./streams.js";
import { systemProblem } from "./system-problem.js";

/** Exit code of a command that Ctrl-C stopped, as shells have it. */
const interruptedCode = 130;

/**
 * Runs the command line and returns its exit code: 0 only when everything asked for was done. What the user did wrong,
 * and what is missing on the machine, is said in one line; anything else is a defect and comes with its stack.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const abort = new AbortController();
  const stop = (by: string) => abort.abort(new StoppedError(`told to end by ${by}`));
  const streams = watchStreams(() => stop("whoever read its output"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const code = await command(argv, abort);
    const problem = await streams.settled();
    if (problem?.message !== undefined) process.stderr.write(`error: ${problem.message}\n`);
    return problem?.code ?? code;
  } finally {
    streams.end();
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

async function command(argv: readonly string[], abort: AbortController): Promise<number> {
  try {
    const helped = argv[0] === "help" && argv.length > 1 ? argv.slice(1) : undefined;
    const whole = await program(helped ?? argv, { signal: abort.signal });
    if (helped) commandOf(whole, helped).outputHelp();
    else await whole.parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (abort.signal.aborted) {
      process.stderr.write(`${error instanceof InterruptedError ? error.message : "interrupted"}\n`);
      return interruptedCode;
    }
    if (error instanceof CommanderError) return error.exitCode;
    const line = isExpected(error) ? error.message : systemProblem(error);
    process.stderr.write(`error: ${line ?? (error as Error)?.stack ?? String(error)}\n`);
    return error instanceof IncompleteError ? error.code : 1;
  }
}

/** The command that words name, as far down as there are commands. @throws Error of commander's where there is none */
function commandOf(command: Command, [word, ...words]: readonly string[]): Command {
  if (word === undefined || command.commands.length === 0) return command;
  const named = command.commands.find((each) => each.name() === word);
  if (!named) command.error(`error: unknown command '${word}'`, { code: "commander.unknownCommand" });
  return commandOf(named, words);
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Of an option that is given twice the last value would count, without a word; lists collect theirs. */
function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (!(option.required || option.optional) || Array.isArray(option.defaultValue)) continue;
    let before: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (before !== undefined) throw invalid(option.name(), `one value; it has ${before} already`, value);
      before = value;
    });
  }
}

/** Where a required option is missing, an unknown one is most likely that one, misspelt: it is told as well. */
function tellMisspelt(command: Command, argv: readonly string[]): void {
  const known = new Set(command.options.map(({ long }) => long));
  const asked = argv.filter((word) => /^--\w/.test(word)).map((word) => word.split("=")[0]);
  const odd = asked.find((name) => !known.has(name));
  command.configureOutput({
    outputError: (text, write) =>
      write(odd && text.includes("required option") ? `${text.trimEnd()}; there is no option ${odd}\n` : text),
  });
}

class StoppedError extends Error {
  override readonly name = "Stopped";
}

function isExpected(error: unknown): error is Error {
  return isOurs(error) || error instanceof IncompleteError || error instanceof IncompleteJobError;
}

type Add = (program: Command, context: CommandContext, next: string | undefined) => void | Promise<void>;

/** The commands, in the order in which help lists them, with what makes each: loaded for it alone. */
const commands: readonly (readonly [names: readonly string[], load: () => Promise<Add>])[] = [
  [["doctor"], async () => (await import("./doctor.js")).addDoctor],
  [["reproduce"], async () => (await import("./reproduce.js")).addReproduce],
  [["analyse"], async () => (await import("./analyse.js")).addAnalyse],
  [["job"], async () => (await import("./job.js")).addJob],
  [["compare", "merge"], async () => (await import("./results.js")).addResults],
  [["sites"], async () => (await import("./sites.js")).addSites],
  [["notebook"], async () => (await import("./notebook.js")).addNotebook],
  [["kernel"], async () => (await import("./kernel.js")).addKernel],
  [["bench"], async () => (await import("./bench.js")).addBench],
];

/** The program with the command that is asked for, or with all of them where none of them is. */
async function program(argv: readonly string[], context: CommandContext): Promise<Command> {
  const command = new Command("shapley-modes")
    .description("What every unit of a neural network does: lesions, Shapley Modes and their figures.")
    .version(packageVersion)
    .exitOverride()
    .showHelpAfterError("(--help says more)");
  const asked = commands.filter(([names]) => names.includes(argv[0]));
  for (const [, load] of asked.length > 0 ? asked : commands) {
    await (await load())(command, context, argv[1]);
  }
  for (const each of withSubcommands(command)) {
    refuseRepeats(each);
    tellMisspelt(each, argv);
  }
  return command;
}
