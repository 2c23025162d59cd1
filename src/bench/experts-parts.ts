import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Decoder } from "../decoders/decoder.js";
import { loadDecoder } from "../decoders/load-decoder.js";
import { saveDecoder } from "../decoders/training/save-decoder.js";
import { type TrainableShape, weightShapes } from "../decoders/training/shape.js";
import { initialWeights } from "../decoders/training/state.js";
import { arithmeticQuestions } from "../experiments/experts/arithmetic.js";
import { byteVocabulary } from "../experiments/experts/lessons.js";
import { decoderRecipes } from "../experiments/experts/recipes.js";
import { shapeSize } from "../shape-size.js";

/** What is measured. */
export const expertsCase =
  "a decoder of bytes with 32 experts (4 layers, 8 each, of which a token goes to 2), weights by lot, float16, one core";

/**
 * Does something with a decoder of the size of those that are trained here, whose weights are by lot: how fast it is
 * does not depend on them.
 */
export async function withDecoder<Result>(use: (decoder: Decoder) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "shapley-modes-decoder-"));
  try {
    const { shape } = decoderRecipes.experts;
    saveDecoder(folder, shape, tensorsByLot(shape), { positions: 2048, begin: byteVocabulary.begin });
    return await use(await loadDecoder(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of some additions with their sums, such as stand in front of a question to show what is asked. */
export function solvedQuestions(count: number): string {
  return arithmeticQuestions("addition")
    .filter((_, i) => i % 1201 === 1200)
    .slice(0, count)
    .map(({ prompt, answer }) => `${prompt}${answer}\n`)
    .join("");
}

function tensorsByLot(shape: TrainableShape) {
  const weights = initialWeights(shape, 1);
  let from = 0;
  return new Map(
    weightShapes(shape).map(({ name, shape: own }) => {
      const data = weights.subarray(from, (from += shapeSize(own)));
      return [name, { shape: own, data }] as const;
    }),
  );
}
