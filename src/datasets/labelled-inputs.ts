import { invalid, positiveInteger, wrongKind } from "../errors.js";
import { sha256 } from "../files.js";
import { isNumbers, type NumberList, type Numbers } from "../formats/numbers.js";
import { knownOptions, type OptionNames } from "../options.js";
import { shapeSize } from "../shape-size.js";
import type { ClassLabels, LabelledInputs } from "./inputs.js";
import { isLoadedArray, type LoadedArray } from "./load-array.js";
import { rowsIn } from "./rows.js";

/** Options of {@link labelledInputs}. */
export interface LabelledInputsOptions {
  /**
   * Shape of the values, `[count, ...row]`, or of one row; needed for a typed array, default what the file says. A
   * row's shape is checked against what a network takes, so that numbers in another order are no image.
   */
  readonly shape?: readonly number[];
  /** What provenance calls them; default the file's name, else "unnamed". */
  readonly name?: string;
  /** How many classes there are; default one more than the largest label. */
  readonly classes?: number;
}

/** The names of `LabelledInputsOptions`. */
export const labelledInputsOptionNames: OptionNames<LabelledInputsOptions> = { shape: true, name: true, classes: true };

const mostClasses = 65_536;

/**
 * Inputs with the class that each belongs to, from arrays at hand: what `mlpGame`, `networkGame`, `accuracy` and
 * `trainMlp` take, as `loadInputs` gives it for MNIST.
 *
 * @param values row after row in a typed array, or what `loadArray` gives; kept as they are, not copied
 * @param labels class of each row, whole numbers from 0: a typed array, a list, or what `loadArray` gives, `[count]`
 * @throws TypeError, RangeError where there is not one label for each row, a label is none of the classes, or the shape
 *   does not fit the values
 * @example
 * const inputs = labelledInputs(Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), [0, 1, 1, 0], { shape: [4, 2], name: "xor" });
 * const files = labelledInputs(loadArray("images.npy"), loadArray("classes.npy"), { classes: 10 });
 */
export function labelledInputs<Data extends Numbers>(
  values: Data | LoadedArray,
  labels: NumberList | LoadedArray,
  options: LabelledInputsOptions = {},
): LabelledInputs<Data> {
  knownOptions("labelledInputs", options, labelledInputsOptionNames);
  const loaded = isLoadedArray(values) ? values : undefined;
  const inputs = (loaded ? loaded.data : values) as Data;
  if (!isNumbers(inputs)) throw wrongKind("values", "a typed array, or what loadArray gives", values);
  if (options === null || typeof options !== "object") throw wrongKind("options", "an object with shape", options);
  const { name = loaded?.name ?? "unnamed", classes } = options;
  if (typeof name !== "string") throw wrongKind("name", "a text", name);
  if (isLoadedArray(labels) && labels.shape.length !== 1) {
    throw invalid("labels", "an array [count]", `an array [${labels.shape.join(", ")}]`);
  }
  const ofRows = classLabels(isLoadedArray(labels) ? labels.data : labels, classes);
  const count = positiveInteger("number of labels", ofRows.length);
  const shape = rowShape(inputs, count, options.shape ?? loaded?.shape);
  if (loaded && options.shape !== undefined) rowsIn(loaded, { name, shape });
  return {
    name,
    inputs,
    labels: ofRows,
    count,
    features: shapeSize(shape),
    shape,
    classes: classes ?? classesIn(ofRows),
    sha256: checksum(inputs, ofRows),
  };
}

/**
 * Checks labelled inputs, whoever made them, before anything is computed from them.
 *
 * @returns them; where they have no checksum, or labels in another kind of array, with these made
 * @throws TypeError, RangeError where there is not one label for each row, a label is none of the classes, or rows
 *   times features are not the numbers that there are
 */
