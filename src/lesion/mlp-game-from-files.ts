import { resolve } from "node:path";
import { loadInputs } from "../datasets/inputs.js";
import { FileError } from "../errors.js";
import type { Game } from "../games/game.js";
import { loadMlp } from "../networks/mlp/file.js";
import { type MlpGameOptions, mlpGame } from "./mlp-game.js";

/** Options of {@link mlpGameFromFiles}: all of them text that JSON can hold. */
export interface MlpGameFiles extends MlpGameOptions {
  /** File of the network, as `loadMlp` reads it; a relative path is that of the current folder. */
  readonly network: string;
  /** Name of the inputs, as `loadInputs` takes it, e.g. `mnist-test:0-1023`. */
  readonly inputs: string;
  /** Checksum that the network's file has to have; default any. */
  readonly sha256?: string;
}

/**
 * The game of {@link mlpGame} from a network's file and the name of its inputs. Its spec is all that another process needs to
 * play the same game: the file is then checked to be the same.
 *
 * @throws FileError for a file that is no such network, or has another checksum; RangeError as `mlpGame` does
 */
export async function mlpGameFromFiles(files: MlpGameFiles): Promise<Game> {
  const { network, inputs, sha256, ...options } = files;
  const data = loadInputs(inputs);
  const mlp = await loadMlp(network);
  if (sha256 !== undefined && mlp.sha256 !== sha256) {
    throw new FileError(network, `has sha256 ${mlp.sha256}; ${sha256} was expected`);
  }
  const again = { ...options, network: resolve(network), inputs, sha256: mlp.sha256 as string };
  const game = await mlpGame(mlp, data, options);
  return { ...game, spec: { module: "shapley-modes", export: mlpGameFromFiles.name, arguments: [again] } };
}
