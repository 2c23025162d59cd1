import { vi } from "vitest";
import { run } from "../../src/cli/program.js";

/**
 * The command line in this process: for what it says and writes, where a process of its own would show no more.
 * Streams, signals and exit codes of the program are tested on the program.
 *
 * @param folder where it runs
 */
export async function runCommand(
  folder: string,
  argv: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  const heard = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text, ...more: unknown[]) => {
      said[name] += String(text);
      const done = more.find((each) => typeof each === "function") as (() => void) | undefined;
      if (done) queueMicrotask(done);
      return true;
    }),
  );
  // A program leaves a listener behind for as long as it lives.
  const listeners = [process.stdout, process.stderr].map((stream) => [stream, stream.listeners("error")] as const);
  const before = process.cwd();
  process.chdir(folder);
  try {
    const status = await run(argv);
    return { status, ...said };
  } finally {
    process.chdir(before);
    for (const each of heard) each.mockRestore();
    for (const [stream, known] of listeners)
      for (const each of stream.listeners("error"))
        if (!known.includes(each)) stream.removeListener("error", each as () => void);
  }
}
