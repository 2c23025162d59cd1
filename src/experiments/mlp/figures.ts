import type { Figure } from "../../figures/kit/figure.js";
import { has } from "../../kinds.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import { regularisationFigures } from "../regularisers/figures.js";
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
/** Digits that figure A6 shows in the paper. */
const singleDigits = [0, 1, 9];

/** Draws figures A1 to A7 of an experiment, with the published values beside where there are any. */
export function mlpFigures(mlpExperiment: MlpExperiment): MlpFigures {
  has("mlpExperiment", mlpExperiment, "an MlpExperiment", "profile", "orderings");
  const { analyses: all, lesioned } = mlpExperiment;
  // Networks that were trained for a look only are no part of the figures.
  const analyses = all.filter((analysis) => analysis.comparable);
  const widths = [...new Set(analyses.map((analysis) => analysis.width))].sort((a, b) => a - b);
  const panelWidth = widths.reduce((best, width) =>
    Math.abs(width - shownWidth) < Math.abs(best - shownWidth) ? width : best,
  );
  const shown = regularisers
    .map((regulariser) => analyses.find((entry) => entry.regulariser === regulariser && entry.width === panelWidth))
    .filter((entry): entry is MlpAnalysis => entry !== undefined);
  const [{ top, width: widest }] = lesioned;

  return regularisationFigures({
    lesioned,
    units: analyses.map((entry) => ({ ...entry, outputIndices: entry.digitIndices })),
    shown,
    outputs: Array.from({ length: 10 }, (_, digit) => String(digit)),
    singleOutputs: singleDigits,
    score: "class precision",
    outputTitle: "Digit",
    unitTitle: "Hidden unit",
    A1: { top, width: widest, published: widest === 200 ? publishedAccuracies() : [] },
    A2: { published: byRegulariser(publishedIndex, widths) },
    A5: { published: byRegulariser(publishedWeightCorrelation, widths) },
    A6: {
      note: "Networks with L2.",
      published: singleDigits.flatMap((digit) =>
        statistics(publishedDigitIndex[digit], widths).map((row) => ({ digit, ...row })),
      ),
    },
    A7: {},
  });
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
