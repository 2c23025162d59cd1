import { invalid } from "../errors.js";
import { type SignalOption, signalOf } from "../options.js";
import { paced, type Steps } from "../pace.js";
import type { ExpertsConfig } from "./config.js";
import { batches, checkedSequences, type Decoder, decoderParts, usualTokensAtOnce } from "./decoder.js";
import { expertMemory } from "./expert-layer.js";
import { addAttention, addFeedForward, wholePassage } from "./forward.js";
import { rmsNorm } from "./parts.js";
import { route } from "./router.js";
import { decoderLesions } from "./units.js";

/** What experts do on some text, without a lesion: one number for each of `units`. */
export interface ExpertMeasures {
  /** `L0/E0`, `L0/E1`, ... */
  readonly units: readonly string[];
  /** Share of the tokens that the router sends to the expert. */
  readonly frequency: Float64Array;
  /**
   * Mean over these tokens of the gate times the Euclidean norm of what the expert makes; 0 without tokens (REAP: Lasby
   * et al. 2025).
   */
  readonly gatedNorm: Float64Array;
  /** Mean over these tokens of the norm alone; 0 without tokens. */
  readonly norm: Float64Array;
  /** Tokens that went through the decoder. */
  readonly tokens: number;
}

/**
 * How often the router picks each expert, and how much each then adds, on some sequences: the usual measures by which
 * experts are pruned.
 *
 * @param sequences token ids, as for `decoder.logits`
 * @throws TypeError for what is no decoder; RangeError for a decoder without experts, and no sequences; as
 *   `decoder.logits` for what are none
 * @example
 * const decoder = await loadDecoder("checkpoint");
 * const measures = await expertMeasures(decoder, [[256, 52, 55, 43, 51, 56, 61]]);
 * measures.frequency; // one for each of measures.units
 */
export async function expertMeasures(
  decoder: Decoder,
  sequences: readonly (readonly number[])[],
  options: SignalOption = {},
): Promise<ExpertMeasures> {
  const signal = signalOf("expertMeasures", options);
  const parts = decoderParts(decoder);
  const { config, weights, products } = parts;
  const units = decoder.units.experts;
  if (units.length === 0) throw invalid("decoder", "one with experts", config.kind);
  if (!Array.isArray(sequences) || sequences.length === 0) throw invalid("sequences", "at least one", sequences);
  const own = checkedSequences(config, sequences, 0);
  const longest = Math.max(...own.map(({ length }) => length));
  const [visits, gated, norms] = [0, 1, 2].map(() => new Float64Array(units.length));
  let tokens = 0;

  const work = function* (): Steps<void> {
    const intact = decoderLesions(config);
    const experts = config.experts as ExpertsConfig;
    for (const some of batches(own, ({ length }) => length, parts.streaming?.tokensAtOnce ?? usualTokensAtOnce)) {
      const passage = wholePassage(config, some);
      const vectors = weights.embeddings(passage.tokens);
      tokens += passage.tokens.length;
      let first = 0;
      for (let l = 0; l < config.layers; l++) {
        const layer = weights.layers[l];
        yield* addAttention(parts, l, vectors, passage, parts.table(longest), intact);
        if (!layer.experts) {
          yield* addFeedForward(parts, l, vectors, intact);
          continue;
        }
        const before = rmsNorm(vectors, layer.feedForwardNorm, config.epsilon);
        const memory = expertMemory(experts, passage.tokens.length, config.width);
        yield* addFeedForward(parts, l, vectors, intact, memory);
        const logits = products.multiply(before, passage.tokens.length, layer.experts.router);
        const gates = passage.tokens.map((_, row) =>
          route(logits, row * experts.count, experts, intact.layers[l].experts, "silence"),
        );
        memory.experts.forEach((e, slot) => {
          const { experts: picked, gates: own } = gates[Math.floor(slot / experts.perToken)];
          const norm = Math.hypot(...memory.made.subarray(slot * config.width, (slot + 1) * config.width));
          visits[first + e]++;
          norms[first + e] += norm;
          gated[first + e] += norm * own[picked.indexOf(e)];
        });
        first += experts.count;
      }
    }
  };
  await paced(work(), signal);
  const unknown = norms.findIndex((norm) => !Number.isFinite(norm));
  if (unknown >= 0) {
    const rule = "finite: there are NaN or infinite ones among the weights, or what is computed from them overflows";
    throw invalid(`norm of ${units[unknown]}`, rule, norms[unknown]);
  }
  const mean = (sums: Float64Array) => sums.map((sum, e) => (visits[e] === 0 ? 0 : sum / visits[e]));
  return { units, frequency: visits.map((count) => count / tokens), gatedNorm: mean(gated), norm: mean(norms), tokens };
}
