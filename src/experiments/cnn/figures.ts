import { has } from "../../kinds.js";
import { regularisers } from "../../networks/mlp/regulariser.js";
import { type RegularisationFigures, regularisationFigures } from "../regularisers/figures.js";
import type { CnnExperiment } from "./run.js";

const unitTitle = "Channel";
const widthTitle = "Block (channels in it)";
const bars =
  "Bars: intervals of 95 % over coalitions and images, less the bias of sampling error, so that they need not hold their points; how networks differ is not in them.";
const deeper = "Blocks stand from the stem to the classes.";

/**
 * Figures A1 to A7 of convolution networks. Where the MLPs' figures have networks of several widths, A2 and A5 to A7
 * have the blocks of one network: each is looked at by itself, its channels being the units.
 */
export function cnnFigures(cnnExperiment: CnnExperiment): RegularisationFigures {
  has("cnnExperiment", cnnExperiment, "a CnnExperiment", "profile", "seed");
  const { analyses, classes } = cnnExperiment;
  const shown = regularisers.flatMap((regulariser) =>
    analyses.filter((entry) => entry.regulariser === regulariser).slice(0, 1),
  );
  const [{ top, width, blocks, testImages }] = analyses;
  const widthNames = Object.fromEntries(blocks.map((block) => [block.width, `${block.block} (${block.width})`]));
  const single = analyses.every(
    ({ regulariser }) => analyses.filter((entry) => entry.regulariser === regulariser).length === 1,
  );
  const note = single ? `${bars} ${deeper}` : deeper;
  const share = 1 / classes.length;
  const guessing = (1.96 * Math.sqrt((share * (1 - share)) / testImages)).toFixed(3);
  const axis = { widthTitle, widthNames };
  return regularisationFigures({
    lesioned: analyses.map(({ regulariser, trial, accuracy }) => ({ regulariser, trial, ...accuracy })),
    units: analyses.flatMap(({ regulariser, trial, blocks }) =>
      blocks.map(({ concentration, outputConcentrations, weightCorrelationInterval, ...block }) => ({
        ...block,
        regulariser,
        trial,
        intervals: {
          index: concentration.indexOfDistributedComputation,
          outputIndices: outputConcentrations,
          weightCorrelation: weightCorrelationInterval,
        },
      })),
    ),
    shown,
    outputs: classes,
    singleOutputs: [0, 4, 9],
    score: "class accuracy",
    outputTitle: "Class",
    unitTitle,
    A1: {
      top,
      width,
      unitTitle,
      note: `${testImages} images: of guessing, 95 % lie within ±${guessing} of 1 / ${classes.length}.`,
    },
    A2: { ...axis, title: "Distributed computation within the blocks", note },
    A5: { ...axis, outputsTitle: "classes", title: "Weight and contribution, by block", note },
    A6: { ...axis, classes, note: `Networks with L2. ${note}` },
    A7: { unitTitle, widthNames, title: "Weight and contribution of every channel" },
  });
}
