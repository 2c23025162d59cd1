import { invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { unitsByLayer } from "./layers.js";
import { lesioned } from "./lesions.js";

/** @throws RangeError where a game has other units than the modes */
export function sameUnits(units: readonly string[], game: Game): void {
  if (units.length !== game.units.length || units.some((unit, u) => unit !== game.units[u])) {
    throw invalid("game", `the ${units.length} units that the modes are of`, game.units);
  }
}

/** Modes of other latents than the game's would choose by features that are elsewhere. @throws RangeError for such */
export async function sameInputs({ vAll }: ShapleyModes, game: Game, signal?: AbortSignal): Promise<void> {
  const { intact } = await lesioned(game, [], signal);
  const apart = vAll?.findIndex((value, o) => Math.abs(value - intact[o]) > 1e-3) ?? -1;
  if (vAll && apart >= 0) {
    throw invalid("choice game", `the images that the modes are of, ${vAll[apart]} at output ${apart}`, intact[apart]);
  }
}

/** Units of the layers asked for, default all but those that have only gates. @throws RangeError for one that is not there */
export function chosenLayers(game: Game, names: readonly string[] | undefined): Record<string, string[]> {
  const layers = unitsByLayer(game.units);
  const gates = new Set(game.gates?.map(({ unit }) => game.units[unit]));
  const chosen = names ?? Object.keys(layers).filter((layer) => !layers[layer].every((unit) => gates.has(unit)));
  const wrong = chosen.find((layer) => !layers[layer]);
  if (wrong !== undefined || chosen.length === 0) {
    throw invalid("layers", `some of ${Object.keys(layers).join(", ")}`, wrong ?? chosen);
  }
  return Object.fromEntries(chosen.map((layer) => [layer, layers[layer]]));
}
