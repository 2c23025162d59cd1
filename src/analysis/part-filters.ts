import type { FeatureMasks } from "../datasets/faces/likeness-masks.js";
import { notNegative } from "../errors.js";
import { has } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions, type OptionNames } from "../options.js";
import type { Interval } from "./bootstrap.js";
import { checkMasks, chosenFeatures, maskSums, over, pixelAmounts } from "./mask-sums.js";

/** Of one layer the units whose mode lies mostly on one feature. */
export interface PartFilters {
  readonly layer: string;
  readonly units: number;
  /** How many of them put at least `least` times its area's share of |mode| on some feature. */
  readonly specific: number;
  /** `specific / units` with Wilson's interval of 95 %; NaN where no image shows a feature. */
  readonly share: Interval;
  /** Of the specific units, how many have their largest enrichment on each feature; most first. */
  readonly features: Readonly<Record<string, number>>;
}

/** Options of {@link partFilters}. */
export interface PartFiltersOptions {
  /** Default all that have masks; such as the background, which is no part of a face, are to be left out. */
  readonly features?: readonly string[];
  /** How often its area's share of |mode| a unit has to put on a feature; default 2. */
  readonly least?: number;
}

/** The names of `PartFiltersOptions`. */
export const partFiltersOptionNames: OptionNames<PartFiltersOptions> = { features: true, least: true };

/** Part of the pixels that a feature must have, to be told from errors of the masks. */
const leastArea = 0.005;

/**
 * How many units of each layer paint one feature more than the rest: those that put at least twice as much of their
 * |mode| on it as its area would give them (enrichment, see `featureShares`), all images together. Sums over a layer
 * hide what single units do.
 *
 * The share's interval is Wilson's (1927), which has a width also where none or all are specific, as resamples of the
 * units have not: it says what other units of such a layer would give.
 *
 * @param modes of images, `[faces, 3, size, size]`
 * @param layers names of units, by the name of the layer
 * @throws RangeError where the masks do not fit the modes, or for a unit or a feature that is not there
 * @example
 * table(partFilters(modes, layerGroups(modes.units), masks, { features: ["hair", "mouth"] }));
 */
export function partFilters(
  modes: ShapleyModes,
  layers: Readonly<Record<string, readonly string[]>>,
  masks: FeatureMasks,
  options: PartFiltersOptions = {},
): PartFilters[] {
  knownOptions("partFilters", options, partFiltersOptionNames);
  has("modes", modes, "ShapleyModes", "units", "values");
  checkMasks(masks, modes.outputShape);
  const least = notNegative("least", options.least ?? 2);
  const { count, size } = masks;
  const everyone = [...Array(count).keys()];
  const areas = chosenFeatures(masks, options.features).map((feature) => {
    const covered = masks.masks[feature].reduce((sum, weight) => sum + weight, 0);
    return { feature, area: covered / (count * size * size) };
  });
  const seen = areas.filter(({ area }) => area > leastArea);
  /** The feature that a unit's mode lies on most, and how much. */
  const most = (unit: string) => {
    const amounts = pixelAmounts(modes.unit(unit).values, undefined, size);
    let best = { feature: "", enrichment: 0 };
    for (const { feature, area } of seen) {
      const { within, all } = maskSums(amounts, masks.masks[feature], count);
      const enrichment = over(everyone, within) / over(everyone, all) / area;
      if (enrichment > best.enrichment) best = { feature, enrichment };
    }
    return best;
  };
  return Object.entries(layers).map(([layer, units]) => {
    const specific = units.map(most).filter(({ enrichment }) => enrichment >= least);
    const counts = new Map<string, number>();
    for (const { feature } of specific) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    const unknown = { value: Number.NaN, low: Number.NaN, high: Number.NaN };
    return {
      layer,
      units: units.length,
      specific: specific.length,
      share: seen.length === 0 || units.length === 0 ? unknown : wilson(specific.length, units.length),
      features: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a)),
    };
  });
}

/** A share of n and its score interval of 95 % (Wilson 1927). */
function wilson(some: number, n: number): Interval {
  const z = 1.959964;
  const value = some / n;
  const middle = value + z ** 2 / (2 * n);
  const half = z * Math.sqrt((value * (1 - value)) / n + z ** 2 / (4 * n ** 2));
  const scale = 1 + z ** 2 / n;
  return { value, low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}
