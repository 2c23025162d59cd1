import type { Passage } from "./forward.js";
import type { TokenQuestion } from "./tasks.js";

/** What v(S) of a task is. */
export const taskScores = ["accuracy", "log-probability"] as const;
/** One of `taskScores`. */
export type TaskScore = (typeof taskScores)[number];

/** The vectors at whose places the tokens of answers should follow. */
export function answerRows(
  { stretches }: Passage,
  questions: readonly TokenQuestion[],
  vectors: Float32Array,
  width: number,
): Float32Array {
  const rows = new Float32Array(width * questions.reduce((sum, { answer }) => sum + answer.length, 0));
  let at = 0;
  questions.forEach(({ answer }, q) => {
    const end = stretches[q].row + stretches[q].count;
    rows.set(vectors.subarray((end - answer.length) * width, end * width), at);
    at += answer.length * width;
  });
  return rows;
}

/** Of one place: 1 where the token is the most probable, the first of equal ones; or the logarithm of its probability, at least the floor. */
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
