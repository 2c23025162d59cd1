import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive, isGroupRunning } from "../../process-alive.js";

/** A folder for the temporary files of one browser. */
export interface BrowserFolder {
  readonly path: string;
  /** Of the browser's profile. */
  readonly profile: string;
  /**
   * Removes the folder at the end of this process; to be called when the browser runs, whose own end comes first then.
   */
  removeAtExit(): void;
  /** Removes the folder and all that is in it, once the helpers of the browser that has ended are gone as well. */
  remove(): Promise<void>;
}

/**
 * The longest path in which the folder's own name, and in it a browser's socket of 45 characters, fit the 107 of Linux.
 */
const longest = 33;

/**
 * Makes a folder for the temporary files of one browser, which a browser that is killed would leave behind: it goes
 * with the browser or with this process. What a process left behind that was killed itself is removed as well.
 */
export function browserFolder(): BrowserFolder {
  removeOrphans();
  const path = mkdtempSync(join(usualFolder(), `${namePrefix()}${process.pid}-`));
  const profile = join(path, "profile");
  let group: number | undefined;
  const removeNow = () => {
    waitForHelpers(group);
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    } catch {
      // The next browser's start removes it.
    }
  };
  return {
    path,
    profile,
    removeAtExit() {
      group = groupOf(profile);
      process.once("exit", removeNow);
    },
    async remove() {
      process.off("exit", removeNow);
      const end = Date.now() + patience;
      while (helpersRun(group) && Date.now() < end) await pause(2);
      await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }).catch(removeNow);
    },
  };
}

/** A helper of a browser ends by itself some milliseconds after it; on a loaded machine that may be a while. */
const patience = 5000;

/**
 * The group of the processes of the browser that holds a profile: it leads one, and writes its number beside its lock.
 * Undefined where that is not the number of such a process here, as of a browser in a container.
 */
function groupOf(profile: string): number | undefined {
  try {
    const pid = Number(/-(\d+)$/.exec(readlinkSync(join(profile, "SingletonLock")))?.[1]);
    const isIts = process.platform !== "linux" || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(profile);
    return isIts && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Ends what is left of a browser's group, and says whether something is. */
function helpersRun(group: number | undefined): boolean {
  if (group === undefined || !isGroupRunning(group)) return false;
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // It ended just now.
  }
  return true;
}

/** At this process's end nothing can be awaited. */
function waitForHelpers(group: number | undefined): void {
  const end = Date.now() + patience;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  while (helpersRun(group) && Date.now() < end) Atomics.wait(nothing, 0, 0, 2);
}

/** Removes the browsers' folders of processes of this machine that are gone. */
function removeOrphans(): void {
  const pattern = new RegExp(`^${namePrefix()}(\\d+)-\\w{6}$`);
  const folder = usualFolder();
  for (const name of readdirSync(folder)) {
    const [, pid] = pattern.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

/** The system's temporary folder, unless its path is too long for a browser's sockets. */
function usualFolder(): string {
  const folder = tmpdir();
  return process.platform === "linux" && folder.length > longest ? "/tmp" : folder;
}

/** The folder may be shared by machines, whose process numbers say nothing here. */
function namePrefix(): string {
  return `shapley-${createHash("sha256").update(hostname()).digest("hex").slice(0, 4)}-`;
}
