// The pruning curve of the gallery: a network of 200 hidden units on held-out images.

import { pruningCurve, unitMagnitudes } from "../dist/analysis.js";
import { pruningCurveFigure } from "../dist/figures.js";
import { checkpoint, loadInputs, mlpGame, shapley } from "../dist/index.js";

export async function pruningFigure() {
  const network = await checkpoint({ width: 200, regulariser: "l2", trial: 0 });
  const game = await mlpGame(network, loadInputs("mnist-test:0-1023"));
  const modes = await shapley(game, { estimator: "permutation", orderings: 200, seed: 1 });
  const heldOut = await mlpGame(network, loadInputs("mnist-test:5000-9999"), { score: "accuracy" });
  const curve = await pruningCurve(heldOut, { Shapley: modes, magnitude: unitMagnitudes(network) });
  return pruningCurveFigure(curve, {
    score: "accuracy",
    loss: 0.01,
    note: "L2, 200 hidden units, 5,000 images held out.",
  });
}
