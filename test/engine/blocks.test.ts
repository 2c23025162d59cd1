import { describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { shapleyHere } from "../../src/engine/shapley-here.js";
import { permutation } from "../../src/estimators/permutation.js";
import { interactionGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import { mergeModes } from "../../src/modes/merge.js";
import { fromNpz, toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { temporaryFolder } from "../helpers/folders.js";

const game = interactionGame(5, { outputs: 3, seed: 1 });
const options = { orderings: 90, blocks: 7, seed: 2 } as const;

/** The mean of the blocks, weighed by their samples. */
function meanOfBlocks({ blocks, values }: ShapleyModes): Float64Array {
  if (!blocks) throw new Error("no blocks");
  const all = blocks.samples.reduce((sum, count) => sum + count, 0);
  return values.map((_, i) =>
    blocks.samples.reduce((sum, count, b) => sum + (count / all) * blocks.values[b * values.length + i], 0),
  );
}

describe("shapley(game, { blocks })", () => {
  it.each(["permutation", "antithetic"] as const)(
    "keeps means of independent blocks whose mean the modes are: %s",
    async (estimator) => {
      const modes = await shapley(game, { ...options, estimator });
      const each = estimator === "antithetic" ? 2 : 1;
      // 23 chunks, of 4 orderings but for the last of 2, dealt to 7 blocks in turn.
      expect(Array.from(modes.blocks?.samples ?? [])).toEqual([16, 14, 12, 12, 12, 12, 12].map((n) => n / each));
      const mean = meanOfBlocks(modes);
      modes.values.forEach((value, i) => {
        expect(mean[i]).toBeCloseTo(value, 12);
      });
    },
  );

  it("changes nothing else, and is not there where it is not asked for", async () => {
    const { blocks, ...rest } = options;
    const [modes, plain] = [await shapley(game, options), await shapley(game, rest)];
    expect(plain.blocks).toBeUndefined();
    expect(Array.from(modes.values)).toEqual(Array.from(plain.values));
    expect(modes.standardErrors).toEqual(plain.standardErrors);
    expect(modes.provenance).toEqual(plain.provenance);
    expect(blocks).toBe(7);
  });

  it("is the same in a browser's thread, with evaluations at once, and in parts of the modes", async () => {
    const modes = await shapley(game, options);
    expect((await shapleyHere(game, options)).blocks).toEqual(modes.blocks);
    const asked = await gameFrom(["a", "b", "c"], async (intact) => intact.size ** 2);
    const [one, three] = [
      await shapley(asked, { ...options, concurrency: 1 }),
      await shapley(asked, { ...options, concurrency: 3 }),
    ];
    expect(three.blocks).toEqual(one.blocks);
    const part = modes.slice(1).select([3, 0]);
    const size = modes.values.length;
    expect(Array.from(part.blocks?.values.subarray(0, 2) ?? [])).toEqual([
      modes.blocks?.values[3 * 3 + 1],
      modes.blocks?.values[1],
    ]);
    expect(part.blocks?.values[2]).toBe(modes.blocks?.values[size + 3 * 3 + 1]);
  });

  it("has the same bytes from a run that goes on, and refuses to go on with another number", async () => {
    const { folder, remove } = temporaryFolder();
    const quiet = { onRemark: () => {} };
    await shapley(game, { ...options, orderings: 40, resume: folder, ...quiet });
    const resumed = await shapley(game, { ...options, resume: folder, ...quiet });
    expect(toNpz(resumed)).toEqual(toNpz(await shapley(game, options)));
    await expect(shapley(game, { ...options, blocks: 8, resume: folder, ...quiet })).rejects.toThrow(
      "blocks: 7 there, 8 here",
    );
    remove();
  });

  it("survives npz, and is joined by mergeModes", async () => {
    const [one, two] = [await shapley(game, options), await shapley(game, { ...options, seed: 3 })];
    const read = fromNpz(toNpz(one));
    expect(read.blocks).toEqual(one.blocks);
    const both = mergeModes(one, two);
    expect(both.blocks?.samples).toHaveLength(14);
    meanOfBlocks(both).forEach((value, i) => {
      expect(value).toBeCloseTo(both.values[i], 12);
    });
    const { blocks, ...rest } = { ...options, seed: 4 };
    expect(mergeModes(one, await shapley(game, rest)).blocks).toBeUndefined();
    expect(blocks).toBe(7);
  });

  it("plays pairs of orderings where nothing else is asked for, and says why", async () => {
    const modes = await shapley(game, { blocks: 20, evaluations: 800 });
    expect(modes.provenance).toMatchObject({
      estimator: "antithetic",
      estimator_chosen_because: "blocks of orderings are asked for",
    });
  });

  it("refuses blocks that can not be, before any evaluation", async () => {
    const never = await gameFrom(["a", "b"], () => {
      throw new Error("played");
    }).catch(() => game);
    await expect(shapley(never, { ...options, blocks: 1 })).rejects.toThrow(
      "invalid blocks; expected at least 2; received 1",
    );
    await expect(shapley(never, { ...options, blocks: 24 })).rejects.toThrow(
      "invalid blocks; expected at most one for each chunk of orderings, 23",
    );
    await expect(shapley(never, { blocks: 5, estimator: "leverage" })).rejects.toThrow(
      "invalid blocks; expected none for leverage",
    );
    await expect(shapley(never, { blocks: 5, estimator: "exact" })).rejects.toThrow(
      "invalid blocks; expected none for exact",
    );
    const own = {
      ...permutation,
      name: "own",
      plan: (request: never, of: never) => {
        const plan = permutation.plan(request, of);
        return {
          ...plan,
          runChunk: async (...args: Parameters<typeof plan.runChunk>) =>
            Object.assign(await plan.runChunk(...args), { sampleMeans: undefined }),
        };
      },
    };
    await expect(shapley(game, { ...options, estimator: own as never })).rejects.toThrow("have no sampleMeans");
  });
});
