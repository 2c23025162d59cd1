import type { ClassLabels } from "../datasets/inputs.js";
import { oneOf } from "../errors.js";

/**
 * What a classifier does with one set of lesions, on B inputs and K classes. Logits are class-major, as the walks keep
 * them: `logits[k * stride + b]`.
 */
export interface ClassifierState {
  readonly logits: Float32Array;
  /** Numbers between the logits of two classes; at least B. */
  readonly stride: number;
  /** How many inputs each class was predicted for, `[K]`. The prediction is the first of the largest logits. */
  readonly predicted: Int32Array;
  /** How many of these were right, `[K]`. */
  readonly correct: Int32Array;
}

/** The inputs' classes, and how many of each there are. */
export interface Labels {
  /** Class of each input, `[B]`. */
  readonly labels: ClassLabels;
  /** K */
  readonly classes: number;
  /** Inputs of each class, `[K]`. */
  readonly counts: Int32Array;
}

/** A score of a classifier: how what it does becomes v(S). */
export interface Score {
  readonly name: ScoreName;
  /** What it measures, in words. */
  readonly meaning: string;
  shape(inputs: number, classes: number): readonly number[];
  /** Whether it looks at predictions alone: then the logits need not be read. */
  readonly fromPredictions: boolean;
  /** Writes v(S), row-major, into `value`. */
  write(state: ClassifierState, labels: Labels, value: Float64Array): void;
}

/** Names of the scores. */
export const scoreNames = [
  "class-precision",
  "class-accuracy",
  "accuracy",
  "logits",
  "probabilities",
  "cross-entropy",
] as const;
/** One of {@link scoreNames}. */
export type ScoreName = (typeof scoreNames)[number];

/** The score of a name. @throws RangeError for another name, listing them */
export function scoreOf(name: string): Score {
  return scores[oneOf("score", scoreNames, name)];
}

const perClass = (_inputs: number, classes: number) => [classes];
const perInputAndClass = (inputs: number, classes: number) => [inputs, classes];
const single = () => [];

const scores: Record<ScoreName, Score> = {
  "class-precision": {
    name: "class-precision",
    meaning:
      "of the inputs for which a class is predicted, the share that is of that class: correct / (predicted + 1e-6)",
    shape: perClass,
    fromPredictions: true,
    write({ predicted, correct }, { classes }, value) {
      for (let k = 0; k < classes; k++) value[k] = correct[k] / (predicted[k] + 1e-6);
    },
  },
  "class-accuracy": {
    name: "class-accuracy",
    meaning:
      "of the inputs of a class, the share for which that class is predicted (recall); 0 for a class without inputs",
    shape: perClass,
    fromPredictions: true,
    write({ correct }, { classes, counts }, value) {
      for (let k = 0; k < classes; k++) value[k] = counts[k] === 0 ? 0 : correct[k] / counts[k];
    },
  },
  accuracy: {
    name: "accuracy",
    meaning: "share of the inputs whose class is predicted",
    shape: single,
    fromPredictions: true,
    write({ correct }, { labels, classes }, value) {
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += correct[k];
      value[0] = sum / labels.length;
    },
  },
  logits: {
    name: "logits",
    meaning: "the network's output before softmax, for every input and class",
    shape: perInputAndClass,
    fromPredictions: false,
    write({ logits, stride }, { labels, classes }, value) {
      for (let k = 0; k < classes; k++) {
        for (let b = 0; b < labels.length; b++) value[b * classes + k] = logits[k * stride + b];
      }
    },
  },
  probabilities: {
    name: "probabilities",
    meaning: "softmax of the logits, for every input and class",
    shape: perInputAndClass,
    fromPredictions: false,
    write({ logits, stride }, { labels, classes }, value) {
      for (let b = 0; b < labels.length; b++) {
        const { largest, sum } = softmaxParts(logits, stride, classes, b);
        for (let k = 0; k < classes; k++) value[b * classes + k] = Math.exp(logits[k * stride + b] - largest) / sum;
      }
    },
  },
  "cross-entropy": {
    name: "cross-entropy",
    meaning: "mean over the inputs of -ln p(its class), in nats; less is better",
    shape: single,
    fromPredictions: false,
    write({ logits, stride }, { labels, classes }, value) {
      let total = 0;
      for (let b = 0; b < labels.length; b++) {
        const { largest, sum } = softmaxParts(logits, stride, classes, b);
        total += largest + Math.log(sum) - logits[labels[b] * stride + b];
      }
      value[0] = total / labels.length;
    },
  },
};

function softmaxParts(logits: Float32Array, stride: number, classes: number, b: number) {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[k * stride + b]);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(logits[k * stride + b] - largest);
  return { largest, sum };
}
