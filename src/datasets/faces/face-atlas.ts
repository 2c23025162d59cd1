import { positiveInteger } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { pacer } from "../../pace.js";
import { type ImageSet, imageNumbers } from "../image-set.js";
import { loadPen } from "./draw.js";
import { type DrawFacesOptions, type DrawnFaces, drawFaces } from "./drawn-faces.js";
import { drawnMask, type FaceArea, faceAreas } from "./face-mask.js";

/** Options of {@link loadFaceAtlas}. */
export interface FaceAtlasOptions extends Omit<DrawFacesOptions, "count"> {
  /** How many faces; default 300. */
  readonly count?: number;
}

/** The names of `FaceAtlasOptions`. */
export const faceAtlasOptionNames: OptionNames<FaceAtlasOptions> = {
  size: true,
  seed: true,
  variety: true,
  first: true,
  signal: true,
  onFace: true,
  count: true,
};

/** Drawn faces with their masks: what the areas of another image are told from ({@link likenessMasks}). */
export interface FaceAtlas extends Pick<ImageSet, "name" | "count" | "size" | "sha256"> {
  /** From 0 to 1, `[count, 3, size, size]`. */
  readonly images: Float32Array;
  /** By area, 1 where a face shows it, else 0: `[count, size, size]`. */
  readonly masks: Readonly<Record<FaceArea, Uint8Array>>;
}

/**
 * Draws an atlas: faces, and where each of them shows what (`faceMask`). About 10 ms a face, 3 s for the default; 26
 * MB.
 *
 * @throws what `drawFaces` throws
 * @example
 * const atlas = await loadFaceAtlas({ seed: 7 });
 * const { masks } = await likenessMasks(atlas, images);
 * masks.hair; // [count, 64, 64], from 0 to 1
 */
export async function loadFaceAtlas(options: FaceAtlasOptions = {}): Promise<FaceAtlas> {
  knownOptions("loadFaceAtlas", options, faceAtlasOptionNames);
  const count = positiveInteger("count", options.count ?? 300);
  const drawn = await drawFaces({ ...options, count });
  const { name, size, sha256 } = drawn;
  return { name, count, size, sha256, images: imageNumbers(drawn), masks: await trueMasks(drawn, options.signal) };
}

/** The masks of drawn faces, by area: `[count, size, size]`. */
export async function trueMasks(drawn: DrawnFaces, signal?: AbortSignal): Promise<Record<FaceArea, Uint8Array>> {
  const pen = await loadPen();
  const pace = pacer(signal);
  const { count, size, pixels } = drawn;
  const area = size * size;
  const masks = Object.fromEntries(faceAreas.map((name) => [name, new Uint8Array(count * area)]));
  for (let i = 0; i < count; i++) {
    const whole = pixels.subarray(3 * i * area, 3 * (i + 1) * area);
    for (const name of faceAreas) masks[name].set(drawnMask(pen, drawn.faces[i], name, whole, size), i * area);
    await pace();
  }
  return masks as Record<FaceArea, Uint8Array>;
}
