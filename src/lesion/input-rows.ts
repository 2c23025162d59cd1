import type { InputArrays } from "../datasets/input-arrays.js";
import type { LabelledInputs } from "../datasets/inputs.js";
import { classesIn } from "../datasets/labelled-inputs.js";
import type { LoadedArray } from "../datasets/load-array.js";
import { rowsIn } from "../datasets/rows.js";
import { invalid } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import type { Network, NetworkInputs, Port } from "../networks/network.js";
import type { GivenShape } from "../networks/shapes.js";

/** Shapes of one row: of the only array, or of each by its name. MNIST's rows are flat and say nothing. */
export function rowShapes({ arrays, classes }: InputArrays): GivenShape {
  if (classes !== undefined) return {};
  const shapes = [...arrays].map(([name, { shape }]) => [name, shape.slice(1)] as const);
  return shapes.length === 1 ? shapes[0][1] : Object.fromEntries(shapes);
}

/**
 * What was read as a network takes it: labelled inputs where the classes are known, else arrays, by the inputs' names
 * where there are several.
 *
 * @param output shape of the output for one input
 * @throws RangeError for arrays that do not fit the network's inputs, and classes that do not fit its output
 */
export function networkInputs(
  { inputs: ports }: Pick<Network, "inputs">,
  data: InputArrays,
  output: readonly number[],
): NetworkInputs | LabelledInputs<Numbers> {
  if (ports.length === 1 && data.labels) {
    return labelledRows(data, ports[0], output.length === 1 ? output[0] : undefined);
  }
  if (data.labels) throw invalid("labels", "none for a network of several inputs", data.labelsFile?.name ?? data.name);
  return arraysOf({ inputs: ports }, data);
}

/**
 * What was read as a network takes it, without classes. @throws RangeError where an array for one of its inputs is
 * absent
 */
export function arraysOf({ inputs: ports }: Pick<Network, "inputs">, data: InputArrays): NetworkInputs {
  if (ports.length === 1) return onlyArray(data, ports[0]);
  const names = ports.map(({ name }) => name).join(", ");
  return Object.fromEntries(
    ports.map((port): [string, LoadedArray] => {
      const array = data.arrays.get(port.name);
      if (!array) throw invalid("inputs", `a .npz file with an array for each of the inputs ${names}`, data.name);
      return [port.name, array];
    }),
  );
}

function onlyArray({ arrays }: InputArrays, port: Port): LoadedArray {
  const array = arrays.size === 1 ? [...arrays.values()][0] : arrays.get(port.name);
  if (!array) throw invalid("inputs", `one array, or one of the name ${port.name}`, [...arrays.keys()]);
  return array;
}

/** @param classes how many the network has an output for; undefined where its output is of another shape */
function labelledRows(data: InputArrays, port: Port, classes: number | undefined): LabelledInputs<Numbers> {
  const array = onlyArray(data, port);
  const { name, labels, sha256 } = data;
  const mnist = data.classes !== undefined;
  const count = mnist ? array.shape[0] : rowsIn(array, port);
  if (!labels || labels.length !== count) {
    throw invalid("labels", `${count} classes, one for each of the inputs`, `${labels?.length} in ${name}`);
  }
  const most = data.classes ?? classes ?? classesIn(labels);
  const outside = labels.find((label: number) => label >= most);
  if (outside !== undefined) {
    throw invalid("labels", `classes from 0 to ${most - 1}, of which the network has an output each`, outside);
  }
  return { name, inputs: array.data, labels, count, features: array.data.length / count, classes: most, sha256 };
}
