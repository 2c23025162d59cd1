import type { LabelledInputs } from "../datasets/inputs.js";
import { invalid } from "../errors.js";
import type { InputRows } from "../networks/network.js";

/** What takes the place of a lesioned unit's value. */
export const lesionKinds = ["zero", "mean"] as const;
/**
 * "zero": the value is set to 0, the paper's lesion. "mean": to its mean over the game's inputs, so that the unit still
 * says what is usual but nothing about the input at hand.
 */
export type LesionKind = (typeof lesionKinds)[number];

/** Where a hidden unit is lesioned. */
export const lesionPlaces = ["pre-activation", "activation"] as const;
/** The value before the activation function, or after it. For "zero" and a leaky ReLU both come to the same. */
export type LesionPlace = (typeof lesionPlaces)[number];

/** As {@link checkMean}, for the mean over labelled inputs that are played themselves. */
export function checkMeanOf({ count, inputs }: Pick<LabelledInputs, "count" | "inputs">): void {
  const rows = { count, data: [inputs] };
  checkMean(rows, rows);
}

/**
 * Checks that a mean says something other than the inputs that are played: where they are all the same, each unit would be replaced by
 * itself and every mode would be 0.
 *
 * @param reference what the mean is taken over
 * @param played the game's inputs
 * @throws RangeError where all rows of both are equal, as they are where one row is played alone
 */
export function checkMean(reference: InputRows, played: InputRows): void {
  const changes = reference.data.some((values, d) => {
    const size = values.length / reference.count;
    const others = (value: number | bigint, i: number) => value !== values[i % size];
    return (values as Float32Array).some(others) || (played.data[d] as Float32Array).some(others);
  });
  if (changes) return;
  const rule = "two or more inputs that differ, or { mean: inputs } over a reference set where the game takes one";
  const what = "the mean over one input is that input, so each unit would be replaced by itself";
  const rows = `${reference.count} ${reference.count === 1 ? "input" : "equal inputs"}`;
  throw invalid("lesion mean", `${rule} (${what})`, rows);
}
