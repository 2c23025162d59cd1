import { randomStream } from "../coalitions/random-streams.js";
import { interruption } from "../engine/runs/interruption.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../errors.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { bootstrapRatios, type Interval, type Ratio } from "./bootstrap.js";
import { contourMask } from "./contours.js";
import { unitsByLayer } from "./layers.js";
import {
  type Sums,
  sumOfSquares,
  type UnitMeasure,
  type UnitMeasures,
  unitMeasureNames,
  unitMeasurer,
} from "./unit-measures.js";

/** What is measured of the modes of a layer; see {@link hierarchy}. */
export type HierarchyMeasure = "spread" | "frequency" | "edges" | "contours" | "chroma" | "share" | "likeness";

/** One measure of one layer, with its interval of 95 %. */
export interface LayerMeasure {
  readonly layer: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What the modes of each layer are like. */
export interface Hierarchy {
  readonly layers: readonly string[];
  readonly measures: Readonly<Record<HierarchyMeasure, readonly LayerMeasure[]>>;
  /**
   * Sampling error of each layer, in the order of `layers`: root of the sum of squared standard errors over the sum of
   * squared modes; NaN where standard errors are not known.
   */
  readonly relativeErrors: readonly number[];
}

/** A {@link Hierarchy} and what it was measured on. */
export interface MeasuredHierarchy extends Hierarchy {
  /** Units of each layer that were measured. */
  readonly counts: readonly number[];
  /** Units of each layer whose mode is 0 everywhere: left out. */
  readonly dead: readonly number[];
}

/** Options of {@link hierarchy}. */
export interface HierarchyOptions {
  /**
   * How the units of a layer are averaged; default "units": each counts alike. "energy": the sums that a measure is the
   * ratio of are taken over all units, so that units count by what they contribute; a few large ones can then decide,
   * and the intervals say so.
   */
  readonly average?: "units" | "energy";
  /** Which share of an image's pixels are contours; default 0.1. */
  readonly contours?: number;
  /** How often units are drawn anew for the intervals; default 1000. */
  readonly resamples?: number;
  /** Seed of these draws; default 1. */
  readonly seed?: number;
  /** Stops it; what is thrown is the signal's reason. In a notebook interrupting the cell does the same. */
  readonly signal?: AbortSignal;
}

/** The names of `HierarchyOptions`. */
export const hierarchyOptionNames: OptionNames<HierarchyOptions> = {
  average: true,
  contours: true,
  resamples: true,
  seed: true,
  signal: true,
};

/**
 * The hierarchy of a generator, measured (figure B7): what the modes of each layer are like, over its units and all
 * images, with intervals of 95 % from the bootstrap over the layer's units (which are too narrow for a layer of few,
 * such as three colours).
 *
 * - spread: how much of the image a mode covers, (sum a)^2 / (N sum a^2) over the N pixels of an image, a being |mode|
 *   summed over the colours: 1 where it is everywhere the same, 1 / N where it is one pixel
 * - frequency: centroid of the spatial power spectrum of the mode's luminance, in cycles per image, without its mean
 *   and without a window; white noise has about 0.38 size
 * - edges: squared differences of neighbouring pixels, along and across, over the squared mode; white noise has 4 (less
 *   4 / size); falls with the square of the size for the same picture
 * - contours: mean |mode| on the contours of the intact image (its strongest gradients) over mean |mode| on all of it;
 *   1 where contours are nothing special; NaN where the modes hold no v(all)
 * - chroma: share of the squared mode that is not luminance, (R + G + B) / sqrt 3, but lies across it; 0 for grey, 2 /
 *   3 for one colour
 * - share: the layer's part of the sum of |mode| over all layers; its interval is from drawing *images* anew, as the
 *   layer's units are all there are; for one image it has no width
 * - likeness: Pearson's correlation of a unit's mode on one image with that on another, averaged over pairs of images,
 *   a pair weighted by the product of its standard deviations; NaN for one image
 *
 * Sampling error is not taken off: standard errors do not say how errors are correlated between pixels, colours and
 * images, which share their orderings. Its weight in a measure is about the share of error in the squared mode,
 * `relativeErrors`^2 for a layer: at a relative error of 10 % a layer is measured as 99 parts mode and 1 part error, at
 * 30 % as 91 and 9. Error alone looks much alike in all layers of filters (the checkpoint faces-8: frequency 9 to 11,
 * edges 1.1 to 1.4), so it makes layers seem more alike than they are, and lowers likeness; spread, contours and share
 * hardly change, as errors lie where the modes lie. (Taking squared standard errors off the squared mode before its
 * root would lower |mode| where it is well known, and made spread and share worse.)
 *
 * @param modes of images, `[faces, 3, size, size]`; units named `layer/unit`
 * @throws RangeError for other modes, a size that is no power of 2, or options out of range
 * @example
 * const { measures, relativeErrors } = await hierarchy(modes, { seed: 1 });
 * measures.frequency.map(({ layer, value, low, high }) => `${layer}: ${value.toFixed(1)} (${low.toFixed(1)}-${high.toFixed(1)})`);
 */
export async function hierarchy(modes: ShapleyModes, options: HierarchyOptions = {}): Promise<MeasuredHierarchy> {
  knownOptions("hierarchy", options, hierarchyOptionNames);
  has("modes", modes, "ShapleyModes", "units", "values");
  const average = oneOf("average", ["units", "energy"], options.average ?? "units");
  const share = options.contours ?? 0.1;
  if (!(share > 0 && share <= 1)) throw invalid("contours", "a share above 0, at most 1", share);
  const resamples = positiveInteger("resamples", options.resamples ?? 1000);
  const seed = validSeed(options.seed ?? 1);
  const [faces, colours, height, size] = modes.outputShape;
  if (modes.outputShape.length !== 4 || colours !== 3 || height !== size) {
    throw invalid("shape of the modes", "that of square colour images, [faces, 3, size, size]", modes.outputShape);
  }
  const layers = unitsByLayer(modes.units);
  const pace = pacer(interruption(options.signal));
  const measure = unitMeasurer(size, modes.vAll && contourMask(modes.vAll, size, share));

  const measured: UnitMeasures[][] = [];
  const relativeErrors: number[] = [];
  for (const members of layers.values()) {
    const alive: UnitMeasures[] = [];
    let [energy, errorEnergy] = [0, modes.standardErrors ? 0 : Number.NaN];
    for (const u of members) {
      const of = (array: Float64Array) => array.subarray(u * modes.outputs, (u + 1) * modes.outputs);
      const unit = measure(of(modes.values));
      energy += unit.energy;
      if (modes.standardErrors) errorEnergy += sumOfSquares(of(modes.standardErrors));
      if (unit.energy > 0) alive.push(unit);
      await pace();
    }
    measured.push(alive);
    relativeErrors.push(Math.sqrt(errorEnergy / energy));
  }
  const names = [...layers.keys()];
  const intervals = measured.map((units, l) => layerIntervals(units, average, resamples, seed, l));
  const shares = shareIntervals(measured, faces, resamples, seed);
  const of = (interval: (l: number) => Interval) => names.map((layer, l): LayerMeasure => ({ layer, ...interval(l) }));
  const own = Object.fromEntries(unitMeasureNames.map((name, m) => [name, of((l) => intervals[l][m])]));
  const sizes = [...layers.values()].map((members) => members.length);
  return {
    layers: names,
    measures: { ...(own as Record<UnitMeasure, LayerMeasure[]>), share: of((l) => shares[l]) },
    relativeErrors,
    counts: measured.map((units) => units.length),
    dead: measured.map((units, l) => sizes[l] - units.length),
  };
}

/**
 * The measures of one layer in the order of `unitMeasureNames`, its units being drawn anew; each layer has its own
 * stream.
 */
function layerIntervals(
  units: readonly UnitMeasures[],
  average: "energy" | "units",
  resamples: number,
  seed: number,
  layer: number,
): Interval[] {
  const ratios = unitMeasureNames.map((name) => {
    const sums = units.map((unit) => unit.sums[name]).map(average === "units" ? ownRatio : (same) => same);
    return ratioOf(sums);
  });
  return bootstrapRatios(ratios, resamples, randomStream(seed, layer + 1));
}

/** A unit's own ratio, with weight 1; of no weight where there is none. */
function ownRatio({ above, below }: Sums): Sums {
  return below === 0 ? { above: 0, below: 0 } : { above: above / below, below: 1 };
}

function ratioOf(sums: readonly Sums[]): Ratio {
  return {
    numerators: Float64Array.from(sums, ({ above }) => above),
    denominators: Float64Array.from(sums, ({ below }) => below),
  };
}

/** The share of each layer, the images being drawn anew, the same for all layers. */
function shareIntervals(layers: readonly UnitMeasures[][], faces: number, resamples: number, seed: number): Interval[] {
  const sums = layers.map((units) =>
    Float64Array.from({ length: faces }, (_, face) => units.reduce((sum, unit) => sum + unit.amplitudes[face], 0)),
  );
  const all = Float64Array.from({ length: faces }, (_, face) => sums.reduce((total, layer) => total + layer[face], 0));
  const ratios = sums.map((numerators) => ({ numerators, denominators: all }));
  return bootstrapRatios(ratios, resamples, randomStream(seed));
}
