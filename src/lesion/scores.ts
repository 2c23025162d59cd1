import type { ClassLabels } from "../datasets/inputs.js";
import { invalid, oneOf } from "../errors.js";
import type { Softmax } from "./softmax.js";

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
  /** Softmax of the logits in float32, where that is faster than here. */
  readonly softmax?: Softmax;
}

/** The inputs' classes, where known, and how many of each there are. */
export interface Labels {
  /** B */
  readonly inputs: number;
  /** Class of each input, `[B]`; undefined where they are not known: nothing then counts as right. */
  readonly labels: ClassLabels | undefined;
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
  /** Whether it looks at the inputs' classes. */
  readonly needsLabels: boolean;
  /** Whether it has a number for each class that is 0/0, and stands as 0, where no input is of that class. */
  readonly ofInputsOfClass?: boolean;
  /**
   * Where it is of the softmax: whether it is ln p(class) for every input, else minus the mean of that; and the number
   * of the class, undefined for each input's own. A walk may then compute it without logits.
   */
  readonly ofSoftmax?: { readonly perInput: boolean; readonly wanted: number | undefined };
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
  "log-probability",
  "cross-entropy",
] as const;
/** One of {@link scoreNames}, or the log-probability of a class of that number. */
export type ScoreName = (typeof scoreNames)[number] | `log-probability:${number}`;

const ofClass = /^log-probability:(\d{1,5})$/;

/** Whether a text is the name of a score. */
export function isScoreName(text: string): text is ScoreName {
  return (scoreNames as readonly string[]).includes(text) || ofClass.test(text);
}

/** The score of a name. @throws RangeError for another name, listing them */
export function scoreOf(name: string): Score {
  const found = ofClass.exec(name)?.[1];
  return found === undefined ? scores[oneOf("score", scoreNames, name)] : logProbability(Number(found));
}

/** Inputs as a score takes them. @throws RangeError where it looks at their classes, and these are not known */
export function labelledFor<Inputs extends { readonly labels: ClassLabels | undefined }>(
  { name, needsLabels }: Score,
  inputs: Inputs,
): Inputs {
  if (inputs.labels || !needsLabels) return inputs;
  throw invalid("inputs", `labelled inputs, as labelledInputs makes them, for the score ${name}`, undefined);
}

/** How many inputs there are of each class, `[K]`. */
export function classCounts(labels: ClassLabels | undefined, classes: number): Int32Array {
  const counts = new Int32Array(classes);
  for (const label of labels ?? []) counts[label]++;
  return counts;
}

const perClass = (_inputs: number, classes: number) => [classes];
const perInputAndClass = (inputs: number, classes: number) => [inputs, classes];
const single = () => [];

const scores: Record<(typeof scoreNames)[number], Score> = {
  "class-precision": {
    name: "class-precision",
    meaning:
      "of the inputs for which a class is predicted, the share that is of that class: correct / (predicted + 1e-6)",
    shape: perClass,
    fromPredictions: true,
    needsLabels: true,
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
    needsLabels: true,
    ofInputsOfClass: true,
    write({ correct }, { classes, counts }, value) {
      for (let k = 0; k < classes; k++) value[k] = counts[k] === 0 ? 0 : correct[k] / counts[k];
    },
  },
  accuracy: {
    name: "accuracy",
    meaning: "share of the inputs whose class is predicted",
    shape: single,
    fromPredictions: true,
    needsLabels: true,
    write({ correct }, { inputs, classes }, value) {
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += correct[k];
      value[0] = sum / inputs;
    },
  },
  logits: {
    name: "logits",
    meaning: "the network's output before softmax, for every input and class",
    shape: perInputAndClass,
    fromPredictions: false,
    needsLabels: false,
    write({ logits, stride }, { inputs, classes }, value) {
      for (let k = 0; k < classes; k++) {
        for (let b = 0; b < inputs; b++) value[b * classes + k] = logits[k * stride + b];
      }
    },
  },
  probabilities: {
    name: "probabilities",
    meaning: "softmax of the logits, for every input and class",
    shape: perInputAndClass,
    fromPredictions: false,
    needsLabels: false,
    write({ logits, stride, softmax }, { inputs, classes }, value) {
      if (softmax) {
        const { terms, sums } = softmax.exponentials();
        for (let b = 0; b < inputs; b++) {
          const share = 1 / sums[b];
          for (let k = 0; k < classes; k++) value[b * classes + k] = terms[k * stride + b] * share;
        }
        return;
      }
      for (let b = 0; b < inputs; b++) {
        const { largest, sum } = softmaxAt(logits, stride, classes, b);
        for (let k = 0; k < classes; k++) value[b * classes + k] = Math.exp(logits[k * stride + b] - largest) / sum;
      }
    },
  },
  "log-probability": logProbability(undefined),
  "cross-entropy": {
    name: "cross-entropy",
    meaning: "mean over the inputs of -ln p(its class), in nats; less is better",
    shape: single,
    fromPredictions: false,
    needsLabels: true,
    ofSoftmax: { perInput: false, wanted: undefined },
    write({ logits, stride, softmax }, { inputs, labels, classes }, value) {
      const classOf = labels as ClassLabels;
      if (softmax) {
        value[0] = softmax.crossEntropy() / inputs;
        return;
      }
      let total = 0;
      for (let b = 0; b < inputs; b++) {
        const { largest, sum } = softmaxAt(logits, stride, classes, b);
        total += largest + Math.log(sum) - logits[classOf[b] * stride + b];
      }
      value[0] = total / inputs;
    },
  },
};

/** @param wanted number of a class; undefined for each input's own */
function logProbability(wanted: number | undefined): Score {
  const what = wanted === undefined ? "its class" : `class ${wanted}`;
  return {
    name: wanted === undefined ? "log-probability" : `log-probability:${wanted}`,
    meaning: `ln p(${what}), for every input, in nats`,
    shape(inputs, classes) {
      if (wanted !== undefined && wanted >= classes) {
        throw invalid("score", `the log-probability of a class from 0 to ${classes - 1}`, wanted);
      }
      return [inputs];
    },
    fromPredictions: false,
    needsLabels: wanted === undefined,
    ofSoftmax: { perInput: true, wanted },
    write({ logits, stride, softmax }, { inputs, labels, classes }, value) {
      if (softmax) {
        const { largest, logs } = softmax.logSums();
        for (let b = 0; b < inputs; b++) {
          const k = wanted ?? (labels as ClassLabels)[b];
          value[b] = logits[k * stride + b] - largest[b] - logs[b];
        }
        return;
      }
      for (let b = 0; b < inputs; b++) {
        const { largest, sum } = softmaxAt(logits, stride, classes, b);
        const k = wanted ?? (labels as ClassLabels)[b];
        value[b] = logits[k * stride + b] - largest - Math.log(sum);
      }
    },
  };
}

function softmaxAt(logits: Float32Array, stride: number, classes: number, b: number) {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[k * stride + b]);
  let sum = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(logits[k * stride + b] - largest);
  return { largest, sum };
}
