import { regularisers } from "../../networks/mlp/regulariser.js";
import { type RegularisationFigures, regularisationFigures } from "../regularisers/figures.js";
import type { CnnExperiment } from "./run.js";

const unitTitle = "Channel";
const widthTitle = "Channels in the block, <i>n</i>";
const deeper = "Wider blocks are deeper ones: 16 channels after the stem, 88 before the classes.";

/**
 * Figures A1 to A7 of convolution networks. Where the MLPs' figures have networks of several widths, A2 and A5 to A7 have the blocks of one network: each is
 * looked at by itself, its channels being the units.
 */
export function cnnFigures({ analyses, classes }: CnnExperiment): RegularisationFigures {
  const shown = regularisers.flatMap((regulariser) =>
    analyses.filter((entry) => entry.regulariser === regulariser).slice(0, 1),
  );
  const [{ top, width }] = analyses;
  return regularisationFigures({
    lesioned: analyses.map(({ regulariser, trial, accuracy }) => ({ regulariser, trial, ...accuracy })),
    units: analyses.flatMap(({ regulariser, trial, blocks }) =>
      blocks.map((block) => ({ ...block, regulariser, trial })),
    ),
    shown,
    outputs: classes,
    singleOutputs: [0, 4, 9],
    score: "class accuracy",
    outputTitle: "Class",
    unitTitle,
    A1: { top, width, unitTitle },
    A2: { widthTitle, title: "Distributed computation within the blocks", note: deeper },
    A5: { widthTitle, outputsTitle: "classes", title: "Weight and contribution, by block", note: deeper },
    A6: { widthTitle, classes, note: "Networks with L2." },
    A7: { unitTitle, title: "Weight and contribution of every channel" },
  });
}
