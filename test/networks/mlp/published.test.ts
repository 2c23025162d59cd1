import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadInputs } from "../../../src/datasets/inputs.js";
import { FileError } from "../../../src/errors.js";
import { loadMlp } from "../../../src/networks/mlp/file.js";
import { accuracy } from "../../../src/networks/mlp/forward.js";
import { widthsText } from "../../../src/networks/mlp/mlp.js";
import { publishedNetworks } from "../../../src/networks/mlp/msa-xai-folder.js";
import { packageRoot } from "../../../src/package.js";

const places = [process.env.MSA_XAI_DIR, join(packageRoot, "..", "shared", "reference", "msa-xai")];
const published = places.find((place) => place !== undefined && existsSync(join(place, "MLP", "models")));
if (!published) console.log("left out: the published networks (set MSA_XAI_DIR to a copy of MSA-XAI to test them)");

describe("publishedNetworks", () => {
  test("lists what is there by regulariser, width and trial, as numbers sort", () => {
    const folder = mkdtempSync(join(tmpdir(), "published-"));
    try {
      for (const file of [
        "none regularization/10/trial_0",
        "l1 regularization/100/trial_10",
        "l1 regularization/100/trial_2",
        "l1 regularization/50/trial_0",
      ]) {
        const path = join(folder, "MLP", "models", `${file}.pt`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, "");
        writeFileSync(join(dirname(path), "notes.txt"), "");
      }
      expect(publishedNetworks(folder).map(({ regulariser, width, trial }) => [regulariser, width, trial])).toEqual([
        ["l1", 50, 0],
        ["l1", 100, 2],
        ["l1", 100, 10],
        ["none", 10, 0],
      ]);
      expect(publishedNetworks(folder).every(({ path }) => existsSync(path))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("says so where there are none", () => {
    expect(() => publishedNetworks("nowhere")).toThrow(FileError);
    expect(() => publishedNetworks("nowhere")).toThrow("nowhere: holds no published networks");
  });

  test.runIf(published)("the published networks load and read digits", async () => {
    const networks = publishedNetworks(published!);
    const inputs = loadInputs("mnist-test");
    expect(networks.length).toBeGreaterThanOrEqual(45);
    for (const { path, width } of networks) {
      const mlp = await loadMlp(path);
      expect([widthsText(mlp), mlp.negativeSlopes]).toEqual([`784-${width}-10`, [0.01]]);
      const found = await accuracy(mlp, inputs);
      expect(found, path).toBeGreaterThan(width < 50 ? 0.8 : 0.93);
      expect(found, path).toBeLessThan(0.98);
    }
  });
});
