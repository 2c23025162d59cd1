import { invalid, oneOf, wrongKind } from "../errors.js";
import { unitNames } from "../games/game.js";
import type { OptionNames } from "../options.js";
import type { Decoder } from "./decoder.js";
import type { TaskContrast } from "./task-contrasts.js";
import type { TaskScore } from "./task-scores.js";
import type { PlayedTask } from "./tasks.js";
import type { DecoderUnits, ExpertLesion } from "./units.js";

/** Options of {@link expertsGame}. */
export interface ExpertsGameOptions {
  /** The players: a kind of units, or their names; default `experts`. */
  readonly units?: keyof DecoderUnits | readonly string[];
  /** What a lesion of an expert means; default `silence`. */
  readonly lesion?: ExpertLesion;
  /**
   * The score of tasks that say none. `accuracy`, the default: the share of questions whose answer is the most probable
   * token at every place, given what stands before; greedy decoding of as many tokens as the answer has gives the
   * answer in just these cases. `log-probability`: the mean over the questions of the mean natural logarithm of the
   * probabilities of the answer's tokens, none below `floor`. `decoded-accuracy` and `decoded-likeness` decode, and
   * compare texts: a pass for every new token, and nothing of it is kept in a walk.
   */
  readonly score?: TaskScore;
  /**
   * Least logarithm of a token's probability, for `log-probability`; default that of a token by lot, -ln(vocabulary).
   * Networks with many lesions are far below it for sure of something wrong, and would decide the Shapley values.
   */
  readonly floor?: number;
  /** Differences of tasks, which are outputs of the game behind the tasks themselves; default none. */
  readonly contrasts?: readonly TaskContrast[];
}

/** The names of `ExpertsGameOptions`. */
export const expertsGameOptionNames: OptionNames<ExpertsGameOptions> = {
  units: true,
  lesion: true,
  score: true,
  floor: true,
  contrasts: true,
};

/** The names of the players. @throws TypeError, RangeError for what is none */
export function playersOf(
  { units }: Decoder,
  wanted: keyof DecoderUnits | readonly string[] = "experts",
): readonly string[] {
  if (typeof wanted !== "string") {
    if (!Array.isArray(wanted)) throw wrongKind("units", "a kind of units, or a list of names", wanted);
    return unitNames(wanted);
  }
  const kind = oneOf("units", Object.keys(units) as (keyof DecoderUnits)[], wanted);
  if (units[kind].length === 0) throw invalid("units", `a kind that the decoder has, such as heads`, wanted);
  return units[kind];
}

/** The floor of log-probabilities; undefined where no task has them. @throws TypeError, RangeError for what is none */
export function floorOf(
  floor: number | undefined,
  tasks: readonly PlayedTask[],
  vocabulary: number,
): number | undefined {
  const used = tasks.some(({ score }) => score === "log-probability");
  if (floor === undefined) return used ? -Math.log(vocabulary) : undefined;
  if (typeof floor !== "number") throw wrongKind("floor", "a number below 0", floor);
  if (!used) throw invalid("floor", `none for ${[...new Set(tasks.map(({ score }) => score))].join(", ")}`, floor);
  if (!Number.isFinite(floor) || floor >= 0) throw invalid("floor", "a number below 0", floor);
  return floor;
}
