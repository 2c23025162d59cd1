import { positiveInteger } from "../../errors.js";
import type { Game, Values } from "../../games/game.js";
import { has, listOf } from "../../kinds.js";
import { type SignalOption, signalOf } from "../../options.js";
import { lesioned } from "../lesions.js";
import type { CorrectedP } from "./corrected-comparisons.js";
import type { Edit } from "./edits.js";

/** What to show of a search for edits. */
export interface ChosenEdits {
  /** The best, each of another feature. */
  readonly best: readonly Edit[];
  /** One that fails; undefined where none does. */
  readonly failed: Edit | undefined;
}

/** Corrected p of the comparison with random sets above which an edit has failed, if it could be lower. */
const chance = 0.05;

/**
 * Takes from the edits that `findEdits` found those to show, without a look at the held-out faces: of different
 * features, those with the largest advantage over random sets on the choice faces. What is reported of them is what
 * they do on the held-out faces, good or not.
 *
 * Beside them one that fails, on the held-out faces no more selective than random sets (p above 0.05, corrected by
 * Benjamini and Hochberg for the number of edits that were found): the most promising of those that passed on the
 * choice faces, or, where all of these hold, the one that is furthest from passing. An edit that has so few other sets
 * to be compared with that even the most selective could not pass has not failed.
 *
 * @param count how many; default 3
 */
export function chosenEdits(edits: readonly Edit[], count = 3): ChosenEdits {
  listOf("edits", edits, "Edit", "feature", "choice", "heldOut");
  const promise = ({ choice }: Edit) => (Number.isNaN(choice.random.advantage) ? 0 : choice.random.advantage);
  const promising = [...edits].sort((a, b) => promise(b) - promise(a));
  const first = promising.filter((edit, e) => promising.findIndex(({ feature }) => feature === edit.feature) === e);
  const best = first.slice(0, positiveInteger("count", count));
  const fails = ({ benjaminiHochberg: p, leastBenjaminiHochberg: least }: CorrectedP) => p > chance && least <= chance;
  const failures = promising.filter((edit) => fails(edit.heldOut.random) && !best.includes(edit));
  const byChance = [...failures].sort(
    (a, b) => b.heldOut.random.benjaminiHochberg - a.heldOut.random.benjaminiHochberg,
  );
  return { best, failed: failures.find(({ choice }) => choice.random.benjaminiHochberg <= chance) ?? byChance[0] };
}

/** An edit as pictures: a row of a figure. */
export interface EditRow {
  /** Such as `hair: 6 units of layer2`. */
  readonly name: string;
  /**
   * Its test in a line: selectivity on the held-out faces, mean and standard deviation of random sets, p by Benjamini
   * and Hochberg.
   */
  readonly note: string;
  readonly units: readonly string[];
  /** `[faces, 3, size, size]` */
  readonly intact: Values;
  /** The same with the edit's units lesioned. */
  readonly lesioned: Values;
}

/** Edits as rows of pictures of a game's faces: to show what a test on held-out faces says, the held-out game's. */
export async function editRows(game: Game, edits: readonly Edit[], options: SignalOption = {}): Promise<EditRow[]> {
  const signal = signalOf("editRows", options);
  has("game", game, "a Game", "units", "outputShape");
  const images = await lesioned(
    game,
    edits.map(({ units }) => units),
    { signal },
  );
  return edits.map((edit, e) => ({
    name: editName(edit),
    note: editNote(edit),
    units: edit.units,
    intact: images.intact,
    lesioned: images.lesioned[e],
  }));
}

function editName({ feature, from, units }: Edit): string {
  return `${feature}: ${units.length} unit${units.length === 1 ? "" : "s"} of ${from}`;
}

function editNote({ heldOut: { selectivity, random } }: Edit): string {
  const own = `selectivity ${selectivity.toFixed(2)}`;
  if (random.sets === 0) return `${own}; no other set of as many units of the same layers`;
  const { benjaminiHochberg: corrected, leastBenjaminiHochberg: possible } = random;
  const p = corrected < 0.01 ? "corrected p < 0.01" : `corrected p = ${corrected.toFixed(2)}`;
  const least = possible > chance ? `, the least possible ${possible.toFixed(2)}` : "";
  return `${own}, random sets ${random.mean.toFixed(2)} ± ${random.sd.toFixed(2)}, ${p}${least}`;
}
