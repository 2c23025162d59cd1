import { invalid, positiveInteger, wrongKind } from "../errors.js";
import { knownOptions, type OptionNames, type SignalOption, validSignal } from "../options.js";
import { paced, type Steps } from "../pace.js";
import type { BackendName } from "../tensors/backend.js";
import type { DecoderConfig } from "./config.js";
import { type DecoderParts, growingTable, lastRows, logitsOf, type Passage, through, wholePassage } from "./forward.js";
import { generated } from "./generate.js";
import type { TurnRounding, TurnTable } from "./rotation.js";
import { giveBack } from "./spare-arrays.js";
import { throughTogether } from "./together.js";
import { checkToken, type DecoderTokenizer, tokenList } from "./tokenizer.js";
import { type DecoderLesions, type DecoderUnits, decoderLesions, decoderUnits, type ExpertLesion } from "./units.js";

/** What is lesioned in a call. */
export interface DecoderLesionOptions extends SignalOption {
  /**
   * Names of units: experts `L1/E3`, shared experts `L1/shared`, dense feed-forward networks `L1/dense`, heads `L1/H2`,
   * layers `L1`; default none.
   */
  readonly lesioned?: readonly string[];
  /**
   * What a lesion of an expert means; default `silence`. Other units have one meaning: a head, a shared expert and a
   * dense feed-forward network add nothing, a layer is skipped.
   */
  readonly lesion?: ExpertLesion;
}

/** Options of `decoder.logits`. */
export interface DecoderLogitsOptions extends DecoderLesionOptions {
  /** Logits of every position in place of the last; default false. */
  readonly all?: boolean;
}

/** Options of `decoder.generate`. */
export interface DecoderGenerateOptions extends DecoderLesionOptions {
  /** Most new tokens of each sequence. */
  readonly newTokens: number;
  /**
   * Tokens behind which a sequence ends, before it has `newTokens`; default those that the checkpoint names; `[]` for
   * none.
   */
  readonly stop?: readonly number[];
}

const lesionNames: OptionNames<DecoderLesionOptions> = { lesioned: true, lesion: true, signal: true };
const logitsNames: OptionNames<DecoderLogitsOptions> = { ...lesionNames, all: true };
const generateNames: OptionNames<DecoderGenerateOptions> = { ...lesionNames, newTokens: true, stop: true };

/**
 * A decoder-only language model, read by `loadDecoder`. All numbers are float32; a sequence's do not depend on those it
 * is asked with.
 */
export interface Decoder {
  readonly config: DecoderConfig;
  readonly units: DecoderUnits;
  /**
   * Bytes of memory that the weights take: two a number where the file has F16 or BF16. Where they stay on the disk,
   * those of the largest part that is in memory at once.
   */
  readonly weightBytes: number;
  /**
   * The tokenizer of the folder's tokenizer.json; for a vocabulary of bytes, 256 to 260 tokens in a folder without that
   * file, text as bytes. Undefined where there is neither.
   */
  readonly tokenizer: DecoderTokenizer | undefined;
  /**
   * Logits of the token that follows.
   *
   * @param sequences token ids; sequences need not be equally long, and none is filled up
   * @returns one array a sequence: of its last position, `[vocabulary]`, or with `all` of every position,
   *   `[tokens, vocabulary]`
   * @throws TypeError, RangeError for no lists of tokens, an empty sequence, a token that is not in the vocabulary,
   *   more tokens than the decoder has positions, a unit that there is not (with the nearest names), and other options;
   *   the signal's reason once it is aborted
   */
  logits(sequences: readonly (readonly number[])[], options?: DecoderLogitsOptions): Promise<Float32Array[]>;
  /**
   * The most probable tokens one after the other (of equal ones the first), keys and values of earlier ones remembered:
   * the tokens that `logits` of the longer and longer sequence would give.
   *
   * @returns the new tokens of each sequence, a token that ends it included
   * @throws as `logits`; RangeError also where prompt and new tokens are more than the decoder has positions
   */
  generate(sequences: readonly (readonly number[])[], options: DecoderGenerateOptions): Promise<number[][]>;
  /** From where it was read, and how. */
  readonly source: {
    readonly folder: string;
    readonly turns: TurnRounding;
    readonly memory?: number;
    /**
     * The backend of TensorFlow.js that multiplies, and what provenance says of it; absent where this package's kernel
     * does.
     */
    readonly computing?: { readonly backend: BackendName; readonly label: string };
  };
  /**
   * Where the weights stay on the disk (`memory` of `loadDecoder`): bytes of them that were read so far. Undefined
   * where they are in memory.
   */
  readonly bytesRead: number | undefined;
  /** SHA-256 of the files of weights, one after the other by name; reads them again. */
  sha256(): string;
}

const partsOfDecoders = new WeakMap<Decoder, DecoderParts & { readonly table: (positions: number) => TurnTable }>();

/** What a decoder is made of. @throws TypeError for what is no decoder */
export function decoderParts(decoder: Decoder): DecoderParts & { readonly table: (positions: number) => TurnTable } {
  const parts = typeof decoder === "object" && decoder !== null ? partsOfDecoders.get(decoder) : undefined;
  if (!parts) throw wrongKind("decoder", "a decoder, as loadDecoder gives it", decoder);
  return parts;
}

