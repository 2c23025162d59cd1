import { randomStream } from "../coalitions/random-streams.js";
import type { LabelledInputs } from "../datasets/inputs.js";
import { invalid, oneOf, wrongKind } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import { denseConstants } from "../lesion/dense-constants.js";
import { type Lesion, type LesionPlace, lesionPlaces, lesionPlan } from "../lesion/lesion.js";
import type { UnitGroups } from "../lesion/unit-groups.js";
import { ShapleyModes } from "../modes/shapley-modes.js";
import { preActivations } from "../networks/mlp/forward.js";
import { checkedInputs, singlePrecision } from "../networks/mlp/inputs.js";
import { hiddenSites, type Mlp } from "../networks/mlp/mlp.js";
import { knownOptions, type OptionNames } from "../options.js";
import { plural } from "./browser/kit/numbers.js";
import { storedParameters } from "./half-precision.js";
import { checkNetwork, lesionOfModes, statedGame } from "./lesion-of-modes.js";
import { type MlpFacts, type MlpPageScore, mlpPageScores } from "./mlp-facts.js";
import { exactLevels, intactLists, type MlpNumbers, mlpPasses } from "./mlp-passes.js";
import type { PageArray, PageContent } from "./page-content.js";
import { checkTexts, type PageOptions, pageOptionNames } from "./page-options.js";

/** Options of the page of a network of dense layers. */
export interface MlpPageOptions extends PageOptions {
  /** Inputs that the page holds, with their classes: some hundreds. */
  readonly inputs: LabelledInputs<Numbers>;
  /** Shapley Modes of all hidden units, as `shapley(await mlpGame(network, inputs))` gives them. */
  readonly modes: ShapleyModes;
  /**
   * The lesion that the modes were computed with; default what their provenance says. To be given for
   * `{ mean: inputs }` and `{ activation: inputs }`, whose inputs no provenance holds. One that differs from input to
   * input is refused: `{ activation }` of many, `{ background }`.
   */
  readonly lesion?: Lesion;
  /** Which value of a unit that replaces; default what the modes' provenance says, else "pre-activation". */
  readonly place?: LesionPlace;
  /**
   * What the modes are of: "class-precision", "class-accuracy" (one number for each class) or "accuracy"; default what
   * their provenance says. The page shows beside each mode what the unit changes of it now.
   */
  readonly score?: MlpPageScore;
  /** Groups of units that the reader lesions at a press, such as communities, by name; default none. */
  readonly groups?: UnitGroups;
  /**
   * Height and width of an input, for inputs that are grey images; default what the inputs say, else a square where
   * there is one. `null` for none.
   */
  readonly image?: readonly [number, number] | null;
  /** What each class is called; default their numbers. */
  readonly outputs?: readonly string[];
  /** What a class is, e.g. `Digit`; default `Class`. */
  readonly outputTitle?: string;
  /** What a unit is, in the singular; default `hidden unit`. */
  readonly unitTitle?: string;
}

/** The names of `MlpPageOptions`. */
export const mlpPageOptionNames: OptionNames<MlpPageOptions> = {
  ...pageOptionNames,
  inputs: true,
  modes: true,
  lesion: true,
  place: true,
  score: true,
  groups: true,
  image: true,
  outputs: true,
  outputTitle: true,
  unitTitle: true,
};

/** Classes that have room beside each other. */
const mostClasses = 20;
/** Parameters of a network whose page is below 6 MB, in half precision and base64. */
const mostParameters = 2_000_000;
/** Coalitions on which that is tried. */
const trials = 16;

/**
 * The page of a network of dense layers: its weights, some inputs, and the modes of its hidden units.
 *
 * @throws TypeError, RangeError where inputs or modes do not fit the network, or it does not fit in a page
 */
