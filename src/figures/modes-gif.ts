import { createRequire } from "node:module";
import { invalid, positiveInteger } from "../errors.js";
import { checkWritable, writeWhole } from "../files.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { colourLevels, contributionLevels, imageOf } from "./kit/face-tiles.js";
import { copyTile, tileGap } from "./kit/image-grid.js";
import { type LayerFace, layerTiles } from "./kit/layer-tiles.js";
import { drawLetters, letterDots } from "./kit/pixel-letters.js";

/** Options of {@link modesGif}. */
export interface ModesGifOptions extends LayerFace {
  /** Milliseconds that each mode is shown; default 400. */
  readonly delay?: number;
  /** Pixels of the animation per pixel of the images; default as many as make an image 192 high or a little less. */
  readonly scale?: number;
}

/** The names of `ModesGifOptions`. */
export const modesGifOptionNames: OptionNames<ModesGifOptions> = {
  layer: true,
  face: true,
  units: true,
  delay: true,
  scale: true,
};

const require = createRequire(import.meta.url);

/**
 * Colours of the intact image, and of each mode: together with paper, ink, "as before" and mid-grey a palette of 256.
 */
const intactColours = 96;
const modeColours = 156;
const [paper, ink, asBefore] = [0, 1, 2];
const first = 3;
/** Pixels around and between the pictures and below them, of the animation. */
const margin = 8;
/** Pixels of a dot of the letters: as many as fit. */
const dots = [3, 2, 1];

/**
 * An animated GIF: the intact image, and beside it the Shapley Modes of a layer's filters, one after another, with
 * their names; a line below shows how far it is. Mid-grey: no contribution; one scale for all, the most extreme 0.5 %
 * of values are cut off. Equal modes give equal bytes.
 *
 * @param modes of images, with v(all); units named `layer/filter`
 * @throws RangeError for a layer, unit or face that is not there
 * @example
 * const gif = await modesGif(modes, { layer: "layer1", face: 0 });
 */
export async function modesGif(modes: ShapleyModes, options: ModesGifOptions): Promise<Uint8Array> {
  knownOptions("modesGif", options, modesGifOptionNames);
  const { vAll } = modes;
  if (!vAll) throw invalid("modes", "modes with v(all)", modes);
  const delay = positiveInteger("delay", options.delay ?? 400);
  const { filters, size, face, limit } = layerTiles(modes, options);
  const scale = positiveInteger("scale", options.scale ?? Math.max(1, Math.floor(192 / size)));
  // What an import of this package gives differs between Node and bundlers; what it exports to `require` does not.
  const gifenc = require("gifenc") as typeof import("gifenc");
  const encoder = gifenc.GIFEncoder();

  const side = scale * size;
  const gap = Math.max(margin, scale * tileGap(size));
  const width = 2 * margin + 2 * side + gap;
  const whole = filters.map(({ name }) => `${options.layer}/${name}`);
  const short = filters.map(({ name }) => name);
  const { names, dot } = fitting([whole, short], side + margin);
  const textTop = margin + side + margin;
  const lineTop = textTop + letterDots("").down * dot + margin;
  const height = lineTop + 3 + margin;
  const canvas = new Uint8Array(width * height);
  const fill = (x: number, y: number, across: number, down: number, colour: number) => {
    for (let row = y; row < y + down; row++) canvas.fill(colour, row * width + x, row * width + x + across);
  };
  const place = (index: Uint8Array, left: number, from: number) =>
    index.forEach((colour, p) => {
      fill(left + scale * (p % size), margin + scale * Math.floor(p / size), scale, scale, from + colour);
    });
  const write = (text: string, left: number) =>
    drawLetters(text, (x, y) => {
      if (left + (x + 1) * dot < width) fill(left + x * dot, textTop + y * dot, dot, dot, ink);
    });

  const original = rgba(colourLevels(imageOf(vAll, face, size)), size);
  const originalPalette = gifenc.quantize(original, intactColours);
  const right = margin + side + gap;
  filters.forEach(({ values }, frame) => {
    const pixels = rgba(contributionLevels(values, limit), size);
    // Where nothing is contributed the colour is exact.
    const palette: [number, number, number][] = [[128, 128, 128], ...gifenc.quantize(pixels, modeColours)];
    if (frame === 0) {
      fill(0, 0, width, height, paper);
      place(gifenc.applyPalette(original, originalPalette), margin, first);
      write("intact", margin);
    } else {
      // What does not change is left as it was, which costs next to nothing.
      fill(0, 0, width, height, asBefore);
      fill(right, textTop, width - right, lineTop - textTop, paper);
    }
    const from = first + (frame === 0 ? originalPalette.length : 0);
    place(gifenc.applyPalette(pixels, palette), right, from);
    write(names[frame], right);
    fill(margin, lineTop, Math.round(((width - 2 * margin) * (frame + 1)) / filters.length), 3, ink);
    encoder.writeFrame(canvas, width, height, {
      palette: [[255, 255, 255], [34, 34, 34], [0, 0, 0], ...(frame === 0 ? originalPalette : []), ...palette],
      delay,
      transparent: frame > 0,
      transparentIndex: asBefore,
      dispose: 1,
    });
  });
  encoder.finish();
  return encoder.bytes();
}

/**
 * Writes {@link modesGif} to a file, whole or not at all.
 *
 * @throws FileError for a path that can not be written, before anything is drawn
 * @example
 * await saveModesGif(modes, "results/layer1.gif", { layer: "layer1" });
 */
export async function saveModesGif(modes: ShapleyModes, path: string, options: ModesGifOptions): Promise<void> {
  knownOptions("saveModesGif", options, modesGifOptionNames);
  checkWritable(path);
  writeWhole(path, await modesGif(modes, options));
}

/** The first of these lists of names all of which fit, in the largest letters in which they do. */
function fitting(lists: readonly (readonly string[])[], width: number) {
  const widest = (names: readonly string[]) => Math.max(...names.map((name) => letterDots(name).across));
  for (const names of lists) {
    const dot = dots.find((pixels) => pixels > 1 && pixels * widest(names) <= width);
    if (dot !== undefined) return { names, dot };
  }
  return { names: lists[lists.length - 1], dot: dots[dots.length - 1] };
}

/** A tile's levels as pixels of four. */
function rgba(levels: Uint8Array, size: number): Uint8Array {
  const pixels = new Uint8Array(3 * size * size);
  copyTile(levels, size, pixels, size, 0, 0);
  return Uint8Array.from({ length: 4 * size * size }, (_, i) => (i % 4 === 3 ? 255 : pixels[3 * (i >> 2) + (i % 4)]));
}
