import type { FaceConfig } from "facesjs";
import { loadPart } from "../../parts.js";
import type { DrawnFace, FaceFeature } from "./face.js";

/** Draws faces. */
export interface FacePen {
  /** Styles that facesjs knows, by its names of the features. */
  readonly index: Readonly<Record<string, readonly string[]>>;
  /**
   * A face as levels 0 to 255, `[3, size, size]`.
   *
   * @param without features that are left out, as if the face had none; default draws all
   */
  draw(face: DrawnFace, size: number, without?: readonly FaceFeature[]): Uint8Array;
}

let loading: Promise<FacePen> | undefined;

/**
 * Loads what draws faces, on first use: facesjs for the shapes, resvg for the pixels.
 *
 * @throws MissingPartError where one of them is absent
 */
export function loadPen(): Promise<FacePen> {
  loading ??= load();
  return loading;
}

async function load(): Promise<FacePen> {
  const [{ faceToSvgString, svgsIndex }, { Resvg }] = await loadPart(
    "the drawing of faces",
    ["facesjs", "@resvg/resvg-js"],
    () => Promise.all([import("facesjs"), import("@resvg/resvg-js")]),
  );
  return {
    index: svgsIndex,
    draw(face, size, without = []) {
      // facesjs stands in for `document` while it draws, and puts back what was there before it returns.
      const svg = framed(faceToSvgString(config(face, without)), size);
      const { pixels } = new Resvg(svg, { background: hex(background), font: { loadSystemFonts: false } }).render();
      return planes(pixels, size);
    },
  };
}

/** Red, green and blue of what is behind the faces. */
export const background = [0xdd, 0xdd, 0xee] as const;

function hex(colour: readonly number[]): string {
  return `#${colour.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
}

/** The part of facesjs' drawing (400 x 600) that is shown: a square from the hair to below the chin. */
const view = "0 105 400 400";

function framed(svg: string, size: number): string {
  return svg
    .replace('width="100%"', `width="${size}"`)
    .replace('height="100%"', `height="${size}"`)
    .replace('viewBox="0 0 400 600"', `viewBox="${view}"`);
}

function config(face: DrawnFace, without: readonly FaceFeature[]): FaceConfig {
  const style = (feature: FaceFeature) => (without.includes(feature) ? "none" : face[feature]);
  return {
    fatness: face.width,
    teamColors: ["#89bfd3", "#7a1319", "#07364f"],
    hairBg: { id: "none" },
    body: { id: "body", color: face.skinColour, size: 1 },
    jersey: { id: "jersey" },
    ear: { id: face.ear, size: 1 },
    head: { id: face.head, shave: "rgba(0,0,0,0)" },
    eyeLine: { id: "none" },
    smileLine: { id: "none", size: 1 },
    miscLine: { id: "none" },
    facialHair: { id: style("beard") },
    eye: { id: style("eyes"), angle: face.slant },
    eyebrow: { id: style("eyebrows"), angle: face.slant },
    hair: { id: style("hair"), color: face.hairColour, flip: face.mirrored },
    mouth: { id: style("mouth"), flip: face.mirrored },
    nose: { id: style("nose"), size: 0.9, flip: face.mirrored },
    glasses: { id: style("glasses") },
    accessories: { id: "none" },
  };
}

/** RGBA pixels, each after the other, as three planes; the background is opaque. */
function planes(pixels: Uint8Array, size: number): Uint8Array {
  const area = size * size;
  const image = new Uint8Array(3 * area);
  for (let p = 0; p < area; p++) {
    for (let channel = 0; channel < 3; channel++) image[channel * area + p] = pixels[4 * p + channel];
  }
  return image;
}
