import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { FileError, invalid, positiveInteger } from "../errors.js";
import { sha256 } from "../files.js";
import { knownOptions, type OptionNames } from "../options.js";
import { noteInput } from "../output-path.js";
import { pacer } from "../pace.js";
import { loadPart } from "../parts.js";
import type { ImageSet } from "./image-set.js";

/** Options of {@link loadImageFolder}. */
export interface ImageFolderOptions {
  /** Height and width that the images are brought to; default 64. */
  readonly size?: number;
  /** Fewest images to go on with; default 1. A training needs at least a batch. */
  readonly atLeast?: number;
  /** Stops the reading: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each image. */
  readonly onImage?: (progress: { image: number; count: number }) => void;
}

/** The names of `ImageFolderOptions`. */
export const imageFolderOptionNames: OptionNames<ImageFolderOptions> = {
  size: true,
  atLeast: true,
  signal: true,
  onImage: true,
};

/** Images of one size from a folder, with the name of each file. */
export interface FolderImages extends ImageSet {
  /** `[count]`, in alphabetical order: image i is `files[i]`. */
  readonly files: readonly string[];
}

const readable = /\.(avif|gif|jpe?g|png|svg|tiff?|webp)$/i;

/**
 * Reads all images of a folder (JPEG, PNG, WebP, AVIF, TIFF, GIF, SVG; not those of folders inside it), whatever their
 * sizes: turned upright as their EXIF data say, cropped to the largest square in their middle, resized. Transparent
 * places are white; of a file with several pages, the first counts.
 *
 * @throws FileError for a folder that can not be read, and for an image that can not be decoded: the message names the
 * file; RangeError where there are fewer images than `atLeast`; MissingPartError where sharp is absent
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<FolderImages> {
  knownOptions("loadImageFolder", options, imageFolderOptionNames);
  const size = positiveInteger("size", options.size ?? 64);
  const atLeast = positiveInteger("atLeast", options.atLeast ?? 1);
  const files = imageFiles(folder);
  if (files.length < atLeast) {
    const kinds = "(files ending in .jpg, .png, .webp, .avif, .tiff, .gif or .svg)";
    throw invalid("images", `at least ${atLeast} in ${folder} ${kinds}`, files.length);
  }
  const sharp = await loadSharp();
  const pace = pacer(options.signal);
  const area = size * size;
  const pixels = new Uint8Array(files.length * 3 * area);
  for (const [image, file] of files.entries()) {
    const path = join(folder, file);
    let levels: Uint8Array;
    try {
      levels = await sharp(path)
        .rotate()
        .resize(size, size, { fit: "cover", position: "centre" })
        .flatten({ background: "#ffffff" })
        .toColourspace("srgb")
        .removeAlpha()
        .raw()
        .toBuffer();
      noteInput(path);
    } catch (cause) {
      throw new FileError(path, `is not an image that can be decoded (${(cause as Error).message})`, { cause });
    }
    const colours = levels.length / area; // 1 where the image is grey
    for (let c = 0; c < 3; c++) {
      const to = (3 * image + c) * area;
      for (let p = 0; p < area; p++) pixels[to + p] = levels[p * colours + (colours === 1 ? 0 : c)];
    }
    options.onImage?.({ image: image + 1, count: files.length });
    await pace();
  }
  const name = `${files.length} images of the folder ${basename(folder)}, ${size} px`;
  return { name, count: files.length, size, pixels, sha256: sha256(pixels), files };
}

export function imageFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && readable.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new FileError(folder, `is not a folder that can be read (${(cause as Error).message})`, { cause });
  }
}

async function loadSharp() {
  return (await loadPart("the reading of images", ["sharp"], () => import("sharp"))).default;
}
