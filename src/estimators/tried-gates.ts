import { addUnit, type Coalitions, noneIntact } from "../coalitions/coalition.js";
import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import type { Ends } from "./estimator.js";
import { gatesOf } from "./gates.js";

/** Differences in shares of an output's values that rounding may make, in single precision and in double. */
const rounding = { single: 1e-5, double: 1e-10 };

/**
 * Tries gates that do not gate by construction: with a gate lesioned and all other units intact, its outputs have to be
 * those of v(none) and all others those of v(all). One evaluation for each gate, which a run does not count. It can not
 * tell of gates that fail beside other lesions.
 *
 * @param value of one coalition
 * @throws RangeError for one that does not gate; names it, and an output
 */
export async function tryGates(
  game: Game,
  { none, all, single = false }: Ends,
  value: (coalition: Coalitions) => Promise<Float64Array>,
): Promise<void> {
  const share = single ? rounding.single : rounding.double;
  for (const { unit, outputs, certain } of gatesOf(game)) {
    if (certain) continue;
    const others = noneIntact(game.units.length);
    for (let other = 0; other < game.units.length; other++) if (other !== unit) addUnit(others, 0, other);
    const seen = await value(others);
    const behind = new Uint8Array(seen.length);
    for (const [from, to] of outputs) behind.fill(1, from, to);
    for (let o = 0; o < seen.length; o++) {
      const expected = behind[o] ? none[o] : all[o];
      if (Math.abs(seen[o] - expected) <= share * Math.max(Math.abs(none[o]), Math.abs(all[o]))) continue;
      const whose = behind[o]
        ? "that is behind it is to be that of v(none)"
        : "that is not behind it is to be that of v(all)";
      const rule = `a unit without which, all others being intact, output ${o}, ${whose}: ${expected}`;
      throw invalid(`gate ${game.units[unit]}`, rule, seen[o]);
    }
  }
}
