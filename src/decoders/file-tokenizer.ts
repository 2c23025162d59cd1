import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Tokenizer } from "@huggingface/tokenizers";
import { FileError, invalid, MissingPartError } from "../errors.js";
import { readUtf8 } from "../files.js";
import { checkInstalled, isInstalled, loadPart } from "../parts.js";
import { TimeOver, withinTime } from "../time-limit.js";
import { withAddedTokens } from "./added-tokens.js";
import { readJson } from "./config-fields.js";
import { decodeBytesExactly } from "./decoded-bytes.js";
import { type ChatMessage, checkedText, checkTokens, type DecoderTokenizer, plainMessages } from "./tokenizer.js";
import { checkForms, type UnreadCharacters } from "./tokenizer-forms.js";
import {
  checkSettings,
  endsOf,
  type SaidEnds,
  specialTexts,
  specialTokens,
  withoutOldSettings,
} from "./tokenizer-settings.js";
import { writtenChats } from "./written-chats.js";

/** The files of a tokenizer. */
const files = {
  tokenizer: "tokenizer.json",
  config: "tokenizer_config.json",
  template: "chat_template.jinja",
  special: "special_tokens_map.json",
} as const;
/** Their names. */
export const tokenizerFiles: readonly string[] = Object.values(files);
/** What reads and writes text; the second one runs in a process of its own. */
const packages = ["@huggingface/tokenizers", "@huggingface/jinja"] as const;
/**
 * In front of a template, which is not told the date: its prompts would be others tomorrow. The line's end is the
 * block's own.
 */
const withoutDate = "{% set strftime_now = nothing_of_this_name %}\n";
/** Bytes that a chat template may have. */
const mostTemplateBytes = 2 ** 20;

/** A checkpoint's tokenizer, for a vocabulary of so many tokens. */
export type TokenizerOf = (vocabulary: number) => DecoderTokenizer;

/**
 * The tokenizer of a checkpoint's folder (tokenizer.json, with tokenizer_config.json and chat_template.jinja where they
 * are there); undefined where it has none. Where the packages that read it are not installed, one that says so when it
 * is asked.
 */
export async function openTokenizer(folder: string): Promise<TokenizerOf | undefined> {
  if (!existsSync(join(folder, files.tokenizer))) return undefined;
  if (!packages.every(isInstalled)) return () => missingTokenizer;
  const { Tokenizer } = await loadPart("text for language models", packages, () => import("@huggingface/tokenizers"));
  const path = join(folder, files.tokenizer);
  const settings = readJson(join(folder, files.config), { optional: true }) ?? {};
  const all = { ...readJson(join(folder, files.special), { optional: true }), ...settings };
  const file = withAddedTokens(path, readJson(path), settings, specialTexts(all));
  checkSettings(join(folder, files.config), settings, file);
  const unread = checkForms(path, file);
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(file, withoutOldSettings(settings));
    decodeBytesExactly(tokenizer.decoder);
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `is no tokenizer that is read (${(cause as Error).message})`, { cause });
  }
  const template = templateOf(folder, settings);
  // Where the settings name a token themselves, they say which.
  const special = specialTokens(all);
  return (vocabulary) => {
    checkFits(path, tokenizer, vocabulary);
    /** Texts of conversations that were asked for together, by their JSON. */
    const known = new Map<string, string>();
    const write = (conversations: readonly (readonly ChatMessage[])[]): readonly string[] => {
      if (template === undefined) {
        throw invalid("checkpoint", `one with a chat template, in ${files.config} or ${files.template}`, folder);
      }
      try {
        return writtenChats(`${withoutDate}${template.text}`, conversations, special);
      } catch (cause) {
        throw new FileError(template.path, `has a chat template that ${(cause as Error).message}`, { cause });
      }
    };
    const text = (messages: readonly ChatMessage[]): string => {
      const plain = plainMessages(messages);
      return known.get(JSON.stringify(plain)) ?? write([plain])[0];
    };
    const own = tokenizerFrom(path, tokenizer, unread, endsOf(tokenizer, settings, special), text, vocabulary);
    together.set(own, (conversations) => {
      known.clear();
      const plain = conversations.map((messages) => plainMessages(messages));
      for (const [c, written] of write(plain).entries()) known.set(JSON.stringify(plain[c]), written);
    });
    return own;
  };
}

