import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import type { Random } from "../../coalitions/random-streams.js";
import type { LessonBatch, Lessons } from "../../decoders/training/train-decoder.js";
import { sha256 } from "../../files.js";
import { canonicalJson } from "../../json.js";
import { arithmeticKinds, arithmeticParts, arithmeticQuestions, isHeldOut, type TextQuestion } from "./arithmetic.js";
import { capitalQuestions } from "./capitals.js";
import type { LanguageText } from "./help-texts.js";
import { type Language, languageNames } from "./languages.js";

/** Of 100 sequences, those of each language, of each kind of arithmetic, and of capitals. */
const shares = { language: 11, addition: 15, subtraction: 13, multiplication: 12, capitals: 5 } as const;
/**
 * How much the bytes of an arithmetic answer, and of the line's end behind it, count; nothing else of arithmetic does.
 */
const answerWeight = 2;

/** The tokens of the small decoder: bytes, and one that begins a sequence. */
export const byteVocabulary = { size: 260, begin: 256 } as const;

/**
 * What the small decoder learns: sequences of one kind each. Of a language they begin anywhere in its paragraphs, of
 * arithmetic and capitals they are lines, `47+38=85` and `Capital of France? Paris`. Held-out questions and paragraphs
 * are in none.
 */
export function decoderLessons(texts: Readonly<Record<Language, LanguageText>>): Lessons {
  const encoder = new TextEncoder();
  const bytes = languageNames.map((language) => encoder.encode(texts[language].training.join("\n")));
  const kinds = [
    ...languageNames.map((name, l) => ({ name, share: shares.language, write: windowOf(bytes[l]) })),
    ...arithmeticKinds.map((name) => ({
      name,
      share: shares[name],
      write: linesOf(
        arithmeticQuestions(name).filter(({ prompt }) => !isHeldOut(prompt, arithmeticParts)),
        { question: 0, answer: answerWeight },
      ),
    })),
    { name: "capitals", share: shares.capitals, write: linesOf(capitalQuestions(), { question: 1, answer: 1 }) },
  ];
  const drawn = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  return {
    sha256: sha256(encoder.encode(canonicalJson({ shares, answerWeight, arithmeticParts })), ...bytes),
    batch(sequences: number, length: number, random: Random): LessonBatch {
      const batch = {
        tokens: new Int32Array(sequences * length),
        targets: new Int32Array(sequences * length),
        weights: new Float32Array(sequences * length),
      };
      const names = Array.from({ length: sequences }, (_, s) => {
        const { name, write } = drawn[uniformInt(random, 0, drawn.length - 1)];
        const [from, to] = [s * length, (s + 1) * length];
        write(batch.targets.subarray(from, to), batch.weights.subarray(from, to), random);
        batch.tokens[from] = byteVocabulary.begin;
        batch.tokens.set(batch.targets.subarray(from, to - 1), from + 1);
        return name;
      });
      return { ...batch, kinds: names };
    },
  };
}

/** Writes the bytes of a sequence, and how much each counts. */
type Write = (targets: Int32Array, weights: Float32Array, random: Random) => void;

/** A part of a text, which begins with a whole character. */
function windowOf(text: Uint8Array): Write {
  return (targets, weights, random) => {
    let from = Math.floor(uniformFloat64(random) * (text.length - targets.length));
    while (from > 0 && (text[from] & 0xc0) === 0x80) from--;
    targets.set(text.subarray(from, from + targets.length));
    weights.fill(1);
  };
}

/** Lines of questions and answers, of which the last is cut off. */
function linesOf(
  questions: readonly TextQuestion[],
  weight: { readonly question: number; readonly answer: number },
): Write {
  const encoder = new TextEncoder();
  const lines = questions.map(({ prompt, answer }) => ({
    bytes: encoder.encode(`${prompt}${answer}\n`),
    before: encoder.encode(prompt).length,
  }));
  return (targets, weights, random) => {
    for (let at = 0; at < targets.length; ) {
      const { bytes, before } = lines[uniformInt(random, 0, lines.length - 1)];
      for (let i = 0; i < bytes.length && at < targets.length; i++, at++) {
        targets[at] = bytes[i];
        weights[at] = i < before ? weight.question : weight.answer;
      }
    }
  };
}
