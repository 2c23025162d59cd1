import { allIntact } from "../coalitions/coalition.js";
import type { LabelledInputs } from "../datasets/inputs.js";
import { invalid, oneOf, positiveInteger, wrongKind } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import { outputSize } from "../games/game.js";
import { type GameInputs, gameInputs } from "../lesion/game-inputs.js";
import { type Lesion, lesionPlan, lesionTurns } from "../lesion/lesion.js";
import { namedSites } from "../lesion/named-sites.js";
import { type NetworkGameOptions, networkGame } from "../lesion/network-game.js";
import { type NamedScore, scoreFromText } from "../lesion/output-score.js";
import { isScoreName, scoreOf } from "../lesion/scores.js";
import { playersOf, type UnitGroups } from "../lesion/unit-groups.js";
import { ShapleyModes } from "../modes/shapley-modes.js";
import type { LesionedModels, Network, NetworkInputs, Port } from "../networks/network.js";
import { bytesOf, numberTypes } from "../networks/onnx/types.js";
import { outputOf } from "../networks/sites.js";
import { knownOptions, type OptionNames, validSignal } from "../options.js";
import { plural } from "./browser/kit/numbers.js";
import { imageForm } from "./image-form.js";
import { checkNetwork, lesionOfModes, statedGame } from "./lesion-of-modes.js";
import { groupsOf, storedModes } from "./mlp-content.js";
import { exactLevels } from "./mlp-passes.js";
import type { OnnxFacts } from "./onnx-facts.js";
import type { PageArray, PageContent } from "./page-content.js";
import { checkTexts, type PageOptions, pageOptionNames } from "./page-options.js";
import { runtimeWeb } from "./runtime-web.js";

/** Options of the page of an ONNX network. */
export interface OnnxPageOptions extends PageOptions {
  /** What computes in the page: ONNX Runtime for browsers, 5 MB of the page. */
  readonly runtime: "onnxruntime-web";
  /** Inputs that the page holds, and computes all of at every press: some tens; with their classes, or without. */
  readonly inputs: NetworkInputs | LabelledInputs<Numbers>;
  /**
   * Shapley Modes of the units that the reader switches, as `shapley(await networkGame(network, inputs, options))`
   * gives them.
   */
  readonly modes: ShapleyModes;
  /** The sites, players, output and score of that game; default what the modes' provenance says. */
  readonly sites?: NetworkGameOptions["sites"];
  readonly players?: UnitGroups;
  readonly output?: string;
  readonly score?: NamedScore;
  /**
   * The lesion that the modes were computed with; default what their provenance says. To be given where it takes inputs
   * of its own; `{ background }` is refused.
   */
  readonly lesion?: Lesion;
  /** Groups of units that the reader lesions at a press, by name; default none. */
  readonly groups?: UnitGroups;
  /** Height and width of an input, for inputs that are images; default what its shape says. `null` for none. */
  readonly image?: readonly [number, number] | null;
  /** What each number of the network's output is called; default their numbers. */
  readonly outputs?: readonly string[];
  /** What these are over, e.g. `Digit`; default `Class` for inputs with classes, else `Output`. */
  readonly outputTitle?: string;
  /** What a unit is, in the singular, e.g. `channel` or `head`; default `unit`. */
  readonly unitTitle?: string;
  /** Bytes that the page may have; default 6,000,000. */
  readonly mostBytes?: number;
}

/** The names of `OnnxPageOptions`. */
export const onnxPageOptionNames: OptionNames<OnnxPageOptions> = {
  ...pageOptionNames,
  runtime: true,
  inputs: true,
  modes: true,
  sites: true,
  players: true,
  output: true,
  score: true,
  lesion: true,
  groups: true,
  image: true,
  outputs: true,
  outputTitle: true,
  unitTitle: true,
  mostBytes: true,
};

/** Numbers of v(S) that have room below each other. */
const mostScoreOutputs = 40;
/** Numbers that a network may put out for an input. */
const mostOutputs = 4096;

