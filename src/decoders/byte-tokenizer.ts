import { invalid, wrongKind } from "../errors.js";
import type { DecoderConfig } from "./config.js";

/** Text as tokens that are bytes of UTF-8, and a few tokens behind them that are no text. */
export interface ByteTokenizer {
  /** The bytes of a text, behind the token that begins one where the checkpoint has such a token beside the bytes. */
  encode(text: string): number[];
  /** The text of some tokens; those that are no bytes are left out, bytes that are no UTF-8 become U+FFFD. @throws RangeError for what is no token */
  decode(tokens: readonly number[]): string;
}

/** Vocabularies that are bytes: 256 of them, and up to four tokens beside. */
export function isByteVocabulary(vocabulary: number): boolean {
  return vocabulary >= 256 && vocabulary <= 260;
}

/** The tokenizer of a decoder of bytes. */
export function byteTokenizer({ begin, vocabulary }: Pick<DecoderConfig, "begin" | "vocabulary">): ByteTokenizer {
  const before = begin !== undefined && begin > 255 ? [begin] : [];
  return {
    encode(text) {
      if (typeof text !== "string") throw wrongKind("text", "a text", text);
      return [...before, ...new TextEncoder().encode(text)];
    },
    decode(tokens) {
      for (const token of tokens) {
        if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
          throw invalid("token", `a token of the vocabulary, from 0 to ${vocabulary - 1}`, token);
        }
      }
      return new TextDecoder().decode(Uint8Array.from(tokens.filter((token) => token < 256)));
    },
  };
}
