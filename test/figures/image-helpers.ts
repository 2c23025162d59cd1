import { unzlibSync } from "fflate";
import type { Figure } from "../../src/figures/kit/figure.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";

/** Small images, and modes that add up to them. */
export const size = 4;
export const area = size * size;
export const faces = 3;
export const outputs = faces * 3 * area;
/** A number between 0 and 1 that differs from place to place and is the same in every run. */
export const wave = (i: number) => Math.sin(12.9898 * (i + 1)) * 0.5 + 0.5;
export const units = ["layer1/filter0", "layer1/filter1", "layer1/filter2", "layer2/filter0", "layer2/filter1"];

/** Modes that grow from unit to unit within a layer, and add up to v(all) - v(none). */
export function modesOf(none: (o: number) => number = () => 0): ShapleyModes {
  const weight = [0.05, 0.1, 0.15, 0.3, 0.4];
  const values = Float64Array.from({ length: units.length * outputs }, (_, i) => {
    return weight[Math.floor(i / outputs)] * wave(i % outputs);
  });
  const vNone = Float64Array.from({ length: outputs }, (_, o) => none(o));
  return new ShapleyModes({
    units,
    outputShape: [faces, 3, size, size],
    values,
    vNone,
    vAll: vNone.map((value, o) => value + wave(o)),
  });
}

export const images = Float64Array.from({ length: outputs }, (_, o) => wave(o));

/** The sheet of a figure: its width, and the levels `[height, width, 3]`. */
export function sheetOf(figure: Figure) {
  return levelsOf((figure.data[0] as unknown as { source: string }).source);
}

/** The levels of a picture that is an address. */
export function levelsOf(source: string) {
  const png = Buffer.from(source.replace("data:image/png;base64,", ""), "base64");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const rows = unzlibSync(png.subarray(41, 41 + png.readUInt32BE(33)));
  const at = (y: number, x: number) => [1, 2, 3].map((c) => rows[y * (3 * width + 1) + 3 * x + c]);
  return { width, height, at };
}
