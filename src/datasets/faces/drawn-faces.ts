import { trainingStreams } from "../../coalitions/random-streams.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../../errors.js";
import { sha256 } from "../../files.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { pacer } from "../../pace.js";
import type { ImageSet } from "../image-set.js";
import { loadPen } from "./draw.js";
import { type DrawnFace, type FaceVariety, faceVarieties, randomFace, stylesOf } from "./face.js";

/** Options of {@link drawFaces}. */
export interface DrawFacesOptions {
  /** How many faces. */
  readonly count: number;
  /** Height and width in pixels; default 64. */
  readonly size?: number;
  /** An integer from 0 to 2^32 - 1; default 1. Face number i depends on the seed and i alone. */
  readonly seed?: number;
  /** Default "varied". */
  readonly variety?: FaceVariety;
  /** Number of the first face; default 0. Faces 0 to 99 and 100 to 199 are 200 different ones. */
  readonly first?: number;
  /** Stops the drawing: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each face. */
  readonly onFace?: (progress: { face: number; count: number }) => void;
}

/** The names of `DrawFacesOptions`. */
export const drawFacesOptionNames: OptionNames<DrawFacesOptions> = {
  count: true,
  size: true,
  seed: true,
  variety: true,
  first: true,
  signal: true,
  onFace: true,
};

/** Drawn faces with what each of them shows. */
export interface DrawnFaces extends ImageSet {
  /** `[count]` */
  readonly faces: readonly DrawnFace[];
}

/**
 * Draws aligned colour faces, as many as wanted: shapes by facesjs, pixels by resvg, about 4 ms each. Cartoons, not
 * photographs; but what each face shows is known, and which pixels show it ({@link faceMasks}).
 *
 * @throws TypeError, RangeError for options out of range; MissingPartError where facesjs or resvg is absent
 * @example
 * const faces = await drawFaces({ count: 100, seed: 1 });
 * faces.faces[0].hair; // "afro", for example
 */
export async function drawFaces(options: DrawFacesOptions): Promise<DrawnFaces> {
  knownOptions("drawFaces", options, drawFacesOptionNames);
  const count = positiveInteger("count", options.count);
  const size = positiveInteger("size", options.size ?? 64);
  const seed = validSeed(options.seed ?? 1);
  const variety = oneOf("variety", faceVarieties, options.variety ?? "varied");
  const first = options.first ?? 0;
  if (!Number.isSafeInteger(first) || first < 0) throw invalid("first", "an integer of 0 or more", first);
  const pen = await loadPen();
  const styles = stylesOf(variety, pen.index);
  const streams = trainingStreams(seed);
  const pace = pacer(options.signal);
  const numbers = 3 * size * size;
  const pixels = new Uint8Array(count * numbers);
  const faces: DrawnFace[] = [];
  for (let i = 0; i < count; i++) {
    const face = randomFace(streams(first + i), variety, styles);
    pixels.set(pen.draw(face, size), i * numbers);
    faces.push(face);
    options.onFace?.({ face: i + 1, count });
    await pace();
  }
  const which = first === 0 ? "" : ` after the first ${first}`;
  const name = `drawn faces (${variety}), ${size} px, ${count} of seed ${seed}${which}`;
  return { name, count, size, pixels, sha256: sha256(pixels), faces };
}
