import { isLoadedArray } from "../datasets/load-array.js";
import { checkFits, rowsIn } from "../datasets/rows.js";
import { invalid, wrongKind } from "../errors.js";
import { isNumbers, type Numbers } from "../formats/numbers.js";
import { shapeSize } from "../shape-size.js";
import type { InputNumbers, InputRows, Network, NetworkInputs, Port } from "./network.js";

/** Some of these rows, from one up to another, which is not among them. */
export function rowsBetween({ count, data }: InputRows, from: number, to: number): InputRows {
  const some = (numbers: Numbers) => {
    const size = numbers.length / count;
    return numbers.subarray(from * size, to * size);
  };
  return { count: to - from, data: data.map(some) };
}

/**
 * Checks inputs against what the network takes.
 *
 * @param name how messages call them, e.g. `inputs`
 * @throws TypeError, RangeError where a name is missing, unknown, numbers do not make whole rows, or the network's own
 *   kind of number does not hold them: whole numbers are never rounded
 */
export function inputRows(network: Network, inputs: NetworkInputs, name = "inputs"): InputRows {
  const ports = network.inputs;
  const names = ports.map((port) => port.name).join(", ");
  const alone = isNumbers(inputs) || isLoadedArray(inputs);
  if (alone && ports.length > 1) throw invalid(name, `an array for each of the inputs ${names}`, inputs);
  if (inputs === null || typeof inputs !== "object" || Array.isArray(inputs)) {
    throw wrongKind(name, "a typed array of the rows one after the other, or one for each input's name", inputs);
  }
  if (typeof (inputs as { dataSync?: unknown }).dataSync === "function") {
    throw wrongKind(name, "a typed array; of a tensor that is await tensor.data()", inputs);
  }
  const byName: Readonly<Record<string, InputNumbers>> = alone ? { [ports[0].name]: inputs } : inputs;
  for (const given of Object.keys(byName)) {
    if (!ports.some((port) => port.name === given)) throw invalid(`name in ${name}`, `one of ${names}`, given);
  }
  const rows = ports.map((port) => rowsOfInput(`${name} ${port.name}`, port, byName[port.name]));
  const other = rows.find(({ count }) => count !== rows[0].count);
  if (other) throw invalid(name, `as many rows of each input (${rows[0].count} of ${ports[0].name})`, other.count);
  return { count: rows[0].count, data: rows.map(({ data }) => data) };
}

function rowsOfInput(name: string, port: Port, given: InputNumbers): { count: number; data: Numbers } {
  const loaded = isLoadedArray(given);
  const data = loaded ? given.data : given;
  if (!isNumbers(data)) throw wrongKind(name, "a typed array, or what loadArray gives", data);
  const size = shapeSize(port.shape);
  checkFits(name, data, port.numbers ?? "float32", size);
  const count = loaded ? rowsIn(given, port) : data.length / size;
  if (!Number.isInteger(count) || count < 1) {
    throw invalid(name, `one or more rows of shape [${port.shape.join(", ")}]`, data);
  }
  return { count, data };
}
