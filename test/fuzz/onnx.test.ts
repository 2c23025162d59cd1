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

/** What a user sees of a file: what it gives for x = [1, 2, 3] with all of its first site intact, or one line. */
async function outcomeOf(path: string): Promise<readonly number[] | Error> {
  try {
    const network = await loadOnnx(path);
    const [site] = network.sites;
    if (!site) return [];
    const inputs = network.inputs.map(({ name, shape }) => {
      const count = shape.reduce((product, length) => product * length, 1);
      return [name, Float32Array.from({ length: count }, (_, i) => i + 1)];
    });
    const game = await networkGame(network, Object.fromEntries(inputs), { sites: [site.name] });
    const values = await game.evaluate(coalitionsOf(game.units.length, [[...game.units.keys()]]));
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
        const outcome = await outcomeOf(path);
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
