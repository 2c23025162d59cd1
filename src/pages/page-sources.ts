import { loadInputs } from "../datasets/inputs.js";
import { FileError } from "../errors.js";
import { sha256 } from "../files.js";
import { generatorCheckpoint, listGenerators } from "../networks/dcgan/checkpoints.js";
import type { Generator } from "../networks/dcgan/generator.js";
import { checkpoint, listCheckpoints } from "../networks/mlp/checkpoints.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import { storedGenerator } from "./generator-content.js";
import { storedArrays } from "./mlp-content.js";
import { packArrays, unpackArrays } from "./packed-arrays.js";
import type { LesionPage } from "./page.js";
import type { PageArray } from "./page-content.js";

/**
 * Where the larger arrays of a page come from, where the package has them itself: networks and inputs that come with
 * it.
 */
export type PageSources = {
  /** Checksum of the network's file. */
  readonly network: string;
  /** Name of the inputs, as `loadInputs` takes it; a generator has none. */
  readonly inputs?: string;
};

/** The arrays that a source gives. */
const given = /^(?:weights|biases|scale|shift|mean|variance)\d+$|^inputs$|^labels$/;

/**
 * The sources of a page of a network, where the package has both; undefined where it has not.
 *
 * @param inputs their name and checksum
 */
export function packageSources(
  network: Mlp,
  inputs: { readonly name: string; readonly sha256: string },
): PageSources | undefined {
  if (!listCheckpoints().some((known) => known.sha256 === network.sha256)) return undefined;
  if (!/^mnist-(?:test|train)(?::\d+-\d+)?$/.test(inputs.name)) return undefined;
  if (loadInputs(inputs.name).sha256 !== inputs.sha256) return undefined;
  return { network: network.sha256 as string, inputs: inputs.name };
}

/** The source of a page of a generator, where the package has it. */
export function generatorSources({ sha256 }: Generator): PageSources | undefined {
  const known = Object.values(listGenerators()).some((each) => each.sha256 === sha256);
  return known && sha256 !== undefined ? { network: sha256 } : undefined;
}

/**
 * A page without what the package can give it again: some kB, for a notebook that is to be small. A page without
 * sources stays as it is.
 */
export function slimPage(page: LesionPage): LesionPage {
  if (!page.sources) return page;
  const own = Object.entries(unpackArrays(page)).filter(([name]) => !given.test(name));
  return { ...page, ...packArrays(Object.fromEntries(own)), whole: sha256(Buffer.from(page.numbers)) };
}

/**
 * A page with all of its arrays, where some were left out.
 *
 * @throws FileError where the package has no such network or inputs any more; MissingPartError where their data are not
 *   installed
 */
export async function wholePage(page: LesionPage): Promise<LesionPage> {
  const { sources, whole, ...rest } = page;
  if (!sources || whole === undefined) return page;
  const own = unpackArrays(page);
  const arrays: Record<string, PageArray> = { ...(await sourceArrays(sources, own)), ...own };
  const packed = packArrays(arrays);
  if (sha256(Buffer.from(packed.numbers)) !== whole) {
    throw new FileError(page.title, "is a page of other numbers than this package has");
  }
  return { ...rest, ...packed, sources };
}

async function sourceArrays(
  { network, inputs }: PageSources,
  own: Readonly<Record<string, PageArray>>,
): Promise<Readonly<Record<string, PageArray>>> {
  if (inputs === undefined) {
    const [name] = Object.entries(listGenerators()).find(([, each]) => each.sha256 === network) ?? [];
    if (name === undefined) throw new FileError(network, "is the checksum of no generator of this package");
    return storedGenerator(await generatorCheckpoint(name), own.seeds as Float32Array);
  }
  const known = listCheckpoints().find((each) => each.sha256 === network);
  if (!known) throw new FileError(network, "is the checksum of no network of this package");
  const mlp = await checkpoint({ width: known.width, regulariser: known.regulariser, trial: known.seed });
  const data = loadInputs(inputs);
  return storedArrays(mlp, data.inputs, data.labels, own.held as Float32Array | undefined).arrays;
}