/**
 * The page of an ONNX network: its models with the masks in them, some inputs, and the modes of its units.
 *
 * @throws TypeError, RangeError where inputs, modes or options do not fit the network; MissingPartError where
 *   onnxruntime-web is not installed
 */
export async function onnxContent(network: Network, options: OnnxPageOptions): Promise<PageContent<OnnxFacts>> {
  knownOptions("lesionPage", options, onnxPageOptionNames);
  oneOf("runtime", ["onnxruntime-web"], options.runtime);
  if (options.mostBytes !== undefined) positiveInteger("mostBytes", options.mostBytes);
  const { about = "", unitTitle = "unit", modes } = options;
  const { title = `Switch ${plural(unitTitle)} off` } = options;
  if (!(modes instanceof ShapleyModes)) throw wrongKind("modes", "Shapley Modes, as shapley gives them", modes);
  if (!network.lesionedModels) throw wrongKind("network", "one from an ONNX file, as loadOnnx gives it", network.kind);
  runtimeWeb();
  checkNetwork(modes, network.sha256);
  const stated = statedGame(modes);
  const data = gameInputs(network, options.inputs);
  const { rows, labelled } = data;
  const sameInputs = stated.inputs_sha256 === data.sha256;
  const lesion = lesionOfModes(modes, network, options.lesion, rows, sameInputs);
  const plan = lesionPlan(lesion, network, rows);
  if (plan.kind === "background") {
    throw invalid("lesion", "zero, mean, constant or activation, which take one pass at a press", plan.kind);
  }
  const sites = options.sites ?? (stated.sites as Record<string, string> | undefined);
  if (sites === undefined)
    throw invalid("sites", "the sites of the modes' units, which their provenance does not say", sites);
  const output = outputOf(network, options.output ?? (stated.output as string | undefined));
  const score = scoreFromText((options.score ?? stated.score ?? "output") as string);
  const players = options.players ?? (stated.groups as UnitGroups | null | undefined) ?? undefined;
  const { outputs, outputTitle } = namesOf(options, output, labelled !== undefined);
  checkTexts({ title, about, outputTitle, unitTitle });
  const signal = validSignal(options.signal);

  // Whoever plays it checks everything: whether rows keep apart, outputs repeat, and all fits.
  const game = await networkGame(network, options.inputs, {
    sites,
    lesion,
    output: output.name,
    score,
    ...(players && { groups: players }),
  });
  try {
    const { units } = game;
    if (units.length !== modes.units.length || units.some((name, unit) => modes.units[unit] !== name)) {
      throw invalid(
        "modes",
        `those of all ${units.length} units, ${units[0]} to ${units[units.length - 1]}`,
        modes.units,
      );
    }
    const numbers = outputSize(game.outputShape);
    if (modes.outputs !== numbers) throw invalid("modes", `${numbers} outputs, as ${score} has`, modes.outputs);
    if (numbers > mostScoreOutputs) {
      const rule = `at most ${mostScoreOutputs} numbers, which have room on a page, such as mean-output or a part of it`;
      throw invalid("score", rule, `${score}, of ${numbers}`);
    }
    const all = allIntact(units.length);
    const intact = await game.evaluate(all, signal);
    checkWhole(modes, intact, sameInputs);
    const apart = game.rowsAtOnce === 1 && rows.count > 1 && network.mostRows !== 1;
    const form = apart ? network.rowByRow() : network;
    const chosen = namedSites(form, sites);
    const lesioned = chosen.map(({ site }) => site);
    const [replacements] = await lesionTurns(plan, lesioned, (reference) => form.activations(reference, lesioned));
    const lesions = lesioned.map((site, s) => ({ site, replacement: replacements[s] }));
    const models = (form as Required<Network>).lesionedModels(lesions, output.name);
    const image = imageForm(options.image, network.inputs, rows.data);
    const stored = storedModels(models, data, replacements);
    const members = playersOf(chosen, players).members.map((each) =>
      each.map(({ site, unit }) => [site, unit] as const),
    );
    const classes = labelled !== undefined && output.shape.length === 1 && labelled.classes === output.shape[0];
    return {
      kind: "onnx",
      title,
      about,
      facts: {
        units,
        members,
        inputs: models.inputs.map((each) => ({ ...each })),
        read: models.read ?? null,
        once: models.once.map((each) => ({ ...each })),
        masked: models.masked.map(({ axis, ...each }) => ({ ...each, axis: axis ?? null })),
        where: models.where,
        output: models.output,
        outputShape: output.shape,
        count: rows.count,
        data: data.name ?? `${rows.count} inputs`,
        rowsAtOnce: game.rowsAtOnce,
        image,
        levels: stored.levels,
        outputs,
        outputTitle,
        classes,
        score,
        scoreOutputs: numbers === 1 ? [score] : numbers === outputs.length ? outputs : indices(numbers),
        meaning: isScoreName(score)
          ? scoreOf(score).meaning
          : `what the network puts out${score.startsWith("mean-") ? ", the mean over the inputs" : ""}`,
        sameInputs,
        unit: unitTitle,
        lesion: { kind: plan.kind, ...("constant" in plan && { constant: plan.constant }) },
        groups: groupsOf(options.groups, units),
      },
      arrays: { ...stored.arrays, modes: storedModes(modes) },
    };
  } finally {
    game.dispose();
  }
}

