import { FileError, invalid } from "../errors.js";
import { type ClassLabels, loadInputs } from "./inputs.js";
import { classLabels, firstBadLabel } from "./labelled-inputs.js";
import { type LoadedArray, loadArray, loadArrays } from "./load-array.js";

/** Inputs as a name or a file gives them, before a network says what it takes. */
export interface InputArrays {
  /** `mnist-test:0-1023`, or the file's name without its folder: what provenance states. */
  readonly name: string;
  /** The arrays by their names, `[count, ...row]`; a single one without a name is called "". */
  readonly arrays: ReadonlyMap<string, LoadedArray>;
  /** Class of each input, where known. */
  readonly labels: ClassLabels | undefined;
  /** How many classes there are, where that is known without a network. */
  readonly classes: number | undefined;
  /** Checksum of the file; of the images and labels themselves for MNIST. */
  readonly sha256: string;
  /** Name and checksum of the file of labels, where they have one of their own. */
  readonly labelsFile: { readonly name: string; readonly sha256: string } | undefined;
}

/** The array of an npz file of several that holds classes: it feeds no input of a network. */
const labelsArray = "labels";

/**
 * Reads what a network is to look at: a name such as `mnist-test:0-1023`, or a file that numpy saved. A `.npy` file
 * holds the rows of the only input, `[count, ...row]`; a `.npz` file an array for each input, by name, and perhaps
 * `labels`.
 *
 * @param labels a `.npy` file of the inputs' classes, `[count]`, whole numbers from 0 to 65535
 * @throws FileError for a file that is absent, damaged or of another kind; RangeError for a name that is none
 */
export function readInputs(inputs: string, labels?: string): InputArrays {
  const labelled = labels === undefined ? undefined : loadArray(labels);
  if (typeof inputs === "string" && !/^mnist-|\.np[yz]$/i.test(inputs)) {
    throw invalid("inputs", "a .npy or .npz file that numpy saved, or a name such as mnist-test:0-1023", inputs);
  }
  if (typeof inputs !== "string" || !/\.np[yz]$/i.test(inputs)) {
    const known = loadInputs(inputs);
    if (labelled) throw invalid("labels", `none for ${inputs}, which has its own`, labels);
    const { name, count, features, sha256 } = known;
    const array = { name, data: known.inputs, shape: [count, features], sha256 };
    const arrays = new Map([["", array]]);
    return { name, arrays, labels: known.labels, classes: known.classes, sha256, labelsFile: undefined };
  }
  const arrays = loadArrays(inputs);
  const within = arrays.size > 1 ? arrays.get(labelsArray) : undefined;
  if (within) arrays.delete(labelsArray);
  const [{ name, sha256 }] = arrays.values();
  return {
    name,
    arrays,
    labels: labelled
      ? labelsFrom(labelled, labels as string)
      : within && labelsFrom(within, `${inputs}, array ${labelsArray}`),
    classes: undefined,
    sha256,
    labelsFile: labelled && { name: labelled.name, sha256: labelled.sha256 },
  };
}

function labelsFrom({ shape, data }: LoadedArray, path: string): ClassLabels {
  if (shape.length !== 1) throw new FileError(path, `holds an array [${shape.join(", ")}]; labels are [count]`);
  const bad = firstBadLabel(data);
  if (bad >= 0) throw new FileError(path, `holds ${data[bad]}; labels are whole numbers from 0 to 65535`);
  return classLabels(data);
}
