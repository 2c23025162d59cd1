import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../src/process-alive.js";

const prefix = "mt-";
let folder: string | undefined;

/**
 * Gives all tests of a run, and what they start, one folder for what is temporary: it goes at the end, and at the next
 * run's beginning where this one is killed. Its path is short: sockets of browsers have to fit.
 */
export function setup(): void {
  // Each project asks for it.
  if (process.env.TMPDIR?.includes(`${prefix}${process.pid}-`)) return;
  const usual = tmpdir();
  for (const name of readdirSync(usual)) {
    const [, pid] = /^mt-(\d+)-\w{6}$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(usual, name), { recursive: true, force: true });
  }
  folder = mkdtempSync(join(usual, `${prefix}${process.pid}-`));
  chmodSync(folder, 0o755); // tests of what other users may do go through it
  process.env.TMPDIR = folder;
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
