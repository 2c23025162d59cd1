import { invalid } from "../../errors.js";
import { type Game, outputSize, type Values } from "../../games/game.js";
import type { ShapleyModes } from "../../modes/shapley-modes.js";
import { layerGroups } from "../layers.js";
import { lesioned } from "../lesions.js";

/** @throws RangeError where a game has other units than the modes */
export function sameUnits(units: readonly string[], game: Game): void {
  if (units.length !== game.units.length || units.some((unit, u) => unit !== game.units[u])) {
    throw invalid("game", `the ${units.length} units that the modes are of`, game.units);
  }
}

/**
 * Modes of other latents than the choice game's would choose by features that are elsewhere; a face that is held out
 * and chosen on as well would not be held out.
 *
 * @throws RangeError for such
 */
export async function otherInputs(
  { vAll }: ShapleyModes,
  choice: Game,
  heldOut: Game,
  signal?: AbortSignal,
): Promise<void> {
  const chosen = (await lesioned(choice, [], { signal })).intact;
  const apart = vAll?.findIndex((value, o) => Math.abs(value - chosen[o]) > 1e-3) ?? -1;
  if (vAll && apart >= 0) {
    throw invalid("choice game", `the images that the modes are of, ${vAll[apart]} at output ${apart}`, chosen[apart]);
  }
  const tested = (await lesioned(heldOut, [], { signal })).intact;
  const numbers = outputSize(choice.outputShape.slice(1));
  const face = (images: Values, f: number) => images.subarray(f * numbers, (f + 1) * numbers);
  for (let f = 0; f < heldOut.outputShape[0]; f++) {
    const image = face(tested, f);
    for (let c = 0; c < choice.outputShape[0]; c++) {
      if (face(chosen, c).every((value, o) => Math.abs(value - image[o]) < 1e-6)) {
        throw invalid(
          "held-out game",
          "other faces than the choice game's, such as those of another seed",
          `face ${f}`,
        );
      }
    }
  }
}

/**
 * Units of the layers asked for, default all but those that have only gates. @throws RangeError for one that is not
 * there
 */
export function chosenLayers(game: Game, names: readonly string[] | undefined): Record<string, string[]> {
  const layers = layerGroups(game.units);
  const gates = new Set(game.gates?.map(({ unit }) => game.units[unit]));
  const chosen = names ?? Object.keys(layers).filter((layer) => !layers[layer].every((unit) => gates.has(unit)));
  const wrong = chosen.find((layer) => !layers[layer]);
  if (wrong !== undefined || chosen.length === 0) {
    throw invalid("layers", `some of ${Object.keys(layers).join(", ")}`, wrong ?? chosen);
  }
  return Object.fromEntries(chosen.map((layer) => [layer, layers[layer]]));
}
