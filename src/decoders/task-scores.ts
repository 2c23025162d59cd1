import { distance } from "fastest-levenshtein";

/** What v(S) of a task is. */
export const taskScores = ["accuracy", "log-probability", "decoded-accuracy", "decoded-likeness"] as const;
/**
 * One of `taskScores`, the mean over a task's questions. Without decoding, from one pass of prompt and answer:
 * `accuracy`, 1 where the answer is the most probable token at every place, given what stands before;
 * `log-probability`, the mean natural logarithm of the probabilities of the answer's tokens, none below a floor. With
 * decoding: `decoded-accuracy`, 1 where what was decoded is the answer; `decoded-likeness`, how like it is to the
 * answer.
 */
export type TaskScore = (typeof taskScores)[number];

/** Whether a score needs what the decoder itself goes on with. */
export function isDecoded(score: TaskScore): boolean {
  return score === "decoded-accuracy" || score === "decoded-likeness";
}

/**
 * Of one place: 1 where the token is the most probable, the first of equal ones; or the logarithm of its probability,
 * at least the floor.
 */
export function placeScore(
  logits: Float32Array,
  at: number,
  vocabulary: number,
  token: number,
  score: TaskScore,
  floor: number,
): number {
  let best = 0;
  for (let i = 1; i < vocabulary; i++) if (logits[at + i] > logits[at + best]) best = i;
  if (score === "accuracy") return Number(best === token);
  let sum = 0;
  for (let i = 0; i < vocabulary; i++) sum += Math.exp(logits[at + i] - logits[at + best]);
  return Math.max(floor, logits[at + token] - logits[at + best] - Math.log(sum));
}

/**
 * Of a decoded text and the answer: whether they are the same, or how like they are, 1 - edits / characters of the
 * longer one (Levenshtein). What is compared is the first line that is not empty, without spaces and punctuation around
 * it, in small letters and composed characters (NFC); of an answer that is a number (digits, also in groups of three
 * with commas, a decimal point, a minus) the first number in the decoded text, for a whole number its whole part; of an
 * answer that is nothing but punctuation the line with it.
 */
export function textScore(decoded: string, answer: string, score: "decoded-accuracy" | "decoded-likeness"): number {
  const compared = comparedBy(answer);
  const [made, wanted] = codes(compared(decoded.normalize("NFC")), compared(answer.normalize("NFC")));
  if (score === "decoded-accuracy") return Number(made === wanted);
  const longer = Math.max(made.length, wanted.length);
  return longer === 0 ? 1 : 1 - distance(made, wanted) / longer;
}

/** Texts with one code unit for each character: an edit is one of whole characters. */
function codes(...texts: readonly [string, string]): [string, string] {
  if (!/[\ud800-\udfff]/.test(texts.join(""))) return [...texts];
  const known = new Map<string, string>();
  const code = (character: string) => {
    const own = known.get(character) ?? String.fromCharCode(known.size);
    known.set(character, own);
    return own;
  };
  const [made, wanted] = texts.map((text) => Array.from(text, code).join(""));
  return [made, wanted];
}

/** A text whose minus signs are hyphens, as in most numbers. */
function plainMinus(text: string): string {
  return text.replaceAll("\u2212", "-");
}

function comparedBy(answer: string): (text: string) => string {
  const number = /^-?(?:\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?$/.exec(plainMinus(answer).trim());
  if (number) return (text) => firstNumber(text, number[1] === undefined ? wholeNumber : decimalNumber);
  return bare(answer) === "" ? firstLine : bare;
}

/** Digits, in groups of three with commas or without: other commas stand between numbers. */
const wholeNumber = /-?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)/;
const decimalNumber = new RegExp(`${wholeNumber.source}(\\.\\d+)?`);

/** The first number in a text, commas between its digits left out; empty where there is none. */
function firstNumber(text: string, form: RegExp): string {
  const [found = ""] = form.exec(plainMinus(text)) ?? [];
  return found.replaceAll(",", "");
}

/** The first line that is not empty, without spaces around it. */
function firstLine(text: string): string {
  return (text.split("\n").find((own) => own.trim() !== "") ?? "").trim();
}

function bare(text: string): string {
  const line = firstLine(text);
  return line.replace(/^[\s\p{P}]+|[\s\p{P}]+$/gu, "").toLowerCase();
}
