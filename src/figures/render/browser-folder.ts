import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../process-alive.js";

/** A folder for the temporary files of one browser. */
export interface BrowserFolder {
  readonly path: string;
  /** Removes the folder at the end of this process; to be called when the browser runs, whose own end comes first then. */
  removeAtExit(): void;
  /** Removes the folder and all that is in it. A browser that is just ending may write for a moment longer. */
  remove(): Promise<void>;
}

/** The longest path in which the folder's own name, and in it a browser's socket of 45 characters, fit the 107 of Linux. */
const longest = 33;

/**
 * Makes a folder for the temporary files of one browser, which a browser that is killed would leave behind: it goes with
 * the browser or with this process. What a process left behind that was killed itself is removed as well.
 */
export function browserFolder(): BrowserFolder {
  removeOrphans();
  const path = mkdtempSync(join(usualFolder(), `${namePrefix()}${process.pid}-`));
  const removeNow = () => {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    } catch {
      // The next browser's start removes it.
    }
  };
  return {
    path,
    removeAtExit: () => process.once("exit", removeNow),
    async remove() {
      process.off("exit", removeNow);
      await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }).catch(removeNow);
    },
  };
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
