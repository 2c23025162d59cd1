import { invalid } from "../../errors.js";
import { nearestNames } from "../../nearest-names.js";
import type { Site } from "../network.js";
import type { DeepMlp } from "./deep.js";

/** The places where an MLP's units are lesioned: `hidden`, or where it has several hidden layers `hidden1`, `hidden2`, ... */
export function mlpSites({ layers, negativeSlopes }: DeepMlp): Site[] {
  return negativeSlopes.map((slope, l) => {
    const units = layers[l].outputs;
    const name = negativeSlopes.length === 1 ? "hidden" : `hidden${l + 1}`;
    const activation = slope === 0 ? "ReLU" : slope === 1 ? "identity" : `leaky ReLU (${slope})`;
    return { name, kind: `Dense, ${activation}`, shape: [units], axis: 0, units };
  });
}

/** Numbers of the hidden layers that some sites' names stand for, from 1. @throws RangeError for a name that is none */
export function layersOfSites(network: DeepMlp, wanted: readonly string[]): number[] {
  const names = mlpSites(network).map(({ name }) => name);
  return wanted.map((name) => {
    const layer = names.indexOf(name) + 1;
    if (layer > 0) return layer;
    const near = nearestNames(String(name), names).join(", ");
    throw invalid("site", `one of the network's ${names.length} hidden layers, such as the nearest: ${near}`, name);
  });
}
