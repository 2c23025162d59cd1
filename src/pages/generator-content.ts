import { randomStream } from "../coalitions/random-streams.js";
import { invalid, positiveInteger, validSeed, wrongKind } from "../errors.js";
import type { UnitGroups } from "../lesion/unit-groups.js";
import { ShapleyModes } from "../modes/shapley-modes.js";
import { type Generator, generatorOf } from "../networks/dcgan/generator.js";
import { countLatents, randomLatents } from "../networks/dcgan/latents.js";
import { generatorPasses } from "../networks/dcgan/passes.js";
import { channels } from "../networks/dcgan/size.js";
import { knownOptions, type OptionNames } from "../options.js";
import { plural } from "./browser/kit/numbers.js";
import type { GeneratorFacts } from "./generator-facts.js";
import { generatorFrom } from "./generator-numbers.js";
import { storedParameters } from "./half-precision.js";
import { groupsOf } from "./mlp-content.js";
import type { PageArray, PageContent } from "./page-content.js";
import { checkTexts, type PageOptions, pageOptionNames } from "./page-options.js";

/** Options of the page of a generator. */
export interface GeneratorPageOptions extends PageOptions {
  /** How many images the reader chooses from; default 8. */
  readonly faces?: number;
  /** Seed of their latents; default 1. */
  readonly seed?: number;
  /** The latents themselves, `[faces, latents]`, in the place of a seed. */
  readonly latents?: Float32Array;
  /**
   * Shapley Modes of all channels, as `shapley(generatorGame(generator))` gives them: they say which paint most.
   * Default none.
   */
  readonly modes?: ShapleyModes;
  /** Groups of channels that the reader lesions at a press, such as edits that were found, by name; default none. */
  readonly groups?: UnitGroups;
  /** What an image is, in the singular; default `image`. */
  readonly imageTitle?: string;
  /** What a channel is, in the singular; default `filter`. */
  readonly unitTitle?: string;
}

/** The names of `GeneratorPageOptions`. */
export const generatorPageOptionNames: OptionNames<GeneratorPageOptions> = {
  ...pageOptionNames,
  faces: true,
  seed: true,
  latents: true,
  modes: true,
  groups: true,
  imageTitle: true,
  unitTitle: true,
};

/** Parameters of a generator whose page is below 6 MB, in half precision and base64. */
const mostParameters = 2_000_000;
/** Images that have room above each other's pictures. */
const mostFaces = 24;
/** Sets of channels on which half precision is tried. */
const trials = 8;

/**
 * The page of a generator of images: its weights, some latents, and how much each channel paints.
 *
 * @throws TypeError, RangeError where latents or modes do not fit the generator, or it does not fit in a page
 */
export function generatorContent(generator: Generator, options: GeneratorPageOptions): PageContent<GeneratorFacts> {
  knownOptions("lesionPage", options, generatorPageOptionNames);
  const { about = "", imageTitle = "image", unitTitle = "filter", modes } = options;
  const { title = `Switch ${plural(unitTitle)} off` } = options;
  checkTexts({ title, about, imageTitle, unitTitle });
  if (options.latents && (options.faces !== undefined || options.seed !== undefined)) {
    throw invalid("latents", "latents, or a number of faces and a seed, not both", options.latents);
  }
  const seed = validSeed(options.seed ?? 1);
  const latents = options.latents ?? randomLatents(generator, positiveInteger("faces", options.faces ?? 8), { seed });
  const faces = countLatents(generator, latents);
  if (faces > mostFaces) throw invalid("faces", `at most ${mostFaces}, which have room on a page`, faces);
  const units = channels(generator).flatMap((width, l) =>
    Array.from({ length: width }, (_, c) => `layer${l + 1}/filter${c}`),
  );
  const strengths = modes === undefined ? new Float32Array() : strengthsOf(modes, units);
  const groups = groupsOf(options.groups, units);
  const stored = storedGenerator(generator, latents);
  const { layers, filters, latents: width } = generator;
  return {
    kind: "generator",
    title,
    about,
    facts: { layers, filters, latents: width, faces, image: imageTitle, unit: unitTitle, groups },
    arrays: { ...stored, seeds: latents, strengths },
  };
}

/**
 * The parameters of a generator as a page stores them. @throws RangeError for more than fit in one, saying how large it
 * would be
 */
export function storedGenerator(generator: Generator, latents: Float32Array): Readonly<Record<string, PageArray>> {
  const named = Object.fromEntries(
    generator.parts.flatMap(({ weights, norm }, l) => [
      [`weights${l + 1}`, weights],
      ...Object.entries(norm ?? {}).map(([name, numbers]) => [`${name}${l + 1}`, numbers as Float32Array]),
    ]),
  ) as Record<string, Float32Array>;
  const parameters = Object.values(named).reduce((sum, { length }) => sum + length, 0);
  if (parameters > mostParameters) {
    const size = `${Math.ceil((parameters * 8) / 3 / 1e6)} MB`;
    const rule = `at most ${mostParameters.toLocaleString("en")} parameters, since a page is at most 6 MB; these alone would take ${size}`;
    throw invalid("generator", rule, parameters);
  }
  return storedParameters(named, (rounded) => {
    return largestChange(generator, generatorFrom(generator, rounded), latents);
  }).parameters;
}

/**
 * By how much a pixel changes at most from one generator to another: with all channels, and with random halves of them.
 */
function largestChange(one: Generator, two: Generator, latents: Float32Array): number {
  const some = latents.subarray(0, Math.min(4, latents.length / one.latents) * one.latents);
  const [here, there] = [one, two].map((generator) => generatorPasses(generatorOf(generator, generator.parts), some));
  const random = randomStream(1);
  let most = 0;
  for (let trial = 0; trial < trials; trial++) {
    const intact = channels(one).map((width) =>
      Array.from({ length: width }, (_, c) => c).filter(() => trial === 0 || random.next() < 0),
    );
    here.set(intact);
    there.set(intact);
    here.images.forEach((value, pixel) => {
      most = Math.max(most, Math.abs(value - there.images[pixel]));
    });
  }
  return most;
}

/** How much each channel paints: the mean size of its mode's numbers. */
function strengthsOf(modes: ShapleyModes, units: readonly string[]): Float32Array {
  if (!(modes instanceof ShapleyModes)) throw wrongKind("modes", "Shapley Modes, as shapley gives them", modes);
  if (modes.units.length !== units.length || units.some((name, unit) => modes.units[unit] !== name)) {
    throw invalid(
      "modes",
      `those of all ${units.length} channels, ${units[0]} to ${units[units.length - 1]}`,
      modes.units,
    );
  }
  return Float32Array.from(units, (_, unit) => {
    const numbers = modes.values.subarray(unit * modes.outputs, (unit + 1) * modes.outputs);
    return numbers.reduce((sum, value) => sum + Math.abs(value), 0) / modes.outputs;
  });
}

/** Whether a value is a generator of images. */
export function isGenerator(value: object): value is Generator {
  return "parts" in value && "latents" in value && "filters" in value;
}
