import { numberedCoalitions } from "../coalitions/coalition.js";
import { invalid } from "../errors.js";
import { evaluateFinite } from "../estimators/walk.js";
import { type Game, outputSize } from "../games/game.js";
import { knownOptions, type OptionNames, validSignal } from "../options.js";
import { pacer } from "../pace.js";
import type { GameFacts } from "./game-facts.js";
import { storedTable } from "./game-table.js";
import type { PageContent } from "./page-content.js";
import { checkTexts, type PageOptions, pageOptionNames } from "./page-options.js";

/** Options of the page of a game. */
export interface GamePageOptions extends PageOptions {
  /** What v(S) measures, with its unit; default `value`. */
  readonly score?: string;
  /** What a unit is, in the singular; default `unit`. */
  readonly unitTitle?: string;
  /** What each number of v(S) is called, for a game of several; default their indices. */
  readonly outputs?: readonly string[];
  /** What these numbers are over, e.g. `Digit`; default `Output`. */
  readonly outputTitle?: string;
}

/** The names of `GamePageOptions`. */
export const gamePageOptionNames: OptionNames<GamePageOptions> = {
  ...pageOptionNames,
  score: true,
  unitTitle: true,
  outputs: true,
  outputTitle: true,
};

/** Most units of a game whose every coalition a page holds. */
export const mostPageUnits = 16;
/** Most values of a table: stored in two bytes each, in base64, they are 6 MB. */
const mostValues = 2_200_000;
/** Numbers that one batch of coalitions returns, at most. */
const batchNumbers = 1 << 20;

/**
 * The page of a game: v of all its coalitions, each evaluated once.
 *
 * @throws RangeError for a game of more than 16 units or whose table does not fit in a page, before any evaluation;
 *   GameError where the game throws or a value is not finite
 */
export async function gameContent(game: Game, options: GamePageOptions): Promise<PageContent<GameFacts>> {
  knownOptions("lesionPage", options, gamePageOptionNames);
  const { title = "Who contributes what?", about = "", score = "value", unitTitle = "unit" } = options;
  const { outputTitle = "Output" } = options;
  checkTexts({ title, about, score, unitTitle, outputTitle });
  const signal = validSignal(options.signal);
  const { units, outputShape } = game;
  const outputs = outputSize(outputShape);
  checkFits(units.length, outputs);
  const names =
    options.outputs ?? (outputs === 1 ? [] : Array.from({ length: outputs }, (_, o) => nameOf(o, outputShape)));
  if (
    !Array.isArray(names) ||
    !names.every((name) => typeof name === "string") ||
    ((outputs > 1 || names.length > 0) && names.length !== outputs)
  ) {
    throw invalid("outputs", `${outputs} names`, options.outputs);
  }

  const coalitions = 2 ** units.length;
  const values = new Float64Array(coalitions * outputs);
  const batch = Math.max(1, Math.min(4096, Math.floor(batchNumbers / outputs)));
  const pace = pacer(signal);
  for (let from = 0; from < coalitions; from += batch) {
    const rows = numberedCoalitions(units.length, from, Math.min(from + batch, coalitions));
    const found = await evaluateFinite(game, rows, outputs, signal);
    values.set(found.subarray(0, rows.count * outputs), from * outputs);
    await pace();
  }
  const { form, table } = storedTable({ units: units.length, outputs, values });
  return {
    kind: "game",
    title,
    about,
    facts: {
      units,
      outputShape,
      outputs: names,
      score,
      unit: `${unitTitle.charAt(0).toLowerCase()}${unitTitle.slice(1)}`,
      outputTitle,
      table: form,
    },
    arrays: { table },
  };
}

function checkFits(units: number, outputs: number): void {
  const words = (values: number) => `${values.toLocaleString("en")} values`;
  const size = (values: number) => `${Math.ceil((values * 8) / 3 / 1e6).toLocaleString("en")} MB`;
  if (units > mostPageUnits) {
    const whole = units <= 40 ? `, of these units ${words(2 ** units)} (${size(2 ** units * outputs)})` : "";
    const rule = `at most ${mostPageUnits}, since a page holds the value of every coalition${whole}; together(game, groups) makes several units one`;
    throw invalid("number of units", rule, units);
  }
  const numbers = 2 ** units * outputs;
  if (numbers > mostValues) {
    const rule = `at most ${Math.floor(mostValues / 2 ** units)} for ${units} units, so that their table is below 6 MB; this one would be ${size(numbers)}`;
    throw invalid("number of outputs", rule, outputs);
  }
}

/** The indices of an output in its shape. */
function nameOf(output: number, shape: readonly number[]): string {
  const indices = [];
  for (let axis = shape.length - 1, rest = output; axis >= 0; axis--) {
    indices.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return indices.join(", ");
}
