import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { readRegular } from "../files.js";
import { takeLock } from "../lock.js";
import { driverLockPath } from "./layout.js";

/** How often a driver says that it is there, and after how long without a word it is taken for gone, in milliseconds. */
const beat = 20_000;
const silence = 120_000;
/** More was not written by a driver. */
const mostBytes = 10_000;

/**
 * Takes the job's folder for one driver. Chunks need no lock: whoever does one comes to the same bytes. A second driver would only do work twice. On this
 * machine it is known whether the first one is alive; of another machine, by a file that it writes anew every 20 s.
 *
 * @returns what lets go of it
 * @throws FileError where another driver is at work, and where the folder can not be written
 */
export function takeDriverLock(folder: string, signal?: AbortSignal): () => void {
  const path = join(folder, "driver.json");
  const other = elsewhere(path);
  if (other !== undefined) {
    const remedy = `\`job status\` tells how far it is; were it gone, this works ${silence / 1000} s after it`;
    throw new FileError(folder, `is driven already, by process ${other.pid} on ${other.host} (${remedy})`);
  }
  const unlock = takeLock(driverLockPath(folder), folder, signal);
  const say = () => {
    // Beside it and renamed: a pipe of that name would not be written before somebody reads.
    const part = `${path}.${process.pid}.part`;
    writeFileSync(part, JSON.stringify({ host: hostname(), pid: process.pid }));
    renameSync(part, path);
  };
  const clock = setInterval(() => {
    try {
      say();
    } catch {
      // a full disk is said where results are written
    }
  }, beat).unref();
  try {
    say();
  } catch (cause) {
    clearInterval(clock);
    unlock();
    throw new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  }
  return () => {
    clearInterval(clock);
    rmSync(path, { force: true });
    unlock();
  };
}

/** A driver on another machine that was there a moment ago. */
function elsewhere(path: string): { host: string; pid: number } | undefined {
  try {
    const { host, pid } = JSON.parse(readRegular(path, mostBytes).toString("utf8")) as { host: string; pid: number };
    const age = Date.now() - statSync(path).mtimeMs;
    return host !== hostname() && Math.abs(age) < silence ? { host, pid } : undefined;
  } catch {
    return undefined;
  }
}
