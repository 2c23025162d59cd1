import type { ClassLabels, LabelledInputs } from "../../datasets/inputs.js";
import { checkLabelled } from "../../datasets/labelled-inputs.js";
import { isLoadedArray, type LoadedArray } from "../../datasets/load-array.js";
import { checkFits, rowsIn } from "../../datasets/rows.js";
import { invalid, wrongKind } from "../../errors.js";
import { copyAs, isNumbers, type Numbers } from "../../formats/numbers.js";
import type { Mlp } from "./mlp.js";

/**
 * Inputs of a network of dense layers: with their classes, or, where nothing looks at these, an array as `loadArray`
 * gives it.
 */
export type MlpInputs = LabelledInputs<Numbers> | LoadedArray;

/** Inputs that were checked, as dense layers take them. */
export interface CheckedMlpInputs {
  readonly name: string;
  /** `[count, features]` */
  readonly inputs: Float32Array;
  /** Undefined where they are not known. */
  readonly labels: ClassLabels | undefined;
  readonly count: number;
  /** As many as the network has outputs. */
  readonly classes: number;
  readonly sha256: string;
}

/**
 * Checks that a network takes these inputs and has an output for each of their classes.
 *
 * @throws TypeError, RangeError naming both sizes, or what `checkLabelled` finds
 */
export function checkedInputs(
  mlp: Pick<Mlp, "inputs" | "outputs">,
  data: LabelledInputs<Numbers>,
): CheckedMlpInputs & { readonly labels: ClassLabels };
export function checkedInputs(mlp: Pick<Mlp, "inputs" | "outputs">, data: MlpInputs): CheckedMlpInputs;
export function checkedInputs(mlp: Pick<Mlp, "inputs" | "outputs">, data: MlpInputs): CheckedMlpInputs {
  const [port] = mlp.inputs;
  const [width] = port.shape;
  const [outputs] = mlp.outputs[0].shape;
  if (isLoadedArray(data)) {
    const count = rowsIn(data, port);
    const { name, sha256 } = data;
    return { name, inputs: singlePrecision(data.data, width), labels: undefined, count, classes: outputs, sha256 };
  }
  if (isNumbers(data)) {
    const rule = "what labelledInputs, loadInputs or loadArray give: numbers with their shape, or with classes";
    throw wrongKind("inputs", rule, data);
  }
  const { name, inputs, labels, count, features, classes, sha256 } = checkLabelled(data);
  if (width !== features) throw invalid("network", `${features} inputs, as ${name} has`, width);
  if (outputs !== classes) throw invalid("network", `${classes} outputs, one for each class of ${name}`, outputs);
  return { name, inputs: singlePrecision(inputs, features), labels, count, classes, sha256 };
}

/**
 * Numbers as dense layers take them. @throws RangeError for whole numbers that would be rounded, and what is not finite
 */
export function singlePrecision(inputs: Numbers, features: number): Float32Array {
  checkFits("inputs", inputs, "float32", features);
  return inputs instanceof Float32Array ? inputs : copyAs(inputs, "float32");
}
