import { invalid } from "../../errors.js";
import { isList } from "../../kinds.js";
import type { Mode, ShapleyModes } from "../../modes/shapley-modes.js";

/** Shape of a value that is images: how many, and their height and width. */
export interface ImagesShape {
  readonly count: number;
  readonly size: number;
}

/** Reads a shape `[count, 3, size, size]`. @throws RangeError for any other */
export function imagesShape(shape: readonly number[]): ImagesShape {
  isList("shape of the values", shape, "sizes, [count, 3, size, size]");
  const [count, colours, height, width] = shape;
  if (shape.length !== 4 || colours !== 3 || height !== width) {
    throw invalid("shape of the values", "that of square colour images, [count, 3, size, size]", shape);
  }
  return { count, size: height };
}

/** Faces to show: those asked for, checked, or the first few. */
export function chosenFaces(
  modes: Pick<ShapleyModes, "outputShape">,
  faces: readonly number[] | undefined,
  most: number,
) {
  const { count } = imagesShape(modes.outputShape);
  const chosen = faces ?? Array.from({ length: Math.min(most, count) }, (_, face) => face);
  if (chosen.length === 0) throw invalid("faces", "at least one face", chosen);
  for (const face of chosen) {
    if (!Number.isInteger(face) || face < 0 || face >= count)
      throw invalid("face", `a number from 0 to ${count - 1}`, face);
  }
  return chosen;
}

/** One image of several, `[3, size, size]`. */
export function imageOf(images: ArrayLike<number>, image: number, size: number): Float64Array {
  const numbers = 3 * size * size;
  return Float64Array.from({ length: numbers }, (_, i) => images[image * numbers + i]);
}

/** Colours from 0 to 1 as levels; what lies outside is cut off. */
export function colourLevels(image: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: image.length }, (_, i) => Math.round(255 * Math.min(1, Math.max(0, image[i]))));
}

/** Contributions as levels: 0 is mid-grey, `limit` more or less is white or black of that colour. */
export function contributionLevels(mode: ArrayLike<number>, limit: number): Uint8Array {
  const scale = limit > 0 ? 0.5 / limit : 0;
  return colourLevels(Float64Array.from({ length: mode.length }, (_, i) => 0.5 + scale * mode[i]));
}

/** The part of a mode that belongs to one image. */
export function modeOf(mode: Mode, image: number): Float64Array {
  return imageOf(mode.values, image, imagesShape(mode.shape).size);
}
