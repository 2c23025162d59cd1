import { type LabelledInputs, loadInputs } from "../datasets/inputs.js";
import { type DenseParts, logitParts } from "../lesion/dense-walk.js";
import type { LogitParts } from "../lesion/logit-walk.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { checkpoint } from "../networks/mlp/checkpoints.js";
import { type Mlp, mlpNetwork } from "../networks/mlp/mlp.js";

/** The inputs of the paper's MLP experiment. */
export const paperInputs = "mnist-test:0-1023";

/** The first units of a network that was trained for this package: as many as a question asks for. */
export async function trainedUnits(units: number): Promise<Mlp> {
  const width = units <= 105 ? 105 : 200;
  const whole = await checkpoint({ width, regulariser: "none", trial: 0 });
  if (units === width) return whole;
  const { layers, negativeSlopes } = whole;
  const [{ inputs, weights, biases }, output] = layers;
  const first = { weights: weights.slice(0, units * inputs), biases: biases.slice(0, units) };
  return mlpNetwork(
    [first, { ...output, weights: output.weights.filter((_, i) => i % width < units) }],
    negativeSlopes,
  );
}

/** What a walk over a network's units needs, for the zero lesion before the activation. */
export async function walkParts(mlp: Mlp, inputs: LabelledInputs = loadInputs(paperInputs)): Promise<LogitParts> {
  const { forThreads } = await mlpGame(mlp, inputs);
  return logitParts(forThreads?.().arguments?.[0] as DenseParts);
}
