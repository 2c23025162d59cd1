import type { LabelledInputs } from "../datasets/inputs.js";
import { checkLabelled } from "../datasets/labelled-inputs.js";
import { isLoadedArray, type LoadedArray } from "../datasets/load-array.js";
import { rowsIn } from "../datasets/rows.js";
import { invalid } from "../errors.js";
import { sha256 } from "../files.js";
import { isNumbers, type Numbers } from "../formats/numbers.js";
import { inputRows } from "../networks/input-rows.js";
import type { InputRows, Network, NetworkInputs } from "../networks/network.js";
import { shapeSize } from "../shape-size.js";

/** The inputs of a game, checked, and what provenance says of them. Threads are sent this as it is. */
export interface GameInputs {
  readonly rows: InputRows;
  /** The same with their classes, where these are known. */
  readonly labelled: LabelledInputs<Numbers> | undefined;
  /** Name of the data set or file; null for numbers without one. */
  readonly name: string | null;
  /** Checksum of the file or files, else of the numbers. */
  readonly sha256: string;
}

/**
 * Checks the inputs of a game against its network, and labels against inputs.
 *
 * @throws TypeError, RangeError where they do not fit (see `inputRows` and `checkLabelled`)
 */
export function gameInputs(network: Network, inputs: NetworkInputs | LabelledInputs<Numbers>): GameInputs {
  if (isLabelled(inputs)) return labelledGameInputs(network, checkLabelled(inputs));
  const rows = inputRows(network, inputs);
  return { rows, labelled: undefined, ...(source(inputs) ?? { name: null, sha256: rowsSha256(rows) }) };
}

/** Checksum of the bytes of all rows. */
export function rowsSha256({ data }: InputRows): string {
  return sha256(...data.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
}

function labelledGameInputs(network: Network, labelled: LabelledInputs<Numbers>): GameInputs {
  const { name, inputs, count, features, shape, sha256 } = labelled;
  const [port] = network.inputs;
  if (network.inputs.length > 1 || shapeSize(port.shape) !== features) {
    const received = network.inputs.length > 1 ? network.inputs.map((input) => input.name) : port.shape;
    throw invalid("network", `one that takes the ${features} numbers of ${name}`, received);
  }
  if (shape) rowsIn({ data: inputs, shape: [count, ...shape] }, port);
  return { rows: inputRows(network, inputs), labelled, name, sha256 };
}

/** A labelled set has numbers beside its arrays, which arrays by name have not. */
function isLabelled(inputs: NetworkInputs | LabelledInputs<Numbers>): inputs is LabelledInputs<Numbers> {
  if (inputs === null || typeof inputs !== "object" || isNumbers(inputs) || isLoadedArray(inputs)) return false;
  const { labels, count, features, classes } = inputs as Partial<LabelledInputs>;
  return labels !== undefined && [count, features, classes].some((part) => typeof part === "number");
}

/** Name and checksum of the one file that all arrays are from; undefined where there is none. */
function source(inputs: NetworkInputs): Pick<LoadedArray, "name" | "sha256"> | undefined {
  const arrays = isLoadedArray(inputs) ? [inputs] : isNumbers(inputs) ? [] : Object.values(inputs);
  const [first] = arrays;
  const same = arrays.every((array) => isLoadedArray(array) && array.sha256 === (first as LoadedArray).sha256);
  if (!isLoadedArray(first) || !same) return undefined;
  return { name: first.name, sha256: first.sha256 };
}
