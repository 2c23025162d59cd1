import { randomStreams } from "../../coalitions/random-streams.js";
import { invalid, positiveInteger, validSeed } from "../../errors.js";
import { sha256 } from "../../files.js";
import { has } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type ImageSet, imageNumbers } from "../image-set.js";
import type { LabelledInputs } from "../inputs.js";
import { labelledInputs } from "../labelled-inputs.js";
import { shapeNames } from "./outlines.js";
import { paintScene } from "./scene.js";

/** Options of {@link drawShapes}. */
export interface DrawShapesOptions {
  /** How many scenes. */
  readonly count: number;
  /** An integer from 0 to 2^32 - 1; default 1. Scene number i depends on the seed, i and the size alone. */
  readonly seed?: number;
  /** Number of the first scene; default 0. Scenes 0 to 99 and 100 to 199 are 200 different ones. */
  readonly first?: number;
  /** Height and width in pixels; default 64. */
  readonly size?: number;
}

/** The names of `DrawShapesOptions`. */
export const drawShapesOptionNames: OptionNames<DrawShapesOptions> = {
  count: true,
  seed: true,
  first: true,
  size: true,
};

/** Scenes with the shape that each shows. */
export interface DrawnShapes extends ImageSet {
  /** Number of the shape in `shapeNames`, `[count]`: that of scene i is i mod 10. */
  readonly labels: Uint8Array;
}

/**
 * Draws coloured scenes, as many as wanted, each with one of ten shapes among things that are none of them: a task for
 * a convolution network, learned within minutes, of which no image has to be fetched. Half a millisecond each.
 *
 * @throws TypeError, RangeError for options out of range
 * @example
 * const scenes = drawShapes({ count: 20, seed: 1 });
 * shapeNames[scenes.labels[3]]; // "triangle"
 */
export function drawShapes(options: DrawShapesOptions): DrawnShapes {
  knownOptions("drawShapes", options, drawShapesOptionNames);
  const count = positiveInteger("count", options.count);
  const seed = validSeed(options.seed ?? 1);
  const size = positiveInteger("size", options.size ?? 64);
  const { first = 0 } = options;
  if (!Number.isSafeInteger(first) || first < 0) throw invalid("first", "an integer of 0 or more", first);
  const streams = randomStreams(seed);
  const numbers = 3 * size * size;
  const pixels = new Uint8Array(count * numbers);
  const labels = Uint8Array.from({ length: count }, (_, i) => (first + i) % shapeNames.length);
  for (let i = 0; i < count; i++) {
    paintScene(streams(first + i), shapeNames[labels[i]], size, pixels.subarray(i * numbers, (i + 1) * numbers));
  }
  const which = first === 0 ? "" : ` after the first ${first}`;
  const name = `drawn shapes, ${size} px, ${count} of seed ${seed}${which}`;
  return { name, count, size, pixels, labels, sha256: sha256(pixels) };
}

/** Scenes as a network takes them, `[3, size, size]` each, levels from 0 to 1, with their classes. */
export function shapeInputs(scenes: DrawnShapes): LabelledInputs {
  has("scenes", scenes, "DrawnShapes");
  const { name, size, labels } = scenes;
  return labelledInputs(imageNumbers(scenes), labels, { shape: [3, size, size], name, classes: shapeNames.length });
}
