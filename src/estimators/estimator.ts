import type { Game } from "../games/game.js";
import type { JsonObject } from "../json.js";
import type { Ends } from "../modes/lost-digits.js";

export type { Ends };

/** What is to be estimated, checked. */
export interface Request {
  /** Number of units. */
  readonly units: number;
  /** Number of values that v(S) has. */
  readonly outputs: number;
  /**
   * Number of values that v(S) has in all, where these are a part of them: the orderings are then those of the whole.
   * Default `outputs`.
   */
  readonly wholeOutputs?: number | undefined;
  /**
   * How many coalitions together cost little more than one (`Game.coalitionsAtOnce`); undefined where each costs the
   * same.
   */
  readonly coalitionsAtOnce?: number | undefined;
  /** Whether every output has a gate (`Game.gates`); of a part of a game, every output of the whole. Default false. */
  readonly allGated?: boolean | undefined;
  /** Orderings to sample; estimators that sample none ignore it. */
  readonly orderings: number;
  /**
   * Evaluations of v in all, the two ends too, for estimators whose budget these are. Default `orderings` x `units`
   * beside the ends.
   */
  readonly evaluations?: number | undefined;
  readonly seed: number;
  /**
   * Whether the run may stop before its end, by a rule that looks now and then: where coalitions are drawn for a number
   * of evaluations, those up to a look are to be such a draw themselves. Default false.
   */
  readonly staged?: boolean | undefined;
  /**
   * Bytes that sums may take beside those of units x outputs, where an estimator keeps more than these; default 1 GB.
   * Decides no number.
   */
  readonly memory?: number | undefined;
  /** Blocks of independent samples whose means are kept beside the sums; estimators need not know. Default none. */
  readonly blocks?: number | undefined;
}

/** What an estimator tells while it runs, and what may stop it. */
export interface Control {
  readonly signal?: AbortSignal | undefined;
  /** Called after every few evaluations of v, with their number. */
  evaluated(count: number): void;
}

/** What came out: everything in float64. */
export interface Estimate {
  /** `[units, outputs]` */
  readonly values: Float64Array;
  /** `[units, outputs]`, NaN where a single sample gives no spread. */
  readonly standardErrors: Float64Array;
  /** `[units]`: standard error of the contribution averaged over the outputs. */
  readonly meanStandardErrors: Float64Array;
  /** What the result is to say of how these came about, beside what every result says. Default nothing. */
  readonly provenance?: JsonObject;
}

/** Contributions averaged over the outputs. */
export interface UnitMeans {
  /** Of how many independent samples. */
  readonly samples: number;
  /** `[units]` */
  readonly means: Float64Array;
}

/** Contributions averaged over some samples. */
export interface SampleMeans {
  /** How many independent samples. */
  readonly samples: number;
  /** `[units, outputs]`; may be the accumulator's own memory. */
  readonly means: Float64Array;
}

/**
 * Sums as {@link Accumulator.pack} gives them, in arrays that follow each other: they may be more than memory takes.
 */
export interface PackedParts {
  /** Numbers of all. */
  readonly length: number;
  /** From the first on, each time it is called. */
  parts(): Iterable<Float64Array>;
}

/** Sums of one or more chunks. Memory is O(units x outputs). */
export interface Accumulator {
  /** Takes in the sums of a later chunk. */
  merge(later: Accumulator): void;
  /**
   * Makes the estimate where that is work: `estimate` then has it ready, and without it may have a briefer one. Lets
   * the event loop have its turn. Default nothing.
   */
  settle?(signal?: AbortSignal): Promise<void>;
  /** Whether `estimate` gives what {@link settle} made. Default true. */
  readonly settled?: boolean;
  /** @param last whether this is the last that is asked of it: its memory then becomes that of the estimate */
  estimate(last?: boolean): Estimate;
  /** The largest of the standard errors; 0 where there are none. */
  largestStandardError(): number;
  /**
   * What blocks of independent samples are made of. Default: the estimate is no mean of samples, so there are no
   * blocks.
   */
  sampleMeans?(): SampleMeans;
  /**
   * Of the samples of a chunk: what rules on rankings look at. Default: there are no such rules, or `halves` has what
   * they need.
   */
  unitMeans?(): UnitMeans;
  /** The same of two halves of the samples, where these are not simply averaged. */
  halves?(signal?: AbortSignal): Promise<readonly [UnitMeans, UnitMeans]>;
  /** All sums in one array, which another thread can take; `Plan.unpack` makes an accumulator of it. Shares memory. */
  pack(): Float64Array;
  /** The same part by part, for sums that are not all in memory. Default: what `pack` gives. */
  packInParts?(): PackedParts;
  /** Whether some of it is in a temporary file, which {@link dispose} closes. Default false. */
  readonly onDisk?: boolean;
  /** Frees what is not memory: nothing is asked of it any more. Default nothing. */
  dispose?(): void;
}

