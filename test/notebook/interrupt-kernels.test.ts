import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";

it("interrupts at random moments hang nothing, and stops and exits end as they should", () => {
  const script = join(packageRoot, "scripts", "interrupt-kernels.mjs");
  const options = "--kernels 1 --interrupts 24 --latest 500 --stops 2 --exits 2 --load 0 --json".split(" ");
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...options], { encoding: "utf8" });
  expect(stdout, stderr).toMatch(/^\{/);
  const { interrupts, stops, exits, failed } = JSON.parse(stdout);
  const { slowest, ...told } = interrupts;
  expect(slowest).toHaveLength(3);
  expect({ failed, ...told, interrupted: 0, done: 0 }).toEqual({ failed: 0, interrupted: 0, done: 0 });
  expect((told.interrupted ?? 0) + (told.done ?? 0)).toBe(24);
  expect(told.interrupted).toBeGreaterThan(10);
  expect([stops, exits]).toEqual([
    { ended: 2, otherwise: 0 },
    { ended: 2, otherwise: 0 },
  ]);
  expect(status).toBe(0);
});
