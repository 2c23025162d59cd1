import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadInputs } from "../../../src/datasets/inputs.js";
import {
  checkpoint,
  checkpointFolder,
  checkpointKey,
  listCheckpoints,
  readRegister,
} from "../../../src/networks/mlp/checkpoints.js";
import { accuracy } from "../../../src/networks/mlp/forward.js";
import { widthsText } from "../../../src/networks/mlp/mlp.js";
import { regularisers } from "../../../src/networks/mlp/regulariser.js";

describe("the checkpoints of this package", () => {
  test("are all widths of the paper for each regulariser, three trials of 10, 50, 105 and 200, in order", () => {
    const widths = Array.from({ length: 40 }, (_, i) => 5 * (i + 1));
    const trials = (width: number) => ([10, 50, 105, 200].includes(width) ? [0, 1, 2] : [0]);
    const expected = regularisers.flatMap((regulariser) =>
      widths.flatMap((width) => trials(width).map((trial) => checkpointKey({ regulariser, width, trial }))),
    );
    expect(listCheckpoints().map((c) => checkpointKey({ ...c, trial: c.seed }))).toEqual(expected);
  });

  test("load, are the registered files, and classify as well as their metrics say", async () => {
    const inputs = loadInputs("mnist-test");
    for (const { width, regulariser, seed, testAccuracy, sha256 } of listCheckpoints()) {
      const mlp = await checkpoint({ width, regulariser, trial: seed });
      expect([widthsText(mlp), mlp.sha256]).toEqual([`784-${width}-10`, sha256]);
      // Another backend may round a logit differently, and with it an image or two that the network can not tell.
      expect(Math.abs((await accuracy(mlp, inputs)) - testAccuracy)).toBeLessThanOrEqual(2e-4);
      expect(testAccuracy).toBeGreaterThan(width === 5 ? 0.87 : width === 10 ? 0.91 : 0.93);
    }
  });

  test("state their recipe, and nothing that differs between equal runs", () => {
    const text = readFileSync(join(checkpointFolder, "metrics.json"), "utf8");
    expect(readRegister(checkpointFolder)!.recipe).toMatchObject({ epochs: 6, batchSize: 64, learningRate: 0.01 });
    expect(text).not.toMatch(/"(date|seconds|path|host)"|\d{4}-\d\d-\d\d|\/(home|work|tmp)\//);
  });
});

describe("checkpoint", () => {
  test("refuses one that there is not, and says which there are", async () => {
    await expect(checkpoint({ width: 11, regulariser: "l1", trial: 0 })).rejects.toThrow(
      /^invalid checkpoint; expected one of those in .*\(regularisers l1, l2, none; widths 5, 10, 15, .*, 195, 200; trials 0, 1, 2\); received "l1-11-0"$/,
    );
  });

  test("refuses a file that is not the registered one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
    try {
      copyFileSync(join(checkpointFolder, "metrics.json"), join(folder, "metrics.json"));
      copyFileSync(join(checkpointFolder, "l1-10-1.safetensors"), join(folder, "l1-10-0.safetensors"));
      const [name, other] = [0, 2].map((trial) => ({ width: 10, regulariser: "l1" as const, trial }));
      await expect(checkpoint(name, folder)).rejects.toThrow(
        /l1-10-0.safetensors: has sha256 .*; metrics.json expects/,
      );
      await expect(checkpoint(other, folder)).rejects.toThrow("l1-10-2.safetensors: no such file");
      writeFileSync(join(folder, "metrics.json"), "{");
      await expect(checkpoint(name, folder)).rejects.toThrow("is not a register of checkpoints");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("knows none in a folder without a register", () => {
    expect(listCheckpoints(join(checkpointFolder, "absent"))).toEqual([]);
  });
});
