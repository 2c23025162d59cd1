import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { shapley } from "../../../src/engine/shapley.js";
import { ganCost, ganCostAhead, ganCostText } from "../../../src/experiments/gan/cost.js";
import { ganNetwork, ganRecipe } from "../../../src/experiments/gan/network.js";
import { ganGame, playGan } from "../../../src/experiments/gan/play.js";
import { type GanSettings, ganProfiles, ganSettings } from "../../../src/experiments/gan/settings.js";
import { saveGenerator } from "../../../src/networks/dcgan/file.js";
import { randomGenerator } from "../../networks/dcgan/plain.js";

const folder = mkdtempSync(join(tmpdir(), "gan-"));
afterAll(() => rmSync(folder, { recursive: true }));

const generator = randomGenerator({ layers: 4, filters: 2, latents: 3 }, 2);
const small: GanSettings = {
  ...ganSettings("smoke"),
  faces: 3,
  analysed: 3,
  orderings: 4,
  controls: { faces: 2, orderings: 2 },
};
const quiet = { onRemark: () => {} };

describe("ganSettings", () => {
  it("know every profile, and refuse others", () => {
    for (const profile of ganProfiles) expect(ganSettings(profile)).toMatchObject({ profile });
    expect(ganSettings()).toEqual(ganSettings("default"));
    expect(ganSettings("paper").orderings).toBe(3000);
    expect(() => ganSettings("huge" as never)).toThrow("invalid profile; expected one of smoke, default, paper");
  });

  it("of the paper are its network: 6 layers, 1987 filters", () => {
    const recipe = ganRecipe(ganSettings("paper"));
    expect(recipe).toMatchObject({ layers: 6, filters: 64, images: 6_000_000 });
    expect(ganRecipe(ganSettings("paper"), 500).images).toBe(500);
    expect(ganRecipe(ganSettings("smoke"), 500)).toMatchObject({ filters: 8, images: 500 });
  });
});

describe("ganNetwork", () => {
  it("is the one that comes with the package, a given one, or one trained now that stays in the folder", async () => {
    expect((await ganNetwork(ganSettings("smoke"))).filters).toBe(8);
    expect((await ganNetwork(ganSettings("default"))).filters).toBe(16);
    const path = join(folder, "own.safetensors");
    saveGenerator(generator, path);
    expect((await ganNetwork(small, { network: path })).parts[1].weights).toEqual(generator.parts[1].weights);
    const steps: number[] = [];
    const trained = await ganNetwork(small, {
      trainImages: 32,
      resume: folder,
      onStep: ({ step }) => void steps.push(step),
    });
    expect(steps).toEqual([1, 2]);
    expect(trained.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(existsSync(join(folder, "gan-smoke.safetensors"))).toBe(true);
  });

  it("is refused where a network is given and to be trained", async () => {
    await expect(ganNetwork(small, { network: "x.safetensors", trainImages: 9 })).rejects.toThrow(
      "invalid trainImages; expected 0 where a network is given; received 9",
    );
  });
});

describe("playGan", () => {
  it("stores the modes that shapley gives, whatever the number of workers, and plays once", async () => {
    const game = ganGame(generator, small, { seed: 5 });
    const direct = await shapley(game, { estimator: "antithetic", orderings: 4, seed: 5 });
    const one = await playGan(game, small, join(folder, "one"), { seed: 5, ...quiet });
    const two = await playGan(game, small, join(folder, "two"), { seed: 5, workers: 2, ...quiet });
    expect((await one.part()).values).toEqual(direct.values.map(Math.fround));
    expect((await two.part()).values).toEqual((await one.part()).values);
    const remarks: string[] = [];
    await playGan(game, small, join(folder, "one"), { seed: 5, onRemark: (text) => remarks.push(text) });
    expect(remarks).toEqual([expect.stringContaining("is there already")]);
  });
});

describe("ganCost", () => {
  it("counts what playing evaluates, and says it before", async () => {
    const game = ganGame(generator, small);
    const cost = await ganCost(game, small);
    const stored = await playGan(game, small, join(folder, "cost"), quiet);
    expect(cost.units).toBe(8 + 4 + 2 + 3);
    expect(cost.evaluations).toBe(stored.provenance.evaluations);
    expect(cost.seconds).toBeGreaterThan(0);
    expect(ganCostText(cost, small)).toMatch(
      /^4 orderings of 17 filters for 3 images: at most .* of one thread here, /,
    );
    expect((await ganCost(game, small, 2)).memory).toBeGreaterThan(cost.memory);
  });

  it("of the profile smoke is told ahead", async () => {
    expect(await ganCostAhead(ganSettings("smoke"))).toMatch(/^24 orderings of 123 filters for 4 images: at most /);
  });
});
