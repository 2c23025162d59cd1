import { invalid, wrongKind } from "../errors.js";
import { equalButForRounding } from "../modes/equal-but-for-rounding.js";
import { meansCancel } from "../modes/lost-digits.js";
import { ShapleyModes } from "../modes/shapley-modes.js";
import { isLowerBetter } from "./lower-is-better.js";
import type { UnitScores } from "./unit-scores.js";

/**
 * What ranks the units: modes (by their mean over the outputs; of a cross-entropy, which is to be low, the most
 * negative first), one number for each unit, the largest first, or their names from the most important on. Modes of a
 * CSV file do not say what score they are of, those of npz and .zarr do.
 */
export type UnitRanking = ShapleyModes | UnitScores | ArrayLike<number> | readonly string[];

/**
 * Indices of the units from the most important on, those that are equal in one group.
 *
 * @param by whether numbers rank by their value, or by its size
 * @throws TypeError, RangeError for what does not rank all of the units, naming the ranking: modes whose contributions
 *   cancel in the mean over the outputs too
 */
export function rankedGroups(
  name: string,
  ranking: UnitRanking,
  units: readonly string[],
  by: "value" | "size",
): number[][] {
  const places = new Map(units.map((unit, u) => [unit, u]));
  const placesOf = (names: readonly string[]) => {
    const own = names.map((unit) => places.get(unit));
    if (own.includes(undefined) || new Set(own).size !== units.length || own.length !== units.length) {
      throw invalid(`ranking ${name}`, `one of all ${units.length} units of the game`, names);
    }
    return own as number[];
  };
  if (Array.isArray(ranking) && typeof ranking[0] === "string") {
    return placesOf(ranking as readonly string[]).map((unit) => [unit]);
  }
  const { units: names, values } = scoresOf(name, ranking, units);
  if (values === undefined)
    throw wrongKind(`ranking ${name}`, "modes, one number for each unit, or the units' names in order", ranking);
  if (values.length !== names.length)
    throw invalid(`ranking ${name}`, `${names.length} numbers, one for each unit`, values);
  const scores = new Array<number>(units.length).fill(Number.NaN);
  placesOf(names).forEach((place, u) => {
    scores[place] = values[u];
  });
  const odd = scores.find((score) => !Number.isFinite(score));
  if (odd !== undefined) throw invalid(`ranking ${name}`, "finite numbers", odd);
  return groupsByScore(scores, by);
}

function scoresOf(
  name: string,
  ranking: UnitRanking,
  units: readonly string[],
): { units: readonly string[]; values: ArrayLike<number> | undefined } {
  if (ranking instanceof ShapleyModes) {
    const { units: own, values } = ranking.meanOverOutputs();
    if (meansCancel(ranking.values, values)) {
      const rule =
        "contributions that do not cancel in the mean over the outputs, as those to probabilities do, which add up to 1 (modes.slice(k), or a number for each unit)";
      throw invalid(`ranking ${name}`, rule, ranking);
    }
    return { units: own, values: isLowerBetter(ranking.provenance.game) ? values.map((value) => -value) : values };
  }
  if (ranking !== null && typeof ranking === "object" && "values" in ranking && "units" in ranking)
    return ranking as UnitScores;
  const isList = Array.isArray(ranking) || ArrayBuffer.isView(ranking);
  return { units, values: isList ? (ranking as ArrayLike<number>) : undefined };
}

/** The largest first; those that are equal but for rounding in one group, in the order in which they come. */
export function groupsByScore(scores: readonly number[], by: "value" | "size"): number[][] {
  const of = equalButForRounding(by === "size" ? scores.map(Math.abs) : scores);
  const groups: number[][] = [];
  for (const unit of byScore(Array.from(of), "value")) {
    const last = groups[groups.length - 1];
    if (last && of[last[0]] === of[unit]) last.push(unit);
    else groups.push([unit]);
  }
  return groups;
}

/** The largest first; of equal ones that which comes first. */
export function byScore(scores: readonly number[], by: "value" | "size"): number[] {
  const of = by === "size" ? scores.map(Math.abs) : scores;
  return Array.from(of.keys()).sort((a, b) => of[b] - of[a] || a - b);
}
