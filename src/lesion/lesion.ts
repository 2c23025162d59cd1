import { invalid, oneOf, wrongKind } from "../errors.js";
import { inputRows } from "../networks/input-rows.js";
import type { InputRows, Network, NetworkInputs, Site } from "../networks/network.js";
import { shapeSize } from "../shape-size.js";

/**
 * What takes the place of a lesioned unit's values.
 * - `"zero"`: 0, the paper's lesion.
 * - `"mean"`: at every position the mean over the game's inputs, of which there must be two that differ;
 *   `{ mean: inputs }`: over a reference set. The unit then still says what is usual, but nothing about the input at
 *   hand.
 * - `{ activation: inputs }`: what the unit holds on another input: one for all, or as many as the game has, pair by
 *   pair. For the site `input` that is the other input itself.
 * - `{ constant: number }`.
 * - `{ background: inputs }`: what the unit holds on each of these inputs in turn; v(S) is the mean of the score over
 *   them. For the site `input` that is the value function of SHAP's interventional attributions (Lundberg and Lee
 *   2017): its explainers with an Independent masker give the same numbers.
 *
 * `Inputs` is what inputs are given as: numbers, or names of files.
 */
export type Lesion<Inputs = NetworkInputs> =
  | "zero"
  | "mean"
  | { readonly mean: Inputs }
  | { readonly activation: Inputs }
  | { readonly constant: number }
  | { readonly background: Inputs };

/** What kinds of lesions there are. */
export const lesionKinds = ["zero", "mean", "activation", "constant", "background"] as const;
/** One of {@link lesionKinds}. */
export type LesionKind = (typeof lesionKinds)[number];

/** Where a unit of dense layers is lesioned. */
export const lesionPlaces = ["pre-activation", "activation"] as const;
/** The value before the activation function, or after it. For "zero" and a leaky ReLU both come to the same. */
export type LesionPlace = (typeof lesionPlaces)[number];

/** A lesion taken apart. */
type LesionParts<Inputs> =
  | { readonly kind: "zero" | "mean" }
  | { readonly kind: "constant"; readonly constant: number }
  | { readonly kind: "mean" | "activation" | "background"; readonly inputs: Inputs };

/** @throws RangeError for what is no lesion */
function partsOf<Inputs>(lesion: Lesion<Inputs>): LesionParts<Inputs> {
  if (lesion === "zero" || lesion === "mean") return { kind: lesion };
  if (lesion !== null && typeof lesion === "object") {
    if ("constant" in lesion) return { kind: "constant", constant: lesion.constant };
    if ("mean" in lesion) return { kind: "mean", inputs: lesion.mean };
    if ("activation" in lesion) return { kind: "activation", inputs: lesion.activation };
    if ("background" in lesion) return { kind: "background", inputs: lesion.background };
  }
  const inputs = "{ mean: inputs }, { activation: inputs }, { constant: number } or { background: inputs }";
  throw invalid("lesion", `"zero", "mean", ${inputs}`, lesion);
}

/**
 * The kind of a lesion, and the inputs that it names; undefined where it names none. @throws RangeError for what is no
 * lesion
 */
export function lesionInputs<Inputs>(lesion: Lesion<Inputs>): { readonly kind: LesionKind; readonly inputs?: Inputs } {
  const parts = partsOf(lesion);
  return "inputs" in parts ? parts : { kind: parts.kind };
}

/** The same lesion with the inputs that it names given as something else. @throws RangeError for what is no lesion */
export function lesionWith<From, To>(lesion: Lesion<From>, inputsAs: (inputs: From) => To): Lesion<To> {
  const parts = partsOf(lesion);
  switch (parts.kind) {
    case "zero":
      return "zero";
    case "constant":
      return { constant: parts.constant };
    case "mean":
      return "inputs" in parts ? { mean: inputsAs(parts.inputs) } : "mean";
    case "activation":
      return { activation: inputsAs(parts.inputs) };
    case "background":
      return { background: inputsAs(parts.inputs) };
  }
}

/**
 * The lesion of a kind that is named in words, as a result's provenance does.
 *
 * @param constant the number of a "constant"
 * @param withInputs the lesion of a kind that may name inputs
 * @throws RangeError for what is no kind
 */
export function lesionOfKind(
  kind: string,
  constant: () => number,
  withInputs: (kind: Exclude<LesionKind, "zero" | "constant">) => Lesion,
): Lesion {
  const known = oneOf("lesion", lesionKinds, kind);
  switch (known) {
    case "zero":
      return "zero";
    case "constant":
      return { constant: constant() };
    case "mean":
    case "activation":
    case "background":
      return withInputs(known);
  }
}

