import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../src/package.js";

/** What the script says where npm answers this, and ends with that exit code. */
function audit(answer: string, code: number) {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  writeFileSync(join(folder, "answer"), answer);
  writeFileSync(join(folder, "npm"), `#!/bin/sh\ncat "${join(folder, "answer")}"\nexit ${code}\n`);
  chmodSync(join(folder, "npm"), 0o755);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const script = join(packageRoot, "scripts", "audit.mjs");
  const { status, stdout } = spawnSync(process.execPath, [script], { encoding: "utf8", env });
  return { status, stdout };
}

const counts = (high: number, low: number) => ({
  metadata: { vulnerabilities: { info: 0, low, moderate: 0, high, critical: 0, total: high + low } },
});

describe.skipIf(process.platform === "win32")("scripts/audit.mjs", () => {
  it("fails on a vulnerability of level high, and names it", () => {
    const vulnerabilities = {
      request: { name: "request", severity: "high", range: "*" },
      qs: { name: "qs", severity: "low", range: "<7" },
    };
    const { status, stdout } = audit(JSON.stringify({ vulnerabilities, ...counts(1, 1) }), 1);
    expect(status).toBe(1);
    expect(stdout).toBe("npm audit: request *: high\nnpm audit: 1 high or critical, 1 below that\n");
  });

  it("does not fail on lower ones", () => {
    const { status, stdout } = audit(JSON.stringify({ vulnerabilities: {}, ...counts(0, 2) }), 1);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "npm audit: 0 high or critical, 2 below that\n" });
  });

  it.each([
    ['{"message":"405 Method Not Allowed"}', "405 Method Not Allowed"],
    ["", "no answer"],
  ])("says in one line that the registry does not answer (%s)", (answer, said) => {
    const { status, stdout } = audit(answer, 1);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `npm audit: left out, the registry does not answer (${said})\n`,
    });
  });
});
