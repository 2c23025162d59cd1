import { outputCorrelation } from "../../analysis/correlation.js";
import { digitIndexFigure } from "../../figures/digit-index.js";
import { distributedComputationFigure } from "../../figures/distributed-computation.js";
import type { Figure } from "../../figures/kit/figure.js";
import { lesionedAccuracyFigure } from "../../figures/lesioned-accuracy.js";
import { modesHeatmapFigure } from "../../figures/modes-heatmap.js";
import { outputCorrelationFigure } from "../../figures/output-correlation.js";
import { weightContributionFigure } from "../../figures/weight-contribution.js";
import { weightContributionCorrelationFigure } from "../../figures/weight-contribution-correlation.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import type { MlpAnalysis } from "./analyse.js";
import {
  publishedAccuracy,
  publishedDigitIndex,
  publishedIndex,
  publishedWeightCorrelation,
  type Statistic,
} from "./published-statistics.js";
import type { MlpExperiment } from "./run.js";

/** The paper's MLP figures, by the names that docs/reproduce.md gives them. */
export type MlpFigures = Readonly<Record<"A1" | "A2" | "A3" | "A4" | "A5" | "A6" | "A7", Figure>>;

/** Width of the networks that figures A3 and A4 show in the paper; the nearest one here is taken. */
const shownWidth = 105;
/** Most panels of figure A7. */
const mostPanels = 12;
/** What v(S) measures in the MLP experiment. */
const score = "class precision";
const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
const titles: Readonly<Record<Regulariser, string>> = { l1: "L1", l2: "L2", none: "None" };

/** Draws figures A1 to A7 of an experiment, with the published values beside where there are any. */
export function mlpFigures({ analyses: all, lesioned }: MlpExperiment): MlpFigures {
  // Networks that were trained for a look only are no part of the figures.
  const analyses = all.filter((analysis) => analysis.comparable);
  const widths = [...new Set(analyses.map((analysis) => analysis.width))].sort((a, b) => a - b);
  const panelWidth = widths.reduce((best, width) =>
    Math.abs(width - shownWidth) < Math.abs(best - shownWidth) ? width : best,
  );
  const shown = regularisers
    .map((regulariser) => analyses.find((entry) => entry.regulariser === regulariser && entry.width === panelWidth))
    .filter((entry): entry is MlpAnalysis => entry !== undefined);
  const titleOf = (entry: MlpAnalysis) => `${titles[entry.regulariser]}, n = ${entry.width}`;
  const [{ top, width: widest }] = lesioned;
  const panelWidths = spread(widths, mostPanels);

  return {
    A1: lesionedAccuracyFigure(lesioned, {
      top,
      width: widest,
      published: widest === 200 ? publishedAccuracies() : [],
    }),
    A2: distributedComputationFigure(analyses, { published: byRegulariser(publishedIndex, widths) }),
    A3: modesHeatmapFigure(
      shown.map((entry) => ({
        title: titleOf(entry),
        units: entry.modes.units,
        values: entry.modes.values,
        outputs: digits,
      })),
      { score, outputTitle: "Digit", unitTitle: "Hidden unit" },
    ),
    A4: outputCorrelationFigure(
      shown.map((entry) => ({
        title: titleOf(entry),
        correlation: outputCorrelation(entry.modes),
        labels: digits,
      })),
      { outputTitle: "Digit" },
    ),
    A5: weightContributionCorrelationFigure(
      analyses
        .filter((entry) => Number.isFinite(entry.weightCorrelation))
        .map((entry) => ({ ...entry, r: entry.weightCorrelation })),
      { published: byRegulariser(publishedWeightCorrelation, widths) },
    ),
    A6: digitIndexFigure(
      analyses
        .filter((entry) => entry.regulariser === "l2")
        .flatMap(({ width, trial, digitIndices }) =>
          [0, 1, 9].map((digit) => ({ digit, width, trial, index: digitIndices[digit] })),
        ),
      {
        note: "Networks with L2.",
        published: [0, 1, 9].flatMap((digit) =>
          statistics(publishedDigitIndex[digit], widths).map((row) => ({ digit, ...row })),
        ),
      },
    ),
    A7: weightContributionFigure(
      panelWidths.map((width) => ({
        width,
        points: analyses
          .filter((entry, _, all) => entry.width === width && entry === all.find((other) => sameKind(entry, other)))
          .flatMap(({ regulariser, weights, contributions }) =>
            weights.map((weight, unit) => ({ regulariser, weight, contribution: contributions[unit] })),
          ),
      })),
      {
        score,
        note: `One network of each kind${panelWidths.length < widths.length ? `; ${panelWidths.length} of ${widths.length} widths` : ""}.`,
      },
    ),
  };
}

/** Some of a list, from the first to the last, about equally far apart. */
function spread<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]);
}

function sameKind(a: MlpAnalysis, b: MlpAnalysis): boolean {
  return a.width === b.width && a.regulariser === b.regulariser;
}

function statistics(byWidth: Readonly<Record<number, Statistic>>, widths: readonly number[]) {
  return Object.entries(byWidth)
    .map(([width, [mean, sd]]) => ({ width: Number(width), mean, sd }))
    .filter(({ width }) => widths.includes(width));
}

function byRegulariser(
  published: Readonly<Record<Regulariser, Readonly<Record<number, Statistic>>>>,
  widths: readonly number[],
) {
  return regularisers.flatMap((regulariser) =>
    statistics(published[regulariser], widths).map((row) => ({ regulariser, ...row })),
  );
}

function publishedAccuracies() {
  const named = ([mean, sd]: Statistic) => ({ mean, sd });
  return regularisers.map((regulariser) => {
    const { intact, topLesioned, restLesioned } = publishedAccuracy[regulariser];
    return {
      regulariser,
      intact: named(intact),
      topLesioned: named(topLesioned),
      restLesioned: named(restLesioned),
    };
  });
}
