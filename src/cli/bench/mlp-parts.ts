import { type LabelledInputs, loadInputs } from "../../datasets/inputs.js";
import type { LogitParts } from "../../lesion/logit-walk.js";
import { logitParts } from "../../lesion/mlp-game.js";
import { checkpoint } from "../../networks/mlp/checkpoints.js";
import { preActivations } from "../../networks/mlp/forward.js";
import type { Mlp } from "../../networks/mlp/mlp.js";

/** The inputs of the paper's MLP experiment. */
export const paperInputs = "mnist-test:0-1023";

/** The first units of a network that was trained for this package: as many as a question asks for. */
export async function trainedUnits(units: number): Promise<Mlp> {
  const width = units <= 105 ? 105 : 200;
  const whole = await checkpoint({ width, regulariser: "none", trial: 0 });
  if (units === width) return whole;
  const { inputs, outputs, hiddenWeights, hiddenBiases, outputWeights, outputBiases, negativeSlope } = whole;
  return {
    ...{ inputs, outputs, outputBiases, negativeSlope },
    hidden: units,
    hiddenWeights: hiddenWeights.slice(0, units * inputs),
    hiddenBiases: hiddenBiases.slice(0, units),
    outputWeights: outputWeights.filter((_, i) => i % width < units),
  };
}

/** What a walk over a network's units needs, for the zero lesion before the activation. */
export async function walkParts(mlp: Mlp, inputs: LabelledInputs = loadInputs(paperInputs)): Promise<LogitParts> {
  return logitParts(mlp, inputs, await preActivations(mlp, inputs.inputs), "zero", "pre-activation");
}
