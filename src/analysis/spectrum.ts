import FFT from "fft.js";
import { invalid } from "../errors.js";

/** Below this share of a picture's energy its variation is nothing but rounding. */
export const roundingShare = 1e-24;

/** Sums over the spatial spectrum of a picture. */
export interface SpectrumSums {
  /** Power at all frequencies but 0: sum of (x - mean)^2 over the pixels. */
  readonly power: number;
  /** Power times frequency, in cycles per image; divided by the power, it is the centroid. */
  readonly moment: number;
}

/**
 * Sums over the spatial power spectrum of square pictures of a size; each call of what it returns reads `size x size`
 * numbers of an array, from an index on.
 *
 * A picture's borders do not meet, and a plain Fourier transform would take the jump between them for high frequencies;
 * a window would hide what lies at the borders. So the picture is mirrored at its borders, and its Fourier transform is
 * then the cosine transform (DCT-II): coefficient (j, k) has sqrt(j^2 + k^2) / 2 cycles per image, no pixel counts more
 * than another, and there is no window. The mean, which has no frequency, is left out. White noise has its centroid at
 * about 0.38 size.
 *
 * @throws RangeError for a size that is no power of 2
 */
export function spectrumSums(size: number): (picture: ArrayLike<number>, from?: number) => SpectrumSums {
  if (!Number.isInteger(Math.log2(size)) || size < 2)
    throw invalid("size of an image", "a power of 2, at least 2", size);
  const cosines = cosineTransform(size);
  const rows = new Float64Array(size * size);
  const line = new Float64Array(size);
  const frequencies = Float64Array.from(rows, (_, i) => Math.hypot(Math.floor(i / size), i % size) / 2);
  return (picture, from = 0) => {
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) line[x] = picture[from + y * size + x];
      const row = cosines(line);
      for (let x = 0; x < size; x++) rows[x * size + y] = row[x]; // transposed: columns are rows next
    }
    let [constant, power, moment] = [0, 0, 0];
    for (let x = 0; x < size; x++) {
      line.set(rows.subarray(x * size, (x + 1) * size));
      const column = cosines(line);
      for (let y = 0; y < size; y++) {
        const energy = column[y] ** 2;
        if (x === 0 && y === 0) {
          constant = energy;
          continue;
        }
        power += energy;
        moment += energy * frequencies[y * size + x];
      }
    }
    return power <= roundingShare * constant ? { power: 0, moment: 0 } : { power, moment };
  };
}

/**
 * Centroid of the spatial spectrum of pictures, in cycles per image: sum of power times frequency over sum of power
 * (`spectrumSums`). NaN where no picture varies.
 *
 * @param pictures `[count, size, size]`, e.g. the luminance of images
 */
export function frequencyCentroid(pictures: ArrayLike<number>, size: number): number {
  const sums = spectrumSums(size);
  let [power, moment] = [0, 0];
  for (let from = 0; from < pictures.length; from += size * size) {
    const one = sums(pictures, from);
    power += one.power;
    moment += one.moment;
  }
  return power === 0 ? Number.NaN : moment / power;
}

/**
 * The orthonormal DCT-II of lines of a length, by one Fourier transform of the line's even numbers followed by its odd
 * ones backwards (Makhoul 1980). The array returned is written anew by the next call.
 */
function cosineTransform(length: number): (line: Float64Array) => Float64Array {
  const fourier = new FFT(length);
  const reordered: number[] = fourier.createComplexArray().slice(0, length);
  const spectrum: number[] = fourier.createComplexArray();
  const out = new Float64Array(length);
  const turns = Array.from({ length }, (_, k) => {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / length);
    return { cos: scale * Math.cos((Math.PI * k) / (2 * length)), sin: scale * Math.sin((Math.PI * k) / (2 * length)) };
  });
  return (line) => {
    for (let i = 0; i < length / 2; i++) {
      reordered[i] = line[2 * i];
      reordered[length - 1 - i] = line[2 * i + 1];
    }
    fourier.realTransform(spectrum, reordered);
    fourier.completeSpectrum(spectrum);
    for (let k = 0; k < length; k++) out[k] = turns[k].cos * spectrum[2 * k] + turns[k].sin * spectrum[2 * k + 1];
    return out;
  };
}
