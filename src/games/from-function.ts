import {
  type Coalitions,
  coalitionKey,
  coalitionSize,
  intactUnits,
  isIntact,
  noneIntact,
} from "../coalitions/coalition.js";
import { codeSha256 } from "../code-checksum.js";
import { GameError, invalid, wrongKind } from "../errors.js";
import type { JsonObject } from "../json.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { type Game, outputSize, unitNames, type Values } from "./game.js";
import { atMostInFlight, eachInFlight } from "./in-flight.js";
import { OwnArrays } from "./own-arrays.js";
import { type GameValue, shapeOf, writeValue } from "./value.js";

/** The coalition that a game's function is asked about. */
export interface Intact {
  /** Names of the intact units, in the game's order. */
  readonly names: readonly string[];
  /** Indices of the intact units, ascending. */
  readonly indices: readonly number[];
  /** How many units are intact. */
  readonly size: number;
  /** Whether a unit, by name or index, is intact. A unit that the game does not have is an error. */
  has(unit: string | number): boolean;
  /**
   * Aborted when the value is not needed any more: the run was interrupted, or another evaluation failed. For what can
   * be ended, such as `fetch(url, { signal: intact.signal })`. Undefined where nothing can end it.
   */
  readonly signal: AbortSignal | undefined;
}

/** v as a function of the intact units; it may take its time. */
export type GameFunction = (intact: Intact) => GameValue | Promise<GameValue>;

/** Options of {@link gameFrom}. */
export interface FunctionGameOptions {
  /** Shape of the value; default: the shape of v(no unit intact). A flat array is then read in this shape. */
  readonly outputShape?: readonly number[];
  /** What is played, for the provenance of its results; default nothing. */
  readonly provenance?: JsonObject;
}

/** The names of `FunctionGameOptions`. */
export const functionGameOptionNames: OptionNames<FunctionGameOptions> = { outputShape: true, provenance: true };

/**
 * A game from any function of the intact units. The function is called once here, for the coalition of nobody, to
 * learn the shape of its values (unless `outputShape` says it), and then once for each coalition, one after another;
 * where it returns a promise, `concurrency` of `shapley` has several of them in flight, and each has to return an array
 * of its own, as where two runs go on at once; else it may fill the same one each time. What it returns is looked at
 * when the game is played: of the call made here only the shape counts.
 *
 * @param units names of the units, or how many there are
 * @param value returns v: a number, an array nested to any depth, or a typed array; or a promise of one
 * @throws GameError where the function throws here. The game that is made throws it from `evaluate`, and so from
 *   `shapley`, where the function throws, or returns NaN, infinity or another shape, a list of one number in place of a
 *   number included; it names the coalition
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 1 : 0));
 * const modes = await shapley(game, { estimator: "exact" });
 * modes.unit("a").values[0]; // 0.5
 */
export async function gameFrom(
  units: readonly string[] | number,
  value: GameFunction,
  options: FunctionGameOptions = {},
): Promise<Game> {
  knownOptions("gameFrom", options, functionGameOptionNames);
  const names = unitNames(units);
  if (typeof value !== "function") throw wrongKind("value", "a function of the intact units", value);
  const index = new Map(names.map((name, unit) => [name, unit]));
  /** What was asked for and is not answered yet, of whatever run: whether anything else was, meanwhile. */
  const waiting = new Set<{ crowded: boolean }>();
  const arrays = new OwnArrays();
  const outputShape = options.outputShape ?? shapeOf(await ask(noneIntact(names.length), 0));
  if (!Array.isArray(outputShape) || !outputShape.every((length) => Number.isSafeInteger(length) && length > 0)) {
    throw invalid("outputShape", "a list of positive integers", outputShape);
  }
  const size = outputSize(outputShape);

  /** What the function returns; what it throws names the coalition. */
  function ask(coalitions: Coalitions, c: number, signal?: AbortSignal): GameValue | Promise<GameValue> {
    const intact = intactView(names, index, coalitions, c, signal);
    const failed = (cause: unknown) =>
      new GameError(`the game threw: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
        coalition: intact.names,
      });
    try {
      const answer = value(intact);
      if (!isPromise(answer)) return answer;
      return Promise.resolve(answer).catch((cause: unknown) => {
        throw failed(cause);
      });
    } catch (cause) {
      throw failed(cause);
    }
  }

  /**
   * v of one coalition of a batch, to its place. What is no promise is read before anything else has a turn: the
   * function may fill the same array each time, also where a run that was stopped has not ended yet, or two go on at
   * once. Of promises that have to wait together that can not be.
   */
  async function evaluateOne(coalitions: Coalitions, c: number, values: Float64Array, signal?: AbortSignal) {
    let answer = ask(coalitions, c, signal);
    const named = () => intactUnits(coalitions, c).map((unit) => names[unit]);
    if (isPromise(answer)) {
      const own = { crowded: waiting.size > 0 };
      for (const other of waiting) other.crowded = true;
      waiting.add(own);
      answer = await answer.finally(() => waiting.delete(own));
      if (arrays.isAnothers(answer, coalitionKey(coalitions, c)) && own.crowded) {
        const rule = "a new array for each coalition, where several are in flight (concurrency, or two runs at once)";
        throw new GameError(`invalid value of the game; expected ${rule}; received the array of another coalition`, {
          coalition: named(),
        });
      }
    }
    const problem = writeValue(answer, outputShape, values, c * size);
    if (problem) throw new GameError(problem, { coalition: named() });
  }

  const game: Game = {
    units: names,
    outputShape,
    ...(options.provenance && { provenance: options.provenance }),
    code: codeSha256(value),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      const values = new Float64Array(coalitions.count * size);
      const pace = pacer(signal);
      for (let c = 0; c < coalitions.count; c++) {
        signal?.throwIfAborted();
        await evaluateOne(coalitions, c, values, signal);
        await pace();
      }
      return values;
    },
    concurrently(this: Game, limit: number): Game | undefined {
      // Spread into a game with another `evaluate`, that one's values are wanted.
      if (this.evaluate !== game.evaluate) return undefined;
      const { concurrently: _, ...rest } = game;
      const inFlight = atMostInFlight(limit);
      return {
        ...rest,
        async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
          const values = new Float64Array(coalitions.count * size);
          const pace = pacer(signal);
          await eachInFlight(coalitions.count, limit, signal, async (c, ended) => {
            await inFlight(async () => {
              ended.throwIfAborted();
              await evaluateOne(coalitions, c, values, ended);
            });
            await pace();
          });
          return values;
        },
      };
    },
  };
  return game;
}

function isPromise<Value>(answer: Value | Promise<Value>): answer is Promise<Value> {
  return typeof (answer as Promise<Value> | undefined)?.then === "function";
}

/** What is asked for is computed: a game that looks at the size alone costs no lists. */
function intactView(
  names: readonly string[],
  index: ReadonlyMap<string, number>,
  coalitions: Coalitions,
  c: number,
  signal: AbortSignal | undefined,
): Intact {
  let indices: number[] | undefined;
  const listed = () => (indices ??= intactUnits(coalitions, c));
  let named: string[] | undefined;
  let size: number | undefined;
  return {
    signal,
    get indices() {
      return listed();
    },
    get names() {
      return (named ??= listed().map((unit) => names[unit]));
    },
    get size() {
      return (size ??= coalitionSize(coalitions, c));
    },
    has(unit) {
      const position = typeof unit === "number" ? unit : index.get(unit);
      if (position === undefined || names[position] === undefined) {
        throw invalid("unit", `one of the game's ${names.length} units`, unit);
      }
      return isIntact(coalitions, c, position);
    },
  };
}
