import { GameError } from "../errors.js";
import type { Accumulator, Control, Ends, Plan, Request } from "../estimators/estimator.js";
import { type EstimatorName, estimators } from "../estimators/estimators.js";
import { gameFromSpec } from "../games/from-spec.js";
import type { Game } from "../games/game.js";
import type { GameSpec } from "../games/spec.js";
import type { RunTask } from "./thread.js";

/** What a thread needs to know to do chunks of a plan. */
export interface ChunkWork {
  readonly estimator: EstimatorName;
  readonly request: Request;
  readonly ends: Ends;
  readonly game: GameSpec<unknown>;
  /** Of the game in the first thread: the one made here has to be the same. */
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly walks: boolean;
  /** Chunks of one task: task t has the chunks from t times this on. */
  readonly chunksPerTask: number;
}

/**
 * Makes the game again in this thread and returns what does the chunks of a task, each with sums of its own.
 *
 * @throws GameError where the game made here is another one
 */
export async function prepareChunks(work: ChunkWork): Promise<RunTask<Float64Array[]>> {
  const { request } = work;
  const game = await gameFromSpec(work.game);
  const here = { units: game.units, outputShape: game.outputShape, walks: game.walk !== undefined };
  const there = { units: work.units, outputShape: work.outputShape, walks: work.walks };
  if (JSON.stringify(here) !== JSON.stringify(there)) {
    const { module, export: name } = work.game;
    throw new GameError(
      `the game that ${name} of ${module.replace(/\?.*/, "")} makes in a worker differs from the one given`,
    );
  }
  const plan = estimators[work.estimator].plan(request, game);
  return async (task, evaluated) => {
    const sums = await chunksOfTask(plan, task, work, game, { evaluated });
    const value = sums.map((each) => each.pack());
    return { value, transfer: value.map((packed) => packed.buffer) };
  };
}

/** Does the chunks of a task, each with sums of its own. */
export async function chunksOfTask(
  plan: Plan,
  task: number,
  { ends, chunksPerTask }: Pick<ChunkWork, "ends" | "chunksPerTask">,
  game: Game,
  control: Control,
): Promise<Accumulator[]> {
  const sums: Accumulator[] = [];
  const end = Math.min(plan.chunks, (task + 1) * chunksPerTask);
  for (let chunk = task * chunksPerTask; chunk < end; chunk++) {
    sums.push(await plan.runChunk(chunk, game, ends, control));
  }
  return sums;
}