/** A lesion that was checked, and the inputs that it looks at. */
export type LesionPlan =
  | { readonly kind: "zero" }
  | { readonly kind: "constant"; readonly constant: number }
  | { readonly kind: "mean" | "activation" | "background"; readonly reference: InputRows };

/**
 * Checks a lesion.
 *
 * @param inputs the game's
 * @throws TypeError, RangeError for one that is none of those listed, or inputs that do not fit
 */
export function lesionPlan(lesion: Lesion, network: Network, inputs: InputRows): LesionPlan {
  const parts = partsOf(lesion);
  if (parts.kind === "zero") return { kind: "zero" };
  if (parts.kind === "constant") {
    const { constant } = parts;
    if (typeof constant !== "number") throw wrongKind("lesion constant", "a number", constant);
    if (!Number.isFinite(constant)) throw invalid("lesion constant", "a finite number", constant);
    return parts;
  }
  const { kind } = parts;
  const reference = "inputs" in parts ? inputRows(network, parts.inputs, `lesion ${kind}`) : inputs;
  if (kind === "mean") checkMean(reference, inputs);
  if (kind === "activation" && reference.count !== 1 && reference.count !== inputs.count) {
    throw invalid("lesion activation", `one input, or ${inputs.count}, as many as the game has`, reference.count);
  }
  return { kind, reference };
}

/**
 * What lesioned units hold, in every game: turns, over which v(S) is the mean, and in each turn for every site
 * `[1, ...shape]`, or `[inputs, ...shape]` where it differs between inputs.
 *
 * @param heldOn what the sites hold on some inputs, intact: `[rows, ...shape]` each
 * @throws RangeError where that is not finite
 */
export async function lesionTurns(
  plan: LesionPlan,
  sites: readonly Site[],
  heldOn: (rows: InputRows) => Promise<readonly Float32Array[]>,
): Promise<readonly (readonly Float32Array[])[]> {
  const sizes = sites.map(({ shape }) => shapeSize(shape));
  const turns = await turnsOf(plan, sizes, heldOn);
  for (const turn of turns) {
    turn.forEach((values, s) => {
      const bad = values.find((value) => !Number.isFinite(value));
      if (bad !== undefined) throw invalid("lesion", `finite activations of the site ${sites[s].name}`, bad);
    });
  }
  return turns;
}

async function turnsOf(
  plan: LesionPlan,
  sizes: readonly number[],
  heldOn: (rows: InputRows) => Promise<readonly Float32Array[]>,
): Promise<readonly (readonly Float32Array[])[]> {
  switch (plan.kind) {
    case "zero":
      return [sizes.map((size) => new Float32Array(size))];
    case "constant":
      return [sizes.map((size) => new Float32Array(size).fill(plan.constant))];
    case "mean":
      return [(await heldOn(plan.reference)).map((rows, s) => meanRow(rows, sizes[s]))];
    case "activation":
      return [await heldOn(plan.reference)];
    case "background": {
      const held = await heldOn(plan.reference);
      return Array.from({ length: plan.reference.count }, (_, row) =>
        held.map((rows, s) => rows.subarray(row * sizes[s], (row + 1) * sizes[s])),
      );
    }
  }
}

function meanRow(rows: Float32Array, size: number): Float32Array {
  const sums = new Float64Array(size);
  for (let i = 0; i < rows.length; i++) sums[i % size] += rows[i];
  return Float32Array.from(sums, (sum) => sum / (rows.length / size));
}

/** Lesions as a command line says them. */
export const lesionTexts = "zero, mean, constant:VALUE, mean:FILE, activation:FILE, background:FILE";

/**
 * The lesion that a text stands for, inputs named by files. @throws RangeError for a text that is none of
 * {@link lesionTexts}
 */
export function lesionFromText(text: string): Lesion<string> {
  if (text === "zero" || text === "mean") return text;
  const [, kind, value] = /^(\w+):(.+)$/.exec(text) ?? [];
  if (kind === "constant" && Number.isFinite(Number(value))) return { constant: Number(value) };
  if (kind === "mean") return { mean: value };
  if (kind === "activation") return { activation: value };
  if (kind === "background") return { background: value };
  throw invalid("lesion", `one of ${lesionTexts}`, text);
}

/**
 * Checks that a mean says something other than the inputs that are played: where they are all the same, each unit would
 * be replaced by itself and every mode would be 0.
 *
 * @param reference what the mean is taken over
 * @param played the game's inputs
 * @throws RangeError where all rows of both are equal, as they are where one row is played alone
 */
function checkMean(reference: InputRows, played: InputRows): void {
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
