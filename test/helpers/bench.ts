import { spawnSync } from "node:child_process";
import { totalmem } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { packageRoot } from "../../src/package.js";

/** The command line. */
export const main = join(packageRoot, "dist", "cli", "main.js");
/** `bench`, on networks trained here. */
export const bench = (...argv: string[]) =>
  spawnSync(process.execPath, [main, "bench", ...argv], { encoding: "utf8", env: { ...process.env, MSA_XAI_DIR: "" } });

/** What `bench --json` says of a question. */
export interface Answer {
  readonly figure: { readonly value: number };
  readonly baseline: { readonly value: number };
  readonly ratio: number;
  readonly peak_memory_mb: number;
}

/** Megabytes of a Node that does nothing. */
const emptyProcess =
  Number(spawnSync(process.execPath, ["-p", "process.resourceUsage().maxRSS"], { encoding: "utf8" }).stdout) / 1e3;

/**
 * What holds of every answer: something was measured, by a process that has more in memory than a Node that does
 * nothing.
 */
export function expectMeasured({ figure, baseline, ratio, peak_memory_mb }: Answer): void {
  for (const { value } of [figure, baseline]) expect(value).toBeGreaterThan(0);
  expect(ratio > 1).toBe(baseline.value > figure.value);
  expect((ratio * figure.value) / baseline.value).toBeCloseTo(1, 9);
  expect(peak_memory_mb).toBeGreaterThan(emptyProcess);
  expect(peak_memory_mb).toBeLessThan(totalmem() / 1e6);
}
