import { FileError } from "../errors.js";
import type { Game } from "../games/game.js";
import { knownOptions, type OptionNames } from "../options.js";
import type { BackendName } from "../tensors/backend.js";
import { expertsGame } from "./experts-game.js";
import type { ExpertsGameOptions } from "./experts-game-options.js";
import { loadDecoder } from "./load-decoder.js";
import type { TurnRounding } from "./rotation.js";
import type { Task } from "./tasks.js";

/** What {@link expertsGameFromFolder} takes: all of it values that JSON can hold. */
export interface ExpertsGameFile extends ExpertsGameOptions {
  /** Folder of the checkpoint, as `loadDecoder` reads it; a relative path is that of the current folder. */
  readonly checkpoint: string;
  readonly tasks: readonly Task[];
  /** How the turns of a position are rounded, as `loadDecoder` takes it. */
  readonly turns?: TurnRounding;
  /** Bytes of memory, where the weights stay on the disk, as `loadDecoder` takes it. */
  readonly memory?: number;
  /** What multiplies, as `loadDecoder` takes it. */
  readonly backend?: BackendName;
  /** Checksum that the weights have to have (`decoder.sha256()`); default any. */
  readonly sha256?: string;
}

/** The names of `ExpertsGameFile`. */
const expertsGameFileKeys: OptionNames<ExpertsGameFile> = {
  checkpoint: true,
  tasks: true,
  turns: true,
  memory: true,
  backend: true,
  sha256: true,
  units: true,
  lesion: true,
  score: true,
  floor: true,
  contrasts: true,
};

/**
 * The game of {@link expertsGame} from a checkpoint's folder: what another thread or process needs to play the same
 * game.
 *
 * @throws FileError as `loadDecoder` does, and for weights of another checksum; TypeError, RangeError as `expertsGame`
 *   does
 */
export async function expertsGameFromFolder(file: ExpertsGameFile): Promise<Game> {
  knownOptions("expertsGameFromFolder", file, expertsGameFileKeys);
  const { checkpoint, tasks, turns, memory, backend, sha256, ...options } = file;
  const decoder = await loadDecoder(checkpoint, {
    ...(turns !== undefined && { turns }),
    ...(memory !== undefined && { memory }),
    ...(backend !== undefined && { backend }),
  });
  const found = decoder.sha256();
  if (sha256 !== undefined && found !== sha256) {
    throw new FileError(checkpoint, `has weights of sha256 ${found}; ${sha256} was expected`);
  }
  return expertsGame(decoder, tasks, options);
}
