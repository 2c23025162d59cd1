import { oneOf, positiveInteger } from "../../errors.js";
import { background, type FacePen, loadPen } from "./draw.js";
import { type DrawnFace, type FaceFeature, faceFeatures, hasFeature } from "./face.js";

/** Areas of a drawn face: its features, its skin (neck and ears too), and what is neither face, hair nor shoulders. */
export const faceAreas = [...faceFeatures, "skin", "background"] as const;
/** One of `faceAreas`. */
export type FaceArea = (typeof faceAreas)[number];

/** Levels, of 255, by which a pixel differs at least where a feature shows: less is the blur of an edge. */
const visible = 12;
/** A skin that no drawn face has. */
const otherSkin = "#00ff00";

/**
 * Where a face shows a feature: 1 for pixels that change when it is drawn without it, else 0, `[size, size]`. What is
 * hidden behind another feature does not show. All 0 for a feature that the face does not have.
 *
 * The skin shows where pixels change when it has another colour, the background where pixels have exactly its colour.
 */
export async function faceMask(face: DrawnFace, area: FaceArea, size: number): Promise<Uint8Array> {
  oneOf("feature", faceAreas, area);
  const pen = await loadPen();
  return drawnMask(pen, face, area, pen.draw(face, positiveInteger("size", size)), size);
}

/** The masks of all features of a face, by name: {@link faceMask} for each. */
export async function faceMasks(face: DrawnFace, size: number): Promise<Record<FaceFeature, Uint8Array>> {
  const pen = await loadPen();
  const whole = pen.draw(face, positiveInteger("size", size));
  const masks = faceFeatures.map((feature) => [feature, drawnMask(pen, face, feature, whole, size)]);
  return Object.fromEntries(masks) as Record<FaceFeature, Uint8Array>;
}

/**
 * {@link faceMask} of a face that was drawn already.
 *
 * @param whole the face with everything it has, `[3, size, size]`
 */
export function drawnMask(pen: FacePen, face: DrawnFace, area: FaceArea, whole: Uint8Array, size: number): Uint8Array {
  const pixels = size * size;
  if (area === "background") {
    return Uint8Array.from({ length: pixels }, (_, p) =>
      background.every((level, channel) => whole[channel * pixels + p] === level) ? 1 : 0,
    );
  }
  if (area !== "skin" && !hasFeature(face, area)) return new Uint8Array(pixels);
  const other = area === "skin" ? pen.draw({ ...face, skinColour: otherSkin }, size) : pen.draw(face, size, [area]);
  return Uint8Array.from({ length: pixels }, (_, p) =>
    [p, p + pixels, p + 2 * pixels].some((at) => Math.abs(whole[at] - other[at]) >= visible) ? 1 : 0,
  );
}
