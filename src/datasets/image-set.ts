import { invalid } from "../errors.js";
import { has } from "../kinds.js";

/** Square colour images of one size, without labels. */
export interface ImageSet {
  /** What provenance states, e.g. `drawn-faces varied 64 px, 10000 from seed 1`. */
  readonly name: string;
  readonly count: number;
  /** Height and width in pixels. */
  readonly size: number;
  /** Levels 0 to 255, `[count, 3, size, size]`. */
  readonly pixels: Uint8Array;
  /** Checksum of the pixels. */
  readonly sha256: string;
}

/**
 * Images as a network takes them: levels divided by 255, `[members, 3, size, size]`.
 *
 * @param members which images, in which order; default all (four times the memory of the pixels)
 * @throws RangeError for an image that is not in the set
 */
export function imageNumbers(set: ImageSet, members?: ArrayLike<number>): Float32Array {
  has("set", set, "an ImageSet", "count", "pixels");
  const numbers = 3 * set.size * set.size;
  const count = members?.length ?? set.count;
  const images = new Float32Array(count * numbers);
  for (let row = 0; row < count; row++) {
    const image = members ? members[row] : row;
    if (!Number.isInteger(image) || image < 0 || image >= set.count) {
      throw invalid("image", `a number from 0 to ${set.count - 1}`, image);
    }
    const from = image * numbers;
    for (let i = 0; i < numbers; i++) images[row * numbers + i] = set.pixels[from + i] / 255;
  }
  return images;
}
