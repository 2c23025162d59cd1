import { type HierarchyOptions, hierarchy } from "../../analysis/hierarchy.js";
import { interruption } from "../../engine/interruption.js";
import { shapley } from "../../engine/shapley.js";
import { generatorGame } from "../../lesion/generator-game.js";
import { generatorCheckpoint } from "../../networks/dcgan/checkpoints.js";
import { rotatedGenerator, shuffledGenerator } from "../../networks/dcgan/controls.js";
import type { Generator } from "../../networks/dcgan/generator.js";
import type { NamedHierarchy } from "./claims.js";
import type { PlayGanOptions } from "./play.js";
import type { GanSettings } from "./settings.js";

/** A control: a generator, and its hierarchy. */
export interface GanControl extends NamedHierarchy {
  readonly generator: Generator;
}

/**
 * The controls of the experiment, each played and measured as the network is, with fewer orderings:
 *
 * - scrambled faces (where the profile has one): trained in the same way, on images with the spectra of faces and none of their shapes
 *   (`scrambledImages`)
 * - rotated weights: the network's own, with what its layers have agreed on destroyed (`rotatedGenerator`)
 * - shuffled weights: the network's own in random places (`shuffledGenerator`)
 */
export async function ganControls(
  generator: Generator,
  settings: GanSettings,
  options: PlayGanOptions & Pick<HierarchyOptions, "contours"> = {},
): Promise<GanControl[]> {
  const { seed = 1, contours, signal: wanted, ...rest } = options;
  const signal = interruption(wanted);
  const { faces, orderings } = settings.controls;
  const stop = signal ? { signal } : {};
  const controls: GanControl[] = [];
  for (const [name, make] of controlsOf(generator, settings, seed)) {
    const control = await make();
    const game = generatorGame(control, { faces, seed });
    const modes = await shapley(game, { estimator: "antithetic", orderings, seed, ...rest, ...stop });
    const measured = await hierarchy(modes, { seed, ...(contours === undefined ? {} : { contours }), ...stop });
    controls.push({ name, generator: control, hierarchy: measured });
  }
  return controls;
}

function controlsOf(
  generator: Generator,
  { scrambled }: GanSettings,
  seed: number,
): [string, () => Promise<Generator>][] {
  return [
    ...(scrambled === undefined
      ? []
      : ([["Trained on scrambled faces", () => generatorCheckpoint(scrambled)]] as [
          string,
          () => Promise<Generator>,
        ][])),
    ["Rotated weights", () => rotatedGenerator(generator, seed)],
    ["Shuffled weights", () => shuffledGenerator(generator, seed)],
  ];
}
