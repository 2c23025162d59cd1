import type { Command } from "commander";
import { loadArray } from "../datasets/load-array.js";
import { invalid, oneOf } from "../errors.js";
import type { GameFiles } from "../lesion/game-from-files.js";
import { lesionFromText, lesionPlaces, lesionTexts } from "../lesion/lesion.js";
import { scoreFromText, scoreTexts } from "../lesion/output-score.js";
import type { UnitGroups } from "../lesion/unit-groups.js";
import { numberOf } from "../modes/csv.js";
import type { FixedValue } from "../networks/onnx/types.js";
import { collected, positiveIntegerOption, sizeOption } from "./options.js";

/** Options that say which network is read, and how, as the command line gives them. */
export interface NetworkFileArguments {
  network: string;
  shape: string[];
  fixed: string[];
  activation?: string;
  layers?: string;
  backend?: string;
}

/** Options that say what game is played, as the command line gives them. */
export interface GameArguments extends NetworkFileArguments {
  inputs: string;
  labels?: string;
  site: string[];
  group: string[];
  score?: string;
  lesion?: string;
  background?: string;
  place?: string;
  output?: string;
  memory?: string;
}

/** The names of all of them but the network, with `true`: an option that is added is entered here. */
export const questionNames: Readonly<Record<Exclude<keyof GameArguments, "network">, true>> = {
  shape: true,
  fixed: true,
  activation: true,
  layers: true,
  backend: true,
  inputs: true,
  labels: true,
  site: true,
  group: true,
  score: true,
  lesion: true,
  background: true,
  place: true,
  output: true,
  memory: true,
};

/** @throws RangeError where one of some options is given, which say nothing there */
export function refuseOptions(names: readonly string[], given: object, rule: string): void {
  for (const name of names) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && (!Array.isArray(value) || value.length > 0)) throw invalid(name, rule, value);
  }
}

/** Whether an option has to be given, or something else may stand in its place. */
export type Demand = "required" | "optional";

function demanded(command: Command, demand: Demand, flags: string, description: string): Command {
  return demand === "required" ? command.requiredOption(flags, description) : command.option(flags, description);
}

/** Adds `--network` and the options of how it is read. */
export function addNetworkOptions(command: Command, demand: Demand = "required"): Command {
  const which =
    "PyTorch .pt or .safetensors (dense layers), .onnx, a TensorFlow.js model.json, the folder of a language model";
  return demanded(command, demand, "--network <file>", which)
    .option(
      "--shape <[input=]sizes>",
      "sizes of one row, where the network leaves them open, e.g. 3,32,32",
      collected,
      [],
    )
    .option(
      "--fixed <input=value>",
      "an input that is the same in every run (ONNX): a number or a .npy file",
      collected,
      [],
    )
    .option(
      "--activation <name>",
      "of dense layers whose file does not say it: relu, leaky-relu:SLOPE, identity; one for all, or one each with commas",
    )
    .option("--layers <names>", "of dense layers whose file does not tell their order, from the inputs on, with commas")
    .option("--backend <name>", "what computes: tfjs-node-gpu, tfjs-node, wasm, cpu; for ONNX cpu, cuda, webgpu");
}

/** Adds the options that say what game is played: which network, and which question. */
export function addGameOptions(command: Command, demand: Demand = "required"): Command {
  return addQuestionOptions(addNetworkOptions(command, demand), demand);
}

