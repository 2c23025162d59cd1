import type { Interval } from "../../analysis/bootstrap.js";
import { outputCorrelation } from "../../analysis/correlation.js";
import { type DigitIndexOptions, digitIndexFigure } from "../../figures/digit-index.js";
import { distributedComputationFigure } from "../../figures/distributed-computation.js";
import type { Figure } from "../../figures/kit/figure.js";
import type { RegulariserTrendOptions } from "../../figures/kit/regulariser-trend.js";
import {
  type LesionedAccuracyOptions,
  type LesionedAccuracyRow,
  lesionedAccuracyFigure,
} from "../../figures/lesioned-accuracy.js";
import { modesHeatmapFigure } from "../../figures/modes-heatmap.js";
import { outputCorrelationFigure } from "../../figures/output-correlation.js";
import { type WeightContributionOptions, weightContributionFigure } from "../../figures/weight-contribution.js";
import { weightContributionCorrelationFigure } from "../../figures/weight-contribution-correlation.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import type { UnitStatistics } from "./unit-statistics.js";

/**
 * The figures that show what regularisation does to the sharing of work, by the names that docs/reproduce.md gives
 * them.
 */
export type RegularisationFigures = Readonly<Record<"A1" | "A2" | "A3" | "A4" | "A5" | "A6" | "A7", Figure>>;

/** Units that are looked at together: all of a network, or a layer of it. */
export interface RegularisedUnits extends UnitStatistics {
  readonly regulariser: Regulariser;
  /** How many units. */
  readonly width: number;
  readonly trial: number;
  /** Intervals of the index, of the index of each output, and of r; default none. */
  readonly intervals?: {
    readonly index: Interval;
    readonly outputIndices: readonly Interval[];
    readonly weightCorrelation: Interval;
  };
}

/** What figures A1 to A7 are drawn of. */
export interface RegularisationFigureParts {
  /** A1 */
  readonly lesioned: readonly LesionedAccuracyRow[];
  /** A2 and A5 to A7: units by width. */
  readonly units: readonly RegularisedUnits[];
  /** A3 and A4: one network of each kind. */
  readonly shown: readonly {
    readonly regulariser: Regulariser;
    readonly width: number;
    readonly modes: ShapleyModes;
  }[];
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  /** Numbers of the outputs that A6 shows. */
  readonly singleOutputs: readonly number[];
  /** What v(S) measures. */
  readonly score: string;
  /** What an output is. */
  readonly outputTitle: string;
  /** What a unit is. */
  readonly unitTitle: string;
  readonly A1: LesionedAccuracyOptions;
  readonly A2: RegulariserTrendOptions;
  readonly A5: RegulariserTrendOptions;
  readonly A6: DigitIndexOptions;
  readonly A7: WeightContributionOptions;
}

/** Most panels of figure A7. */
const mostPanels = 12;
const titles: Readonly<Record<Regulariser, string>> = { l1: "L1", l2: "L2", none: "None" };

/** Draws figures A1 to A7 of networks that were trained with different regularisers. */
export function regularisationFigures(parts: RegularisationFigureParts): RegularisationFigures {
  const { units, outputs, singleOutputs, score, outputTitle, unitTitle } = parts;
  const widths = [...new Set(units.map(({ width }) => width))].sort((a, b) => a - b);
  const panelWidths = spread(widths, mostPanels);
  const shown = parts.shown.map((entry) => ({ ...entry, title: `${titles[entry.regulariser]}, n = ${entry.width}` }));
  return {
    A1: lesionedAccuracyFigure(parts.lesioned, parts.A1),
    A2: distributedComputationFigure(
      units.map((entry) => ({ ...entry, ...endsOf(entry.intervals?.index) })),
      parts.A2,
    ),
    A3: modesHeatmapFigure(
      shown.map(({ title, modes }) => ({ title, units: modes.units, values: modes.values, outputs })),
      { score, outputTitle, unitTitle },
    ),
    A4: outputCorrelationFigure(
      shown.map(({ title, modes }) => ({ title, correlation: outputCorrelation(modes), labels: outputs })),
      { outputTitle },
    ),
    A5: weightContributionCorrelationFigure(
      units
        .filter((entry) => Number.isFinite(entry.weightCorrelation))
        .map((entry) => ({ ...entry, r: entry.weightCorrelation, ...endsOf(entry.intervals?.weightCorrelation) })),
      parts.A5,
    ),
    A6: digitIndexFigure(
      units
        .filter((entry) => entry.regulariser === "l2")
        .flatMap(({ width, trial, outputIndices, intervals }) =>
          singleOutputs.map((digit) => ({
            digit,
            width,
            trial,
            index: outputIndices[digit],
            ...endsOf(intervals?.outputIndices[digit]),
          })),
        ),
      parts.A6,
    ),
    A7: weightContributionFigure(
      panelWidths.map((width) => ({
        width,
        points: regularisers
          .map((regulariser) => units.find((entry) => entry.width === width && entry.regulariser === regulariser))
          .filter((entry) => entry !== undefined)
          .flatMap(({ regulariser, weights, contributions }) =>
            weights.map((weight, unit) => ({ regulariser, weight, contribution: contributions[unit] })),
          ),
      })),
      {
        ...parts.A7,
        score,
        note: [
          `One network of each kind${panelWidths.length < widths.length ? `; ${panelWidths.length} of ${widths.length} widths` : ""}.`,
          ...(parts.A7.note === undefined ? [] : [parts.A7.note]),
        ].join(" "),
      },
    ),
  };
}

function endsOf(interval: Interval | undefined) {
  return interval && { low: interval.low, high: interval.high };
}

/** Some of a list, from the first to the last, about equally far apart. */
function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]);
}
