import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadModes } from "../../src/modes/save.js";
import { packageRoot } from "../../src/package.js";

const main = join(packageRoot, "dist", "cli", "main.js");
const network = join(packageRoot, "data", "checkpoints", "mlp", "l2-10-0.safetensors");
const folder = mkdtempSync(join(tmpdir(), "streams-"));
const out = join(folder, "modes.npz");
const sites = `"${process.execPath}" "${main}" sites --network "${network}"`;
const analyse = `"${process.execPath}" "${main}" analyse --network "${network}" --inputs mnist-test:0-9 --orderings 4 --out "${out}"`;

/** A command as bash runs it; the exit code is that of our part of a pipe. */
function bash(command: string) {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `set -o pipefail; ${command}`], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe.skipIf(process.platform === "win32")("streams of the command line", () => {
  it.each([
    ["sites", `${sites} | true`],
    ["analyse", `${analyse} 2>/dev/null | true`],
    ["--help", `"${process.execPath}" "${main}" --help | true`],
  ])("that are closed end %s quietly", (_, command) => {
    expect(bash(command)).toEqual({ status: 141, stdout: "", stderr: "" });
  });

  it("that are read in part are no error", () => {
    const { status, stdout, stderr } = bash(`${sites} | head -n 1`);
    expect([0, 141]).toContain(status);
    expect(stdout).toContain("dense layers");
    expect(stderr).toBe("");
  });

  it.runIf(existsSync("/dev/full"))("on a full disk are one line and an error, and the file is whole", () => {
    for (const command of [`${sites} > /dev/full`, `${analyse} > /dev/full`]) {
      const { status, stderr } = bash(command);
      expect(status).toBe(1);
      expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/^error: stdout can not be written \(ENOSPC: /);
      expect(stderr).not.toContain("    at ");
    }
    expect(loadModes(out).units).toHaveLength(10);
  });

  it("that are closed from the start are no error", () => {
    expect(bash(`${sites} >&- 2>&-`).status).toBe(0);
  });

  it.each([24, 64])("and files are told in one line where no more than %i may be open", (most) => {
    const { status, stdout, stderr } = bash(`ulimit -n ${most}; ${sites}`);
    if (status === 0) return expect(stdout).toContain("dense layers");
    expect(stderr).toMatch(/^error: this process may open no more files \(`ulimit -n` .*EMFILE.*\n$/);
  });
});
