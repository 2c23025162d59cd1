import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelClient } from "../../src/notebook/run/client.js";
import type { CodeCell, Notebook } from "../../src/notebook/run/nbformat.js";
import { collectOutputs } from "../../src/notebook/run/outputs.js";

/** A notebook of code cells; a source may come with tags. */
export function notebookOf(...sources: (string | [source: string, ...tags: string[]])[]): Notebook {
  const cells = sources.map((entry): CodeCell => {
    const [source, ...tags] = typeof entry === "string" ? [entry] : entry;
    return { cell_type: "code", metadata: tags.length ? { tags } : {}, source, execution_count: null, outputs: [] };
  });
  return { nbformat: 4, nbformat_minor: 4, metadata: {}, cells };
}

/** The code cells of a notebook. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

/** Executes code in a kernel: the reply and the outputs. */
export async function execute(kernel: KernelClient, code: string, more: object = {}) {
  const collector = collectOutputs(new Map());
  const reply = await kernel.request("execute_request", { code, silent: false, ...more }, collector.add);
  return { reply, outputs: collector.outputs };
}

/** A fresh folder, and what removes it. */
export function temporaryFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "shapley-modes-test-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Whether a process is still there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

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
 * Whether a test that needs an optional part can run. Where the part is absent one line says so; with CI=true the
 * absence is an error.
 */
export function available(part: string, found: unknown): boolean {
  if (found) return true;
  if (process.env.CI === "true") throw new Error(`${part} is absent, and CI must not go without it`);
  console.log(`left out: tests that need ${part}`);
  return false;
}
