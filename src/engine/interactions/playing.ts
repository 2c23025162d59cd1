import type { Coalitions } from "../../coalitions/coalition.js";
import type { Ends } from "../../estimators/estimator.js";
import type { Game } from "../../games/game.js";
import { builtModule } from "../../package.js";
import type { GameWork } from "../threads/chunk-worker.js";
import { inThreads } from "../threads/worker-pool.js";
import { coalitionsTogether, coalitionValues } from "./coalition-values.js";
import { goOn, type Kept, partsOf, type Saved } from "./resume.js";

/** What was estimated: see `Interactions`. */
export interface Played {
  readonly subsets: readonly (readonly number[])[];
  readonly values: Float64Array;
  readonly standardErrors: Float64Array;
  readonly meanStandardErrors: Float64Array;
}

/** What plays coalitions for interactions, and what may stop it. */
export interface Playing {
  readonly game: Game;
  readonly outputs: number;
  readonly ends: Ends;
  readonly signal: AbortSignal | undefined;
  /** Undefined where everything is played in this thread. */
  readonly threads: { readonly work: GameWork; readonly workers: number } | undefined;
  /** Undefined where nothing is kept for another run. */
  readonly saved: Saved | undefined;
  evaluated(count: number): void;
  /** Told how many evaluations an earlier run has made. */
  resumed(count: number): void;
}

/**
 * v of the coalitions of some tasks, in their order, to `take`. Each task is asked for when it is begun; with `threads`
 * several are under way. The values have the same bits for any number of workers, and where a run goes on after what
 * another one has `kept`.
 */
export async function playTasks(
  playing: Playing,
  tasks: Iterable<Coalitions>,
  take: (values: Float64Array) => void,
  kept: Kept,
): Promise<void> {
  const { saved } = playing;
  if (!saved) return playAllTasks(playing, tasks, take);
  const left = tasks[Symbol.iterator]();
  const before = goOn(saved, left, kept);
  if (before.evaluations > 0) playing.resumed(before.evaluations);
  let done = before.tasks;
  let written = done;
  const save = () => {
    if (done === written) return;
    saved.checkpoints.save({ chunks: done, sums: partsOf(kept.pack(done)) });
    written = done;
  };
  try {
    await playAllTasks(playing, { [Symbol.iterator]: () => left }, (values) => {
      take(values);
      done++;
      if (saved.checkpoints.due()) save();
    });
  } catch (error) {
    try {
      save();
    } catch (problem) {
      saved.remark(`what was done could not be saved: ${(problem as Error).message}`);
    }
    throw error;
  }
  save();
}

async function playAllTasks(
  { game, outputs, signal, evaluated, threads }: Playing,
  tasks: Iterable<Coalitions>,
  take: (values: Float64Array) => void,
): Promise<void> {
  if (!threads) {
    for (const task of tasks) take(await coalitionValues(game, task, outputs, { signal, evaluated }));
    return;
  }
  const { work, workers } = threads;
  const isHere = game.forThreads !== undefined;
  const played = inThreads<Float64Array, Coalitions>(
    { module: builtModule("engine/threads/coalition-worker"), export: "prepareCoalitions", context: work },
    tasks,
    {
      threads: isHere ? Math.max(1, workers - 1) : workers,
      // What only has a spec may compute for long without a pause: it stays out of this thread, which can so be
      // interrupted.
      here: isHere
        ? (task, evaluated, stop) => coalitionValues(game, task, outputs, { evaluated, signal: stop })
        : undefined,
      signal,
      evaluated,
    },
  );
  for await (const values of played) take(values);
}

/**
 * v of `count` coalitions, some together, to `take`; `rows` gives those from one on to before another, both even but
 * for the last.
 */
export async function playAll(
  playing: Playing,
  count: number,
  rows: (from: number, to: number) => Coalitions,
  take: (from: number, values: Float64Array) => void,
  kept: RowsKept,
): Promise<void> {
  const each = coalitionsTogether(playing.outputs);
  function* tasks() {
    for (let from = 0; from < count; from += each) yield rows(from, Math.min(count, from + each));
  }
  let from = 0;
  await playTasks(
    playing,
    tasks(),
    (values) => {
      take(from, values);
      from += each;
    },
    {
      pack: (done) => kept.pack(Math.min(count, done * each)),
      restore: kept.restore,
      skipped: () => {
        from += each;
      },
    },
  );
}

/** What rows of coalitions come to. */
export interface RowsKept extends Pick<Kept, "restore"> {
  /** Numbers of the first rows. */
  pack(rows: number): readonly Float64Array[];
}
