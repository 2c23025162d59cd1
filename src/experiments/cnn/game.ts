import { coalitionsOf } from "../../coalitions/coalition.js";
import type { LabelledInputs } from "../../datasets/inputs.js";
import { has } from "../../kinds.js";
import { type NetworkGame, networkGame } from "../../lesion/network-game.js";
import type { Network } from "../../networks/network.js";

/** Sites of the convolution experiment: what the blocks say after the sum and its SiLU, `block1`, `block2`, ... */
export function blockSites(network: Network): string[] {
  has("network", network, "a Network", "sites", "inputs");
  return network.sites.filter(({ name }) => /^block\d+$/.test(name)).map(({ name }) => name);
}

/**
 * The game of the convolution experiment: players are the channels of the blocks, set to 0 where lesioned.
 *
 * @param score default "class-accuracy": of the images of a class, the share for which it is predicted, `[classes]`
 */
export function cnnGame(
  network: Network,
  inputs: LabelledInputs,
  score: "class-accuracy" | "accuracy" = "class-accuracy",
): Promise<NetworkGame> {
  has("network", network, "a Network", "sites", "inputs");
  return networkGame(network, inputs, { sites: blockSites(network), score });
}

/**
 * Share of the images whose class is predicted when some units are lesioned.
 *
 * @param intact for each number wanted, the units that stay; default one with all of them
 */
export async function cnnAccuracies(
  network: Network,
  inputs: LabelledInputs,
  intact?: readonly Iterable<number>[],
): Promise<number[]> {
  has("network", network, "a Network", "sites", "inputs");
  const game = await cnnGame(network, inputs, "accuracy");
  try {
    const units = game.units.length;
    return Array.from(await game.evaluate(coalitionsOf(units, intact ?? [Array(units).keys()])));
  } finally {
    game.dispose();
  }
}
