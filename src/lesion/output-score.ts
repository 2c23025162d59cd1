import type { ClassLabels } from "../datasets/inputs.js";
import { GameError, invalid } from "../errors.js";
import { type GameValue, shapeOf, writeValue } from "../games/value.js";
import type { Port } from "../networks/network.js";
import {
  type ClassifierState,
  classCounts,
  type Labels,
  labelledFor,
  type ScoreName,
  scoreNames,
  scoreOf,
} from "./scores.js";

/** What a score function is told besides the output. */
export interface ScoreContext {
  /** How many inputs: the output's first axis. */
  readonly inputs: number;
  /** Shape of the output for one input. */
  readonly shape: readonly number[];
  /** Classes of the inputs, where they have any. */
  readonly labels: ClassLabels | undefined;
}

/** v(S) from the network's output, `[inputs, ...shape]` row-major, with the units of S intact. The output is only good during the call. */
export type OutputScore = (output: Float32Array, context: ScoreContext) => GameValue;

/**
 * Names of scores of any output. "output": what the network puts out for every input, `[inputs, ...shape]`; "mean-output": the
 * mean of that over the inputs, `shape`.
 */
export const outputScoreNames = ["output", "mean-output"] as const;
/** One of {@link outputScoreNames}. */
export type OutputScoreName = (typeof outputScoreNames)[number];

/** What v(S) is, by name. */
export type NamedScore = OutputScoreName | ScoreName;
/** What v(S) is: by name, or a function of the network's output. */
export type AnyScore = NamedScore | OutputScore;

/** A score ready for use. */
export interface PreparedScore {
  readonly name: string;
  readonly outputShape: readonly number[];
  /** Writes v(S), from the output of all inputs, into `values` from `offset` on. */
  write(output: Float32Array, values: Float64Array, offset: number): void;
}

/**
 * Checks a score, before anything is computed.
 *
 * @param inputs the classes of the inputs and how many there are, where that is known
 * @throws RangeError for a name that is none, or a classifier's score of inputs without labels or an output that is not one
 *   number for each class
 */
export function checkScore(
  score: AnyScore,
  { shape }: Port,
  inputs: { readonly name: string; readonly labels: ClassLabels | undefined; readonly classes: number } | undefined,
): void {
  if (typeof score === "function" || isOutputScore(score)) return;
  const names = [...scoreNames, ...outputScoreNames].join(", ");
  if (!scoreNames.includes(score)) throw invalid("score", `one of ${names} or a function`, score);
  labelledFor(scoreOf(score), { labels: inputs?.labels });
  if (shape.length === 1 && (!inputs || shape[0] === inputs.classes)) return;
  const rule = inputs && `${inputs.classes} numbers for each input, one for each class of ${inputs.name}`;
  throw invalid("output", rule ?? "one number for each class, for each input", shape);
}

/**
 * Makes a score that was checked ready: the network's output itself, a function of it, or one of a classifier's scores.
 *
 * @param intact the output with all units intact, from which the shape of a function's value is learned
 */
export function prepareScore(
  score: AnyScore,
  { shape }: Pick<Port, "shape">,
  inputs: number,
  labels: ClassLabels | undefined,
  intact: Float32Array,
): PreparedScore {
  if (typeof score === "function") return functionScore(score, { inputs, shape, labels }, intact);
  if (score === "mean-output") return meanOutput(shape, inputs);
  if (score !== "output") return classifierScore(score, inputs, shape[0], labels);
  return {
    name: "output",
    outputShape: [inputs, ...shape],
    write: (values, target, offset) => target.set(values, offset),
  };
}

/**
 * A score that was checked, of the logits that a walk keeps; for a function the walk is to have all units intact now.
 *
 * @returns its shape, and what writes v(S)
 */
export function walkScore(
  score: AnyScore,
  walk: ClassifierState,
  labels: Labels,
): Pick<PreparedScore, "outputShape"> & { write(value: Float64Array): void } {
  const { inputs, classes } = labels;
  if (typeof score !== "function" && !isOutputScore(score)) {
    const { shape, write } = scoreOf(score);
    return { outputShape: shape(inputs, classes), write: (value) => write(walk, labels, value) };
  }
  const output = new Float32Array(inputs * classes);
  const read = () => {
    const { logits, stride } = walk;
    for (let k = 0; k < classes; k++) {
      for (let b = 0; b < inputs; b++) output[b * classes + k] = logits[k * stride + b];
    }
    return output;
  };
  const { outputShape, write } = prepareScore(score, { shape: [classes] }, inputs, labels.labels, read());
  return { outputShape, write: (value) => write(read(), value, 0) };
}

/** Whether a score looks at the inputs' classes; a name that is none does not. */
export function needsLabels(score: NamedScore): boolean {
  return scoreNames.some((name) => name === score && scoreOf(name).needsLabels);
}

function isOutputScore(score: string): score is OutputScoreName {
  return (outputScoreNames as readonly string[]).includes(score);
}

function meanOutput(shape: readonly number[], inputs: number): PreparedScore {
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    name: "mean-output",
    outputShape: shape,
    write(output, values, offset) {
      values.fill(0, offset, offset + size);
      for (let b = 0; b < inputs; b++) for (let o = 0; o < size; o++) values[offset + o] += output[b * size + o];
      for (let o = 0; o < size; o++) values[offset + o] /= inputs;
    },
  };
}

function functionScore(score: OutputScore, context: ScoreContext, intact: Float32Array): PreparedScore {
  const outputShape = shapeOf(score(intact, context));
  return {
    name: score.name || "function",
    outputShape,
    write(output, values, offset) {
      const problem = writeValue(score(output, context), outputShape, values, offset);
      if (problem) throw new GameError(problem);
    },
  };
}

function classifierScore(
  name: ScoreName,
  inputs: number,
  classes: number,
  classOf: ClassLabels | undefined,
): PreparedScore {
  const score = scoreOf(name);
  const outputShape = score.shape(inputs, classes);
  const labels = { inputs, labels: classOf, classes, counts: classCounts(classOf, classes) };
  const logits = new Float32Array(classes * inputs);
  const predicted = new Int32Array(classes);
  const correct = new Int32Array(classes);
  const value = new Float64Array(outputShape.reduce((product, length) => product * length, 1));
  return {
    name,
    outputShape,
    write(output, values, offset) {
      predicted.fill(0);
      correct.fill(0);
      for (let b = 0; b < inputs; b++) {
        let best = 0;
        for (let k = 0; k < classes; k++) {
          const logit = output[b * classes + k];
          // No class is predicted there; one without any number would be the first.
          if (Number.isNaN(logit)) throw new GameError(`the network put out NaN for class ${k} of input ${b}`);
          logits[k * inputs + b] = logit;
          if (logit > output[b * classes + best]) best = k;
        }
        predicted[best]++;
        if (best === classOf?.[b]) correct[best]++;
      }
      score.write({ logits, stride: inputs, predicted, correct }, labels, value);
      values.set(value, offset);
    },
  };
}
