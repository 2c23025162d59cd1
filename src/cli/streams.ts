/** Exit code of a command whose output nobody reads any more: 128 + SIGPIPE, as shells have it. */
export const closedPipeCode = 141;

/** What became of stdout; undefined where all of it was written. */
export interface StreamProblem {
  readonly code: number;
  /** In one line; undefined where nothing is to be said. */
  readonly message: string | undefined;
}

/**
 * Watches stdout and stderr, whose errors would end the process with a stack: a pipe that was closed ends a command
 * quietly, and a full disk in one line. What can not be said on stderr is not said.
 *
 * @param stop is called at the first problem: there is nobody to compute for
 * @returns what became of it, once all that was written is there or has failed; and what ends the watch
 */
export function watchStreams(stop: () => void): { settled(): Promise<StreamProblem | undefined>; end(): void } {
  let problem: StreamProblem | undefined;
  const failed = (error: NodeJS.ErrnoException) => {
    problem ??=
      error.code === "EPIPE"
        ? { code: closedPipeCode, message: undefined }
        : { code: 1, message: `stdout can not be written (${error.message})` };
    stop();
  };
  const ignored = () => {};
  process.stdout.on("error", failed);
  process.stderr.on("error", ignored);
  return {
    settled: () => new Promise((resolve) => process.stdout.write("", () => setImmediate(() => resolve(problem)))),
    // The last error may come when all is done: it is never to end the process with a stack.
    end: () => process.stdout.on("error", ignored).removeListener("error", failed),
  };
}
