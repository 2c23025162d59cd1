import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { FileError } from "../../src/errors.js";
import { networkGame } from "../../src/lesion/network-game.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { onnxRuntime } from "../networks/onnx/runtime-there.js";
import { type OnnxCase, onnxCases } from "./onnx.js";

/** What a user sees of a file: the values of y = x w, or one line. */
async function outcomeOf(path: string, { expected }: OnnxCase): Promise<readonly number[] | Error> {
  try {
    const network = await loadOnnx(path);
    if (expected !== "read") return [];
    const game = await networkGame(network, Float32Array.of(1, 2, 3), { sites: ["input"] });
    const values = await game.evaluate(coalitionsOf(3, [[0, 1, 2]]));
    game.dispose();
    return Array.from(values);
  } catch (error) {
    return error as Error;
  }
}

function problemOf(expected: OnnxCase["expected"], outcome: readonly number[] | Error): string | undefined {
  if (!(outcome instanceof Error)) {
    if (expected === "refused") return "was read";
    return expected === "read" && outcome.join() !== "22,28" ? `gave ${outcome}` : undefined;
  }
  if (expected === "read") return `was refused: ${outcome.message}`;
  const oneLine = outcome instanceof FileError || /^invalid [^;]+; expected .+; received /.test(outcome.message);
  return oneLine && /^[^\n]{1,900}$/.test(outcome.message) ? undefined : `${outcome.stack}`;
}

describe.skipIf(!onnxRuntime)("loadOnnx", () => {
  it("reads or refuses each hostile file in one line", { timeout: 600_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "onnx-fuzz-"));
    const counts = { read: 0, refused: 0 };
    const problems: string[] = [];
    try {
      for await (const one of onnxCases(10, 400)) {
        const path = join(folder, "a.onnx");
        writeFileSync(path, one.bytes);
        for (const [file, content] of Object.entries(one.files ?? {})) writeFileSync(join(folder, file), content);
        const outcome = await outcomeOf(path, one);
        counts[outcome instanceof Error ? "refused" : "read"]++;
        const problem = problemOf(one.expected, outcome);
        if (problem) problems.push(`${one.name}: ${problem}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(problems).toEqual([]);
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(200);
  });
});
