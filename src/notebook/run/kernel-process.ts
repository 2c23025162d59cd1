import { type ChildProcess, spawn } from "node:child_process";
import type { KernelSpec } from "./kernelspec.js";

/** How a kernel is started. */
export interface KernelOptions {
  /** Working directory, from which a notebook's relative paths are read; default the current one. */
  readonly cwd?: string;
  /** Environment variables on top of the current ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds that the kernel has to start; default 60. */
  readonly startSeconds?: number;
}

/** Milliseconds for which the output of an ended kernel is waited for. */
const lastWords = 1000;

/** A kernel that ended without being asked to. */
export class KernelDiedError extends Error {
  override readonly name = "KernelDiedError";
  constructor(how: string, words: string) {
    super(words ? `the kernel ended (${how}): ${words}` : `the kernel ended (${how})`);
  }
}

/** The process of a kernel. */
export interface KernelProcess {
  readonly child: ChildProcess;
  /** Rejects with KernelDiedError when the process ends without being asked to. */
  readonly died: Promise<never>;
  /** To be called before the kernel is asked to end: its end is then no death. */
  expectEnd(): void;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** Ends the process, and all that it started, at once. */
  kill(): void;
}

/** Starts the process. It ends with this one, whatever happens. */
export function launchKernel(spec: KernelSpec, connectionFile: string, { cwd, env }: KernelOptions): KernelProcess {
  const [program, ...rest] = spec.argv.map((argument) => argument.replace("{connection_file}", connectionFile));
  const child = spawn(program, rest, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...spec.env, ...env, JPY_PARENT_PID: String(process.pid) },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C in the terminal reaches this process alone, and the whole group can be killed.
    detached: process.platform !== "win32",
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2000);
    });
  }
  let expected = false;
  let over = false;
  const kill = (): void => {
    expected = true;
    // Its number may be another process's by now.
    if (!over) killGroup(child);
  };
  process.once("exit", kill);
  const { promise: ended, resolve } = deferred<void>();
  const died = new Promise<never>((_resolve, reject) => {
    const end = (how: string): void => {
      process.off("exit", kill);
      killGroup(child);
      over = true;
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
      resolve();
      if (!expected) reject(new KernelDiedError(how, words.trim()));
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => {
      const told = (): void => end(signal ? `signal ${signal}` : `exit code ${code}`);
      // Its last words are waited for, but what it started itself may keep its output open for ever.
      const timer = setTimeout(told, lastWords);
      child.once("close", () => {
        clearTimeout(timer);
        told();
      });
    });
  });
  died.catch(() => {});
  return {
    child,
    died,
    ended,
    kill,
    expectEnd: () => {
      expected = true;
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

/** A promise and what settles it. */
export function deferred<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
