import { allIntact, noneIntact } from "../../coalitions/coalition.js";
import { GameError } from "../../errors.js";
import type { Accumulator, Control, Ends, Plan, Request } from "../../estimators/estimator.js";
import { type EstimatorName, estimators } from "../../estimators/registry.js";
import { evaluateFinite } from "../../estimators/walk.js";
import { gameFromSpec, moduleName } from "../../games/from-spec.js";
import type { Game } from "../../games/game.js";
import type { GameSpec } from "../../games/spec.js";
import type { Json } from "../../json.js";
import type { ChunkRange } from "../runs/chunks-here.js";
import type { RunTask } from "./worker.js";

/** What a thread needs to know to do chunks of a plan. */
export interface ChunkWork extends GameWork {
  readonly estimator: EstimatorName;
  readonly request: Request;
}

/** What a thread needs to know to make a game again, and to find that it is the same. */
export interface GameWork {
  readonly request: Pick<Request, "units" | "outputs">;
  readonly ends: Ends;
  readonly game: GameSpec<unknown>;
  /** Of the game in the first thread: the one made here has to be the same. */
  readonly units: readonly string[];
  readonly outputShape: readonly number[];
  readonly walks: boolean;
  /** What computes, as its provenance says. */
  readonly backend: Json | undefined;
}

/** What comes of a task. */
export interface ChunkSums<Sums = Float64Array> {
  /** The sums, chunk by chunk; from another thread they come packed. */
  readonly sums: readonly Sums[];
  /** How long the task took. */
  readonly seconds: number;
}

/**
 * Makes the game again in this thread and returns what does the chunks of a task, each with sums of its own.
 *
 * @throws GameError where the game made here is another one
 */
export async function prepareChunks(work: ChunkWork): Promise<RunTask<ChunkSums, ChunkRange>> {
  const { request } = work;
  const game = await gameFromSpec(work.game);
  await checkSameGame(work, game, ["in a worker", "given"]);
  const plan = estimators[work.estimator].plan(request, game);
  return async (range, evaluated) => {
    const { sums, seconds } = await chunksOf(range, plan, game, work.ends, { evaluated });
    const packed = sums.map((each) => each.pack());
    return { value: { sums: packed, seconds }, transfer: packed.map(({ buffer }) => buffer) };
  };
}

/** Where a game was made again, and what became of the first one: words of the message. */
export type MadeAgain = readonly [here: "in a worker", first: "given"] | readonly [here: "here", first: "planned"];

/**
 * Holds a game that was made again against the first one: units, outputs, walk, backend, and v of nobody and of
 * everybody.
 *
 * @throws GameError where it is another one
 */
export async function checkSameGame(work: GameWork, game: Game, words: MadeAgain): Promise<void> {
  const here = { units: game.units, outputShape: game.outputShape, walks: game.walk !== undefined };
  const there = { units: work.units, outputShape: work.outputShape, walks: work.walks };
  if (JSON.stringify(here) !== JSON.stringify(there)) throw anotherGame(work, words);
  checkBackend(work, game, words);
  await checkValues(work, game, words);
}

/**
 * Values of two backends differ in their last bits: no run is made of both. A game may not know yet what computes it.
 */
function checkBackend(
  { backend, game: { module, export: name } }: GameWork,
  { provenance }: Game,
  [where, first]: MadeAgain,
): void {
  const here = provenance?.tensor_backend ?? undefined;
  if (here === undefined || (backend ?? undefined) === undefined || here === backend) return;
  const problem = `the game that ${name} of ${moduleName(module)} makes ${where} computes on ${here}`;
  throw new GameError(`${problem}, the one ${first} on ${backend}; name the backend where the game is made`);
}

/** Share of the largest value by which values may differ: threads and libraries add in another order. */
const tolerance = 1e-4;

/** @throws GameError where nobody or everybody has another value here than in the first thread */
async function checkValues(work: GameWork, game: Game, words: MadeAgain): Promise<void> {
  const { units, outputs } = work.request;
  const { none, all } = work.ends;
  let largest = 0;
  for (const values of [none, all]) for (const value of values) largest = Math.max(largest, Math.abs(value));
  for (const [coalition, there] of [
    [noneIntact(units), none],
    [allIntact(units), all],
  ] as const) {
    const here = await evaluateFinite(game, coalition, outputs);
    if (there.some((value, o) => Math.abs(value - here[o]) > tolerance * largest)) throw anotherGame(work, words);
  }
}

function anotherGame({ game: { module, export: name } }: GameWork, [where, first]: MadeAgain): GameError {
  return new GameError(`the game that ${name} of ${moduleName(module)} makes ${where} differs from the one ${first}`);
}

/** Does the chunks of a task, each with sums of its own. */
export async function chunksOf(
  { from, to }: ChunkRange,
  plan: Plan,
  game: Game,
  ends: Ends,
  control: Control,
): Promise<ChunkSums<Accumulator>> {
  const start = performance.now();
  const sums: Accumulator[] = [];
  for (let chunk = from; chunk < to; chunk++) sums.push(await plan.runChunk(chunk, game, ends, control));
  return { sums, seconds: (performance.now() - start) / 1000 };
}
