import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { saveDecoderOnnx } from "../../src/decoders/save-onnx.js";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
let count = 0;
const fresh = () => join(folder, String(count++));

/** What ONNX Runtime makes of sequences of one length, `[rows, tokens, vocabulary]`. */
async function computed(path: string, sequences: readonly number[][]): Promise<Float32Array> {
  const session = await InferenceSession.create(path);
  const dims = [sequences.length, sequences[0].length];
  const tokens = new Tensor("int64", BigInt64Array.from(sequences.flat().map(BigInt)), dims);
  const { logits } = await session.run({ tokens });
  return logits.data as Float32Array;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

describe("a decoder as an ONNX file", () => {
  it.each([
    ["mixtral", { sliding_window: 3 }],
    ["olmoe", { clip_qkv: 0.5 }],
    ["qwen3_moe", { mlp_only_layers: [1], norm_topk_prob: true, attention_bias: true }],
    ["qwen2_moe", {}],
    ["llama", { tie_word_embeddings: true, mlp_bias: true, rope_scaling: { type: "linear", factor: 2 } }],
    ["qwen3", {}],
  ])("has the same logits in ONNX Runtime: %s", async (kind, more) => {
    const [place, path] = [fresh(), `${fresh()}.onnx`];
    const config = tinyConfig(kind, more);
    writeCheckpoint(place, config, randomTensors(config, 3, "F16"), { dtype: "F16" });
    await saveDecoderOnnx(place, path, { tokens: 6 });
    const sequences = [
      [1, 2, 3, 4, 5, 6],
      [7, 7, 0, 10, 2, 9],
    ];
    const own = await openDecoder(place, plainProducts()).logits(sequences, { all: true });
    const found = await computed(path, sequences);
    expect(largestDifference(found, Float32Array.of(...own[0], ...own[1]))).toBeLessThan(1e-5);
  });

  it("of the small trained decoder has the logits that are computed here", async () => {
    const [place, path] = [join(packageRoot, "data", "checkpoints", "experts", "experts-1"), `${fresh()}.onnx`];
    await saveDecoderOnnx(place, path, { tokens: 24 });
    const decoder = openDecoder(place, plainProducts());
    const tokens = decoder.tokenizer!.encode("Capital of France? Paris").slice(0, 24);
    const [own] = await decoder.logits([tokens], { all: true });
    expect(largestDifference(await computed(path, [tokens]), own)).toBeLessThan(1e-4);
  });

  it("does not replace a file of the checkpoint", async () => {
    const place = fresh();
    const config = tinyConfig("mixtral");
    writeCheckpoint(place, config, randomTensors(config, 2));
    symlinkSync(join(place, "model.safetensors"), join(folder, "link.onnx"));
    for (const path of [join(place, "model.safetensors"), join(place, "config.json"), join(folder, "link.onnx")]) {
      await expect(saveDecoderOnnx(place, path, { tokens: 3 })).rejects.toThrow(
        /is (a file of the checkpoint|an input)/,
      );
    }
    expect(openDecoder(place, plainProducts()).config.layers).toBe(2);
    await saveDecoderOnnx(place, join(place, "decoder.onnx"), { tokens: 3 });
  });

  it("is refused for more tokens than it has positions", async () => {
    const place = fresh();
    const config = tinyConfig("mixtral");
    writeCheckpoint(place, config, randomTensors(config, 3));
    await expect(saveDecoderOnnx(place, fresh(), { tokens: 65 })).rejects.toThrow(
      "invalid tokens; expected at most 64",
    );
    await expect(saveDecoderOnnx(place, fresh(), {} as never)).rejects.toThrow("invalid tokens");
    await expect(saveDecoderOnnx(join(folder, "nowhere"), fresh(), { tokens: 1 })).rejects.toThrow("no such folder");
  });
});
