import type { ClassLabels } from "../datasets/inputs.js";
import { denseParts } from "../lesion/dense-parts.js";
import { type DenseParts, type DenseWalk, denseWalk } from "../lesion/dense-walk.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import { plainSums } from "../networks/mlp/plain-forward.js";
import { singles } from "./half-precision.js";
import type { MlpFacts } from "./mlp-facts.js";
import type { PageArray } from "./page-content.js";

/** The numbers of a network of dense layers. */
export type MlpNumbers = Pick<Mlp, "layers" | "negativeSlopes">;

/** A network over some inputs, and the walk that lesions its hidden units. */
export interface MlpPasses {
  readonly parts: DenseParts;
  readonly walk: DenseWalk;
}

/**
 * A network over some inputs, whose hidden units of all layers can be lesioned. The kernels of `mlpGame`, and its
 * numbers.
 *
 * @param inputs `[count, features]`
 * @param held what hidden units hold behind their activation while they are lesioned, layer after layer; undefined for
 *   0
 */
export function mlpPasses(
  network: MlpNumbers,
  inputs: Float32Array,
  labels: ClassLabels | undefined,
  held?: Float32Array,
): MlpPasses {
  const hidden = network.layers.slice(0, -1);
  const [sums] = plainSums(network, inputs, [1]);
  const slope = network.negativeSlopes[0];
  const activations = sums.map((x) => (x > 0 ? x : Math.fround(slope * x)));
  const classes = network.layers[hidden.length].outputs;
  const count = inputs.length / network.layers[0].inputs;
  const lesioned = hidden.map((_, l) => l + 1);
  let first = 0;
  const constants = hidden.map(({ outputs }) => {
    first += outputs;
    return held?.slice(first - outputs, first) ?? new Float32Array(outputs);
  });
  const parts = denseParts(network, { labels, classes, count }, lesioned, activations, constants);
  return { parts, walk: denseWalk(parts) };
}

/** The intact units of each hidden layer, where units are numbered layer after layer. */
export function intactLists(widths: readonly number[], isIntact: (unit: number) => boolean): number[][] {
  let first = 0;
  return widths.slice(1, -1).map((width) => {
    const from = first;
    first += width;
    return Array.from({ length: width }, (_, unit) => unit).filter((unit) => isIntact(from + unit));
  });
}

/** The levels of an image: its numbers times 255. */
const levels = 255;

/** Numbers as levels from 0 to 255, as images have them; undefined where some are no such levels. */
export function exactLevels(numbers: Float32Array): Uint8Array | undefined {
  const found = Uint8Array.from(numbers, (value) => Math.round(value * levels));
  return numbers.every((value, i) => Math.fround(found[i] / levels) === value) ? found : undefined;
}

/** The network and the inputs of a page. */
export function storedNumbers(facts: MlpFacts, arrays: Readonly<Record<string, PageArray>>) {
  const { widths, negativeSlopes } = facts;
  const numbers = (name: string) => singles(arrays[name]);
  const layers = widths.slice(1).map((outputs, l) => ({
    inputs: widths[l],
    outputs,
    weights: numbers(`weights${l + 1}`),
    biases: numbers(`biases${l + 1}`),
  }));
  const inputs = facts.levels
    ? Float32Array.from(arrays.inputs, (level) => level / levels)
    : (arrays.inputs as Float32Array);
  const held = arrays.held as Float32Array | undefined;
  return { network: { layers, negativeSlopes }, inputs, labels: arrays.labels as Uint8Array, held };
}
