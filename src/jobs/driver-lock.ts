import { renameSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FileError } from "../errors.js";
import { readRegular } from "../files.js";
import { takeLock } from "../lock.js";
import { remarkOnce } from "../remark.js";
import { removeLeft } from "./job-folder.js";
import { driverLockPath } from "./layout.js";

/** More was not written by a driver. */
const mostBytes = 10_000;

/** Options of {@link takeDriverLock}. */
interface DriverLockOptions {
  readonly signal?: AbortSignal | undefined;
  readonly remark?: (text: string) => void;
  /** How often a driver says that it is there, in seconds; default 20. */
  readonly beat?: number;
  /**
   * For how long what a driver elsewhere wrote is watched, in seconds; default 90: shared disks show a file late, by up
   * to a minute.
   */
  readonly watch?: number;
}

/**
 * Takes the job's folder for one driver. Chunks need no lock: whoever does one comes to the same bytes. A second driver
 * would only do work twice. On this machine it is known whether the first one is alive. One of another machine writes a
 * file anew every 20 s: whether it still does is watched, since the clocks of two machines and of a disk tell nothing
 * for certain.
 *
 * @returns what lets go of it
 * @throws FileError where another driver is at work, and where the folder can not be written; the signal's reason
 */
export async function takeDriverLock(folder: string, options: DriverLockOptions = {}): Promise<() => void> {
  const { signal, remark = remarkOnce, beat = 20, watch = 90 } = options;
  const path = join(folder, "driver.json");
  const other = elsewhere(path);
  if (other !== undefined) {
    const { pid, host } = other;
    remark(`${folder}: process ${pid} on ${host} was its driver; for ${watch} s it is watched whether it still is`);
    if (await isAtWork(path, other, watch, signal)) {
      throw new FileError(
        folder,
        `is driven already, by process ${pid} on ${host} (\`job status\` tells how far it is)`,
      );
    }
  }
  const unlock = takeLock(driverLockPath(folder), folder, signal);
  let beats = 0;
  const say = () => {
    // Beside it and renamed: a pipe of that name would not be written before somebody reads.
    const part = `${path}.${process.pid}.part`;
    writeFileSync(part, JSON.stringify({ host: hostname(), pid: process.pid, beats: beats++ }));
    renameSync(part, path);
  };
  const clock = setInterval(() => {
    try {
      say();
    } catch {
      // a full disk is said where results are written
    }
  }, beat * 1000).unref();
  const release = () => {
    clearInterval(clock);
    removeLeft(path);
    try {
      unlock();
    } catch {
      // A folder that was made read-only. Once this process has ended, its lock is nobody's.
    }
  };
  try {
    say();
  } catch (cause) {
    release();
    throw new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  }
  return release;
}

/** What a driver wrote, and as what file. */
interface Word {
  readonly host: string;
  readonly pid: number;
  /** Another one after every beat, in older versions by the file's time alone. */
  readonly said: string;
}

/** The word of a driver on another machine. */
function elsewhere(path: string): Word | undefined {
  try {
    const text = readRegular(path, mostBytes).toString("utf8");
    const { host, pid } = JSON.parse(text) as { host: string; pid: number };
    return host === hostname() ? undefined : { host, pid, said: `${text} ${statSync(path).mtimeMs}` };
  } catch {
    return undefined;
  }
}

/** Whether a driver says something new within some seconds. One that ends takes its word away. */
async function isAtWork(
  path: string,
  { said }: Word,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    await sleep(Math.min(1000, seconds * 100), undefined, { signal });
    const now = elsewhere(path);
    if (now?.said !== said) return now !== undefined;
  }
  return false;
}
