import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stoppingRecord } from "../../src/estimators/stopping/record.js";
import { loadModes } from "../../src/modes/save.js";
import { packageRoot } from "../../src/package.js";

const main = join(packageRoot, "dist", "cli", "main.js");
const network = join(packageRoot, "data", "checkpoints", "mlp", "l2-50-0.safetensors");
const folder = mkdtempSync(join(tmpdir(), "cli-until-"));
const analyse = (...more: string[]) =>
  spawnSync(
    process.execPath,
    [main, "analyse", "--network", network, "--inputs", "mnist-test:0-255", "--out", "modes.npz", ...more],
    { encoding: "utf8", cwd: folder },
  );

describe("analyse --until", () => {
  it("stops at the same place with one and two workers, and says why", () => {
    const run = (workers: string) =>
      analyse(
        "--estimator",
        "antithetic",
        "--until",
        "relative-error=0.2,top=2",
        "--until",
        "indifference=0.01",
        "--workers",
        workers,
        "--summary",
        "summary.json",
      );
    const one = run("1");
    expect(one.status).toBe(0);
    expect(one.stdout).toMatch(
      /stopped as asked for; relative error 0\.[\d]+, goal 0\.2; overlap of the first by size and the rest .*, goal 1\n/,
    );
    const bytes = readFileSync(join(folder, "modes.npz"));
    const record = stoppingRecord(loadModes(join(folder, "modes.npz")).provenance);
    expect(record).toMatchObject({ stopped: "met", asked: { relativeError: 0.2, top: 2, indifference: 0.01 } });
    const summary = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
    expect(summary.provenance.until).toMatchObject({ missed: [], stopped: "met" });
    expect(run("2").status).toBe(0);
    expect(readFileSync(join(folder, "modes.npz")).equals(bytes)).toBe(true);
  });

  it("goes to its budget where the goal is out of reach, and says so on stderr", () => {
    const { status, stderr, stdout } = analyse("--until", "standard-error=1e-6", "--orderings", "40");
    expect(status).toBe(3);
    expect(stderr).toContain("a goal was missed: largest standard error");
    expect(stderr).toMatch(
      /error: less precise than asked for: largest standard error 0\.\d+, goal 0\.000001 \(what there is is in modes\.npz\)\n$/,
    );
    expect(loadModes(join(folder, "modes.npz")).provenance.until).toMatchObject({ missed: ["standardError"] });
    expect(stdout).toMatch(
      /stopped at the budget of orderings; largest standard error 0\.\d+, goal 0\.000001 \(missed\)/,
    );
  });
});
