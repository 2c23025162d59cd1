import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { stoppingRecord } from "../../src/estimators/stopping/record.js";
import type { Until } from "../../src/estimators/stopping/until.js";
import { gameFrom } from "../../src/games/from-function.js";
import { memoised } from "../../src/games/memoised.js";
import { toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";

const bytes = (modes: ShapleyModes) => Buffer.from(toNpz(modes)).toString("base64");
const folder = () => join(mkdtempSync(join(tmpdir(), "until-resumed-")), "run");
const nine = async () =>
  memoised(
    await gameFrom(9, (intact) => [
      intact.size ** 2,
      intact.has(0) && intact.has(1) ? 1 : 0,
      Math.tanh(intact.size - 4) * (intact.has(5) ? 2 : 1),
    ]),
  );
/** Runs with the same folder, one after the other, and the last of them again from the start. */
async function oneAfterTheOther(all: readonly ShapleyOptions[]): Promise<[ShapleyModes, ShapleyModes]> {
  const game = await nine();
  const [quiet, resume] = [{ onRemark: () => {} }, folder()];
  for (const options of all.slice(0, -1)) await shapley(game, { ...quiet, ...options, resume });
  const last = all[all.length - 1];
  return [await shapley(game, { ...quiet, ...last, resume }), await shapley(game, { ...quiet, ...last })];
}

describe("a run with until that goes on", () => {
  it.each(["permutation", "antithetic"] as const)(
    "does not know where its budget ended before (%s)",
    async (estimator) => {
      for (const until of [{ standardError: 0.395 }, { standardError: 0.1, top: 2 }]) {
        const of = (orderings: number): ShapleyOptions => ({ estimator, until, seed: 1, orderings });
        const [resumed, fresh] = await oneAfterTheOther([42, 200, 300].map(of));
        expect(bytes(resumed)).toBe(bytes(fresh));
      }
    },
  );

  it.each(["permutation", "antithetic", "leverage"] as const)(
    "does not know where its time was over before (%s)",
    async (estimator) => {
      const goal = { standardError: estimator === "permutation" ? 0.35 : 0.05 };
      const budget = estimator === "leverage" ? { evaluations: 300 } : { orderings: 400 };
      const timed = { estimator, ...budget, until: { ...goal, seconds: 1e-9 } };
      const [resumed, fresh] = await oneAfterTheOther([timed, timed, timed, { estimator, ...budget, until: goal }]);
      expect(bytes(resumed)).toBe(bytes(fresh));
    },
  );

  it("looks at once at what a run without rules left, and plays on where that is not enough", async () => {
    const game = await nine();
    const plain = { estimator: "permutation", seed: 1, onRemark: () => {} } as const;
    const played = async (until: Until, orderings: number) => {
      const resume = folder();
      await shapley(game, { ...plain, orderings, resume });
      return shapley(game, { ...plain, until, orderings: 400, resume });
    };
    const content = await played({ standardError: 5 }, 216);
    expect(content.provenance).toMatchObject({ orderings: 216, until: { stopped: "met", missed: [] } });
    const fresh = await shapley(game, { ...plain, until: { standardError: 0.35 }, orderings: 400 });
    const strict = await played({ standardError: 0.35 }, 24);
    expect(strict.values).toEqual(fresh.values);
    const looksOf = (modes: ShapleyModes) => stoppingRecord(modes.provenance)!.looks.map(({ orderings }) => orderings!);
    expect(looksOf(strict)).toEqual(looksOf(fresh).filter((orderings) => orderings > 24));
  });

  it.each([
    ["orderings", { orderings: 14 }, "invalid orderings; expected at least the 20 that RUN already holds; received 14"],
    [
      "evaluations",
      { evaluations: 140 },
      "invalid evaluations; expected at least 162, for the 20 orderings that RUN already holds; received 140",
    ],
  ] as const)("says in %s how much there has to be, where it is less than there is", async (_, budget, message) => {
    const [game, resume] = [await nine(), folder()];
    const plain = { estimator: "permutation", resume, onRemark: () => {} } as const;
    await shapley(game, { ...plain, orderings: 20 });
    await expect(shapley(game, { ...plain, ...budget })).rejects.toThrow(message.replace("RUN", resume));
    const modes = await shapley(game, { ...plain, evaluations: 162 });
    expect(modes.provenance.orderings).toBe(20);
  });

  it("says that so few evaluations play other coalitions than more, and to choose another folder (leverage)", async () => {
    const of = (evaluations: number): ShapleyOptions => ({
      ...{ estimator: "leverage", evaluations },
      until: { standardError: 1e-9 },
    });
    await expect(oneAfterTheOther([of(36), of(200)])).rejects.toThrow(
      /\(draw: coalitions were drawn all at once \(as without `until`, or with evaluations for one look only\) there and are drawn in stages here, which are others; choose another folder\)/,
    );
    await expect(oneAfterTheOther([of(200), of(36)])).rejects.toThrow(
      /drawn in stages there and are drawn all at once/,
    );
    await expect(oneAfterTheOther([of(40), of(300)])).rejects.toThrow(/with other coalitions: choose another folder/);
  });
});
