import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FileError } from "./errors.js";
import { isAlive } from "./process-alive.js";

const format = "shapley-modes-lock/1";
/** What an older version wrote: the number of the process alone. */
const older = /^\d+$/;
/** So often a lock is looked at that nobody seems to have, some milliseconds apart. */
const mostTries = 10;

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
    for (let tries = 0; !taken(made, content, lock); tries++) {
      const there = contentOf(lock);
      if (there === undefined) continue;
      if (tries > 0) pause();
      // On a disk without hard links a lock has its name before it says whose it is.
      if (there === "" && tries < mostTries) continue;
      const owner = ownerOf(path, there);
      if (tries >= mostTries || isAtWork(owner, there)) throw refusal(guarded, path, owner);
      removeStale(lock, there, made);
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

/**
 * Writes what a lock says into a file beside it, and gives that the lock's name; false where there is a lock, and where
 * the folder went away meanwhile.
 */
function taken(made: string, content: string, lock: string): boolean {
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(made, content);
  return linked(made, lock);
}

function refusal(guarded: string, path: string, { pid }: Owner): FileError {
  const remedy = `its lock is ${path}; remove that file if the process is no run of shapley-modes`;
  return new FileError(guarded, `is being written already, by process ${pid} (${remedy})`);
}

/**
 * Gives a whole file a second name, unless there is a file of that name: all or nothing, whoever else tries. False too
 * where the folder is gone.
 */
function linked(from: string, to: string): boolean {
  const notNow = ["EEXIST", "ENOENT"];
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (notNow.includes(code)) return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EOPNOTSUPP") throw error;
  }
  // A disk without hard links.
  try {
    writeFileSync(to, readFileSync(from), { flag: "wx" });
    return true;
  } catch (error) {
    if (notNow.includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/**
 * Takes a lock away that nobody has. Of all that try it, one may: who gets the name that belongs to what the lock says.
 * Meanwhile nobody else takes it away, and it is looked at again, so that no lock is removed that another one has taken
 * after the look. Where that one died in this very moment, its name is taken away like the lock.
 */
function removeStale(lock: string, stale: string, made: string): void {
  const right = `${lock}.${createHash("sha256").update(stale).digest("hex").slice(0, 36)}`;
  if (linked(made, right)) {
    try {
      if (contentOf(lock) === stale) rmSync(lock, { force: true });
    } finally {
      rmSync(right, { force: true });
    }
    return;
  }
  const there = contentOf(right);
  if (there && !isAtWork(ownerOf(right, there), there)) removeStale(right, there, made);
}

/** Leaves others some milliseconds. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
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
