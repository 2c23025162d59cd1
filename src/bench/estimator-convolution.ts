import { join } from "node:path";
import { loadInputs } from "../datasets/inputs.js";
import type { Json } from "../json.js";
import { networkGame } from "../lesion/network-game.js";
import { loadNetwork } from "../networks/load-network.js";
import { packageRoot } from "../package.js";
import { classScores, classViews } from "./class-scores.js";
import { convergence, convergenceHead, convergenceRow } from "./convergence.js";
import type { Answer, Question } from "./question.js";

/** Twenty of which each class has some. */
const inputs = "mnist-test:100-119";
const evaluations = 1600;
/** Of the reference, for each seed. */
const orderingsPerSeed = 80;
/** Over plain orderings. */
const aim = 5;

/** How far leverage comes on a convolution network. */
export const estimatorConvolution: Question = {
  name: "convolution",
  asks: "how many times less variance than plain orderings has leverage on a convolution network, for as many evaluations and seconds?",
  async answer(signal: AbortSignal, seeds = 2): Promise<Answer> {
    const orderings = orderingsPerSeed * seeds;
    const network = await loadNetwork(join(packageRoot, "data", "checkpoints", "cnn", "model.json"));
    const sites = ["conv1", "conv2", "dense1"];
    const data = loadInputs(inputs);
    const game = await networkGame(network, data, { sites, lesion: "zero", score: classScores(data.labels) });
    const views = classViews("MNIST", [aim, aim, aim]);
    const rows = await convergence(game, views, { evaluations, seeds, orderings, signal });
    const worst = rows.reduce((least, row) => (row.leverage < least.leverage ? row : least));
    return {
      figure: {
        value: 1 / worst.leverage,
        unit: "of the variance",
        of: `leverage, ${worst.name}, ${evaluations} evaluations`,
      },
      baseline: { value: 1, unit: "of the variance", of: "plain orderings, as many evaluations" },
      ratio: worst.leverage,
      target: { ratio: aim },
      lines: [
        `over      ${game.units.length} units (8 and 16 filters, 16 neurons), 20 images; against a long run of antithetic orderings, whose own variance is taken out`,
        convergenceHead,
        ...rows.map(convergenceRow),
      ],
      numbers: { inputs, seeds, orderings, rows: rows.map((row) => ({ ...row }) as unknown as Json) },
    };
  },
};
