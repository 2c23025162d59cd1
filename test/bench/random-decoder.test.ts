import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { writeRandomDecoder } from "../../src/bench/random-decoder.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { temporaryFolder } from "../helpers/folders.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

it("a decoder of random weights is sure of its tokens, and is the same for the same seed", async () => {
  const [one, again, other] = [1, 1, 2].map((seed, at) => {
    const place = join(folder, String(at));
    writeRandomDecoder(place, seed);
    return place;
  });
  const bytes = (place: string) => readFileSync(join(place, "model.safetensors"));
  expect(bytes(again).equals(bytes(one))).toBe(true);
  expect(bytes(other).equals(bytes(one))).toBe(false);
  const decoder = openDecoder(one, plainProducts());
  expect(decoder.units.experts.length).toBe(32);
  const sequences = Array.from({ length: 20 }, (_, s) => [s, 7 * s, 3]);
  const logits = await decoder.logits(sequences);
  const most = logits.map((row) => 1 / row.reduce((sum, logit) => sum + Math.exp(logit - Math.max(...row)), 0));
  // By lot the most probable of 256 tokens would have hardly more than 1/256.
  expect(most.reduce((sum, share) => sum + share, 0) / most.length).toBeGreaterThan(0.2);
});
