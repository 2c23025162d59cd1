import { invalid, positiveInteger } from "../errors.js";
import { knownOptions, type OptionNames } from "../options.js";

/** A sheet of images side by side, as pixels. */
export interface ImageSheet {
  readonly width: number;
  readonly height: number;
  /** Levels 0 to 255, `[height, width, 3]`. */
  readonly pixels: Uint8Array;
}

/** Options of {@link imageSheet}. */
export interface ImageSheetOptions {
  /** Images in a row; default 8. */
  readonly columns?: number;
  /** White pixels between images; default 2. */
  readonly gap?: number;
}

/** The names of `ImageSheetOptions`. */
export const imageSheetOptionNames: OptionNames<ImageSheetOptions> = { columns: true, gap: true };

/**
 * Images side by side, row after row.
 *
 * @param images numbers from 0 to 1, what lies outside is cut off; `[count, 3, size, size]`
 * @param size height and width of one image
 * @throws RangeError where the numbers are not those of whole images
 */
export function imageSheet(images: ArrayLike<number>, size: number, options: ImageSheetOptions = {}): ImageSheet {
  knownOptions("imageSheet", options, imageSheetOptionNames);
  const { columns: most = 8, gap = 2 } = options;
  const area = positiveInteger("size", size) ** 2;
  const count = images.length / (3 * area);
  if (!Number.isInteger(count) || count < 1) {
    throw invalid("images", `${3 * area} numbers for each image of ${size} x ${size} pixels`, images);
  }
  const columns = Math.min(positiveInteger("columns", most), count);
  const rows = Math.ceil(count / columns);
  const width = columns * (size + gap) - gap;
  const height = rows * (size + gap) - gap;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (let n = 0; n < count; n++) {
    const left = (n % columns) * (size + gap);
    const top = Math.floor(n / columns) * (size + gap);
    for (let c = 0; c < 3; c++) {
      for (let p = 0; p < area; p++) {
        const at = (top + Math.floor(p / size)) * width + left + (p % size);
        pixels[3 * at + c] = Math.round(255 * Math.min(1, Math.max(0, images[(3 * n + c) * area + p])));
      }
    }
  }
  return { width, height, pixels };
}
