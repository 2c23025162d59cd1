import { attributionCurvesFigure } from "../../src/figures/attribution-curves.js";
import { beeswarmFigure } from "../../src/figures/beeswarm.js";
import { communitiesFigure } from "../../src/figures/communities.js";
import { contributionBarsFigure } from "../../src/figures/contribution-bars.js";
import { convergenceFigure } from "../../src/figures/convergence.js";
import { digitIndexFigure } from "../../src/figures/digit-index.js";
import { distributedComputationFigure } from "../../src/figures/distributed-computation.js";
import { featureSharesFigure } from "../../src/figures/feature-shares.js";
import { forestFigure } from "../../src/figures/forest.js";
import { groupedBarsFigure } from "../../src/figures/grouped-bars.js";
import { hierarchyFigure } from "../../src/figures/hierarchy.js";
import { interactionCircleFigure } from "../../src/figures/interaction-circle.js";
import { interactionMatrixFigure } from "../../src/figures/interaction-matrix.js";
import type { Figure } from "../../src/figures/kit/figure.js";
import { lesionedAccuracyFigure } from "../../src/figures/lesioned-accuracy.js";
import { modeLinesFigure } from "../../src/figures/mode-lines.js";
import { modeMapsFigure } from "../../src/figures/mode-maps.js";
import { modeHeatmapFigure, modesHeatmapFigure } from "../../src/figures/modes-heatmap.js";
import { outputCorrelationFigure } from "../../src/figures/output-correlation.js";
import { pruningCurveFigure } from "../../src/figures/pruning-curve.js";
import { removalsFigure } from "../../src/figures/removals.js";
import { tokenHeatmapFigure } from "../../src/figures/token-heatmap.js";
import { trainingFigure } from "../../src/figures/training.js";
import { unitMapFigure } from "../../src/figures/unit-map.js";
import { waterfallFigure } from "../../src/figures/waterfall.js";
import { weightContributionFigure } from "../../src/figures/weight-contribution.js";
import { weightContributionCorrelationFigure } from "../../src/figures/weight-contribution-correlation.js";
import { hierarchyOf, numbered } from "./figure-helpers.js";

/** A figure function with small data and options that use all of its parts. */
export interface Sample {
  readonly name: string;
  /** What the function is given, to be frozen and compared. */
  readonly input: readonly unknown[];
  draw(): Figure;
}

function sample<I extends readonly unknown[]>(name: string, figure: (...input: I) => Figure, ...input: I): Sample {
  return { name, input, draw: () => figure(...input) };
}

const l1 = "l1" as const;
const none = "none" as const;
const digits = numbered(3);
const identity = [
  [1, 0.25, -0.5],
  [0.25, 1, 0],
  [-0.5, 0, 1],
];

const pairs = {
  units: ["layer/0", "layer/1", "layer/2", "layer/3"],
  values: [
    [0.5, 0.25, -0.125, 0],
    [0.25, 0.5, 0.0625, Number.NaN],
    [-0.125, 0.0625, -0.25, -0.5],
    [0, Number.NaN, -0.5, 0],
  ],
};
const pairErrors = pairs.values.map((row) => row.map((value) => Math.abs(value) / 8));

