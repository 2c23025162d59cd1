import { roundingShare, spectrumSums } from "./spectrum.js";

/** What can be measured of the mode of a single unit, whose values are images. */
export const unitMeasureNames = ["spread", "frequency", "edges", "contours", "chroma", "likeness"] as const;
/** One of {@link unitMeasureNames}. */
export type UnitMeasure = (typeof unitMeasureNames)[number];

/** A measure as two sums, so that it can be pooled over units: the measure is `above / below`. */
export interface Sums {
  readonly above: number;
  readonly below: number;
}

/** What a unit's mode is like. */
export interface UnitMeasures {
  readonly sums: Readonly<Record<UnitMeasure, Sums>>;
  /** Sum of the squares of the mode. */
  readonly energy: number;
  /** Sum of |mode| over each image, `[faces]`. */
  readonly amplitudes: Float64Array;
}

/**
 * A function that measures the mode of a unit, `[faces, 3, size, size]`; `hierarchy` says what each measure is.
 *
 * @param contours 1 on the contours of the intact images, else 0, `[faces, size, size]`; without it their measure is
 *   NaN
 */
export function unitMeasurer(size: number, contours: Uint8Array | undefined): (mode: Float64Array) => UnitMeasures {
  const area = size * size;
  const spectrum = spectrumSums(size);
  return (mode) => {
    const maps = amplitudeMaps(mode, area);
    const luminance = luminanceMaps(mode, area);
    const energy = sumOfSquares(mode);
    return {
      sums: {
        spread: spreadSums(maps, area),
        frequency: frequencySums(luminance, area, spectrum),
        edges: { above: neighbourDifferences(mode, size), below: energy },
        contours: contourSums(maps, contours),
        chroma: { above: Math.max(0, energy - sumOfSquares(luminance)), below: energy },
        likeness: likenessSums(mode, 3 * area),
      },
      energy,
      amplitudes: Float64Array.from(parts(maps, area), (map) => sumOf(map)),
    };
  };
}

/** Equal parts of an array, without copying. */
function parts(array: Float64Array, length: number): Float64Array[] {
  return Array.from({ length: array.length / length }, (_, i) => array.subarray(i * length, (i + 1) * length));
}

/** |mode| summed over the colours, `[faces, size, size]`. */
function amplitudeMaps(mode: Float64Array, area: number): Float64Array {
  return overColours(mode, area, (red, green, blue) => Math.abs(red) + Math.abs(green) + Math.abs(blue));
}

/** (R + G + B) / sqrt 3, the first axis of an orthonormal transform of the colours, `[faces, size, size]`. */
function luminanceMaps(mode: Float64Array, area: number): Float64Array {
  const scale = 1 / Math.sqrt(3);
  return overColours(mode, area, (red, green, blue) => (red + green + blue) * scale);
}

function overColours(
  mode: Float64Array,
  area: number,
  value: (red: number, green: number, blue: number) => number,
): Float64Array {
  const maps = new Float64Array(mode.length / 3);
  for (let face = 0; face < maps.length / area; face++) {
    const from = 3 * face * area;
    for (let p = 0; p < area; p++) {
      maps[face * area + p] = value(mode[from + p], mode[from + area + p], mode[from + 2 * area + p]);
    }
  }
  return maps;
}

function spreadSums(maps: Float64Array, area: number): Sums {
  let above = 0;
  for (const map of parts(maps, area)) above += sumOf(map) ** 2 / area;
  return { above, below: sumOfSquares(maps) };
}

function frequencySums(luminance: Float64Array, area: number, spectrum: ReturnType<typeof spectrumSums>): Sums {
  let [above, below] = [0, 0];
  for (let from = 0; from < luminance.length; from += area) {
    const { power, moment } = spectrum(luminance, from);
    above += moment;
    below += power;
  }
  return { above, below };
}

/** Mean on the contours and mean everywhere; every image has as many contour pixels as any other. */
function contourSums(maps: Float64Array, contours: Uint8Array | undefined): Sums {
  if (!contours) return { above: Number.NaN, below: Number.NaN };
  let [on, pixels, all] = [0, 0, 0];
  for (let p = 0; p < maps.length; p++) {
    all += maps[p];
    if (contours[p] === 0) continue;
    on += maps[p];
    pixels++;
  }
  return { above: on / pixels, below: all / maps.length };
}

/** Covariances of all pairs of faces, and the products of their standard deviations; both 0 for one face. */
function likenessSums(mode: Float64Array, values: number): Sums {
  const faces = parts(mode, values);
  if (faces.length === 1) return { above: 0, below: 0 };
  const together = new Float64Array(values);
  let [deviations, variances] = [0, 0];
  for (const face of faces) {
    const mean = sumOf(face) / values;
    let variance = 0;
    for (let i = 0; i < values; i++) variance += (face[i] - mean) ** 2;
    if (variance <= roundingShare * sumOfSquares(face)) continue; // the same number everywhere
    for (let i = 0; i < values; i++) together[i] += face[i] - mean;
    variances += variance;
    deviations += Math.sqrt(variance);
  }
  // the sum of x_f x_g over all pairs is half of (the sum of x)^2 - the sum of x^2
  return { above: (sumOfSquares(together) - variances) / 2, below: (deviations ** 2 - variances) / 2 };
}

/** Sum of the squared differences of neighbours, along and across, over all images and colours. */
function neighbourDifferences(values: Float64Array, size: number): number {
  let sum = 0;
  for (let row = 0; row < values.length; row += size) {
    const above = row % (size * size) === 0 ? 0 : size;
    for (let i = row; i < row + size; i++) {
      const across = i > row ? values[i] - values[i - 1] : 0;
      const along = values[i] - values[i - above];
      sum += across * across + along * along;
    }
  }
  return sum;
}

/** Sum of the squares of some numbers. */
export function sumOfSquares(numbers: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i] * numbers[i];
  return sum;
}

function sumOf(numbers: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i];
  return sum;
}
