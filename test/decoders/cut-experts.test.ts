import fs, { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { cutExperts } from "../../src/decoders/cut-experts.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import type { RetainedExperts } from "../../src/decoders/retained-experts.js";
import { saveDecoderOnnx } from "../../src/decoders/save-onnx.js";
import { temporaryFolder } from "../helpers/folders.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
let count = 0;
const fresh = () => join(folder, String(count++));

function written(kind: string, { shards = 1, ...more }: Record<string, unknown> = {}): string {
  const place = fresh();
  const config = tinyConfig(kind, { num_hidden_layers: 3, ...more });
  const options = { dtype: "BF16" as const, shards: shards as number };
  writeCheckpoint(place, config, randomTensors(config, 7, "BF16"), options);
  return place;
}
const open = (place: string) => openDecoder(place, plainProducts());
const sequences = [[1, 2, 3, 4, 5, 6, 7], [9], [8, 8, 2]];

describe("a checkpoint without some of its experts", () => {
  it.each([
    ["mixtral", { shards: 3 }, { 0: [3, 1], 1: [0, 1], 2: [2, 3] }],
    ["olmoe", {}, { 0: [0, 1, 3], 1: [1, 2, 3], 2: [0, 1, 2] }],
    ["qwen2_moe", { mlp_only_layers: [1] }, { 0: [1, 2], 2: [0, 3] }],
    ["qwen3_moe", { shards: 2 }, { 0: [0, 2, 3], 1: [0, 2, 1], 2: [1, 2, 3] }],
  ])("has the logits of the whole one with the others rerouted: %s", async (kind, more, layers) => {
    const [from, to] = [written(kind, more), fresh()];
    const result = await cutExperts(from, { layers } as RetainedExperts, to);
    const [whole, smaller] = [open(from), open(to)];
    const lesioned = Object.entries(layers).flatMap(([l, kept]) =>
      [0, 1, 2, 3].filter((e) => !(kept as number[]).includes(e)).map((e) => `L${l}/E${e}`),
    );
    const expected = await whole.logits(sequences, { lesioned, lesion: "reroute", all: true });
    expect(await smaller.logits(sequences, { all: true })).toEqual(expected);
    expect(await whole.logits(sequences, { all: true })).not.toEqual(expected);
    const after = Object.values(layers)[0].length;
    expect(result.experts).toEqual({ before: 4, after });
    expect(smaller.config).toEqual({ ...whole.config, experts: { ...whole.config.experts, count: after } });
    const gone = whole.weightBytes - smaller.weightBytes;
    expect(gone).toBeGreaterThan(0);
    expect(result.bytes.before - result.bytes.after).toBe(gone);
    const sizes = readdirSync(to).filter((name) => name.endsWith(".safetensors"));
    expect(sizes).toHaveLength((more as { shards?: number }).shards ?? 1);
    expect(sizes.reduce((sum, name) => sum + statSync(join(to, name)).size, 0)).toBeGreaterThan(result.bytes.after);
  });

  it("that keeps all is the same one; a list may be in a file; other files are there again", async () => {
    const [from, to] = [written("mixtral"), fresh()];
    const list = join(folder, "retained.json");
    writeFileSync(list, JSON.stringify({ layers: {} }));
    writeFileSync(join(from, "tokenizer_config.json"), '{"a": 1}');
    writeFileSync(join(from, "LICENSE.txt"), "terms");
    const { bytes } = await cutExperts(from, list, to);
    expect(bytes.after).toBe(bytes.before);
    expect(await open(to).logits(sequences)).toEqual(await open(from).logits(sequences));
    expect(readFileSync(join(to, "tokenizer_config.json"), "utf8")).toBe('{"a": 1}');
    expect(readFileSync(join(to, "LICENSE.txt"), "utf8")).toBe("terms");
  });

  it.each([
    [
      { 0: [0, 1], 1: [0, 1], 2: [0, 1, 2] },
      "as many experts in every layer: config.json has one number for all of them",
    ],
    [{ 0: [0, 1] }, 'received "2 in layer 0, 4 in layer 1, 4 in layer 2"'],
    [
      { 0: [0], 1: [0], 2: [0] },
      "invalid retained experts of layer 0; expected at least 2, since a token goes to so many",
    ],
    [{ 0: [0, 4], 1: [0, 1], 2: [0, 1] }, 'a list of different experts, from 0 to 3; received "[0, 4]"'],
    [{ 0: [1, 1], 1: [0, 1], 2: [0, 1] }, "a list of different experts"],
    [{ 3: [0, 1] }, "invalid layer of retained; expected one of the layers with experts: 0, 1, 2"],
    [{ "01": [0, 1] }, "invalid layer of retained"],
    [{ 0: 2 }, "invalid retained experts of layer 0"],
    [[], "experts that stay by layer"],
  ])("is refused for %j, and nothing is written", async (layers, message) => {
    const [from, to] = [written("mixtral"), fresh()];
    await expect(cutExperts(from, { layers } as never, to)).rejects.toThrow(message);
    expect(() => statSync(to)).toThrow();
  });

  it.each([
    [new Map([[0, [0, 1]]]), "experts that stay by layer"],
    [Promise.resolve({}), "experts that stay by layer"],
    [{ 0: [0n, 1n] }, "retained experts of layer 0; expected a list of different experts"],
    [{ 0: ["0", "1"] }, "retained experts of layer 0; expected a list of different experts"],
    [{ 0: Uint8Array.of(0, 1) }, "retained experts of layer 0; expected a list of different experts"],
  ])("is refused for lists of another kind: %s", async (layers, message) => {
    const to = fresh();
    await expect(cutExperts(written("mixtral"), { layers } as never, to)).rejects.toThrow(message);
    expect(existsSync(to)).toBe(false);
  });

  it("has paths that are none refused, and what is no folder", async () => {
    const from = written("mixtral");
    for (const path of ["", "a\0b", 3]) {
      await expect(cutExperts(from, { layers: {} }, path as never)).rejects.toThrow("invalid to; expected the path");
      await expect(cutExperts(path as never, { layers: {} }, fresh())).rejects.toThrow(
        "invalid from; expected the path",
      );
      expect(() => open(path as never)).toThrow("invalid folder; expected the path of a checkpoint's folder");
      const onnx = { tokens: 4 };
      await expect(saveDecoderOnnx(from, path as never, onnx)).rejects.toThrow(
        "invalid path; expected the path of a file",
      );
      await expect(saveDecoderOnnx(path as never, fresh(), onnx)).rejects.toThrow("invalid from; expected the path");
    }
    const file = join(from, "config.json");
    await expect(cutExperts(file, { layers: {} }, fresh())).rejects.toThrow(
      "is no folder; expected that of a checkpoint",
    );
    await expect(saveDecoderOnnx(file, fresh(), { tokens: 4 })).rejects.toThrow("is no folder; expected that");
  });

  it("leaves nothing where the disk is too small, or a file can not be written", async () => {
    const from = written("mixtral", { shards: 2 });
    const above = fresh();
    const to = join(above, "on", "the way");
    const free = vi.spyOn(fs, "statfsSync").mockReturnValue({ bavail: 1, bsize: 512 } as never);
    syncBuiltinESMExports();
    try {
      await expect(cutExperts(from, { layers: {} }, to)).rejects.toThrow("MB on its disk, where 1 MB are free");
      expect(existsSync(above)).toBe(false);
    } finally {
      free.mockRestore();
      syncBuiltinESMExports();
    }
    // A file that is in the way is found when others are written already.
    mkdirSync(to, { recursive: true });
    writeFileSync(join(from, "LICENSE"), "terms");
    writeFileSync(join(to, "LICENSE"), "other terms");
    await expect(cutExperts(from, { layers: {} }, to)).rejects.toThrow("LICENSE: is there already");
    expect(readdirSync(to)).toEqual(["LICENSE"]);
    // Folders that were made for it go, too.
    mkdirSync(join(from, "NOTICE"));
    await cutExperts(from, { layers: {} }, join(above, "else"));
    expect(readdirSync(join(above, "else"))).not.toContain("NOTICE");
  });

  it("is not written over another one, nor of one without experts", async () => {
    const from = written("mixtral");
    await expect(cutExperts(from, { layers: {} }, from)).rejects.toThrow("config.json: is there already");
    const to = fresh();
    mkdirSync(to);
    writeFileSync(join(to, "model.safetensors"), "");
    await expect(cutExperts(from, { layers: {} }, to)).rejects.toThrow("model.safetensors: is there already");
    // A tokenizer of another checkpoint would be read as its own.
    for (const name of ["tokenizer.json", "special_tokens_map.json", "generation_config.json"]) {
      const foreign = fresh();
      mkdirSync(foreign);
      writeFileSync(join(foreign, name), "{}");
      await expect(cutExperts(from, { layers: {} }, foreign)).rejects.toThrow(`${name}: is there already`);
      expect(readdirSync(foreign)).toEqual([name]);
    }
    await expect(cutExperts(written("llama"), { layers: {} }, fresh())).rejects.toThrow("invalid checkpoint");
    await expect(cutExperts(join(folder, "nowhere"), { layers: {} }, fresh())).rejects.toThrow("no such folder");
    await expect(cutExperts(from, 1 as never, fresh())).rejects.toThrow("experts that stay by layer");
    await expect(cutExperts(from, { layers: {}, foo: 1 } as never, fresh())).rejects.toThrow(
      "invalid option of retained",
    );
    const file = fresh();
    writeFileSync(file, "");
    await expect(cutExperts(from, { layers: {} }, file)).rejects.toThrow("is a file; a checkpoint is a folder");
  });
});
