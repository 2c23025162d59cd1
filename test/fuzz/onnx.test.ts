import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { networkGame } from "../../src/lesion/network-game.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { fuzz, fuzzSeed, fuzzTimes } from "./fuzz.js";
import { onnxCases } from "./onnx.js";

const folder = mkdtempSync(join(tmpdir(), "fuzz-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a file gives for x = [1, 2, 3] with all of its first site intact. */
async function valuesOf(path: string): Promise<readonly number[]> {
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
}

describe.skipIf(!onnxRuntime)("loadOnnx", () => {
  it("reads or refuses each hostile file in one line", { timeout: 600_000 * fuzzTimes }, async () => {
    const counts = await fuzz("onnx", onnxCases(fuzzSeed, 400 * fuzzTimes), async ({ bytes, files = {}, expected }) => {
      const path = join(folder, "a.onnx");
      writeFileSync(path, bytes);
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
      const values = await valuesOf(path);
      if (expected === "read") expect(values.join()).toBe("22,28");
    });
    expect(counts.read).toBeGreaterThan(50);
    expect(counts.refused).toBeGreaterThan(200);
  });
});
