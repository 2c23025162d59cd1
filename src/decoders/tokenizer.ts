import { invalid, oneOf, wrongKind } from "../errors.js";
import { nearestNames } from "../nearest-names.js";
import type { OptionNames } from "../options.js";
import type { DecoderConfig } from "./config.js";

/** A part of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** Text as a decoder's tokens. */
export interface DecoderTokenizer {
  /**
   * The tokens of a text, those with which the checkpoint begins and ends one included. @throws TypeError for what is
   * no text
   */
  encode(text: string): number[];
  /**
   * The text of some tokens; those that are no text are left out, and bytes that are no whole character become U+FFFD.
   * Of the tokens of a text, where these are bytes (of a vocabulary of bytes, or a byte-level one without a
   * normalizer), it is that text, but for special tokens that stand in it.
   *
   * @throws RangeError for what is no token
   */
  decode(tokens: readonly number[]): string;
  /**
   * The tokens of a conversation up to where the decoder's answer begins, as the checkpoint's chat template writes it.
   *
   * The template is a program from the folder: it is run in a process of its own, some tens of milliseconds, with
   * limits of time and memory.
   *
   * @throws TypeError, RangeError for what is no conversation, which name the message; RangeError where the checkpoint
   *   has no chat template; FileError with the template's own words where it refuses or fails, and where it takes more
   *   than five seconds or 128 MB
   */
  encodeChat(messages: readonly ChatMessage[]): number[];
  /**
   * Tokens of a question and those of the answer that follows it: together they are the tokens of the text, or the
   * conversation, with the answer behind it.
   *
   * @throws RangeError where the first token of the answer has characters of the question too: so the question's own
   *   tokens are others
   */
  encodeAnswered(prompt: string | readonly ChatMessage[], answer: string): { prompt: number[]; answer: number[] };
}

/** Vocabularies that are bytes: 256 of them, and up to four tokens beside. */
export function isByteVocabulary(vocabulary: number): boolean {
  return vocabulary >= 256 && vocabulary <= 260;
}

/**
 * The tokenizer of a decoder of bytes: UTF-8, behind the token that begins a text where the checkpoint has such a token
 * beside the bytes.
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
      // U+FEFF at the beginning is a part of the text, too.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      return decoder.decode(Uint8Array.from([...tokens].filter((token) => token < 256)));
    },
    encodeChat: noChat,
    encodeAnswered(prompt, answer) {
      if (Array.isArray(prompt)) return noChat();
      return {
        prompt: [...before, ...bytes.encode(checkedText("prompt", prompt))],
        answer: [...bytes.encode(checkedText("answer", answer))],
      };
    },
  };
}

const roles = ["system", "user", "assistant"] as const satisfies readonly ChatMessage["role"][];
const messageNames: OptionNames<ChatMessage> = { role: true, content: true };

/**
 * The messages of a conversation, and nothing else that stood in them.
 *
 * @throws TypeError, RangeError for what is no list of messages, which name the message and what is wrong with it
 */
export function plainMessages(messages: unknown): ChatMessage[] {
  if (!Array.isArray(messages)) throw wrongKind("messages", "a list of { role, content }", messages);
  if (messages.length === 0) throw invalid("messages", "at least one { role, content }", messages);
  // Not map, which passes holes over.
  return Array.from(messages, (message: Partial<ChatMessage> | null | undefined, m) => {
    const where = `messages[${m}]`;
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      throw wrongKind(where, `{ role, content }, such as { role: "user", content: "Hello" }`, message);
    }
    for (const name of Object.keys(message)) {
      if (Object.hasOwn(messageNames, name)) continue;
      throw invalid(
        `name in ${where}`,
        `role or content (nearest: ${nearestNames(name, ["role", "content"], 1)})`,
        name,
      );
    }
    const { role, content } = message;
    if (typeof role !== "string") throw wrongKind(`${where}.role`, `one of ${roles.join(", ")}`, role);
    return { role: oneOf(`${where}.role`, roles, role), content: checkedText(`${where}.content`, content) };
  });
}

/**
 * A text. @throws TypeError for anything else; RangeError for one with half of a pair of characters, which no tokens
 * are
 */
export function checkedText(name: string, text: unknown): string {
  if (typeof text !== "string") throw wrongKind(name, "a text", text);
  if (/\p{Surrogate}/u.test(text)) throw invalid(name, "a text in whole characters: half of a pair stands alone", text);
  return text;
}

/** Arrays of whole numbers that are taken for lists of tokens, beside plain ones: those whose numbers are numbers. */
const tokenArrays = ["Uint8Array", "Uint16Array", "Uint32Array", "Int32Array"];

/**
 * A list of tokens: a plain one, or a typed array of 8, 16 or 32 bits.
 *
 * @throws TypeError for anything else
 */
export function tokenList(name: string, tokens: unknown): readonly number[] {
  if (Array.isArray(tokens)) return tokens;
  if (ArrayBuffer.isView(tokens)) {
    // By its name: in a notebook's cell arrays are of another realm.
    if (tokenArrays.includes(tokens.constructor.name)) return tokens as unknown as readonly number[];
    const rule = `a list of tokens, or one of ${tokenArrays.join(", ")}: Array.from(tokens, Number) makes a list of others`;
    throw wrongKind(name, rule, tokens);
  }
  throw wrongKind(name, "a list of tokens", tokens);
}

/** @throws TypeError, RangeError for what is no token of a vocabulary */
export function checkToken(vocabulary: number, name: string, token: unknown): void {
  const rule = `a token of the vocabulary, from 0 to ${vocabulary - 1}`;
  if (typeof token !== "number") throw wrongKind(name, rule, token);
  if (!Number.isInteger(token) || token < 0 || token >= vocabulary) throw invalid(name, rule, token);
}

/** @throws TypeError, RangeError for what is no list of tokens */
export function checkTokens(tokens: readonly number[], vocabulary: number): void {
  for (const token of tokenList("tokens", tokens)) checkToken(vocabulary, "token", token);
}
