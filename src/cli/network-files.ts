import { invalid } from "../errors.js";
import type { GameFiles } from "../lesion/game-from-files.js";
import type { DecoderArguments } from "./decoder-options.js";
import { type GameArguments, gameOptions } from "./game-options.js";

/**
 * The game of a network that is no language model, which the options say. @throws RangeError for options that say
 * nothing of it
 */
export function networkFiles({
  tasks: _,
  units,
  inputs,
  ...given
}: Omit<GameArguments, "inputs"> & { inputs?: string } & DecoderArguments): GameFiles {
  if (units !== undefined) throw invalid("units", "none without --tasks: --site says what is lesioned", units);
  if (inputs === undefined)
    throw invalid("inputs", "a name or file (--inputs), or --tasks of a language model", inputs);
  return gameOptions({ ...given, inputs });
}