/** @throws RangeError where modes of these inputs say another v of all units than the network gives */
function checkWhole({ vAll }: ShapleyModes, intact: ArrayLike<number>, sameInputs: boolean): void {
  if (!sameInputs || !vAll) return;
  const largest = vAll.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const o = vAll.findIndex((value, k) => Math.abs(value - intact[k]) > 1e-3 * largest + 1e-6);
  if (o >= 0) throw invalid("modes", `those of this game, in which v of all units is ${intact[o]}`, vAll[o]);
}

/** What the numbers of an output are called, and what they are over. */
function namesOf(options: OnnxPageOptions, output: Port, hasClasses: boolean) {
  const { outputTitle = hasClasses ? "Class" : "Output" } = options;
  const count = outputSize(output.shape);
  if (count > mostOutputs) throw invalid("output", `at most ${mostOutputs} numbers for an input`, count);
  const outputs = options.outputs ?? indices(count);
  if (!Array.isArray(outputs) || outputs.length !== count || !outputs.every((name) => typeof name === "string")) {
    throw invalid("outputs", `${count} names`, options.outputs);
  }
  return { outputs, outputTitle };
}

function indices(count: number): string[] {
  return Array.from({ length: count }, (_, k) => String(k));
}

/**
 * Models, inputs, classes and what lesioned units hold, as arrays. Inputs of other kinds than single precision are
 * their bytes.
 */
function storedModels(
  { before, after, inputs }: LesionedModels,
  { rows, labelled }: GameInputs,
  replacements: readonly Float32Array[],
): { readonly levels: boolean; readonly arrays: Record<string, PageArray> } {
  const arrays: Record<string, PageArray> = { after: bytes(after) };
  if (before) arrays.before = bytes(before);
  replacements.forEach((held, l) => {
    arrays[`replacement${l}`] = held;
  });
  if (labelled) arrays.labels = Uint16Array.from(labelled.labels);
  const given = inputs.map(({ type }, i) => numberTypes.find(({ name }) => name === type)!.from(rows.data[i]));
  const levels = given.length === 1 && given[0] instanceof Float32Array ? exactLevels(given[0]) : undefined;
  given.forEach((numbers, i) => {
    arrays[`input${i}`] = levels ?? (numbers instanceof Float32Array ? numbers : bytesOf(numbers));
  });
  return { levels: levels !== undefined, arrays };
}

/** Plain bytes: Node's own kind of them is none of a page's arrays. */
function bytes(of: Uint8Array): Uint8Array {
  return new Uint8Array(of.buffer, of.byteOffset, of.byteLength);
}
