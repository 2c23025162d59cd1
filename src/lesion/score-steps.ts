import type { Steps } from "../pace.js";
import { type DenseParts, logitParts } from "./dense-walk.js";
import type { AnyScore } from "./output-score.js";
import { isScoreName, scoreOf } from "./scores.js";
import { softmaxParts } from "./softmax-parts.js";
import { wasmSoftmaxWalk } from "./wasm-softmax-walk.js";

/** v(S) while units come back one by one. */
export interface ScoreSteps {
  /** Lesions all units again but those that are always intact. */
  start(): void;
  /** Brings one unit of a layer back. */
  add(member: { readonly layer: number; readonly unit: number }): void;
  /** Writes v(S). */
  write(value: Float64Array): void;
}

/**
 * Steps without logits, of a score of the softmax behind one lesioned layer. Undefined for other scores, more layers,
 * logits too far apart for the terms of a softmax, and factors too large to keep: then the steps are those of the
 * logits.
 *
 * @param always by layer, the units that are intact in every coalition
 */
export function* softmaxSteps(
  score: AnyScore,
  parts: DenseParts,
  [always]: readonly (readonly number[])[],
): Steps<ScoreSteps | undefined> {
  if (parts.layers.length !== 1 || typeof score === "function" || !isScoreName(score)) return undefined;
  const { ofSoftmax } = scoreOf(score);
  const terms = ofSoftmax && softmaxParts(logitParts(parts), always, ofSoftmax.perInput, ofSoftmax.wanted);
  const walk = terms && (yield* wasmSoftmaxWalk(terms));
  return walk && { start: walk.reset, add: ({ unit }) => walk.add(unit), write: walk.write };
}
