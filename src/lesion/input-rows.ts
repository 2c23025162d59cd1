import { type InputArrays, rowsIn } from "../datasets/input-arrays.js";
import type { ClassLabels, LabelledInputs } from "../datasets/inputs.js";
import { invalid } from "../errors.js";
import type { NumericArray } from "../games/value.js";
import type { Network, NetworkInputs } from "../networks/network.js";
import type { GivenShape } from "../networks/shapes.js";

/** Shapes of one row: of the only array, or of each by its name. MNIST's rows are flat and say nothing. */
export function rowShapes({ arrays, classes }: InputArrays): GivenShape {
  if (classes !== undefined) return {};
  const shapes = [...arrays].map(([name, { shape }]) => [name, shape.slice(1)] as const);
  return shapes.length === 1 ? shapes[0][1] : Object.fromEntries(shapes);
}

/**
 * The arrays as a network takes them: labelled rows where the classes are known, else numbers, by the inputs' names where there are
 * several.
 *
 * @param output shape of the output for one input
 * @throws RangeError for arrays that do not fit the network's inputs, and classes that do not fit its output
 */
export function networkInputs(
  network: Network,
  data: InputArrays,
  output: readonly number[],
): NetworkInputs | LabelledInputs {
  const { inputs: ports } = network;
  if (ports.length === 1) {
    const classes = output.length === 1 ? output[0] : Number.POSITIVE_INFINITY;
    const rows = labelledRows(data, ports[0], classes, false);
    return data.labels ? rows : rows.inputs;
  }
  if (data.labels) throw invalid("labels", "none for a network of several inputs", data.labelsFile?.name ?? data.name);
  const names = ports.map(({ name }) => name).join(", ");
  return Object.fromEntries(
    ports.map((port): [string, NumericArray] => {
      const array = data.arrays.get(port.name);
      if (!array) throw invalid("inputs", `a .npz file with an array for each of the inputs ${names}`, data.name);
      rowsIn(array, port);
      return [port.name, array.values];
    }),
  );
}

/**
 * The rows of a network's only input, with their classes; where none are known and none needed, all 0.
 *
 * @param classes how many the network has an output for
 * @throws RangeError for an array that does not fit the input, labels of another number or outside the classes, or none
 */
export function labelledRows(
  data: InputArrays,
  port: { readonly name: string; readonly shape: readonly number[] },
  classes: number,
  needed: boolean,
): LabelledInputs {
  const array = data.arrays.size === 1 ? [...data.arrays.values()][0] : data.arrays.get(port.name);
  if (!array) throw invalid("inputs", `one array, or one of the name ${port.name}`, [...data.arrays.keys()]);
  const mnist = data.classes !== undefined;
  const count = mnist ? array.shape[0] : rowsIn(array, port);
  const { labels } = data;
  if (labels && labels.length !== count) {
    throw invalid("labels", `${count} classes, one for each of the inputs`, `${labels.length} in ${data.name}`);
  }
  if (!labels && needed) throw invalid("labels", "a .npy file of the inputs' classes for this score", undefined);
  const outside = labels?.find((label: number) => label >= classes);
  if (!mnist && outside !== undefined) {
    throw invalid("labels", `classes from 0 to ${classes - 1}, of which the network has an output each`, outside);
  }
  const { values } = array;
  return {
    name: data.name,
    inputs: values instanceof Float32Array ? values : Float32Array.from(values),
    labels: labels ?? new Uint8Array(count),
    count,
    features: values.length / count,
    classes: data.classes ?? (Number.isFinite(classes) ? classes : largest(labels) + 1),
    sha256: data.sha256,
  };
}

function largest(labels: ClassLabels | undefined): number {
  let most = 0;
  for (const label of labels ?? []) most = Math.max(most, label);
  return most;
}
