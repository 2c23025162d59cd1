import type { DecoderRecipe } from "../../decoders/training/recipe.js";
import { byteVocabulary } from "./lessons.js";

/** What the small decoders have in common. */
const common = {
  steps: 5500,
  sequences: 16,
  length: 128,
  learningRate: 3e-3,
  lastShare: 0.05,
  warmUp: 100,
  betas: [0.9, 0.99],
  decay: 0.01,
  clip: 1,
  balance: 0.01,
} as const;
const shape = {
  vocabulary: byteVocabulary.size,
  width: 128,
  layers: 4,
  heads: 4,
  keyHeads: 2,
  base: 10_000,
  epsilon: 1e-6,
} as const;

/**
 * Two small decoders of bytes. `experts`: eight experts a layer, of which a token goes to two; 1.81 million weights,
 * 0.63 million of them active for a token. `dense`: one feed-forward network a layer that is as wide as two experts, so
 * that as many weights are active.
 */
export const decoderRecipes = {
  experts: { ...common, shape: { ...shape, hidden: 128, experts: { count: 8, perToken: 2 } } },
  dense: { ...common, shape: { ...shape, hidden: 256, experts: undefined } },
} as const satisfies Record<string, DecoderRecipe>;