/** One sample of every figure function. */
export const samples: readonly Sample[] = [
  sample(
    "a1-lesioned-accuracy",
    lesionedAccuracyFigure,
    [
      { regulariser: none, trial: 0, intact: 0.96, topLesioned: 0.6, restLesioned: 0.5 },
      { regulariser: l1, trial: 0, intact: 0.95, topLesioned: 0.1, restLesioned: 0.95 },
      { regulariser: l1, trial: 1, intact: 0.97, topLesioned: 0.12, restLesioned: 0.94 },
    ],
    {
      top: 4,
      width: 20,
      published: [
        {
          regulariser: l1,
          intact: { mean: 0.96, sd: 0.01 },
          topLesioned: { mean: 0.11, sd: 0.02 },
          restLesioned: { mean: 0.95, sd: 0.01 },
        },
      ],
    },
  ),
  sample(
    "a2-distributed-computation",
    distributedComputationFigure,
    [
      { regulariser: l1, width: 50, trial: 0, index: 0.8 },
      { regulariser: l1, width: 50, trial: 1, index: 0.75 },
      { regulariser: l1, width: 100, trial: 0, index: 0.7 },
      { regulariser: none, width: 50, trial: 0, index: 0.9 },
    ],
    {
      published: [
        { regulariser: l1, width: 100, mean: 0.7, sd: 0.02 },
        { regulariser: l1, width: 50, mean: 0.8, sd: 0.02 },
      ],
      note: "Two networks.",
    },
  ),
  sample(
    "a3-modes",
    modesHeatmapFigure,
    [
      {
        title: "L1",
        units: ["hidden/0", "hidden/1"],
        outputs: digits,
        values: Float64Array.of(0.5, 0, -0.25, 0.125, 0.25, 0),
      },
      { title: "None", units: ["hidden/0"], outputs: digits, values: Float64Array.of(0.125, -0.125, 0.25) },
    ],
    { range: 0.25 },
  ),
  sample(
    "mode",
    modeHeatmapFigure,
    { units: ["a", "b"], outputs: ["cat", "dog"], values: Float64Array.of(0.5, 0, -0.25, 0.125) },
    { outputTitle: "Animal", unitTitle: "Expert", score: "accuracy", size: "column" as const },
  ),
  sample(
    "mode-maps",
    modeMapsFigure,
    [
      { title: "filter 0", values: [0.5, 0, -0.25, 0.125, 0.25, 0] },
      { title: "filter 1", values: Float32Array.of(0, 0, 0.25, 0, -0.125, 0.5) },
    ],
    {
      rows: { title: "Pitch", length: 2, from: 60, to: 61, ticks: [[60, "C4"] as const] },
      columns: { title: "Time (s)", length: 3, from: 0, to: 1 },
      firstRow: "bottom" as const,
      quantity: "Contribution to the note's probability",
    },
  ),
  sample("a4-output-correlation", outputCorrelationFigure, [
    { title: "L1", correlation: identity, labels: digits },
    { title: "None", correlation: identity, labels: digits },
  ]),
  sample("a5-weight-contribution-correlation", weightContributionCorrelationFigure, [
    { regulariser: l1, width: 50, trial: 0, r: 0.875 },
    { regulariser: none, width: 50, trial: 0, r: -0.125 },
  ]),
  sample(
    "a6-digit-index",
    digitIndexFigure,
    [
      { digit: 9, width: 50, trial: 0, index: 0.625 },
      { digit: 0, width: 50, trial: 0, index: 0.75 },
      { digit: 0, width: 50, trial: 1, index: 0.5 },
    ],
    { published: [{ digit: 9, width: 50, mean: 0.6, sd: 0.05 }] },
  ),
  sample(
    "a7-weight-contribution",
    weightContributionFigure,
    [
      {
        width: 5,
        points: [
          { regulariser: l1, weight: 0.0625, contribution: 0.25 },
          { regulariser: none, weight: 0.125, contribution: -0.5 },
        ],
      },
      { width: 10, points: [{ regulariser: l1, weight: 0.25, contribution: 0.125 }] },
    ],
    { axes: "shared" as const },
  ),
  sample(
    "contribution-bars",
    contributionBarsFigure,
    { units: ["layer/a", "layer/b", "layer/c"], values: [0.25, -0.5, 0.125], standardErrors: [0.0625, 0.125, 0] },
    { top: 2, score: "accuracy" },
  ),
  sample("communities", communitiesFigure, {
    units: ["layer1/filter0", "layer1/filter1", "layer2/filter0", "layer2/filter1"],
    correlation: [1, -0.25, 0.75, Number.NaN, -0.25, 1, 0.125, Number.NaN].concat(
      [0.75, 0.125, 1, Number.NaN],
      Array(4).fill(Number.NaN),
    ),
    communities: { members: [["layer2/filter0", "layer1/filter0"], ["layer1/filter1"]] },
  }),
  sample(
    "hierarchy",
    hierarchyFigure,
    [
      { name: "Trained", hierarchy: hierarchyOf(["layer1", "layer2"], 0.25) },
      { name: "Shuffled <weights>", hierarchy: hierarchyOf(["layer1", "layer2"], 0.5) },
    ],
    { note: "Four faces." },
  ),
  sample(
    "feature-shares",
    featureSharesFigure,
    {
      groups: ["Community 1", "Community 2"],
      features: ["hair", "mouth", "eyes"],
      values: [
        [2, 0.5, 1],
        [0, 16, Number.NaN],
      ],
    },
    { groupTitle: "Community" },
  ),
  sample(
    "training",
    trainingFigure,
    [
      { images: 800, discriminator: 1.25, generator: 0.75, real: 0.5, fake: 0.5 },
      { images: 1600, discriminator: 1, generator: 1.5, real: 0.625, fake: 0.25 },
    ],
    {
      samples: { images: Array.from({ length: 2 * 3 * 4 * 4 }, (_, i) => (i % 9) / 8), shape: [2, 3, 4, 4] },
      images: 96_000,
    },
  ),
  sample(
    "mode-lines",
    modeLinesFigure,
    [
      { name: "inflow", values: [0, 0.5, 0.75, 1], standardErrors: [0, 0.0625, 0.125, 0.125] },
      {
        name: "leak",
        values: Float64Array.of(0, -0.125, -0.25, -0.5),
        standardErrors: [0, 0.03125, 0.0625, Number.NaN],
      },
      { name: "idle", values: [0, 0, 0, 0] },
    ],
    { axis: { title: "Time (s)", from: 0, to: 30 }, score: "volume (l)", confidence: true, top: 2 },
  ),
  sample(
    "pruning-curve",
    pruningCurveFigure,
    {
      curves: [
        { name: "Shapley", scores: [0.125, 0.625, 0.875, 0.9375, 0.9375] },
        { name: "magnitude", scores: [0.125, 0.375, 0.8125, 0.90625, 0.9375] },
        {
          name: "random",
          scores: Float64Array.of(0.125, 0.25, 0.5, 0.75, 0.9375),
          lowest: [0.125, 0.1875, 0.25, 0.625, 0.9375],
          highest: [0.125, 0.5, 0.75, 0.875, 0.9375],
        },
      ],
    },
    { score: "accuracy", loss: 0.0625, note: "A note." },
  ),
  sample(
    "grouped-bars",
    groupedBarsFigure,
    [
      {
        title: "Mixtral",
        places: ["0", "1", "2"],
        series: [
          { name: "arithmetic", values: [0.25, 0.5, -0.125] },
          { name: "language", values: [0.5, 0.375, 0] },
        ],
      },
      {
        title: "Small decoders",
        places: ["0", "1"],
        valueTitle: "Share",
        series: [
          { name: "arithmetic", values: Float64Array.of(0.75, 0.25), errors: [0.125, Number.NaN] },
          { name: "language", values: [0.625, 0.375], errors: [0.0625, 0.125] },
        ],
      },
    ],
    {
      title: "Contribution by layer and domain",
      valueTitle: "Mean of experts",
      errorTitle: "one standard deviation over decoders",
      note: "A note.",
    },
  ),
  sample(
    "removals",
    removalsFigure,
    [
      {
        title: "Mixtral",
        score: "accuracy",
        series: [
          { name: "highest first", removed: [0, 1, 5], means: [0.625, 0.5, 0.125], sds: [0.03125, 0.03125, 0] },
          { name: "lowest first", removed: [0, 1, 5], means: [0.59375, 0.625, 0.5] },
        ],
      },
      {
        title: "Small decoders",
        score: "bits per byte",
        series: [
          { name: "highest first", removed: Uint8Array.of(0, 1, 2), means: [1.75, 4, 6] },
          { name: "random", removed: [0, 1, 2], means: Float64Array.of(1.75, 2, 3), sds: [0, 0.25, 0.5] },
        ],
      },
    ],
    { over: "over 20 runs", note: "A note." },
  ),
  sample(
    "waterfall",
    waterfallFigure,
    {
      units: ["layer/a", "layer/b", "layer/c", "layer/d"],
      values: [0.5, -0.25, 0.125, 0.0625],
      standardErrors: [0.0625, 0.03125, 0, 0.0625],
    },
    { from: 0.125, top: 2, score: "accuracy", confidence: 0.9 },
  ),
  sample(
    "beeswarm",
    beeswarmFigure,
    {
      units: ["layer/a", "layer/b", "layer/c"],
      values: [0.5, 0.5, 0.25, -1, -0.5, -1, 0, 0, 0.125],
      levels: [0, 1, 2, 5, 4, 3, 1, 1, 1],
    },
    { top: 2, score: "probability", levelTitle: "Activation" },
  ),
  sample(
    "token-heatmap",
    tokenHeatmapFigure,
    { tokens: ["ĠA", "Ġfilm", "Ġun", "watch", "able", "<", "\n"], values: [0, 0.25, -0.5, -1, -0.25, 0.125, 0] },
    { score: "log-odds", range: 0.75 },
  ),
  sample(
    "mode-maps-own-scales",
    modeMapsFigure,
    [
      { title: "pressure", values: [100, -50, 25, 0], quantity: "Contribution (hPa)" },
      { title: "speed", values: [0.25, 0, -0.125, 0.5] },
    ],
    {
      rows: { title: "y", length: 2 },
      columns: { title: "x", length: 2 },
      scale: "own" as const,
      quantity: "Contribution (m/s)",
    },
  ),
  sample(
    "convergence",
    convergenceFigure,
    [
      {
        name: "orderings",
        provenance: {
          estimator: "permutation",
          until: {
            asked: { standardError: 0.25, top: 2 },
            looks: [
              {
                evaluations: 66,
                orderings: 16,
                standard_error: 1,
                mean_standard_error: 1,
                relative_error: 0.5,
                top_overlap: 4,
              },
              {
                evaluations: 130,
                orderings: 32,
                standard_error: 0.5,
                mean_standard_error: 1,
                relative_error: 0.25,
                top_overlap: "Infinity",
              },
              {
                evaluations: 258,
                orderings: 64,
                standard_error: 0.25,
                mean_standard_error: null,
                relative_error: 0,
                top_overlap: 0.5,
              },
            ],
            missed: [],
            stopped: "met",
          },
        },
      },
      {
        provenance: {
          estimator: "leverage",
          until: {
            asked: { evaluations: 200 },
            looks: [
              {
                evaluations: 200,
                orderings: null,
                standard_error: 0.125,
                mean_standard_error: 0.125,
                relative_error: 0.125,
              },
            ],
            missed: [],
            stopped: "evaluations",
          },
        },
      },
    ],
    { note: "Two estimators." },
  ),
  sample(
    "forest",
    forestFigure,
    {
      units: ["layer/a", "layer/b", "layer/c", "layer/d"],
      values: [0.5, -0.25, 0.125, 0.0625],
      standardErrors: [0.0625, 0.03125, 0.125, Number.NaN],
    },
    { top: 3, score: "accuracy", confidence: 0.9, unitTitle: "Filter" },
  ),
  sample(
    "interaction-matrix",
    interactionMatrixFigure,
    { ...pairs, standardErrors: pairErrors },
    { quantity: "SII", range: 0.25 },
  ),
  sample("interaction-matrix-given", interactionMatrixFigure, pairs, {
    order: "given" as const,
    rowTitle: "From",
    columnTitle: "To",
    size: "column" as const,
  }),
  sample("interaction-circle", interactionCircleFigure, pairs, {
    contributions: [0.5, 0.25, -0.25, 0],
    strongest: 4,
    note: "Four units.",
  }),
  sample(
    "unit-map",
    unitMapFigure,
    {
      units: ["layer/a", "layer/b", "layer/c", "layer/d", "layer/e"],
      x: [-1, -0.9375, 1, 0.75, 0.5],
      y: [0.25, 0.1875, 0.5, -0.25, -1],
      explained: [0.625, 0.25] as const,
    },
    { groups: [0, 0, 1, 1, 1], contributions: [0.5, 0.25, -0.25, 0.125, 0], labels: 4, names: ["Edges", "Colours"] },
  ),
  sample(
    "attribution-curves",
    attributionCurvesFigure,
    {
      units: 4,
      counts: [0, 1, 2, 3, 4],
      vAll: 1,
      vNone: 0,
      curves: [
        {
          name: "Shapley",
          order: ["a", "b", "c", "d"],
          deletion: Float64Array.of(1, 0.5, 0.25, 0.125, 0),
          insertion: Float64Array.of(0, 0.625, 0.875, 1, 1),
          deletionArea: 0.34375,
          insertionArea: 0.75,
        },
        {
          name: "Magnitude",
          order: ["b", "a", "d", "c"],
          deletion: Float64Array.of(1, 0.75, 0.5, 0.125, 0),
          insertion: Float64Array.of(0, 0.25, 0.75, 0.875, 1),
          deletionArea: 0.46875,
          insertionArea: 0.59375,
        },
      ],
      random: [
        [1, 0.875, 0.5, 0.25, 0],
        [1, 0.625, 0.5, 0.375, 0],
      ].map((deletion) => ({
        deletion: Float64Array.from(deletion),
        insertion: Float64Array.from(deletion).reverse(),
        deletionArea: 0.53125,
        insertionArea: 0.5,
      })),
    },
    { score: "Accuracy" },
  ),
];
