import { invalid, wrongKind } from "../errors.js";
import { sha256 } from "../files.js";
import type { Numbers } from "../formats/numbers.js";
import { loadMnist } from "./mnist.js";

/** Classes of inputs, numbers from 0. */
export type ClassLabels = Uint8Array | Uint16Array;

/** Inputs of a network with the class that each belongs to. `labelledInputs` and {@link loadInputs} make them. */
export interface LabelledInputs<Data extends Numbers = Float32Array> {
  /** What was asked for, e.g. `mnist-test:0-1023`: the name that provenance states. */
  readonly name: string;
  /** Row after row, `[count, features]`; MNIST's grey levels divided by 255. */
  readonly inputs: Data;
  /** Class of each input, 0 to `classes - 1`, `[count]`. */
  readonly labels: ClassLabels;
  /** How many inputs. */
  readonly count: number;
  /** Numbers in one input: 784 for MNIST. */
  readonly features: number;
  /** Shape of one row, where known; flat rows say nothing. */
  readonly shape?: readonly number[];
  /** How many classes there are, whether or not each is among the labels. */
  readonly classes: number;
  /** Checksum of the inputs' bytes followed by the labels'. */
  readonly sha256: string;
}

const rule = "mnist-test or mnist-train, or a part of them such as mnist-test:0-1023 (first and last image, inclusive)";

/**
 * The inputs that a name stands for: `mnist-test`, `mnist-train`, or a range of images of one of them in canonical
 * order, first and last included: `mnist-test:0-1023` are the 1024 images of the paper's MLP experiment.
 *
 * @throws TypeError, RangeError for a name that is none of these, or a range outside the set
 */
export function loadInputs(name: string): LabelledInputs {
  if (typeof name !== "string") throw wrongKind("inputs", rule, name);
  const match = /^mnist-(test|train)(?::(\d{1,9})-(\d{1,9}))?$/.exec(name);
  if (!match) throw invalid("inputs", rule, name);
  const set = match[1] as "test" | "train";
  const total = set === "test" ? 10_000 : 60_000;
  const first = match[2] === undefined ? 0 : Number(match[2]);
  const last = match[3] === undefined ? total - 1 : Number(match[3]);
  if (first > last) throw invalid("inputs", "a range whose first image is not after its last", name);
  if (last >= total) throw invalid("inputs", `images 0 to ${total - 1} of mnist-${set}`, name);

  const mnist = loadMnist(set);
  const features = mnist.images.length / mnist.count;
  const inputs = scaled(mnist.images.subarray(first * features, (last + 1) * features));
  const labels = mnist.labels.slice(first, last + 1);
  return { name, inputs, labels, count: labels.length, features, classes: 10, sha256: checksum(inputs, labels) };
}

/** Grey levels 0 to 255 as numbers from 0 to 1. A loop, as `Float32Array.from` takes forty times as long. */
function scaled(greys: Uint8Array): Float32Array {
  const inputs = new Float32Array(greys.length);
  for (let i = 0; i < greys.length; i++) inputs[i] = greys[i] / 255;
  return inputs;
}

function checksum(inputs: Float32Array, labels: Uint8Array): string {
  const bytes = new Uint8Array(inputs.byteLength + labels.byteLength);
  bytes.set(new Uint8Array(inputs.buffer, inputs.byteOffset, inputs.byteLength));
  bytes.set(labels, inputs.byteLength);
  return sha256(bytes);
}
