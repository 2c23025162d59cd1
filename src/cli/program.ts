import { Command, CommanderError } from "commander";
import { InterruptedError } from "../engine/interruption.js";
import { FileError, GameError, MissingPartError } from "../errors.js";
import { packageVersion } from "../package.js";
import { addAnalyse } from "./analyse.js";
import { addBench } from "./bench.js";
import { type CommandContext, IncompleteError } from "./context.js";
import { addDoctor } from "./doctor.js";
import { addKernel } from "./kernel.js";
import { addNotebook } from "./notebook.js";
import { addReproduce } from "./reproduce.js";
import { addSites } from "./sites.js";

/** Exit code of a command that Ctrl-C stopped, as shells have it. */
const interruptedCode = 130;

/**
 * Runs the command line and returns its exit code: 0 only when everything asked for was done. What the user did wrong, and
 * what is missing on the machine, is said in one line; anything else is a defect and comes with its stack.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const abort = new AbortController();
  const stop = () => abort.abort(new StoppedError());
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await program({ signal: abort.signal }).parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (abort.signal.aborted) {
      process.stderr.write(`${error instanceof InterruptedError ? error.message : "interrupted"}\n`);
      return interruptedCode;
    }
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`error: ${isExpected(error) ? error.message : ((error as Error)?.stack ?? String(error))}\n`);
    return 1;
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

class StoppedError extends Error {
  override readonly name = "Stopped";
}

function isExpected(error: unknown): error is Error {
  const kinds = [FileError, GameError, MissingPartError, IncompleteError, RangeError, TypeError];
  // A RangeError or TypeError of ours says what is invalid; one of the language's own is a defect.
  if (error instanceof RangeError || error instanceof TypeError) return error.message.startsWith("invalid ");
  return kinds.some((kind) => error instanceof kind);
}

function program(context: CommandContext): Command {
  const command = new Command("shapley-modes")
    .description("What every unit of a neural network does: lesions, Shapley Modes and their figures.")
    .version(packageVersion)
    .exitOverride()
    .showHelpAfterError("(--help says more)");
  addDoctor(command);
  addReproduce(command, context);
  addAnalyse(command, context);
  addSites(command);
  addNotebook(command, context);
  addKernel(command);
  addBench(command, context);
  return command;
}
