import type { OutputScore } from "../lesion/output-score.js";
import type { View } from "./convergence.js";

const classes = 10;
/** What v is in questions of classifiers: of each class the mean over its images. */
export const classScoreNames = ["probability", "cross-entropy", "class accuracy"] as const;

/** Each of the scores as some outputs of a game of {@link classScores}. */
export function classViews(network: string, aims?: readonly number[]): View[] {
  return classScoreNames.map((score, q) => ({
    name: `${network}, ${score}`,
    outputs: Array.from({ length: classes }, (_, k) => q * classes + k),
    aim: aims?.[q],
  }));
}

/** All of them at once, `[3, classes]`: of each class the mean over its images. */
export function classScores(labels: ArrayLike<number>): (...seen: Parameters<OutputScore>) => number[] {
  const counts = new Float64Array(classes);
  for (let b = 0; b < labels.length; b++) counts[labels[b]]++;
  return (output) => {
    const value = new Float64Array(classScoreNames.length * classes);
    for (let b = 0; b < labels.length; b++) {
      const row = output.subarray(b * classes, (b + 1) * classes);
      const own = labels[b];
      const largest = Math.max(...row);
      let sum = 0;
      for (const logit of row) sum += Math.exp(logit - largest);
      value[own] += Math.exp(row[own] - largest) / sum;
      value[classes + own] += largest + Math.log(sum) - row[own];
      if (row.indexOf(largest) === own) value[2 * classes + own]++;
    }
    return Array.from(value, (total, i) => total / counts[i % classes]);
  };
}

/** One of them, `[classes]`. */
export function classScore(labels: ArrayLike<number>, name: (typeof classScoreNames)[number]): OutputScore {
  const all = classScores(labels);
  const from = classScoreNames.indexOf(name) * classes;
  return (...seen) => all(...seen).slice(from, from + classes);
}