export async function mlpContent(network: Mlp, options: MlpPageOptions): Promise<PageContent<MlpFacts>> {
  knownOptions("lesionPage", options, mlpPageOptionNames);
  const { about = "", outputTitle = "Class", unitTitle = "hidden unit", modes } = options;
  const { title = `Switch ${plural(unitTitle)} off` } = options;
  checkTexts({ title, about, outputTitle, unitTitle });
  const data = checkedInputs(network, options.inputs);
  const { classes, count } = data;
  if (classes > mostClasses)
    throw invalid("network", `at most ${mostClasses} classes, which have room on a page`, classes);
  checkFits(network);
  const units = hiddenSites(network).flatMap(({ name, units: width }) =>
    Array.from({ length: width }, (_, unit) => `${name}/${unit}`),
  );
  const score = checkModes(modes, units, classes, options.score);
  const outputs = options.outputs ?? Array.from({ length: classes }, (_, k) => String(k));
  if (!Array.isArray(outputs) || outputs.length !== classes || !outputs.every((name) => typeof name === "string")) {
    throw invalid("outputs", `${classes} names`, options.outputs);
  }
  checkNetwork(modes, network.sha256);
  const sameInputs = statedGame(modes).inputs_sha256 === data.sha256;
  const { held, ...lesion } = await heldByLesioned(network, data.inputs, options, sameInputs);
  const facts = {
    widths: [network.layers[0].inputs, ...network.layers.map((layer) => layer.outputs)],
    negativeSlopes: network.negativeSlopes,
    units,
    outputs,
    outputTitle,
    unit: unitTitle,
    image: imageShape(options.image, options.inputs.shape, network.layers[0].inputs),
    count,
    inputs: data.name,
    score,
    sameInputs,
    lesion,
    groups: groupsOf(options.groups, units),
  };
  const stored = storedArrays(network, data.inputs, data.labels, held);
  return {
    kind: "mlp",
    title,
    about,
    facts: { ...facts, half: stored.half, levels: stored.levels },
    arrays: { ...stored.arrays, modes: storedModes(modes), ...(held && { held }) },
  };
}

/**
 * The lesion of the modes, and what units hold behind their activation under it, layer after layer; undefined where
 * that is 0.
 */
async function heldByLesioned(
  network: Mlp,
  inputs: Float32Array,
  { modes, lesion: given, place: asked }: MlpPageOptions,
  sameInputs: boolean,
): Promise<MlpFacts["lesion"] & { readonly held?: Float32Array }> {
  const rows = { count: inputs.length / network.layers[0].inputs, data: [inputs] };
  const lesion = lesionOfModes(modes, network, given, rows, sameInputs);
  const stated = statedGame(modes).lesion_place;
  const place = oneOf("place", lesionPlaces, asked ?? stated ?? "pre-activation");
  if (stated !== undefined && stated !== place) throw invalid("place", `that of the modes, ${stated}`, asked);
  const plan = lesionPlan(lesion, network, rows);
  if (plan.kind === "zero") return { kind: "zero", place };
  const sites = hiddenSites(network);
  const activations = network.negativeSlopes.map((slope) => (x: number) => (x > 0 ? x : Math.fround(slope * x)));
  const layers = sites.map((_, l) => l + 1);
  const constants = await denseConstants({ plan, sites, place, activations }, (reference) =>
    preActivations(
      network,
      singlePrecision(reference.data[0], network.layers[0].inputs),
      layers,
      network.tensorBackend,
    ),
  );
  if (!constants) {
    const rule =
      "one under which a unit holds the same whatever the input: zero, mean, a constant, or its activation on one other input";
    throw invalid("lesion", rule, plan.kind);
  }
  const held = Float32Array.from(constants.flatMap((layer) => [...layer]));
  return { kind: plan.kind, place, ...("constant" in plan && { constant: plan.constant }), held };
}

/** What of a page comes of its network and inputs alone. */
export function storedArrays(
  network: MlpNumbers,
  inputs: Float32Array,
  labels: PageArray | Uint16Array,
  held: Float32Array | undefined,
) {
  const named = Object.fromEntries(
    network.layers.flatMap(({ weights, biases }, l) => [
      [`weights${l + 1}`, weights],
      [`biases${l + 1}`, biases],
    ]),
  );
  const { half, parameters } = storedParameters(named, (rounded) => largestChange(network, rounded, inputs, held));
  const asLevels = exactLevels(inputs);
  return {
    half,
    levels: asLevels !== undefined,
    arrays: { ...parameters, inputs: asLevels ?? inputs, labels: Uint8Array.from(labels) },
  };
}

/**
 * By how much a logit of an input changes at most with other parameters: with all units, and with random halves of
 * them.
 */
