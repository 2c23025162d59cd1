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
  return scoresOf(labels, classScoreNames);
}

/** One of them, `[classes]`. */
export function classScore(labels: ArrayLike<number>, name: (typeof classScoreNames)[number]): OutputScore {
  return scoresOf(labels, [name]);
}

/** Some of them, `[names, classes]`. Indices and no iterators: exact values ask for it ten thousands of times. */
function scoresOf(labels: ArrayLike<number>, names: readonly (typeof classScoreNames)[number][]) {
  const counts = new Float64Array(classes);
  for (let b = 0; b < labels.length; b++) counts[labels[b]]++;
  const [probability, crossEntropy, accuracy] = classScoreNames.map((name) => names.indexOf(name) * classes);
  const ofSoftmax = probability >= 0 || crossEntropy >= 0;
  return (output: Float32Array): number[] => {
    const value = new Float64Array(names.length * classes);
    for (let b = 0; b < labels.length; b++) {
      const row = b * classes;
      const own = labels[b];
      let first = row;
      for (let at = row + 1; at < row + classes; at++) if (output[at] > output[first]) first = at;
      if (accuracy >= 0 && first === row + own) value[accuracy + own]++;
      if (!ofSoftmax) continue;
      const largest = output[first];
      let sum = 0;
      for (let at = row; at < row + classes; at++) sum += Math.exp(output[at] - largest);
      if (probability >= 0) value[probability + own] += Math.exp(output[row + own] - largest) / sum;
      if (crossEntropy >= 0) value[crossEntropy + own] += largest + Math.log(sum) - output[row + own];
    }
    return Array.from(value, (total, i) => total / counts[i % classes]);
  };
}