const together = new WeakMap<DecoderTokenizer, (conversations: readonly (readonly ChatMessage[])[]) => void>();

/**
 * Has conversations written that will be encoded one after the other: together, since each time a process is started
 * for it. @throws as `encodeChat` does
 */
export function prepareChats(
  tokenizer: DecoderTokenizer | undefined,
  conversations: readonly (readonly ChatMessage[])[],
): void {
  if (tokenizer && conversations.length > 0) together.get(tokenizer)?.(conversations);
}

function tokenizerFrom(
  path: string,
  tokenizer: Tokenizer,
  unread: readonly UnreadCharacters[],
  { begin, end }: SaidEnds,
  write: (messages: readonly ChatMessage[]) => string,
  vocabulary: number,
): DecoderTokenizer {
  // A template writes the tokens with which a text begins itself.
  const ids = (text: string, whole: boolean) => {
    checkCharacters(path, text, unread);
    const own = encoded(path, tokenizer, text, whole);
    const at = own.indexOf(undefined);
    if (at >= 0) {
      const rule = `has no token for a part of ${JSON.stringify(text.slice(0, 60))}: it is of a kind that is not read, or its vocabulary lacks it`;
      throw new FileError(path, rule);
    }
    const other = own.find((id) => !Number.isInteger(id) || (id as number) < 0);
    if (other !== undefined) {
      throw new FileError(
        path,
        `has ${JSON.stringify(other)} as a token of ${JSON.stringify(text.slice(0, 60))}; tokens are counted from 0`,
      );
    }
    return own as number[];
  };
  return {
    encode(text) {
      const own = ids(checkedText("text", text), true);
      const [before, after] = begin || end ? around(path, tokenizer) : [[], []];
      const plain = own.slice(before.length, own.length - after.length);
      return [...(begin ?? before), ...plain, ...(end ?? after)];
    },
    decode(tokens) {
      checkTokens(tokens, vocabulary);
      // Vocabularies are filled up with numbers that are no tokens; decoders may say them all the same.
      const known = [...tokens].filter((token) => tokenizer.id_to_token(token) !== undefined);
      // A decoder that ends at once says nothing; the package refuses to write no tokens.
      if (known.length === 0) return "";
      // Spaces in front of full stops and the like are part of what a decoder says.
      return decoded(path, tokenizer, known);
    },
    encodeChat: (messages) => ids(write(messages), false),
    encodeAnswered(prompt, answer) {
      const chat = typeof prompt !== "string";
      const text = chat ? write(prompt) : checkedText("prompt", prompt);
      // What ends a text does not stand between question and answer.
      const before = chat ? [] : (begin ?? around(path, tokenizer)[0]);
      const own = [...before, ...ids(text, false)];
      const all = [...before, ...ids(text + checkedText("answer", answer), false)];
      if (own.some((token, i) => all[i] !== token)) {
        const [last] = own.slice(-1).map((token) => tokenizer.id_to_token(token) ?? "");
        const rule = `one that shares no token with the prompt, which ends with ${JSON.stringify(last)}; put a space in front of it, or none`;
        throw invalid("answer", rule, answer);
      }
      return { prompt: own, answer: all.slice(own.length) };
    },
  };
}

/** Milliseconds that a tokenizer may take for a text, and more for each of its characters: it takes microseconds. */
const most = { text: 10_000, character: 0.1 } as const;
/**
 * In place of a part of a text that has no token, which a BPE leaves out without a word where it has no token for it.
 */
const noToken = "\0no token\0";

/**
 * The tokens of a text; undefined where a part of it has none. @throws FileError where it does not come to an end, as
 * regular expressions of foreign files need not
 */
