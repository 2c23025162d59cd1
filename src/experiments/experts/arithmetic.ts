import { crc32 } from "node:zlib";

/** Kinds of arithmetic that the small decoder learns. */
export const arithmeticKinds = ["addition", "subtraction", "multiplication"] as const;
/** One of `arithmeticKinds`. */
export type ArithmeticKind = (typeof arithmeticKinds)[number];

/** A question and its answer. */
export interface TextQuestion {
  readonly prompt: string;
  readonly answer: string;
}

/** All questions of a kind: `47+38=` of 0 to 99, `85-47=` with a result of 0 or more, `7*38=` of 0 to 9 and 0 to 99. */
export function arithmeticQuestions(kind: ArithmeticKind): TextQuestion[] {
  const questions: TextQuestion[] = [];
  for (let a = 0; a < (kind === "multiplication" ? 10 : 100); a++) {
    for (let b = 0; b < (kind === "subtraction" ? a + 1 : 100); b++) questions.push(arithmeticQuestion(kind, a, b));
  }
  return questions;
}

/** One question. */
export function arithmeticQuestion(kind: ArithmeticKind, a: number, b: number): TextQuestion {
  switch (kind) {
    case "addition":
      return { prompt: `${a}+${b}=`, answer: String(a + b) };
    case "subtraction":
      return { prompt: `${a}-${b}=`, answer: String(a - b) };
    case "multiplication":
      return { prompt: `${a}*${b}=`, answer: String(a * b) };
  }
}

/**
 * Whether a text is in the part that is not trained on: `parts` says how many parts there are, by the text's CRC-32.
 */
export function isHeldOut(text: string, parts: number): boolean {
  return crc32(text) % parts === 0;
}

/** Of arithmetic questions one in ten is held out. */
export const arithmeticParts = 10;
