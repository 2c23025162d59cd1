import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { interactions } from "../../src/engine/interactions/interactions.js";
import type { InteractionsOptions } from "../../src/engine/interactions/options.js";
import { InterruptedError } from "../../src/engine/runs/interruption.js";
import { shapley } from "../../src/engine/shapley.js";
import { interactionGame } from "../../src/games/closed-form.js";
import type { Game } from "../../src/games/game.js";
import type { Interactions } from "../../src/modes/interactions.js";

const root = mkdtempSync(join(tmpdir(), "interactions-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const folder = () => join(root, String(++folders));

/** A game that counts its coalitions, and stops a run after some. */
function counted(units: number, most = Number.POSITIVE_INFINITY) {
  const inner = interactionGame(units, { outputs: 3, seed: 4 });
  const stop = new AbortController();
  const seen = { coalitions: 0 };
  const game: Game = {
    ...inner,
    async evaluate(coalitions) {
      seen.coalitions += coalitions.count;
      if (seen.coalitions > most) stop.abort(new Error("enough"));
      return inner.evaluate(coalitions);
    },
  };
  return { game, seen, signal: stop.signal };
}

const same = (a: Interactions, b: Interactions) => {
  expect(a.values).toEqual(b.values);
  expect(a.standardErrors).toEqual(b.standardErrors);
  expect(a.modes?.values).toEqual(b.modes?.values);
  expect(a.provenance).toEqual(b.provenance);
};

describe("interactions with resume", () => {
  it.each<[string, number, InteractionsOptions]>([
    ["exact", 11, { index: "k-sii" }],
    ["pairs", 12, { estimator: "pairs", evaluations: 320 }],
    ["walks", 12, { estimator: "walks", orderings: 40 }],
    ["triples from walks", 12, { order: 3, index: "stii", estimator: "walks", orderings: 12 }],
  ])("go on where they were stopped, to the same bytes (%s)", async (_, units, options) => {
    const whole = await interactions(counted(units).game, options);
    const resume = folder();
    const remarks: string[] = [];
    const saving = { ...options, resume, checkpointSeconds: 0, onRemark: (text: string) => remarks.push(text) };
    const total = Number(whole.provenance.evaluations);
    for (const share of [0.3, 0.5]) {
      const { game, signal } = counted(units, share * total);
      const stopped = await interactions(game, { ...saving, signal }).catch((error) => error);
      expect(stopped).toBeInstanceOf(InterruptedError);
      expect(stopped.message).toContain(`run again to go on from ${resume}`);
    }
    const last = counted(units);
    same(await interactions(last.game, saving), whole);
    expect(last.seen.coalitions).toBeLessThan(0.6 * total);
    expect(remarks.join("\n")).toMatch(/^going on from .*: [\d,]+ evaluations are there$/m);
    const again = counted(units);
    same(await interactions(again.game, saving), whole);
    expect(again.seen.coalitions).toBe(3); // nobody, everybody, and half of the units, which tell games apart
  });

  it("give another index and order of the values that are there, and more orderings", async () => {
    const resume = folder();
    await interactions(counted(9).game, { resume });
    const { game, seen } = counted(9);
    const quiet = { onRemark() {} };
    same(
      await interactions(game, { index: "stii", order: 3, resume, ...quiet }),
      await interactions(counted(9).game, { index: "stii", order: 3 }),
    );
    expect(seen.coalitions).toBe(3);

    const walks = { estimator: "walks", seed: 3, ...quiet } as const;
    const more = folder();
    await interactions(counted(9).game, { ...walks, orderings: 20, resume: more });
    same(
      await interactions(counted(9).game, { ...walks, orderings: 50, resume: more }),
      await interactions(counted(9).game, { ...walks, orderings: 50 }),
    );
    await expect(interactions(counted(9).game, { ...walks, orderings: 10, resume: more })).rejects.toThrow(
      "invalid resume; expected a folder that holds no more than this run",
    );
  });

  it("refuse the folder of another game, seed, plan or kind of run, and leave it as it is", async () => {
    const resume = folder();
    const walks = { estimator: "walks", orderings: 20, resume, onRemark() {} } as const;
    await interactions(counted(9).game, walks);
    const files = readdirSync(resume);
    const refused = (game: Game, options: InteractionsOptions) =>
      expect(interactions(game, { ...walks, ...options })).rejects;
    await refused(interactionGame(9, { outputs: 3, seed: 5 }), {}).toThrow(
      "invalid resume; expected the folder of a run with the same game and options",
    );
    await refused(counted(9).game, { seed: 2 }).toThrow("seed: 1 there, 2 here");
    await refused(counted(9).game, { index: "banzhaf" }).toThrow('index: "sii" there, "banzhaf" here');
    await refused(counted(9).game, { order: 3 }).toThrow("order: 2 there, 3 here");
    await refused(counted(9).game, { subsets: [["0", "1"]] }).toThrow("another subsets there");
    await expect(interactions(counted(9).game, { resume })).rejects.toThrow(
      'interactions: "walks" there, "exact" here',
    );
    await expect(shapley(counted(9).game, { orderings: 20, resume, onRemark() {} })).rejects.toThrow("invalid resume");
    expect(readdirSync(resume)).toEqual(files);
    await expect(interactions(counted(9).game, { resume: "" })).rejects.toThrow("invalid resume");
    await expect(interactions(counted(9).game, { checkpointSeconds: -1 })).rejects.toThrow("invalid checkpointSeconds");
  });
});
