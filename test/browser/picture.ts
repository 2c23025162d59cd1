import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import sharp from "sharp";

/**
 * Every so many pixels of a picture are one of its small grey copy: a shift of a letter by a pixel or two is not seen
 * in it.
 */
const shrink = 6;

/** How two pictures may differ: other versions of fonts and of Chromium shift and smooth letters, and nothing else. */
export const tolerance = { size: 0.03, ink: 0.15, patches: 0.04 } as const;

/**
 * How two pictures differ: in size; in brightness, as a share of what is drawn on the second one's background; and the
 * share of patches whose brightness differs by more than an eighth.
 */
export interface Difference {
  readonly size: number;
  readonly ink: number;
  readonly patches: number;
}

/** Compares two PNGs, as shares of 1. */
export async function difference(a: Uint8Array, b: Uint8Array): Promise<Difference> {
  const [first, second] = await Promise.all([small(a), small(b)]);
  const width = Math.min(first.width, second.width);
  const height = Math.min(first.height, second.height);
  const background = median(second.grey);
  let sum = 0;
  let drawn = 0;
  let differing = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const apart = Math.abs(first.grey[y * first.width + x] - second.grey[y * second.width + x]) / 255;
      sum += apart;
      drawn += Math.abs(second.grey[y * second.width + x] - background) / 255;
      if (apart > 1 / 8) differing++;
    }
  }
  const largest = Math.max(first.height / second.height, second.height / first.height) - 1;
  const widest = Math.max(first.width / second.width, second.width / first.width) - 1;
  return {
    size: Math.max(largest, widest),
    ink: drawn === 0 ? sum : sum / drawn,
    patches: differing / (width * height),
  };
}

/** Whether pictures are alike, up to what fonts and versions of a browser do. */
export function alike({ size, ink, patches }: Difference): boolean {
  return size <= tolerance.size && ink <= tolerance.ink && patches <= tolerance.patches;
}

/** The stored picture of a name; with UPDATE_EXAMPLES=1 the one given is stored first, in few colours. */
export async function storedPicture(file: string, picture: Uint8Array): Promise<Uint8Array> {
  if (process.env.UPDATE_EXAMPLES === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await sharp(picture).png({ palette: true, colours: 64 }).toBuffer());
  }
  if (!existsSync(file)) throw new Error(`${file} is absent; UPDATE_EXAMPLES=1 writes it`);
  return readFileSync(file);
}

function median(values: Uint8Array): number {
  return Uint8Array.from(values).sort()[values.length >> 1];
}

async function small(png: Uint8Array) {
  const { width = 0, height = 0 } = await sharp(png).metadata();
  const { data, info } = await sharp(png)
    .flatten({ background: "#ffffff" })
    .greyscale()
    .resize(Math.round(width / shrink), Math.round(height / shrink), { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { grey: data, width: info.width, height: info.height };
}