/** Adds the options that say what a network is asked, and how it is lesioned. */
export function addQuestionOptions(command: Command, demand: Demand): Command {
  const which = "e.g. mnist-test:0-1023 (first and last image, inclusive), or a .npy or .npz file of rows";
  return demanded(command, demand, "--inputs <name>", which)
    .option("--labels <file>", ".npy file of the inputs' classes, where the score needs them")
    .option(
      "--site <name>",
      "lesion the units of this site; may be repeated; default all hidden layers of dense layers",
      collected,
      [],
    )
    .option(
      "--group <name=units>",
      "units that come and go together, e.g. edges=conv1/0,conv1/3; may be repeated",
      collected,
      [],
    )
    .option("--output <name>", "which output is looked at, where the network has several")
    .option(
      "--score <name>",
      `what v(S) is: ${scoreTexts.join(", ")}; default class-precision for dense layers, else output`,
    )
    .option("--lesion <kind>", `what replaces a lesioned unit's value: ${lesionTexts}; default zero`)
    .option(
      "--background <file>",
      "the same as --lesion background:FILE: what the unit holds on each of these inputs in turn, and v(S) is the mean over them, as SHAP has it",
    )
    .option(
      "--place <place>",
      `of dense layers, which value is replaced: ${lesionPlaces.join(", ")}; default the first`,
    )
    .option(
      "--memory <size>",
      "that one pass through the network may take, such as 500MB or 2GB; default what is fastest",
    );
}

/** How a network is read. @throws RangeError for options that say nothing */
export function networkOptions({
  shape,
  fixed,
  activation,
  layers,
  backend,
}: NetworkFileArguments): Pick<GameFiles, "shape" | "fixed" | "activation" | "layers" | "backend"> {
  return {
    ...(shape.length > 0 && { shape: shapeOption(shape) }),
    ...(fixed.length > 0 && { fixed: Object.fromEntries(fixed.map(fixedOption)) }),
    ...(activation !== undefined && { activation }),
    ...(layers !== undefined && { layers: layers.split(",") }),
    ...(backend !== undefined && { backend }),
  };
}

/** The game that the options say. @throws RangeError for options that say nothing */
export function gameOptions(given: GameArguments): GameFiles {
  const { network, inputs, labels, site, group, score, place, output, memory } = given;
  return {
    network,
    inputs,
    ...networkOptions(given),
    ...(labels !== undefined && { labels }),
    ...(site.length > 0 && { sites: site }),
    ...(group.length > 0 && { groups: groupsOption(group) }),
    ...(score !== undefined && { score: scoreFromText(score) }),
    lesion: lesionOption(given),
    ...(place !== undefined && { place: oneOf("place", lesionPlaces, place) }),
    ...(output !== undefined && { output }),
    ...(memory !== undefined && { memory: sizeOption("memory", memory) }),
  };
}

function lesionOption({ lesion, background }: GameArguments): NonNullable<GameFiles["lesion"]> {
  if (background === undefined) return lesionFromText(lesion ?? "zero");
  if (lesion !== undefined) throw invalid("lesion", "none beside --background", lesion);
  return { background };
}

/** `3,32,32` for the only input, or `x=3,32,32` for each. */
function shapeOption(texts: readonly string[]): NonNullable<GameFiles["shape"]> {
  const sizes = (text: string) => text.split(",").map((part) => positiveIntegerOption("shape", part));
  if (texts.length === 1 && !texts[0].includes("=")) return sizes(texts[0]);
  return Object.fromEntries(
    texts.map((text) => named("shape", "input=sizes", text)).map(([name, list]) => [name, sizes(list)]),
  );
}

function fixedOption(text: string): [string, FixedValue] {
  const [name, value] = named("fixed", "input=value", text);
  if (/\.npy$/i.test(value)) return [name, loadArray(value).data];
  const number = Number(value);
  // Beyond 2^53 as it is written, not rounded.
  if (/^-?\d+$/.test(value) && !Number.isSafeInteger(number)) return [name, BigInt(value)];
  if (numberOf(value) === undefined) throw invalid(`fixed ${name}`, "a number or a .npy file", value);
  return [name, number];
}

function groupsOption(texts: readonly string[]): UnitGroups {
  const groups: Record<string, string[]> = {};
  for (const text of texts) {
    const [name, units] = named("group", "name=unit,unit,...", text);
    if (Object.hasOwn(groups, name)) throw invalid("group", "every name once", name);
    groups[name] = units.split(",").map((unit) => unit.trim());
  }
  return groups;
}

/** Cuts `name=value` in two. */
function named(option: string, rule: string, text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw invalid(option, rule, text);
  return [text.slice(0, at), text.slice(at + 1)];
}
