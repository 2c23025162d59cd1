import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.js";
import { packageRoot } from "../../src/package.js";

/** An entry point as a browser gets it: one module, in which nothing of Node is imported. */
async function bundled(entry: string): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(packageRoot, "dist", `${entry}.js`)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    metafile: true,
    logLevel: "silent",
  });
  return { text: outputFiles[0].text, inputs: Object.keys(metafile.inputs) };
}

describe("what runs in a browser", () => {
  test.each(["core", "figures"])("shapley-modes/%s bundles without anything of Node", async (entry) => {
    const { text, inputs } = await bundled(entry);
    expect(text).not.toMatch(/from\s*"node:|require\("node:/);
    expect(inputs.some((file) => file.endsWith("dist/estimators/registry.js"))).toBe(entry === "core");
  });

  test("the bundled core gives the numbers of the package, where there is no process", async () => {
    const { text } = await bundled("core");
    const folder = mkdtempSync(join(tmpdir(), "bundle-"));
    try {
      const file = join(folder, "core.mjs");
      // Node's global object, as a browser has none.
      writeFileSync(file, text.replaceAll("globalThis.process", "globalThis.noProcess"));
      const core = (await import(pathToFileURL(file).href)) as typeof import("../../src/core.js");
      const play = (intact: { readonly size: number; has(unit: string): boolean }) => [
        intact.size ** 2,
        intact.has("a") ? 3 : 0,
      ];
      for (const estimator of ["permutation", "antithetic", "exact", "leverage"] as const) {
        const options = estimator === "leverage" ? { estimator, evaluations: 30 } : { estimator, orderings: 20 };
        const units = ["a", "b", "c", "d", "e", "f", "g"];
        const there = await core.shapley(await core.gameFrom(units, play, { outputShape: [2] }), options);
        const here = await library.shapley(await library.gameFrom(units, play, { outputShape: [2] }), options);
        expect(there.values).toEqual(here.values);
        expect(there.standardErrors).toEqual(here.standardErrors);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