function largestChange(
  network: MlpNumbers,
  parameters: Readonly<Record<string, Float32Array>>,
  inputs: Float32Array,
  held: Float32Array | undefined,
): number {
  const widths = [network.layers[0].inputs, ...network.layers.map(({ outputs }) => outputs)];
  const layers = network.layers.map((layer, l) => ({
    ...layer,
    weights: parameters[`weights${l + 1}`],
    biases: parameters[`biases${l + 1}`],
  }));
  const walks = [network, { ...network, layers }].map((numbers) => mlpPasses(numbers, inputs, undefined, held));
  const random = randomStream(1);
  let most = 0;
  for (let trial = 0; trial < trials; trial++) {
    const lists = intactLists(widths, () => trial === 0 || random.next() < 0);
    for (const { walk } of walks) walk.set(lists);
    const [{ walk: one, parts }, { walk: two }] = walks;
    for (let k = 0; k < parts.classes; k++) {
      for (let b = 0; b < parts.inputs; b++) {
        most = Math.max(most, Math.abs(one.logits[k * one.stride + b] - two.logits[k * two.stride + b]));
      }
    }
  }
  return most;
}

function checkFits({ layers }: MlpNumbers): void {
  const parameters = layers.reduce((sum, { weights, biases }) => sum + weights.length + biases.length, 0);
  if (parameters <= mostParameters) return;
  const size = `${Math.ceil((parameters * 8) / 3 / 1e6)} MB`;
  const rule = `at most ${mostParameters.toLocaleString("en")} parameters, since a page is at most 6 MB; these alone would take ${size}`;
  throw invalid("network", rule, parameters);
}

/** @throws where the modes are not those of these units for a score that a page computes */
function checkModes(
  modes: ShapleyModes,
  units: readonly string[],
  classes: number,
  given: MlpPageScore | undefined,
): MlpPageScore {
  if (!(modes instanceof ShapleyModes)) throw wrongKind("modes", "Shapley Modes, as shapley gives them", modes);
  const missing = units.find((name, unit) => modes.units[unit] !== name);
  if (missing !== undefined || modes.units.length !== units.length) {
    const rule = `those of all ${units.length} hidden units, ${units[0]} to ${units[units.length - 1]}`;
    throw invalid("modes", rule, modes.units);
  }
  const score = oneOf(
    "score",
    mlpPageScores,
    given ?? statedGame(modes).score ?? (modes.outputs === 1 ? "accuracy" : "class-precision"),
  );
  const outputs = score === "accuracy" ? 1 : classes;
  if (modes.outputs !== outputs) throw invalid("modes", `${outputs} outputs, as ${score} has`, modes.outputs);
  return score;
}

/** Modes in single precision. @throws RangeError for numbers that it does not hold */
export function storedModes({ values }: ShapleyModes): Float32Array {
  const bad = values.find((value) => !Number.isFinite(Math.fround(value)));
  if (bad !== undefined) throw invalid("modes", "finite numbers, in single precision", bad);
  return Float32Array.from(values);
}

function imageShape(
  given: MlpPageOptions["image"],
  shape: readonly number[] | undefined,
  features: number,
): readonly [number, number] | null {
  if (given !== undefined) {
    if (given !== null && !(given.length === 2 && given[0] * given[1] === features)) {
      throw invalid("image", `height and width of ${features} numbers, or null`, given);
    }
    return given;
  }
  const sides = (shape ?? []).filter((length) => length > 1);
  if (sides.length === 2) return [sides[0], sides[1]];
  const side = Math.sqrt(features);
  return Number.isInteger(side) && side >= 5 ? [side, side] : null;
}

/** Groups by the numbers of their units. */
export function groupsOf(groups: UnitGroups | undefined, units: readonly string[]): MlpFacts["groups"] {
  if (groups === undefined) return [];
  if (groups === null || typeof groups !== "object")
    throw wrongKind("groups", "an object of lists of unit names", groups);
  const places = new Map(units.map((name, unit) => [name, unit]));
  return Object.entries(groups).map(([name, members]) => {
    if (!Array.isArray(members)) throw wrongKind(`group ${name}`, "a list of unit names", members);
    const numbers = members.map((member) => {
      const place = places.get(member);
      if (place === undefined)
        throw invalid(`unit in group ${name}`, `one of the ${units.length} units, such as ${units[0]}`, member);
      return place;
    });
    return { name, units: numbers };
  });
}
