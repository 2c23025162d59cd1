import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FileError } from "./errors.js";
import { isAlive } from "./process-alive.js";

const format = "shapley-modes-lock/1";
/** What an older version wrote: the number of the process alone. */
const older = /^\d+$/;

/** Who has a lock: a process by its number and start, since numbers are given again. */
interface Owner {
  readonly pid: number;
  /** When it started, as the system writes it; undefined where it does not say. */
  readonly started: string | undefined;
}

/** Locks of this process, by what is written in them; and whether their owner has been told to stop. */
const held = new Map<string, AbortSignal | undefined>();

/**
 * Takes a lock: a file that says which process works here. One whose process has ended, is a zombie, or is another one
 * that got the same number is taken over, and so is one of this process that was told to stop.
 *
 * @param path of the lock
 * @param guarded what is worked on, for the message
 * @param signal of what the lock is taken for
 * @returns what lets go of it
 * @throws FileError where another has it, and for a file of that name that is no lock
 */
export function takeLock(path: string, guarded: string, signal?: AbortSignal): () => void {
  const lock = resolve(path);
  const id = randomUUID();
  const content = `${format} ${process.pid} ${startOf(process.pid) ?? "?"} ${id}\n`;
  const made = `${lock}.${id}`;
  try {
    mkdirSync(dirname(lock), { recursive: true });
    writeFileSync(made, content);
    for (let tries = 0; !linked(made, lock); tries++) {
      const there = contentOf(lock);
      if (there === undefined) continue;
      const owner = ownerOf(path, there);
      if (tries > 9 || isAtWork(owner, there)) throw refusal(guarded, path, owner);
      removeStale(lock, there);
    }
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  } finally {
    rmSync(made, { force: true });
  }
  held.set(content, signal);
  return () => {
    held.delete(content);
    if (contentOf(lock) === content) rmSync(lock, { force: true });
  };
}

function refusal(guarded: string, path: string, { pid }: Owner): FileError {
  const remedy = `its lock is ${path}; remove that file if the process is no run of shapley-modes`;
  return new FileError(guarded, `is being written already, by process ${pid} (${remedy})`);
}

/** Gives a whole file a second name, unless there is a file of that name: all or nothing, whoever else tries. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EOPNOTSUPP") throw error;
  }
  // A disk without hard links.
  try {
    writeFileSync(to, readFileSync(from), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Takes a lock away that nobody has; one that another has taken in this moment is put back. */
function removeStale(lock: string, stale: string): void {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (contentOf(aside) !== stale) linked(aside, lock);
  rmSync(aside, { force: true });
}

/** Undefined where there is nothing. */
function contentOf(lock: string): string | undefined {
  const there = lstatSync(lock, { throwIfNoEntry: false });
  if (!there) return undefined;
  if (!there.isFile() || there.size > 1000) return "";
  try {
    return readFileSync(lock, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws FileError for something else than a lock */
function ownerOf(path: string, content: string): Owner {
  if (older.test(content)) return { pid: Number(content), started: undefined };
  const [name, pid, started] = content.trimEnd().split(" ");
  if (name !== format || !(Number(pid) > 0)) throw new FileError(path, "is in the way: it is no lock of shapley-modes");
  return { pid: Number(pid), started: started === "?" ? undefined : started };
}

function isAtWork({ pid, started }: Owner, content: string): boolean {
  if (held.has(content)) return !held.get(content)?.aborted;
  if (!canAct(pid)) return false;
  const now = startOf(pid);
  return started === undefined || now === undefined || now === started;
}

/** Whether there is such a process and it can still do something. */
function canAct(pid: number): boolean {
  return isAlive(pid) && !["Z", "X", "x"].includes(statusOf(pid)?.[0] ?? "");
}

/** When a process started, as one word; undefined where the system does not say. */
function startOf(pid: number): string | undefined {
  const status = statusOf(pid);
  if (status) return status[19]; // field 22, in ticks since the machine was started
  if (process.platform === "win32" || process.platform === "linux") return undefined;
  const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
  });
  return stdout?.trim().replace(/\s+/g, "-") || undefined;
}

/**
 * What Linux says of a process, from field 3 on (proc_pid_stat(5)): its name, field 2, may hold blanks and brackets.
 */
function statusOf(pid: number): string[] | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "latin1");
    return status.slice(status.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
