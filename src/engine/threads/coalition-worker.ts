import type { Coalitions } from "../../coalitions/coalition.js";
import { gameFromSpec } from "../../games/from-spec.js";
import { coalitionValues } from "../interactions/coalition-values.js";
import { checkSameGame, type GameWork } from "./chunk-worker.js";
import type { RunTask } from "./worker.js";

/**
 * Makes a game again in this thread and returns what plays the coalitions of a task: `[coalitions, outputs]`.
 *
 * @throws GameError where the game made here is another one
 */
export async function prepareCoalitions(work: GameWork): Promise<RunTask<Float64Array, Coalitions>> {
  const game = await gameFromSpec(work.game);
  await checkSameGame(work, game, ["in a worker", "given"]);
  return async (coalitions, evaluated) => {
    const values = await coalitionValues(game, coalitions, work.request.outputs, { evaluated });
    return { value: values, transfer: [values.buffer] };
  };
}
