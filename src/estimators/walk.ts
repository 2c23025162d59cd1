import { orAborted } from "../abort.js";
import {
  type Coalitions,
  intactUnits,
  nestedCoalitions,
  type Ordering,
  wordsPerCoalition,
} from "../coalitions/coalition.js";
import { GameError } from "../errors.js";
import { type Game, outputSize, type Values } from "../games/game.js";
import { largestValue, unusable } from "../games/value.js";
import { blocksOf, differences, type Fold, mostOutputs } from "./blocks.js";
import type { Control, Ends } from "./estimator.js";
import { gateAverages, gatesFirst } from "./gates.js";

/** Most numbers that one batch of coalitions returns, 32 MB of float64, and most words that it has. */
const batchNumbers = 1 << 22;

/**
 * Plays one ordering: units come back one by one, and `fold` gets each unit's marginal contribution v(before + unit) -
 * v(before), in the order of return, a block of outputs at a time. Takes the game's own walk where it has one, else
 * evaluates the nested coalitions in batches.
 *
 * Gates come back first, and their contributions are averages over all places at which they might have
 * (`gateAverages`); they are given last.
 *
 * @throws GameError where the game throws or a value is not finite; names the coalition
 */
export async function playOrdering(
  game: Game,
  wanted: Ordering,
  ends: Ends,
  control: Control,
  fold: Fold,
): Promise<void> {
  const gates = game.gates ?? [];
  const ordering = gates.length > 0 ? gatesFirst(wanted, gates) : wanted;
  const averages = gates.length > 0 ? gateAverages(gates, ordering.length - gates.length, ends.none) : undefined;
  const outputs = ends.none.length;
  const blocks = averages?.blocks ?? blocksOf(0, outputs).map((block) => ({ ...block, gated: false }));
  const previous = ends.none.slice();
  const contribution = new Float64Array(Math.min(outputs, mostOutputs));
  const parts = blocks.map(({ from, to }) => contribution.subarray(0, to - from));
  let visited = 0;
  const visit = (rank: number, values: Values, offset: number): void => {
    if (rank !== visited++) failOrder(game, ordering, rank, visited - 1);
    const unit = ordering[rank];
    const returned = rank + 1 - gates.length;
    for (let b = 0; b < blocks.length; b++) {
      const { from, gated } = blocks[b];
      const part = parts[b];
      const check =
        gated && averages && returned > 0
          ? averages.weighed(returned, values, offset + from, previous, from, part)
          : differences(values, offset + from, previous, from, part);
      if (!(check <= largestValue && check >= -largestValue)) failUnusable(game, ordering, rank, values, offset);
      if (returned > 0 || !averages) fold(unit, part, from);
    }
  };

  if (game.walk) {
    const walking = game.walk(ordering, (rank, values) => visit(rank, values, 0), control.signal);
    if (walking) await orAborted(walking, control.signal);
    if (visited !== ordering.length) failOrder(game, ordering, ordering.length, visited);
    control.evaluated(ordering.length);
    averages?.contributions(previous, fold);
    return;
  }
  // The last coalition of the ordering holds all units: its value is known. While gates come back nothing is to be
  // learned.
  const first = Math.max(0, gates.length - 1);
  visited = first;
  const last = ordering.length - 1;
  const words = wordsPerCoalition(ordering.length);
  const batch = Math.max(1, Math.floor(batchNumbers / Math.max(outputs, words)));
  for (let rank = first; rank < last; rank += batch) {
    const rows = nestedCoalitions(ordering, rank, Math.min(rank + batch, last));
    const values = await evaluateChecked(game, rows, outputs, control.signal);
    for (let row = 0; row < rows.count; row++) visit(rank + row, values, row * outputs);
    control.evaluated(rows.count);
  }
  visit(ordering.length - 1, ends.all, 0);
  averages?.contributions(previous, fold);
}

/**
 * Evaluates a batch; a game that throws, or returns another number of values than it said, becomes a GameError that
 * names the coalition (or how many there were in the batch).
 */
export async function evaluateChecked(
  game: Game,
  coalitions: Coalitions,
  outputs: number,
  signal?: AbortSignal,
): Promise<Values> {
  signal?.throwIfAborted();
  let values: Values;
  try {
    values = await orAborted(game.evaluate(coalitions, signal), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof GameError) throw cause;
    const first = intactUnits(coalitions, 0).map((unit) => game.units[unit]);
    const which =
      coalitions.count === 1 ? "" : `, in a batch of ${coalitions.count} coalitions of which this is the first`;
    throw new GameError(`the game threw${which}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      coalition: first,
    });
  }
  signal?.throwIfAborted();
  const expected = coalitions.count * outputs;
  if (values?.length !== expected) {
    throw new GameError(
      `invalid values of the game; expected ${expected} numbers, ${outputs} for each of ${coalitions.count} coalitions; received ${values?.length}`,
    );
  }
  return values;
}

/** Evaluates one batch and checks that all of its values are finite, and their squares. */
export async function evaluateFinite(
  game: Game,
  coalitions: Coalitions,
  outputs: number,
  signal?: AbortSignal,
): Promise<Values> {
  const values = await evaluateChecked(game, coalitions, outputs, signal);
  for (let c = 0; c < coalitions.count; c++) {
    const problem = unusable(values, c * outputs, outputs);
    if (problem)
      throw new GameError(problem, { coalition: intactUnits(coalitions, c).map((unit) => game.units[unit]) });
  }
  return values;
}

function failOrder(game: Game, ordering: Ordering, rank: number, expected: number): never {
  throw new GameError(
    `invalid walk of the game; expected one visit for each of ${ordering.length} ranks in ascending order, rank ${expected} next; received rank ${rank}`,
    { coalition: [...ordering.subarray(0, expected)].map((unit) => game.units[unit]) },
  );
}

function failUnusable(game: Game, ordering: Ordering, rank: number, values: Values, offset: number): void {
  const problem = unusable(values, offset, outputSize(game.outputShape));
  if (!problem) return; // values of which the sum of differences is large
  const coalition = [...ordering.subarray(0, rank + 1)].sort((a, b) => a - b).map((unit) => game.units[unit]);
  throw new GameError(problem, { coalition });
}
