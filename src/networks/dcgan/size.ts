import { invalid, positiveInteger } from "../../errors.js";

/** Widths and depth of a DCGAN's generator. */
export interface DcganSize {
  /** Transposed convolutions, L; the image is 4 x 2^(L-1) pixels wide: 5 for 64 pixels, 6 for 128. */
  readonly layers: number;
  /** Channels of the last layer but one, ngf; every layer before has twice as many. The paper's networks have 64. */
  readonly filters: number;
  /** Numbers in a latent, nz; the paper's have 100. */
  readonly latents: number;
}

/** Height and width of the images. */
export function imageSize({ layers }: Pick<DcganSize, "layers">): number {
  return 4 * 2 ** (layers - 1);
}

/** Output channels of every layer: `filters x 2^(L-2)`, ..., `filters`, 3. */
export function channels({ layers, filters }: DcganSize): number[] {
  return Array.from({ length: layers }, (_, l) => (l === layers - 1 ? 3 : filters * 2 ** (layers - 2 - l)));
}

/** Checks a size and returns it, nothing else in it. */
export function checkedSize({ layers, filters, latents }: DcganSize): DcganSize {
  const rule = "an integer from 2 (8 pixels) to 9 (1024 pixels)";
  if (!Number.isInteger(layers) || layers < 2 || layers > 9) throw invalid("layers", rule, layers);
  return { layers, filters: positiveInteger("filters", filters), latents: positiveInteger("latents", latents) };
}
