import type { Steps } from "../pace.js";
import type { GivenAnswers } from "./answers.js";
import type { DecoderParts } from "./forward.js";
import type { TurnTable } from "./rotation.js";
import type { Streaming } from "./streaming.js";
import { throughTogether } from "./together.js";
import type { DecoderLesions } from "./units.js";

/**
 * Adds to the sums of scores of several coalitions, `[coalitions, outputs]`, those of questions that are scored as they
 * stand: as many coalitions and passages together as the memory has room for.
 */
export function* addScoresTogether(
  parts: DecoderParts,
  streaming: Streaming,
  given: readonly GivenAnswers[],
  table: TurnTable,
  lesions: readonly DecoderLesions[],
  values: Float64Array,
): Steps<void> {
  if (given.length === 0 || lesions.length === 0) return;
  const outputs = values.length / lesions.length;
  const tokens = given.map(({ passage }) => passage.tokens.length);
  const atOnce = streaming.plan(tokens, lesions.length);
  for (let from = 0; from < lesions.length; from += atOnce.coalitions) {
    const own = lesions.slice(from, from + atOnce.coalitions);
    for (let first = 0; first < given.length; first += atOnce.passages) {
      const some = given.slice(first, first + atOnce.passages);
      const passages = some.map(({ passage }) => passage);
      for (const { passage, members, vectors } of yield* throughTogether(parts, passages, table, own)) {
        const scores = some[passage].scores(vectors);
        for (const member of members) {
          const c = from + member;
          some[passage].addScores(values.subarray(c * outputs, (c + 1) * outputs), scores);
        }
        yield;
      }
    }
  }
}
