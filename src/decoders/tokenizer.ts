import { invalid, wrongKind } from "../errors.js";
import type { DecoderConfig } from "./config.js";

/** A part of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** Text as a decoder's tokens. */
export interface DecoderTokenizer {
  /** The tokens of a text, those with which the checkpoint begins and ends one included. @throws TypeError for what is no text */
  encode(text: string): number[];
  /**
   * The text of some tokens; those that are no text are left out.
   *
   * @throws RangeError for what is no token
   */
  decode(tokens: readonly number[]): string;
  /**
   * The tokens of a conversation up to where the decoder's answer begins, as the checkpoint's chat template writes it.
   *
   * @throws TypeError for what is no conversation; RangeError where the checkpoint has no chat template; FileError with the template's own words where it
   *   refuses or fails
   */
  encodeChat(messages: readonly ChatMessage[]): number[];
  /**
   * Tokens of a question and those of the answer that follows it: together they are the tokens of the text, or the conversation, with the answer behind it.
   *
   * @throws RangeError where the first token of the answer has characters of the question too: so the question's own tokens are others
   */
  encodeAnswered(prompt: string | readonly ChatMessage[], answer: string): { prompt: number[]; answer: number[] };
}

/** Vocabularies that are bytes: 256 of them, and up to four tokens beside. */
export function isByteVocabulary(vocabulary: number): boolean {
  return vocabulary >= 256 && vocabulary <= 260;
}

/**
 * The tokenizer of a decoder of bytes: UTF-8, behind the token that begins a text where the checkpoint has such a token beside the bytes.
 *
 * @param folder of the checkpoint, for messages
 */
export function byteTokenizer(
  { begin, vocabulary }: Pick<DecoderConfig, "begin" | "vocabulary">,
  folder: string,
): DecoderTokenizer {
  const before = begin !== undefined && begin > 255 ? [begin] : [];
  const bytes = new TextEncoder();
  const noChat = (): never => {
    throw invalid("checkpoint", "one with a chat template, in tokenizer_config.json or chat_template.jinja", folder);
  };
  return {
    encode: (text) => [...before, ...bytes.encode(checkedText("text", text))],
    decode(tokens) {
      checkTokens(tokens, vocabulary);
      return new TextDecoder().decode(Uint8Array.from(tokens.filter((token) => token < 256)));
    },
    encodeChat: noChat,
    encodeAnswered(prompt, answer) {
      if (typeof prompt !== "string") return noChat();
      return {
        prompt: [...before, ...bytes.encode(checkedText("prompt", prompt))],
        answer: [...bytes.encode(checkedText("answer", answer))],
      };
    },
  };
}

/** A text. @throws TypeError for anything else */
export function checkedText(name: string, text: unknown): string {
  if (typeof text !== "string") throw wrongKind(name, "a text", text);
  return text;
}

/** @throws TypeError, RangeError for what is no list of tokens */
export function checkTokens(tokens: readonly number[], vocabulary: number): void {
  if (typeof (tokens as ArrayLike<number> | undefined)?.length !== "number") {
    throw wrongKind("tokens", "a list of tokens", tokens);
  }
  for (const token of tokens) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw invalid("token", `a token of the vocabulary, from 0 to ${vocabulary - 1}`, token);
    }
  }
}