export function checkLabelled<Data extends Numbers>(data: LabelledInputs<Data>): LabelledInputs<Data> {
  const rule = "labelled inputs, as labelledInputs and loadInputs give them";
  if (data === null || typeof data !== "object") throw wrongKind("inputs", rule, data);
  const { name, inputs, shape, sha256: stated = "" } = data;
  if (!isNumbers(inputs)) throw wrongKind("inputs", "a typed array of the rows one after the other", inputs);
  if (typeof name !== "string") throw wrongKind("name of the inputs", "a text", name);
  if (typeof stated !== "string") throw wrongKind("sha256 of the inputs", "a text", stated);
  const count = positiveInteger("count of the inputs", data.count);
  const features = positiveInteger("features of the inputs", data.features);
  const classes = positiveInteger("classes of the inputs", data.classes);
  if (count * features !== inputs.length) {
    throw invalid("inputs", `${count} rows of ${features} numbers, as ${name} states`, inputs);
  }
  if (shape !== undefined && (!Array.isArray(shape) || shapeSize(shape) !== features)) {
    throw invalid("shape of the inputs", `that of one row of ${features} numbers`, shape);
  }
  const labels = classLabels(data.labels, classes);
  if (labels.length !== count) throw invalid("labels", `${count} classes, one for each of the inputs`, labels.length);
  if (labels === data.labels && stated !== "") return data;
  return { ...data, labels, sha256: stated === "" ? checksum(inputs, labels) : stated };
}

/**
 * Labels as the classes of some inputs: whole numbers from 0, below the number of classes.
 *
 * @param classes default the most that there may be, 65536
 * @throws TypeError, RangeError naming the first label that is none
 */
export function classLabels(labels: NumberList, classes = mostClasses): ClassLabels {
  if (!isNumbers(labels) && !Array.isArray(labels)) {
    throw wrongKind("labels", "the class of each input, in a typed array or a list", labels);
  }
  const most = positiveInteger("classes", classes);
  if (most > mostClasses) throw invalid("classes", `at most ${mostClasses}`, classes);
  const bad = firstBadLabel(labels, most);
  if (bad >= 0)
    throw invalid("labels", `classes, whole numbers from 0 to ${most - 1}`, `${labels[bad]} at place ${bad}`);
  if (labels instanceof Uint8Array || labels instanceof Uint16Array) return labels;
  const whole = Array.from(labels as ArrayLike<number | bigint>, Number);
  return classesIn(whole) <= 256 ? Uint8Array.from(whole) : Uint16Array.from(whole);
}

/** The place of the first label that is no whole number from 0, below the number of classes; -1 where there is none. */
export function firstBadLabel(labels: NumberList, classes = mostClasses): number {
  const isClass = (label: unknown) =>
    (typeof label === "bigint" || Number.isInteger(label)) && (label as number) >= 0 && (label as number) < classes;
  for (let i = 0; i < labels.length; i++) if (!isClass(labels[i])) return i;
  return -1;
}

/** The shape of one row, from that of all rows or of one. With one input the two mean the same. */
function rowShape(inputs: Numbers, count: number, shape: readonly number[] | undefined): readonly number[] {
  const rule = `[count, ...row] or [...row] of ${count} rows`;
  if (!Array.isArray(shape)) throw wrongKind("shape", rule, shape);
  if (!shape.every((length) => Number.isSafeInteger(length) && length > 0)) throw invalid("shape", rule, shape);
  const size = shapeSize(shape);
  if (size === inputs.length && shape[0] === count) return shape.slice(1);
  if (size * count === inputs.length) return [...shape];
  throw invalid("shape", `${rule}, ${inputs.length} numbers in all`, shape);
}

/** Checksum of the numbers' bytes followed by the labels'. */
function checksum(inputs: Numbers, labels: ClassLabels): string {
  return sha256(bytesOf(inputs), bytesOf(labels));
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** How many classes there are, where only the labels tell: one more than the largest. */
export function classesIn(labels: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < labels.length; i++) most = Math.max(most, labels[i]);
  return most + 1;
}
