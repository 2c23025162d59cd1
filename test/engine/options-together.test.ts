import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { interactions } from "../../src/engine/interactions/interactions.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { gameFrom } from "../../src/games/from-function.js";
import { temporaryFolder } from "../helpers/folders.js";

/** A game, and how often it was asked. */
function counted(units: number) {
  let asked = 0;
  const names = Array.from({ length: units }, (_, u) => `u${u}`);
  const game = gameFrom(names, (intact) => {
    asked++;
    return Float64Array.of(intact.size ** 2, intact.has("u0") ? 1 : 0);
  });
  return { game, asked: () => asked };
}

describe("options that would say nothing beside others are refused, not left aside", () => {
  it.each<[string, ShapleyOptions, string]>([
    [
      "evaluations at once, of several threads",
      { orderings: 7, concurrency: 2, workers: 2 },
      "concurrency; expected 1",
    ],
  ])("%s", async (_, options, message) => {
    const { game, asked } = counted(4);
    const made = await game;
    const before = asked();
    await expect(shapley(made, options)).rejects.toThrow(`invalid ${message}`);
    expect(asked()).toBe(before);
  });

  it("while `auto` takes all coalitions, or pairs, where they are within the orderings that are asked for", async () => {
    const { game } = counted(4);
    const all = await shapley(await game, { estimator: "auto", orderings: 7 });
    expect(all.provenance).toMatchObject({ estimator: "exact", evaluations: 16 });
    const pairs = await shapley(await game, { estimator: "auto", evaluations: 14, memory: 1e6, onRemark() {} });
    expect(pairs.provenance.estimator).toBe("leverage");
  });

  it("in stores and interactions as well", async () => {
    const { folder, remove } = temporaryFolder();
    const { game, asked } = counted(4);
    const made = await game;
    const before = asked();
    const path = join(folder, "modes.zarr");
    await expect(shapleyToDisk(made, path, { concurrency: 2, workers: 2 })).rejects.toThrow("invalid concurrency");
    await expect(interactions(made, { concurrency: 2, workers: 2 })).rejects.toThrow("invalid concurrency");
    expect([asked(), existsSync(path)]).toEqual([before, false]);
    const stored = await shapleyToDisk(made, path, { estimator: "auto", orderings: 7, memory: 1e6, onRemark() {} });
    expect(stored.provenance.estimator).toBe("exact");
    await shapley(made, { orderings: 8, checkpointSeconds: 0, resume: join(folder, "run"), onRemark() {} });
    remove();
  });
});

it("orderings beside all coalitions are said to say nothing, once", async () => {
  const { folder, remove } = temporaryFolder();
  const { game } = counted(4);
  const remarks: string[] = [];
  const options = { estimator: "exact", orderings: 7, onRemark: (text: string) => remarks.push(text) } as const;
  const { values } = await shapley(await game, options);
  expect(values).toEqual((await shapley(await game, { estimator: "exact" })).values);
  await shapleyToDisk(await game, join(folder, "modes.zarr"), options);
  const said = "orderings say nothing beside exact, which plays all coalitions";
  expect(remarks.filter((text) => text.startsWith("orderings"))).toEqual([said, said]);
  remove();
});

it("gates that are none are refused by name", async () => {
  const { game } = counted(3);
  for (const gates of [[null], [{ unit: 0 }], [{ unit: 0, outputs: [3] }]]) {
    const broken = { ...(await game), gates: gates as never };
    await expect(shapley(broken, { orderings: 4 })).rejects.toThrow(/^invalid gates?; expected a list of \{ unit/);
  }
});
