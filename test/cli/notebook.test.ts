import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { installKernel } from "../../src/notebook/run/kernelspec.js";
import { notebookText } from "../../src/notebook/run/nbformat.js";
import { packageRoot } from "../../src/package.js";
import { notebookOf } from "../helpers/notebooks.js";

const folder = mkdtempSync(join(tmpdir(), "cli-notebook-"));

function shapleyModes(argv: readonly string[], env: Record<string, string> = {}) {
  const main = join(packageRoot, "dist", "cli", "main.js");
  const options = { encoding: "utf8", cwd: folder, env: { ...process.env, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], options);
  return { status, stdout, stderr };
}

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const good = file("good.ipynb", notebookText(notebookOf(["let seed = 1;", "parameters"], "seed")));
const python = { kernelspec: { name: "python3", language: "python", display_name: "Python 3" } };
mkdirSync(join(folder, "folder"));

describe("a notebook that can not be read", () => {
  it.each([
    [file("broken.ipynb", '{ "cells": ['), "broken.ipynb: is not a notebook: broken JSON"],
    [file("empty.ipynb", ""), "empty.ipynb: is not a notebook: broken JSON"],
    [file("other.ipynb", '{ "a": 1 }'), "other.ipynb: is not a notebook: it has no nbformat and cells"],
    [
      file("python.ipynb", notebookText({ ...notebookOf("1"), metadata: python })),
      "python.ipynb: is a notebook in python, expected TypeScript",
    ],
    ["absent.ipynb", "absent.ipynb: no such file"],
    ["folder", "folder: is no regular file"],
  ])("%s is one clear error, and nothing is written", (name, message) => {
    for (const command of ["run", "html"]) {
      const { status, stdout, stderr } = shapleyModes(["notebook", command, name, "--out", "out"]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(/^error: .*\n$/);
      expect(stderr).toContain(message);
    }
    expect(readdirSync(folder)).not.toContain("out");
  });
});

describe("an output that can not be written, and wrong parameters", () => {
  it.each([
    [["--out", "folder"], "folder: is a folder, a file was expected"],
    [["--out", "good.ipynb/x"], "good.ipynb/x: can not be written"],
    [["--out", "good.ipynb"], "good.ipynb: is an input of this run, so it is not replaced; choose another name"],
    [["--out", "/dev/null"], "/dev/null: is no ordinary file"],
    [["--out", "out", "--set", "sede=2"], 'invalid parameter; expected one of seed; received "sede"'],
    [["--out", "out", "--set", "seed=two"], 'invalid seed; expected a number; received "two"'],
  ])("%j is one clear error before anything runs", (options, message) => {
    const { status, stderr } = shapleyModes(["notebook", "run", good, ...options]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stderr).toContain(message);
    expect(readdirSync(folder)).not.toContain("out");
  });
});

describe("notebook run, stopped by Ctrl-C", () => {
  it("keeps what was executed so far, and says where", async () => {
    const long = file("long.ipynb", notebookText(notebookOf("6 * 7", "await new Promise(() => {})", "1")));
    const main = join(packageRoot, "dist", "cli", "main.js");
    const child = spawn(process.execPath, [main, "notebook", "run", long, "--out", "partial.ipynb"], { cwd: folder });
    let stderr = "";
    child.stderr.on("data", (data) => {
      const begun = stderr.includes("cell 1/3 done");
      stderr += data;
      if (!begun && stderr.includes("cell 1/3 done")) child.kill("SIGINT");
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(130);
    expect(stderr).toContain("long.ipynb: the notebook up to there is in partial.ipynb\n");
    const { cells } = JSON.parse(readFileSync(join(folder, "partial.ipynb"), "utf8"));
    expect(cells.map(({ outputs }: { outputs: unknown[] }) => outputs)).toMatchObject([
      [{ data: { "text/plain": ["42"] } }],
      [{ output_type: "error", ename: "Stopped" }],
      [],
    ]);
  });
});

describe("notebook html", () => {
  it("of a notebook that was never run says so on stderr and in the page, named after the file", () => {
    const { status, stderr } = shapleyModes(["notebook", "html", good, "--out", "page.html", "--code", "folded"]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^good\.ipynb: This notebook was never run/);
    const html = readFileSync(join(folder, "page.html"), "utf8");
    expect(html).toContain("This notebook was never run");
    expect(html).toContain("<title>good</title>");
    expect(html).not.toContain('<details class="code" open>');
  });

  it("refuses a word for --code that it does not know", () => {
    expect(shapleyModes(["notebook", "html", good, "--out", "out", "--code", "hidden"]).stderr).toBe(
      'error: invalid code; expected one of shown, folded; received "hidden"\n',
    );
  });
});

describe("without Jupyter, or with a kernel that was moved", () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  const home = {
    HOME: folder,
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_PATH: "",
    VIRTUAL_ENV: "",
    CONDA_PREFIX: "",
  };
  const kernelOf = (report: string) =>
    (JSON.parse(report) as { findings: { part: string; state: string; detail: string }[] }).findings.filter(
      ({ part }) => part.startsWith("Jupyter"),
    );

  it("doctor says what is absent and what that costs, and does not fail", () => {
    const { status, stdout } = shapleyModes(["doctor", "--json"], { ...home, PATH: bin });
    expect(status).toBe(0);
    expect(kernelOf(stdout)).toMatchObject([
      { state: "absent", detail: expect.stringContaining("notebooks run from the command line only") },
      { state: "absent", detail: expect.stringContaining("npx shapley-modes kernel install") },
    ]);
  });

  it("the kernel is installed all the same, with a remark", () => {
    const { status, stderr } = shapleyModes(["kernel", "install", "--prefix", "env"], { ...home, PATH: bin });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: "Jupyter itself was not found (pip install jupyterlab)\n",
    });
  });

  it("doctor finds a kernel whose package was moved, and says what mends it", () => {
    const prefix = join(folder, "venv");
    const spec = join(installKernel({ prefix }), "kernel.json");
    writeFileSync(spec, readFileSync(spec, "utf8").replace(packageRoot, "/old/place"));
    const { status, stdout } = shapleyModes(["doctor", "--json"], { ...home, VIRTUAL_ENV: prefix });
    expect(status).toBe(0);
    const [, kernel] = kernelOf(stdout);
    expect(kernel.state).toBe("broken");
    expect(kernel.detail).toContain("/old/place/kernels/shapley-modes/launch.cjs, which does not exist");
    expect(kernel.detail).toContain(`npx shapley-modes kernel install --prefix ${prefix}`);
  });
});
