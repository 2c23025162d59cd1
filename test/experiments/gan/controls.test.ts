import { describe, expect, it } from "vitest";
import { hierarchy } from "../../../src/analysis/hierarchy.js";
import { shapley } from "../../../src/engine/shapley.js";
import { hierarchyClaims } from "../../../src/experiments/gan/claims.js";
import { ganControls, scrambledOf } from "../../../src/experiments/gan/controls.js";
import { type GanSettings, ganSettings } from "../../../src/experiments/gan/settings.js";
import { generatorGame } from "../../../src/lesion/generator-game.js";
import { generatorCheckpoint } from "../../../src/networks/dcgan/checkpoints.js";
import { randomGenerator } from "../../networks/dcgan/plain.js";

const generator = randomGenerator({ layers: 4, filters: 2, latents: 3 }, 2);
const small: GanSettings = { ...ganSettings("smoke"), controls: { faces: 2, orderings: 2 } };

describe("ganControls", () => {
  it("measure the network itself, and rotated and shuffled weights, alike", async () => {
    const { reference, controls } = await ganControls(generator, small, { seed: 2 });
    const game = generatorGame(generator, { faces: 2, seed: 2 });
    const modes = await shapley(game, { estimator: "antithetic", orderings: 2, seed: 2 });
    expect(reference.hierarchy).toEqual(await hierarchy(modes, { seed: 2 }));
    expect(controls.map(({ name }) => name)).toEqual(["Rotated weights", "Shuffled weights"]);
    for (const { generator: control, hierarchy: measured, modularity } of controls) {
      expect(measured.layers).toEqual(["layer1", "layer2", "layer3", "layer4"]);
      expect(control.parts[1].weights).not.toEqual(generator.parts[1].weights);
      expect(control.parts[1].weights.length).toBe(generator.parts[1].weights.length);
      expect(Number.isFinite(modularity)).toBe(true);
    }
    expect(hierarchyClaims(reference.hierarchy, { reference, controls })).toHaveLength(7);
  });

  it("have the generator of scrambled faces where the network is the profile's own, and not elsewhere", async () => {
    const settings = ganSettings("default");
    expect(scrambledOf(await generatorCheckpoint("faces-16"), settings)).toBe("scrambled-16");
    expect(scrambledOf(await generatorCheckpoint("faces-8"), settings)).toBeUndefined();
    expect(scrambledOf(await generatorCheckpoint("faces-8"), { ...settings, checkpoint: "faces-8" })).toBeUndefined();
    expect(scrambledOf(generator, settings)).toBeUndefined();
    expect(scrambledOf(await generatorCheckpoint("faces-8"), ganSettings("smoke"))).toBeUndefined();
  });
});
