import { join } from "node:path";
import { FileError, oneOf, positiveInteger, wrongKind } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";
import { thousands } from "../words.js";
import { imageFiles, loadImageFolder } from "./image-folder.js";
import { imageNumbers } from "./image-set.js";
import type { LabelledInputs } from "./inputs.js";
import { labelledInputs } from "./labelled-inputs.js";

/** The ten classes of Imagenette by the names of their folders, in the order of their numbers. */
const folders = {
  n01440764: "tench",
  n02102040: "English springer",
  n02979186: "cassette player",
  n03000684: "chain saw",
  n03028079: "church",
  n03394916: "French horn",
  n03417042: "garbage truck",
  n03425413: "gas pump",
  n03445777: "golf ball",
  n03888257: "parachute",
} as const;

/** Names of Imagenette's classes, in the order of their numbers. */
export const imagenetteNames: readonly string[] = Object.values(folders);

/** Options of {@link loadImagenette}. */
export interface ImagenetteOptions {
  /** Height and width that the images are brought to; default 64. */
  readonly size?: number;
  /** Whether all images of Imagenette have to be there: a folder that was unpacked in part is refused. Default true. */
  readonly whole?: boolean;
  readonly signal?: AbortSignal;
}

/** The names of `ImagenetteOptions`. */
export const imagenetteOptionNames: OptionNames<ImagenetteOptions> = { size: true, whole: true, signal: true };

/** Parts of Imagenette, and how many images each has (version 2, of every size). */
const parts: Readonly<Record<ImagenettePart, number>> = { train: 9469, val: 3925 };

/** A part of Imagenette. */
export type ImagenettePart = "train" | "val";

/**
 * Counts the images of Imagenette's folder, without reading them.
 *
 * @throws FileError for a folder of a class that is not there, and where images are missing or too many: one that was
 *   unpacked in part
 */
export function checkImagenette(folder: string, part: ImagenettePart): void {
  const counts = Object.entries(folders).map(([name, title]) => ({
    title: `${name} (${title})`,
    count: imageFiles(join(folder, part, name)).length,
  }));
  const found = counts.reduce((sum, { count }) => sum + count, 0);
  if (found === parts[part]) return;
  const text = counts.map(({ title, count }) => `${title} ${thousands(count)}`).join(", ");
  const problem = `has ${thousands(found)} images, Imagenette has ${thousands(parts[part])}: it was not wholly unpacked, or is something else (${text})`;
  throw new FileError(join(folder, part), problem);
}

/**
 * Reads Imagenette (fastai, 2019: ten classes of ImageNet) from its folder, which `docs/reproduce.md` says how to
 * fetch: images cropped to squares, levels from 0 to 1, `[3, size, size]`. Classes take turns, as long as each has
 * images, so that the first images are of all.
 *
 * @param folder such as `imagenette2-160`, with the folders `train` and `val`
 * @throws FileError for a folder that is not there or does not have all images, or an image that can not be decoded;
 *   MissingPartError where sharp is absent
 */
export async function loadImagenette(
  folder: string,
  part: ImagenettePart,
  options: ImagenetteOptions = {},
): Promise<LabelledInputs> {
  knownOptions("loadImagenette", options, imagenetteOptionNames);
  oneOf("part", Object.keys(parts) as ImagenettePart[], part);
  const size = positiveInteger("size", options.size ?? 64);
  const { signal, whole = true } = options;
  if (typeof whole !== "boolean") throw wrongKind("whole", "true or false", whole);
  if (whole) checkImagenette(folder, part);
  const sets: Float32Array[] = [];
  for (const name of Object.keys(folders)) {
    const images = await loadImageFolder(join(folder, part, name), { size, ...(signal && { signal }) });
    sets.push(imageNumbers(images));
  }
  const numbers = 3 * size * size;
  const most = Math.max(...sets.map(({ length }) => length / numbers));
  const inputs = new Float32Array(sets.reduce((sum, { length }) => sum + length, 0));
  const labels: number[] = [];
  for (let image = 0; image < most; image++) {
    sets.forEach((set, label) => {
      if (image * numbers >= set.length) return;
      inputs.set(set.subarray(image * numbers, (image + 1) * numbers), labels.length * numbers);
      labels.push(label);
    });
  }
  const name = `Imagenette ${part}, ${labels.length} images of ${size} px`;
  return labelledInputs(inputs, labels, { shape: [3, size, size], name, classes: imagenetteNames.length });
}
