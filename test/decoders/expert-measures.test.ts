import { afterAll, describe, expect, it } from "vitest";
import type { Decoder } from "../../src/decoders/decoder.js";
import { expertMeasures } from "../../src/decoders/expert-measures.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { temporaryFolder } from "../helpers/folders.js";
import { randomTensors, type Tensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
let count = 0;

function decoderOf(kind: string, change: (tensors: Tensors) => void = () => {}): Decoder {
  const place = `${folder}/${count++}`;
  const config = tinyConfig(kind, { num_hidden_layers: 2 });
  const tensors = randomTensors(config, 4);
  change(tensors);
  writeCheckpoint(place, config, tensors);
  return openDecoder(place, plainProducts());
}
const sequences = [[1, 2, 3, 4], [5], [6, 7, 8, 1, 1]];
const scaled = (factor: number, part: RegExp) => (tensors: Tensors) => {
  for (const [name, { data }] of tensors)
    if (part.test(name)) data.forEach((value, i) => void (data[i] = value * factor));
};

describe("what experts do on some text", () => {
  it("adds up to as many experts a token as the router picks, in every layer", async () => {
    const decoder = decoderOf("mixtral");
    const { units, frequency, tokens, norm, gatedNorm } = await expertMeasures(decoder, sequences);
    expect(units).toEqual(decoder.units.experts);
    expect(tokens).toBe(10);
    for (const layer of ["L0", "L1"]) {
      const own = frequency.filter((_, u) => units[u].startsWith(`${layer}/`));
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(decoder.config.experts!.perToken, 12);
    }
    norm.forEach((value, u) => {
      expect(value > 0).toBe(frequency[u] > 0);
      expect(gatedNorm[u]).toBeLessThanOrEqual(value);
    });
  });

  it("with a router that has no preference sends all to the first experts, with equal gates", async () => {
    const { units, frequency, norm, gatedNorm } = await expertMeasures(
      decoderOf("mixtral", scaled(0, /block_sparse_moe\.gate/)),
      sequences,
    );
    units.forEach((unit, u) => {
      const picked = /E[01]$/.test(unit);
      expect(frequency[u]).toBe(picked ? 1 : 0);
      expect(gatedNorm[u]).toBeCloseTo(norm[u] / 2, 6);
    });
  });

  it("is proportional to what an expert makes", async () => {
    const before = await expertMeasures(decoderOf("mixtral"), sequences);
    const after = await expertMeasures(decoderOf("mixtral", scaled(3, /layers\.1\..*experts\.2\.w2/)), sequences);
    expect(after.frequency).toEqual(before.frequency);
    before.units.forEach((unit, u) => {
      const factor = unit === "L1/E2" ? 3 : 1;
      expect(after.norm[u]).toBeCloseTo(factor * before.norm[u], 5);
      expect(after.gatedNorm[u]).toBeCloseTo(factor * before.gatedNorm[u], 5);
    });
  });

  it("of weights that are no finite numbers are an error", async () => {
    const damaged = decoderOf("mixtral", (tensors) => {
      (tensors.get("model.layers.1.block_sparse_moe.experts.2.w2.weight") as { data: Float32Array }).data[0] =
        Number.NaN;
    });
    await expect(expertMeasures(damaged, sequences)).rejects.toThrow(/invalid norm of L1\/E2; expected finite/);
  });

  it("refuses a decoder without experts, and no text", async () => {
    await expect(expertMeasures(decoderOf("llama"), sequences)).rejects.toThrow(
      /invalid decoder; expected one with experts/,
    );
    await expect(expertMeasures(decoderOf("mixtral"), [])).rejects.toThrow(/invalid sequences; expected at least one/);
    await expect(expertMeasures(decoderOf("mixtral"), [[]])).rejects.toThrow(/invalid sequences\[0\]/);
    await expect(expertMeasures(decoderOf("mixtral"), [[1, -1]])).rejects.toThrow(/from 0 to/);
  });
});
