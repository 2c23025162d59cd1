import { basename } from "node:path";
import { FileError, invalid } from "../errors.js";
import { readBytes, sha256 } from "../files.js";
import type { NumericArray } from "../games/value.js";
import { fromNpy, type NpyArray } from "../modes/npy.js";
import { readNpz } from "../modes/npz.js";
import { type ClassLabels, loadInputs } from "./inputs.js";

/** Inputs as a name or a file gives them, before a network says what it takes. */
export interface InputArrays {
  /** `mnist-test:0-1023`, or the file's name without its folder: what provenance states. */
  readonly name: string;
  /** The arrays by their names, `[count, ...row]`; a single one without a name is called "". */
  readonly arrays: ReadonlyMap<string, NpyArray>;
  /** Class of each input, where known. */
  readonly labels: ClassLabels | undefined;
  /** How many classes there are, where that is known without a network. */
  readonly classes: number | undefined;
  /** Checksum of the file; of the images and labels themselves for MNIST. */
  readonly sha256: string;
  /** Name and checksum of the file of labels, where they have one of their own. */
  readonly labelsFile: { readonly name: string; readonly sha256: string } | undefined;
}

/** The array of an npz file that holds classes, unless a network has an input of this name. */
const labelsArray = "labels";

/**
 * Reads what a network is to look at: a name such as `mnist-test:0-1023`, or a file that numpy saved. A `.npy` file holds the
 * rows of the only input, `[count, ...row]`; a `.npz` file an array for each input, by name, and perhaps `labels`.
 *
 * @param labels a `.npy` file of the inputs' classes, `[count]`, whole numbers from 0 to 65535
 * @throws FileError for a file that is absent, damaged or of another kind; RangeError for a name that is none
 */
export function readInputs(inputs: string, labels?: string): InputArrays {
  const labelled = labels === undefined ? undefined : readArray(labels);
  const classes = labelled && labelsFrom(labelled.array, labels as string);
  const labelsFile = labelled && { name: basename(labels as string), sha256: labelled.sha256 };
  if (typeof inputs === "string" && /\.npz$/i.test(inputs)) {
    const bytes = readBytes(inputs);
    const arrays = readNpz(bytes, inputs);
    const within = arrays.get(labelsArray);
    if (within && arrays.size > 1) arrays.delete(labelsArray);
    if (arrays.size === 0) throw new FileError(inputs, "holds no arrays");
    return {
      name: basename(inputs),
      arrays,
      labels: classes ?? (within && labelsFrom(within, `${inputs}, array ${labelsArray}`)),
      classes: undefined,
      sha256: sha256(bytes),
      labelsFile,
    };
  }
  if (typeof inputs === "string" && /\.npy$/i.test(inputs)) {
    const { array, sha256 } = readArray(inputs);
    return {
      name: basename(inputs),
      arrays: new Map([["", array]]),
      labels: classes,
      classes: undefined,
      sha256,
      labelsFile,
    };
  }
  const known = loadInputs(inputs);
  if (labels !== undefined) throw invalid("labels", `none for ${inputs}, which has its own`, labels);
  return {
    name: known.name,
    arrays: new Map([["", { shape: [known.count, known.features], values: known.inputs }]]),
    labels: known.labels,
    classes: known.classes,
    sha256: known.sha256,
    labelsFile: undefined,
  };
}

/**
 * The rows that an array holds for an input: `[count, ...row]`, rows flat or in the input's own shape (axes of length 1 do not
 * count), or one row without the first axis.
 *
 * @param input name and shape of one row
 * @returns how many rows
 * @throws RangeError for an array of another shape: numbers in another order are no image
 */
export function rowsIn({ shape, values }: NpyArray, input: { name: string; shape: readonly number[] }): number {
  const wanted = withoutOnes(input.shape);
  const size = input.shape.reduce((product, length) => product * length, 1);
  const isRow = (row: readonly number[]) => {
    const lengths = withoutOnes(row);
    const flat = lengths.length <= 1 || wanted.length <= 1;
    return row.reduce((product, length) => product * length, 1) === size && (flat || `${lengths}` === `${wanted}`);
  };
  if (values.length > 0 && shape.length > 0 && isRow(shape.slice(1))) return shape[0];
  if (values.length > 0 && isRow(shape)) return 1;
  const rule = `rows of shape [${input.shape.join(", ")}], so an array [count, ${input.shape.join(", ")}]`;
  throw invalid(`inputs for ${input.name}`, rule, `an array [${shape.join(", ")}]`);
}

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((length) => length !== 1);
}

function readArray(path: string): { array: NpyArray; sha256: string } {
  const bytes = readBytes(path);
  return { array: fromNpy(bytes, path), sha256: sha256(bytes) };
}

function labelsFrom({ shape, values }: NpyArray, path: string): ClassLabels {
  const numbers: NumericArray = values;
  if (shape.length !== 1) throw new FileError(path, `holds an array [${shape.join(", ")}]; labels are [count]`);
  const bad = numbers.find((label: number) => !Number.isInteger(label) || label < 0 || label > 65_535);
  if (bad !== undefined) throw new FileError(path, `holds ${bad}; labels are whole numbers from 0 to 65535`);
  return Uint16Array.from(numbers);
}