/** A decoder from its parts. */
export function decoderFrom(
  parts: DecoderParts,
  from: { readonly tokenizer: DecoderTokenizer | undefined; readonly source: Decoder["source"]; sha256(): string },
): Decoder {
  const { config, products, streaming } = parts;
  const tokensAtOnce = streaming?.tokensAtOnce ?? usualTokensAtOnce;
  const table = growingTable(config, from.source.turns);

  function* logitsInParts(
    sequences: readonly (readonly number[])[],
    all: boolean,
    lesions: DecoderLesions,
  ): Steps<Float32Array[]> {
    const results: Float32Array[] = [];
    const groups = [...batches(sequences, ({ length }) => length, tokensAtOnce)];
    const passages = groups.map((some) => wholePassage(config, some));
    const together = streaming ? streaming.plan(passages.map(tokenCount), 1).passages : 1;
    const turned = table(Math.max(1, ...sequences.map(({ length }) => length)));
    for (let from = 0; from < passages.length; from += together) {
      const some = passages.slice(from, from + together);
      const behind = streaming
        ? (yield* throughTogether(parts, some, turned, [lesions])).map(({ vectors }) => vectors)
        : [yield* through(parts, some[0], turned, lesions)];
      for (const [p, vectors] of behind.entries()) {
        const rows = all ? vectors : lastRows(vectors, some[p].stretches, config.width);
        const logits = logitsOf(parts, rows);
        let at = 0;
        for (const { length } of groups[from + p]) {
          const numbers = (all ? length : 1) * config.vocabulary;
          results.push(logits.slice(at, at + numbers));
          at += numbers;
        }
        giveBack(logits);
        yield;
      }
    }
    return results;
  }

  const decoder: Decoder = {
    config,
    units: decoderUnits(config),
    weightBytes: products.keptBytes,
    get bytesRead() {
      return streaming?.bytesRead();
    },
    tokenizer: from.tokenizer,
    async logits(sequences, options = {}) {
      knownOptions("logits", options, logitsNames);
      const { all = false, signal } = options;
      if (typeof all !== "boolean") throw wrongKind("all", "true or false", all);
      const own = checkedSequences(config, sequences, 0);
      const lesions = decoderLesions(config, options.lesioned, options.lesion);
      return paced(logitsInParts(own, all, lesions), validSignal(signal));
    },
    async generate(sequences, options) {
      knownOptions("generate", options, generateNames);
      const newTokens = positiveInteger("newTokens", options.newTokens);
      const stop = new Set(tokenList("stop", options.stop ?? config.ends));
      for (const token of stop) checkToken(config.vocabulary, "token in stop", token);
      const own = checkedSequences(config, sequences, newTokens);
      const lesions = decoderLesions(config, options.lesioned, options.lesion);
      const work = function* (): Steps<number[][]> {
        const results: number[][] = [];
        for (const some of batches(own, ({ length }) => length + newTokens, tokensAtOnce)) {
          results.push(...(yield* generated(parts, some, newTokens, stop, table, lesions)));
        }
        return results;
      };
      return paced(work(), validSignal(options.signal));
    },
    source: from.source,
    sha256: from.sha256,
  };
  partsOfDecoders.set(decoder, { ...parts, table });
  return decoder;
}

/** Tokens that go through a decoder at once, unless one sequence has more or memory is kept to less. */
export const usualTokensAtOnce = 4096;

function tokenCount({ tokens }: Passage): number {
  return tokens.length;
}

/** Sequences in order, so many together that they have few enough tokens. */
export function* batches(
  sequences: readonly (readonly number[])[],
  tokensOf: (sequence: readonly number[]) => number,
  most: number,
): Generator<readonly (readonly number[])[]> {
  for (let from = 0; from < sequences.length; ) {
    let tokens = tokensOf(sequences[from]);
    let to = from + 1;
    while (to < sequences.length && (tokens += tokensOf(sequences[to])) <= most) to++;
    yield sequences.slice(from, to);
    from = to;
  }
}

/**
 * Copies of sequences: what becomes of the lists while they are computed with changes nothing.
 *
 * @throws TypeError, RangeError for what are no sequences of tokens, or such that have more, with so many new ones,
 *   than the decoder has positions
 */
export function checkedSequences(
  config: DecoderConfig,
  sequences: readonly (readonly number[])[],
  newTokens: number,
): number[][] {
  if (!Array.isArray(sequences)) throw wrongKind("sequences", "a list of lists of tokens", sequences);
  // Not map, which passes holes over.
  return Array.from(sequences as readonly (readonly number[])[], (given, s) => {
    const sequence = Array.from(tokenList(`sequences[${s}]`, given));
    if (sequence.length === 0) throw invalid(`sequences[${s}]`, "at least one token", sequence);
    if (sequence.length + newTokens > config.positions) {
      const beside = newTokens > 0 ? `, the ${newTokens} new ones included` : "";
      throw invalid(
        `length of sequences[${s}]`,
        `at most ${config.positions} tokens${beside}`,
        sequence.length + newTokens,
      );
    }
    for (let i = 0; i < sequence.length; i++) checkToken(config.vocabulary, `sequences[${s}][${i}]`, sequence[i]);
    return sequence;
  });
}
