import { invalid } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import type { Port } from "../networks/network.js";
import type { ImageForm } from "./onnx-facts.js";

/** Numbers along the edge of the smallest image that is taken for one unasked. */
const smallestEdge = 5;

/**
 * How an input is seen: the only one of single-precision numbers of a network, of shape `[height, width]` or with a
 * channel or three, first or last.
 *
 * @param given height and width; null for none; undefined for what the shape says
 * @throws RangeError for a height and width that the input does not have
 */
export function imageForm(
  given: readonly [number, number] | null | undefined,
  inputs: readonly Port[],
  data: readonly Numbers[],
): ImageForm | null {
  if (given === null) return null;
  const [{ shape }] = inputs;
  const found = inputs.length > 1 ? undefined : given === undefined ? ofShape(shape) : ofSize(given, shape);
  if (!found) {
    if (given === undefined) return null;
    throw invalid("image", `height and width of an input of shape [${shape.join(", ")}], or null`, given);
  }
  let [low, high] = [0, 1];
  for (const value of data[0] as Float32Array) {
    low = Math.min(low, Number(value));
    high = Math.max(high, Number(value));
  }
  return { ...found, low, high };
}

type Form = Omit<ImageForm, "low" | "high">;

function isColours(length: number): boolean {
  return length === 1 || length === 3;
}

function ofShape(shape: readonly number[]): Form | undefined {
  if (shape.length === 2) return large({ height: shape[0], width: shape[1], channels: 1, first: true });
  if (shape.length === 3 && isColours(shape[0])) {
    return large({ height: shape[1], width: shape[2], channels: shape[0], first: true });
  }
  if (shape.length === 3 && isColours(shape[2])) {
    return large({ height: shape[0], width: shape[1], channels: shape[2], first: false });
  }
  const side = shape.length === 1 ? Math.sqrt(shape[0]) : 0;
  return Number.isInteger(side) ? large({ height: side, width: side, channels: 1, first: true }) : undefined;
}

function large(form: Form): Form | undefined {
  return form.height >= smallestEdge && form.width >= smallestEdge ? form : undefined;
}

function ofSize([height, width]: readonly [number, number], shape: readonly number[]): Form | undefined {
  const channels = shape.reduce((product, length) => product * length, 1) / (height * width);
  return isColours(channels)
    ? { height, width, channels, first: shape[shape.length - 1] !== channels || channels === 1 }
    : undefined;
}
