import type { LabelledInputs } from "../datasets/inputs.js";
import { invalid } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import type { Game } from "../games/game.js";
import { isMlp } from "../networks/mlp/mlp.js";
import type { Network, NetworkInputs } from "../networks/network.js";
import { type MlpGameOptions, mlpGame } from "./mlp-game.js";
import { type NetworkGameOptions, networkGame } from "./network-game.js";
import type { NamedScore } from "./output-score.js";

/** Options of {@link gameOfNetwork}: those that the game of some kind of network has. */
export interface GameOfNetworkOptions
  extends Partial<Pick<NetworkGameOptions, "sites" | "groups" | "lesion" | "output" | "memory">>,
    Pick<MlpGameOptions, "place"> {
  readonly score?: NamedScore;
}

/** What v(S) is by default. */
export function usualScore(network: Network): NamedScore {
  return isMlp(network) ? "class-precision" : "output";
}

/**
 * The game of any network by what plays it fastest: {@link mlpGame} for dense layers, else {@link networkGame}.
 *
 * @param inputs of the kind that the network takes, with their classes where the score looks at these
 * @throws RangeError for an option that this kind of network has not, and for sites that have to be named; else as the
 *   two do
 */
export async function gameOfNetwork(
  network: Network,
  inputs: NetworkInputs | LabelledInputs<Numbers>,
  { sites = network.usualSites, output, memory, place, ...options }: GameOfNetworkOptions,
): Promise<Game> {
  if (sites === undefined) throw missingSites(network);
  const score = options.score ?? usualScore(network);
  if (isMlp(network)) {
    if (memory !== undefined) {
      throw invalid("memory", "none for a network of dense layers, which takes all of its inputs at once", memory);
    }
    return mlpGame(network, inputs as LabelledInputs<Numbers>, {
      ...options,
      sites,
      score,
      ...(place !== undefined && { place }),
    });
  }
  if (place !== undefined) {
    throw invalid("place", "none for this kind of network; a site is before or after an activation", place);
  }
  const ofNetwork = { ...(output !== undefined && { output }), ...(memory !== undefined && { memory }) };
  return networkGame(network, inputs, { ...options, ...ofNetwork, sites, score });
}

function missingSites({ sites }: Network): RangeError {
  const names = sites.map(({ name }) => name);
  const some =
    names.length > 6 ? `${names.slice(0, 3).join(", ")}, ..., ${names.slice(-2).join(", ")}` : names.join(", ");
  const rule = `one or more of the network's ${names.length} sites (${some}); the command sites lists them`;
  return invalid("site", rule, undefined);
}
