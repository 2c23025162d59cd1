import { join } from "node:path";
import { shapleyToDisk } from "../../engine/shapley-to-disk.js";
import type { Game } from "../../games/game.js";
import { has } from "../../kinds.js";
import { usualBackend } from "../../lesion/generator-backend.js";
import { generatorGame } from "../../lesion/generator-game.js";
import type { StoredModes } from "../../modes/stored-modes.js";
import type { Generator } from "../../networks/dcgan/generator.js";
import { knownOptions, type OptionNames, type SeedOption, seedOf } from "../../options.js";
import type { GanSettings } from "./settings.js";

/** Options of {@link playGan}. */
export interface PlayGanOptions {
  readonly seed?: number;
  /** Threads; the numbers do not depend on it. Default 1; always 1 where a graphics card computes, or may. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly progress?: boolean;
  readonly onRemark?: (remark: string) => void;
}

/** The names of `PlayGanOptions`. */
export const playGanOptionNames: OptionNames<PlayGanOptions> = {
  seed: true,
  workers: true,
  signal: true,
  progress: true,
  onRemark: true,
};

/**
 * Bytes that the sums may take: those of four images of the default network with two workers; in the profile "paper",
 * of one with two.
 */
const memory = { smoke: 1.2e9, default: 1.2e9, paper: 10e9 };

/** How the game of a profile is played. */
export function playOptions({ profile, orderings }: GanSettings) {
  return { estimator: "antithetic", orderings, memory: memory[profile] } as const;
}

/** The game of the experiment: all channels of the generator, images of latents of a seed as values. */
export function ganGame(generator: Generator, settings: GanSettings, options: SeedOption = {}): Game {
  const seed = seedOf("ganGame", options);
  has("generator", generator, "a Generator", "layers", "latents");
  return generatorGame(generator, { faces: settings.faces, seed });
}

/**
 * Plays the game of the experiment and keeps its modes on disk, `gan-PROFILE-modes.zarr`: what a run that was stopped
 * had played is not played again.
 *
 * @param folder where the modes go
 */
export function playGan(
  game: Game,
  settings: GanSettings,
  folder: string,
  options: PlayGanOptions = {},
): Promise<StoredModes> {
  knownOptions("playGan", options, playGanOptionNames);
  has("game", game, "a Game", "units", "outputShape");
  const path = join(folder, `gan-${settings.profile}-modes.zarr`);
  // A graphics card is one: threads would share it, and its memory.
  const workers = usualBackend() === "kernel" ? (options.workers ?? 1) : 1;
  return shapleyToDisk(game, path, { ...playOptions(settings), ...options, workers });
}
