import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** A Python that has nbclient (Debian's), or undefined. */
export function pythonWithJupyter(): string | undefined {
  const python = "/usr/bin/python3";
  try {
    execFileSync(python, ["-c", "import nbclient, jupyter_client"], { stdio: "ignore" });
    return python;
  } catch {
    return undefined;
  }
}

/** The Chromium to test with, or undefined. */
export function chromium(): string | undefined {
  return [process.env.CHROMIUM_PATH, "/usr/bin/chromium"].find((path) => path && existsSync(path));
}

/**
 * Whether a test that needs an optional part can run. Where the part is absent one line says so; with CI=true, where
 * `.ci/run` provides it, the absence is an error.
 */
export function available(part: string, found: unknown): boolean {
  if (found) return true;
  if (process.env.CI === "true") throw new Error(`${part} is absent, and CI must not go without it`);
  console.log(`left out: tests that need ${part}`);
  return false;
}
