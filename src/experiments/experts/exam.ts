import type { Decoder } from "../../decoders/decoder.js";
import { arithmeticKinds, arithmeticParts, arithmeticQuestions, isHeldOut, type TextQuestion } from "./arithmetic.js";
import { capitalQuestions } from "./capitals.js";
import type { LanguageText } from "./help-texts.js";
import { type Language, languageNames } from "./languages.js";
import { byteVocabulary } from "./lessons.js";

/** What a small decoder knows. */
export interface ExamResult {
  /**
   * Bits that a byte of held-out text costs, by language: of windows of as many bytes as the decoder has positions,
   * nothing known before.
   */
  readonly bitsPerByte: Readonly<Record<string, number>>;
  /** Bytes that were looked at, by language. */
  readonly bytes: Readonly<Record<string, number>>;
  /**
   * Share of questions that are answered exactly, greedily, the line's end included: of held-out pairs, of as many
   * trained ones, and of all capitals.
   */
  readonly exact: Readonly<Record<string, number>>;
  /** How many questions. */
  readonly questions: Readonly<Record<string, number>>;
}

/** Windows of each language, evenly from all of the text. */
const mostWindows = 400;

/** Examines a decoder of bytes on what it was not trained on, and on the capitals that it was to learn. */
export async function examine(
  decoder: Decoder,
  texts: Readonly<Record<Language, LanguageText>>,
  { windows = mostWindows }: { readonly windows?: number } = {},
): Promise<ExamResult> {
  const languages = await Promise.all(
    languageNames.map(async (language) => {
      const all = windowsOf(texts[language].heldOut, decoder.config.positions);
      const count = Math.min(windows, all.length);
      const sequences = Array.from({ length: count }, (_, w) => all[Math.floor((w * all.length) / count)]);
      return [language, await bitsPerByte(decoder, sequences), sequences.length * decoder.config.positions] as const;
    }),
  );
  const sets = new Map<string, TextQuestion[]>();
  for (const kind of arithmeticKinds) {
    const all = arithmeticQuestions(kind);
    const heldOut = all.filter(({ prompt }) => isHeldOut(prompt, arithmeticParts));
    const trained = all.filter(({ prompt }) => !isHeldOut(prompt, arithmeticParts));
    const step = trained.length / heldOut.length;
    sets.set(kind, heldOut);
    sets.set(
      `${kind}, trained`,
      heldOut.map((_, i) => trained[Math.floor(i * step)]),
    );
  }
  sets.set("capitals", capitalQuestions());
  const exact: [string, number][] = [];
  for (const [name, questions] of sets) exact.push([name, await exactShare(decoder, questions)]);
  return {
    bitsPerByte: Object.fromEntries(languages.map(([name, bits]) => [name, bits])),
    bytes: Object.fromEntries(languages.map(([name, , bytes]) => [name, bytes])),
    exact: Object.fromEntries(exact),
    questions: Object.fromEntries([...sets].map(([name, { length }]) => [name, length])),
  };
}

/** Windows of some paragraphs, one behind the other: the token that begins a sequence is in front of the bytes. */
function windowsOf(paragraphs: readonly string[], length: number): number[][] {
  const bytes = new TextEncoder().encode(paragraphs.join("\n"));
  return Array.from({ length: Math.floor(bytes.length / length) }, (_, w) => [
    byteVocabulary.begin,
    ...bytes.subarray(w * length, (w + 1) * length),
  ]);
}

/** The mean surprise of all tokens but the first, in bits. */
async function bitsPerByte(decoder: Decoder, sequences: readonly number[][]): Promise<number> {
  const { vocabulary } = decoder.config;
  let [sum, count] = [0, 0];
  for (const sequence of sequences) {
    const [logits] = await decoder.logits([sequence.slice(0, -1)], { all: true });
    for (let i = 0; i < sequence.length - 1; i++) {
      const own = logits.subarray(i * vocabulary, (i + 1) * vocabulary);
      const largest = own.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
      const total = own.reduce((all, logit) => all + Math.exp(logit - largest), 0);
      sum += Math.log(total) + largest - own[sequence[i + 1]];
      count++;
    }
  }
  return sum / count / Math.LN2;
}

/** Share of questions whose answer, and the line's end behind it, is what the decoder goes on with. */
async function exactShare(decoder: Decoder, questions: readonly TextQuestion[]): Promise<number> {
  const newLine = 10;
  const encoder = new TextEncoder();
  const prompts = questions.map(({ prompt }) => [byteVocabulary.begin, ...encoder.encode(prompt)]);
  const newTokens = Math.max(...questions.map(({ answer }) => encoder.encode(answer).length)) + 1;
  const made = await decoder.generate(prompts, { newTokens, stop: [newLine] });
  const right = made.filter((tokens, q) => {
    return new TextDecoder().decode(Uint8Array.from(tokens)) === `${questions[q].answer}\n`;
  });
  return right.length / questions.length;
}
