import { join } from "node:path";
import { drawFaces } from "../../datasets/faces/drawn-faces.js";
import { loadImageFolder } from "../../datasets/image-folder.js";
import type { ImageSet } from "../../datasets/image-set.js";
import { invalid } from "../../errors.js";
import { has } from "../../kinds.js";
import { generatorCheckpoint } from "../../networks/dcgan/checkpoints.js";
import { loadGenerator, saveGenerator } from "../../networks/dcgan/file.js";
import type { Generator } from "../../networks/dcgan/generator.js";
import { type DcganRecipe, dcganRecipes } from "../../networks/dcgan/recipes.js";
import { imageSize } from "../../networks/dcgan/size.js";
import { type DcganProgress, trainDcgan } from "../../networks/dcgan/train.js";
import { knownOptions, type OptionNames } from "../../options.js";
import type { GanSettings } from "./settings.js";

/** Where the generator of the experiment comes from. */
export interface GanNetworkOptions {
  /** File of a generator, safetensors or PyTorch; default the one of the profile. */
  readonly network?: string;
  /** Folder of images to train on, for a generator that is trained here; default drawn faces. */
  readonly images?: string;
  /**
   * Images to train a generator on before it is analysed, in the place of the one that comes with the package; 0
   * (default) trains none, but in the profile "paper", which has no network of its own: there it means the published 30
   * passes.
   */
  readonly trainImages?: number;
  readonly seed?: number;
  /** Folder in which a training that was stopped goes on; default none is kept. */
  readonly resume?: string;
  readonly signal?: AbortSignal;
  /** Called after every step of a training, which waits for it. */
  readonly onStep?: (progress: DcganProgress) => void | Promise<void>;
}

/** The names of `GanNetworkOptions`. */
export const ganNetworkOptionNames: OptionNames<GanNetworkOptions> = {
  network: true,
  images: true,
  trainImages: true,
  seed: true,
  resume: true,
  signal: true,
  onStep: true,
};

/** Drawn faces that a generator is trained on, at most: more of them are seen again. */
const mostDrawn = 12_000;

/** How the generator of a profile is trained, where it is. */
export function ganRecipe(ganSettings: Pick<GanSettings, "profile">, trainImages = 0): DcganRecipe {
  has("ganSettings", ganSettings, "GanSettings", "profile");
  const { profile } = ganSettings;
  if (profile === "paper") return { ...dcganRecipes.paper, ...(trainImages > 0 ? { images: trainImages } : {}) };
  const filters = profile === "smoke" ? 8 : dcganRecipes.small.filters;
  return { ...dcganRecipes.small, filters, images: trainImages };
}

/**
 * The generator of the experiment: a given one, one trained now, or the one that comes with the package.
 *
 * @throws RangeError for a network and a training at once; what loading and training throw
 */
export async function ganNetwork(settings: GanSettings, options: GanNetworkOptions = {}): Promise<Generator> {
  knownOptions("ganNetwork", options, ganNetworkOptionNames);
  has("settings", settings, "GanSettings");
  const { network = "", trainImages = 0, seed = 1, resume, signal, onStep } = options;
  if (network !== "" && trainImages > 0) throw invalid("trainImages", "0 where a network is given", trainImages);
  if (network !== "") return loadGenerator(network);
  if (settings.checkpoint !== undefined && trainImages === 0) return generatorCheckpoint(settings.checkpoint);
  const recipe = ganRecipe(settings, trainImages);
  const images = await trainingImages(recipe, options.images, seed, signal);
  const { generator } = await trainDcgan(images, {
    recipe,
    seed,
    ...(resume === undefined ? {} : { resume: join(resume, `gan-${settings.profile}.training.safetensors`) }),
    ...(signal ? { signal } : {}),
    ...(onStep ? { onStep } : {}),
  });
  if (resume === undefined) return generator;
  const path = join(resume, `gan-${settings.profile}.safetensors`);
  saveGenerator(generator, path);
  return loadGenerator(path);
}

/** What a generator learns from: a folder of images, or drawn faces, no more than it will see. */
export async function trainingImages(
  recipe: DcganRecipe,
  folder = "",
  seed = 1,
  signal?: AbortSignal,
): Promise<ImageSet> {
  const size = imageSize(recipe);
  const stop = signal ? { signal } : {};
  return folder === ""
    ? drawFaces({ count: Math.min(mostDrawn, recipe.images), size, seed, ...stop })
    : loadImageFolder(folder, { size, atLeast: recipe.batchSize, ...stop });
}
