import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Builds dist/ where it is older than its sources: once, before the first test that takes it. */
export function setup(): void {
  const { status } = spawnSync(process.execPath, [join(root, "scripts", "build.mjs"), "--if-stale"], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("dist/ was not built");
}