function encoded(path: string, tokenizer: Tokenizer, text: string, whole: boolean): (number | undefined)[] {
  const model = tokenizer.model as { unk_token?: string | null | undefined } | null;
  const unknown = model?.unk_token;
  if (model && unknown == null) model.unk_token = noToken;
  try {
    const ids = () => [...tokenizer.encode(text, { add_special_tokens: whole }).ids];
    return inTime(path, text.length, JSON.stringify(text.slice(0, 60)), ids);
  } finally {
    if (model && unknown == null) model.unk_token = unknown;
  }
}

/** The text of some tokens. @throws FileError as {@link encoded} does */
function decoded(path: string, tokenizer: Tokenizer, tokens: number[]): string {
  const options = { skip_special_tokens: true, clean_up_tokenization_spaces: false };
  return inTime(path, tokens.length, `${tokens.length} tokens`, () => tokenizer.decode(tokens, options));
}

function inTime<Result>(path: string, length: number, what: string, work: () => Result): Result {
  try {
    return withinTime(Math.ceil(most.text + most.character * length), work);
  } catch (error) {
    if (!(error instanceof TimeOver)) throw error;
    const rule = `does not come to an end within ${most.text / 1000} seconds with ${what}: one of its regular expressions takes too long`;
    throw new FileError(path, rule, { cause: error });
  }
}

/** The tokens that tokenizer.json puts in front of a text, and behind it. */
function around(path: string, tokenizer: Tokenizer): [before: number[], after: number[]] {
  const [plain, whole] = [false, true].map((all) => encoded(path, tokenizer, "a", all) as number[]);
  for (let from = 0; from + plain.length <= whole.length; from++) {
    if (plain.every((token, i) => whole[from + i] === token))
      return [whole.slice(0, from), whole.slice(from + plain.length)];
  }
  return [[], []];
}

/** @throws FileError for a text with characters that a tokenizer would read otherwise than it should */
function checkCharacters(path: string, text: string, unread: readonly UnreadCharacters[]): void {
  for (const { part, characters } of unread) {
    const [found] = characters.exec(text) ?? [];
    if (found === undefined) continue;
    const code = (found.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
    const rule = `has a ${part}, which does not read U+${code} exactly; it is in ${JSON.stringify(text.slice(0, 60))}`;
    throw new FileError(path, rule);
  }
}

/** @throws FileError where the tokenizer has tokens that the decoder has not */
function checkFits(path: string, tokenizer: Tokenizer, vocabulary: number): void {
  let largest = -1;
  let name = "";
  for (const [token, id] of tokenizer.get_vocab(true)) {
    if (id <= largest) continue;
    largest = id;
    name = token;
  }
  if (largest >= vocabulary) {
    const has = `has token ${largest}, ${JSON.stringify(name)}`;
    throw new FileError(path, `${has}; the decoder's vocabulary of config.json has ${vocabulary} tokens`);
  }
}

/** A chat template, and the file that it is from. */
interface ChatTemplate {
  readonly path: string;
  readonly text: string;
}

/** The chat template: of a file of its own, or of the settings, where of several the one named default is taken. */
function templateOf(folder: string, settings: Readonly<Record<string, unknown>>): ChatTemplate | undefined {
  const path = join(folder, files.template);
  if (existsSync(path)) return { path, text: readUtf8(path, mostTemplateBytes) };
  const given = settings.chat_template;
  const text = Array.isArray(given) ? given.find((each) => each?.name === "default")?.template : given;
  return typeof text === "string" ? { path: join(folder, files.config), text } : undefined;
}

/** What stands for a tokenizer whose packages are not installed. */
const missingTokenizer: DecoderTokenizer = {
  encode: refuse,
  decode: refuse,
  encodeChat: refuse,
  encodeAnswered: refuse,
};

/** @throws MissingPartError always */
function refuse(): never {
  checkInstalled("text for language models", packages);
  throw new MissingPartError("text for language models", "read the checkpoint again: it was not installed before");
}