/** How much work some chunks are. */
export interface Extent {
  /** Orderings sampled; null for an estimator that samples none. */
  readonly orderings: number | null;
  /** Evaluations of v, beside the two ends. */
  readonly evaluations: number;
}

/**
 * A request cut into chunks. Every chunk has a random stream of its own and is the same work whoever does it, so the
 * sums merged in chunk order have the same bytes however the chunks were shared out.
 */
export interface Plan {
  readonly chunks: number;
  /** Evaluations of v that all chunks need together, beside the two ends. */
  readonly evaluations: number;
  /**
   * How many of the first chunks would be the same work were more samples asked for: all, but for a last one that is
   * cut short.
   */
  readonly reusable: number;
  /**
   * What, beside the game, the seed and the estimator, the chunks depend on: a run that goes on has to have the same.
   * Default nothing.
   */
  readonly identity?: JsonObject;
  /**
   * After how many chunks a stopping rule may look, in ascending order up to `chunks`. Default: after ever more
   * samples.
   */
  readonly looks?: readonly number[];
  /** Bytes of memory that the estimate takes beside the sums, whatever the outputs. Default none. */
  readonly fitBytes?: number;
  /** What the first chunks come to. */
  extent(chunks: number): Extent;
  /**
   * Does a chunk; one at a time in a thread.
   *
   * @param spare an accumulator of this plan that is no longer needed: its memory is used again
   */
  runChunk(chunk: number, game: Game, ends: Ends, control: Control, spare?: Accumulator): Promise<Accumulator>;
  /**
   * How many chunks of this plan a run of the same kind with another budget begins with, of which it had some: that
   * run's `identity`. Default: a run that goes on has to have the same budget.
   */
  sharedWith?(identity: JsonObject, chunks: number): number;
  /** Of the sums of some chunks, as they are packed, those of the first. With {@link sharedWith}. */
  firstOf?(packed: PackedParts, chunks: number): PackedParts;
  /** The accumulator whose `pack` gave this array, bit for bit. Shares memory. */
  unpack(packed: Float64Array): Accumulator;
  /** The same of what `packInParts` gave. Default: of all in one array. */
  unpackParts?(packed: PackedParts): Accumulator;
}

/** Numbers held for each unit and output: in memory, but for `disk` and `packed`. */
export interface Held {
  readonly sums: number;
  readonly chunk: number;
  readonly beside: number;
  /** In a temporary file. Default none. */
  readonly disk?: number;
  /** In the sums of a run as they are packed. Default `sums`. */
  readonly packed?: number;
}

/** A way to estimate Shapley values. Knows no network: it plans coalitions and folds values. */
export interface Estimator {
  readonly name: string;
  /** What is drawn independently, so what a standard error counts: orderings, pairs of them, or nothing (exact). */
  readonly unitOfIndependence: "ordering" | "pair" | "none";
  /** What says how much is to be done: a number of orderings, one of evaluations, or nothing. */
  readonly budget: "orderings" | "evaluations" | "none";
  /**
   * Numbers held for each unit and output: in the sums of a run, in those of a chunk, and beside them while a chunk is
   * played.
   */
  held(request: Request): Held;
  /** @throws RangeError where the request can not be met, before any evaluation */
  plan(request: Request, game: Game): Plan;
}
