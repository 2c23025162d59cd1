import type { ClassLabels } from "../datasets/inputs.js";
import { GameError, invalid } from "../errors.js";
import { outputSize } from "../games/game.js";
import { type GameValue, shapeOf, writeValue } from "../games/value.js";
import type { Port } from "../networks/network.js";
import { remarkOnce } from "../remark.js";
import { outputPart } from "./output-part.js";
import {
  type ClassifierState,
  classCounts,
  isScoreName,
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

/**
 * v(S) from the network's output, `[inputs, ...shape]` row-major, with the units of S intact. The output is only good
 * during the call.
 */
export type OutputScore = (output: Float32Array, context: ScoreContext) => GameValue;

/**
 * Names of scores of any output. "output": what the network puts out for every input, `[inputs, ...shape]`;
 * "mean-output": the mean of that over the inputs, `shape`.
 */
export const outputScoreNames = ["output", "mean-output"] as const;
/**
 * One of {@link outputScoreNames}, or of a part of the output: for each axis from the first on a place, which takes the
 * axis away, a range with its first and last place, `*`, or `mean`, over which the mean is taken, with commas between.
 * "output:3", "mean-output:0-9,2", "mean-output:*,mean,mean" (of an output `[channels, height, width]` what each
 * channel holds on average).
 */
export type OutputScoreName = (typeof outputScoreNames)[number] | `${(typeof outputScoreNames)[number]}:${string}`;

/** What v(S) is, by name: other threads and processes can be told. */
export type NamedScore = OutputScoreName | ScoreName;
/** What v(S) is: by name, or a function of the network's output. */
export type AnyScore = NamedScore | OutputScore;

/** Scores as a command line says them. */
export const scoreTexts = [
  ...scoreNames,
  "log-probability:CLASS",
  ...outputScoreNames,
  "output:PART",
  "mean-output:PART",
];

/** A score ready for use. */
export interface PreparedScore {
  readonly name: string;
  readonly outputShape: readonly number[];
  /** Writes v(S), from the output of all inputs, into `values` from `offset` on. */
  write(output: Float32Array, values: Float64Array, offset: number): void;
}

/** The score that a text names. @throws RangeError for a text that names none */
export function scoreFromText(text: string): NamedScore {
  if (isScoreName(text) || isOutputScore(text)) return text;
  throw invalid("score", `one of ${scoreTexts.join(", ")} or a function`, text);
}

/** Whether a score looks at the inputs' classes. @throws RangeError for a name that is none */
export function needsLabels(score: NamedScore): boolean {
  const name = scoreFromText(score);
  return !isOutputScore(name) && scoreOf(name).needsLabels;
}

/**
 * Checks a score, before anything is computed.
 *
 * @param inputs the classes of the inputs and how many there are, where that is known
 * @param remark is told of classes that no input is of, where the score says 0 of them for want of a number
 * @returns these classes
 * @throws RangeError for a name that is none, a part that the output does not have, or a classifier's score of inputs
 *   without labels or an output that is not one number for each class
 */
export function checkScore(
  score: AnyScore,
  { shape }: Port,
  inputs: { readonly name: string; readonly labels: ClassLabels | undefined; readonly classes: number } | undefined,
  remark: (text: string) => void = remarkOnce,
): number[] {
  if (typeof score === "function") return [];
  const name = scoreFromText(score);
  if (isOutputScore(name)) {
    partOf(name, shape);
    return [];
  }
  const ofClasses = scoreOf(name);
  labelledFor(ofClasses, { labels: inputs?.labels });
  if (shape.length !== 1 || (inputs && shape[0] !== inputs.classes)) {
    const rule = inputs && `${inputs.classes} numbers for each input, one for each class of ${inputs.name}`;
    throw invalid("output", rule ?? "one number for each class, for each input", shape);
  }
  ofClasses.shape(1, shape[0]);
  if (!ofClasses.ofInputsOfClass) return [];
  const absent = [...classCounts(inputs?.labels, shape[0])].flatMap((count, k) => (count === 0 ? [k] : []));
  if (absent.length > 0) remark(absentRemark(name, absent));
  return absent;
}

function absentRemark(score: string, absent: readonly number[]): string {
  const named = absent.slice(0, 10).join(", ");
  const more = absent.length > 10 ? ` and ${absent.length - 10} more` : "";
  const which = absent.length === 1 ? "this class" : "these classes";
  return `no input is of class ${named}${more}: ${score} says 0 of ${which}, and that no unit contributes to it`;
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
  return isOutputScore(score) ? ofOutput(score, shape, inputs) : classifierScore(score, inputs, shape[0], labels);
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

const outputScore = /^(mean-)?output(?::(.+))?$/;

function isOutputScore(score: string): score is OutputScoreName {
  return outputScore.test(score);
}

/**
 * The part of the output that a score looks at; undefined for the whole. @throws RangeError for one that it does not
 * have
 */
function partOf(score: OutputScoreName, shape: readonly number[]) {
  const part = outputScore.exec(score)?.[2];
  return part === undefined ? undefined : outputPart(shape, part);
}

function ofOutput(name: OutputScoreName, whole: readonly number[], inputs: number): PreparedScore {
  const size = outputSize(whole);
  const { shape, places, averaged } = partOf(name, whole) ?? {
    shape: whole,
    places: Uint32Array.from({ length: size }, (_, o) => o),
    averaged: 1,
  };
  const wanted = places.length / averaged;
  const sumAt = (output: Float32Array, row: number, o: number) => {
    let sum = 0;
    for (let place = o * averaged; place < (o + 1) * averaged; place++) sum += output[row + places[place]];
    return sum;
  };
  if (!name.startsWith("mean-")) {
    return {
      name,
      outputShape: [inputs, ...shape],
      write(output, values, offset) {
        if (places.length === size && averaged === 1) return values.set(output, offset);
        for (let b = 0; b < inputs; b++) {
          for (let o = 0; o < wanted; o++) values[offset + b * wanted + o] = sumAt(output, b * size, o) / averaged;
        }
      },
    };
  }
  return {
    name,
    outputShape: shape,
    write(output, values, offset) {
      values.fill(0, offset, offset + wanted);
      for (let b = 0; b < inputs; b++) {
        for (let o = 0; o < wanted; o++) values[offset + o] += sumAt(output, b * size, o);
      }
      for (let o = 0; o < wanted; o++) values[offset + o] /= inputs * averaged;
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
  const value = new Float64Array(outputSize(outputShape));
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
