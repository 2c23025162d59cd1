import { resolve } from "node:path";
import { FileError } from "../errors.js";
import { loadGenerator } from "../networks/dcgan/file.js";
import { knownOptions, type OptionNames } from "../options.js";
import { chooseBackend } from "./generator-backend.js";
import { type GeneratorGame, type GeneratorGameOptions, generatorGame } from "./generator-game.js";

/** Options of {@link generatorGameFromFile}: all of them values that JSON can hold. */
export interface GeneratorGameFile extends Pick<GeneratorGameOptions, "faces" | "seed" | "backend" | "tensorBackend"> {
  /** File of the generator, as `loadGenerator` reads it; a relative path is that of the current folder. */
  readonly network: string;
  /** Checksum that the file has to have; default any. */
  readonly sha256?: string;
}

/** The names of `GeneratorGameFile`. */
export const generatorGameFileKeys: OptionNames<GeneratorGameFile> = {
  seed: true,
  backend: true,
  faces: true,
  tensorBackend: true,
  network: true,
  sha256: true,
};

/**
 * The game of {@link generatorGame} from a generator's file. Its spec is all that another process needs to play the
 * same game: the file is then checked to be the same, and the same backend computes.
 *
 * @throws FileError for a file that is no generator, or has another checksum; RangeError as `generatorGame` does;
 *   MissingPartError for a tensor backend that is absent
 */
export async function generatorGameFromFile(file: GeneratorGameFile): Promise<GeneratorGame> {
  knownOptions("generatorGameFromFile", file, generatorGameFileKeys);
  const { network, sha256, ...options } = file;
  const generator = await loadGenerator(network);
  if (sha256 !== undefined && generator.sha256 !== sha256) {
    throw new FileError(network, `has sha256 ${generator.sha256}; ${sha256} was expected`);
  }
  const { backend, tensorBackend } = options;
  const computing = await chooseBackend(backend ?? (tensorBackend && "tensors"), tensorBackend);
  const game = generatorGame(generator, { ...options, ...computing });
  const again = { ...options, ...computing, network: resolve(network), sha256: generator.sha256 as string };
  return {
    ...game,
    spec: { module: "shapley-modes/generators", export: generatorGameFromFile.name, arguments: [again] },
  };
}
