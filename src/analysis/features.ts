import type { FeatureMasks } from "../datasets/faces/likeness-masks.js";
import { has, listOf } from "../kinds.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { knownOptions } from "../options.js";
import { checkMasks, chosenFeatures, faceInterval, maskSums, over, pixelAmounts } from "./mask-sums.js";

/** How much of a group's mode falls on a feature. */
export interface FeatureShare {
  readonly group: string;
  readonly feature: string;
  /** How many units the group has. */
  readonly units: number;
  /** Part of the group's |mode| that falls on the feature, from 0 to 1, all faces together. NaN for a mode of zeros. */
  readonly share: number;
  /** 95 % over faces. */
  readonly shareInterval: readonly [number, number];
  /** Part of the pixels that are the feature's. */
  readonly area: number;
  /** `share / area`: 1 where the mode lies on the feature as much as elsewhere. NaN where no face shows the feature. */
  readonly enrichment: number;
  /** 95 % over faces. */
  readonly enrichmentInterval: readonly [number, number];
}

/**
 * How much of the mode of each group of units (a community, a layer, `layerGroups`, single units) falls on each
 * feature. A group's mode is the sum of its units' modes; its size at a pixel is the mean of |mode| over the colours; a
 * soft mask counts a pixel in part. Intervals are over faces (`faceInterval`: 1000 resamples), so they say what other
 * faces would give, not how well the modes are estimated.
 *
 * @param modes of images, `[faces, 3, size, size]`
 * @param groups names of units, by the name of the group
 * @param masks of the same faces
 * @returns a row for each group and feature, group after group
 * @throws RangeError where the masks do not fit the modes, or for a unit or a feature that is not there
 * @example
 * table(featureShares(modes, layerGroups(modes.units), masks, { features: ["hair", "background"] }));
 */
export function featureShares(
  modes: ShapleyModes,
  groups: Readonly<Record<string, readonly string[]>>,
  masks: FeatureMasks,
  options: { readonly features?: readonly string[] } = {},
): FeatureShare[] {
  knownOptions("featureShares", options, { features: true });
  has("modes", modes, "ShapleyModes", "units", "values");
  checkMasks(masks, modes.outputShape);
  const features = chosenFeatures(masks, options.features);
  const { count, size } = masks;
  const everyone = [...Array(count).keys()];
  return Object.entries(groups).flatMap(([group, units]) => {
    const amounts = pixelAmounts(modes.group(units).values, undefined, size);
    return features.map((feature) => {
      const sums = maskSums(amounts, masks.masks[feature], count);
      const share = (faces: readonly number[]) => over(faces, sums.within) / over(faces, sums.all);
      const area = (faces: readonly number[]) => over(faces, sums.area) / (faces.length * size * size);
      const enrichment = (faces: readonly number[]) => share(faces) / area(faces);
      return {
        group,
        feature,
        units: units.length,
        share: share(everyone),
        shareInterval: faceInterval(count, share),
        area: area(everyone),
        enrichment: area(everyone) > 0 ? enrichment(everyone) : Number.NaN,
        enrichmentInterval: faceInterval(count, enrichment),
      };
    });
  });
}

/** Enrichments as a table: what a figure of them takes. */
export interface Enrichments {
  readonly groups: readonly string[];
  readonly features: readonly string[];
  /** `[groups][features]` */
  readonly values: readonly (readonly number[])[];
}

/**
 * The enrichments of all groups and features as a table, in the order in which they first come; NaN where there is no
 * row.
 */
export function enrichmentTable(shares: readonly FeatureShare[]): Enrichments {
  listOf("shares", shares, "FeatureShare", "group", "feature", "enrichment");
  const groups = [...new Set(shares.map(({ group }) => group))];
  const features = [...new Set(shares.map(({ feature }) => feature))];
  const values = groups.map(() => features.map(() => Number.NaN));
  for (const { group, feature, enrichment } of shares) {
    values[groups.indexOf(group)][features.indexOf(feature)] = enrichment;
  }
  return { groups, features, values };
}
