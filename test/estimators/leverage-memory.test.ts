import { existsSync, mkdtempSync, readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { planToDisk } from "../../src/engine/disk-plan.js";
import { lastPartial } from "../../src/engine/runs/interruption.js";
import { type ShapleyOptions, shapley } from "../../src/engine/shapley.js";
import { shapleyToDisk } from "../../src/engine/shapley-to-disk.js";
import { PairRows } from "../../src/estimators/pair-rows.js";
import { stoppingRecord } from "../../src/estimators/stopping/record.js";
import { gloveGame } from "../../src/games/closed-form.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";

/** Outputs with triples, sizes and noise, as many as asked for. */
const game = (units: number, outputs: number) =>
  gameFrom(
    units,
    (intact) => {
      const sum = intact.indices.reduce((all, unit) => all + ((unit * 7) % 5) + 1, 0);
      const three = [0, 2, 3].every((unit) => intact.indices.includes(unit)) ? 3 : 0;
      return Float64Array.from({ length: outputs }, (_, o) => Math.sin(sum / (o + 3)) + three / (o + 1) + intact.size);
    },
    { outputShape: [outputs] },
  );

const quiet = { onRemark: () => {} };

async function expectSame(game: Game, options: ShapleyOptions): Promise<ShapleyModes> {
  const modes = await shapley(game, { ...options, estimator: "leverage" });
  for (const memory of [1, 30_000, Number.POSITIVE_INFINITY]) {
    const { values, standardErrors, meanStandardErrors, provenance } = await shapley(game, {
      ...options,
      ...quiet,
      estimator: "leverage",
      memory,
    });
    expect(values).toEqual(modes.values);
    expect(standardErrors).toEqual(modes.standardErrors);
    expect(meanStandardErrors).toEqual(modes.meanStandardErrors);
    expect(provenance).toEqual(modes.provenance);
  }
  return modes;
}

/** Temporary files of this package: none has a name. */
const filesLeft = () => readdirSync(tmpdir()).filter((name) => /^shapley-modes-.*\.part$/.test(name));

/** Open ones, where the system tells: their names are gone. */
function filesOpen(): string[] {
  const folder = "/proc/self/fd";
  if (!existsSync(folder)) return [];
  const targets = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return ""; // the one that the folder was read by
    }
  });
  return targets.filter((target) => /shapley-modes-.*\.part/.test(target));
}

describe("memory of leverage", () => {
  // Other tests have such files in the folder that they share, for a moment with a name.
  beforeAll(() => void vi.stubEnv("TMPDIR", mkdtempSync(join(tmpdir(), "leverage-"))));
  afterAll(() => void vi.unstubAllEnvs());

  afterEach(() => {
    expect(filesLeft()).toEqual([]);
    expect(filesOpen()).toEqual([]);
  });

  it("leaves no file open where the game fails, the run is stopped, or a rule ends it", async () => {
    const whole = await game(10, 7);
    const signal = AbortSignal.abort();
    const failing = (then: () => void): Game => {
      let asked = 0;
      return {
        ...whole,
        evaluate(coalitions) {
          asked += coalitions.count;
          if (asked > 300) {
            if (existsSync("/proc/self/fd")) expect(filesOpen()).toHaveLength(1);
            then();
          }
          return whole.evaluate(coalitions);
        },
      };
    };
    const options = { ...quiet, estimator: "leverage", evaluations: 702, memory: 5000 } as const;
    const broken = failing(() => {
      throw new Error("broken");
    });
    await expect(shapley(broken, options)).rejects.toThrow("broken");
    expect(filesOpen()).toEqual([]);
    expect(lastPartial()?.complete).toBe(false);
    const stop = new AbortController();
    const stopped = shapley(
      failing(() => stop.abort()),
      { ...options, signal: stop.signal },
    );
    await expect(stopped).rejects.toThrow("interrupted");
    expect(filesOpen()).toEqual([]);
    await expect(shapley(whole, { ...options, signal })).rejects.toThrow("interrupted");
    const { evaluations: _, ...others } = options;
    const early = await shapley(whole, { ...others, until: { standardError: 1, evaluations: 702 } });
    expect(stoppingRecord(early.provenance)?.stopped).toBe("met");
  });

  it("changes no byte: with triples, few pairs, all pairs, a single output", async () => {
    const { provenance } = await expectSame(await game(9, 5), { evaluations: 202, seed: 2 });
    expect(provenance.terms).toContain("triples");
    expect((await expectSame(await game(20, 3), { evaluations: 66 })).provenance.terms).toEqual(["units", "size"]);
    await expectSame(await game(8, 5), { evaluations: 256 });
    await expectSame(gloveGame(3, 7), { evaluations: 202 });
  });

  it("changes no byte where the run stops by a rule, which looks at halves", async () => {
    const until = { standardError: 0.01, rankStability: 0.9, evaluations: 800 };
    const modes = await expectSame(await game(9, 4), { until, seed: 3 });
    expect(modes.provenance.until).toBeDefined();
  });

  it("changes no byte of outputs by gates", async () => {
    const base = await game(8, 6);
    const gated: Game = {
      ...base,
      gates: [
        { unit: 0, outputs: [[0, 3]] },
        { unit: 1, outputs: [[3, 6]] },
      ],
      async evaluate(coalitions) {
        // Gates do nothing else.
        const open = { ...coalitions, words: coalitions.words.map((word) => word | 3) };
        const values = Float64Array.from(await base.evaluate(open));
        for (let c = 0; c < coalitions.count; c++) {
          for (let o = 0; o < 6; o++) if (((coalitions.words[c] >> (o < 3 ? 0 : 1)) & 1) === 0) values[c * 6 + o] = 0;
        }
        return values;
      },
    };
    await expectSame(gated, { evaluations: 50 });
  });

  it("goes on where it was stopped, from a file to a file, with the same bytes", async () => {
    const stop = new AbortController();
    let asked = 0;
    const whole = await game(10, 7);
    const stopping: Game = {
      ...whole,
      evaluate(coalitions, signal) {
        asked += coalitions.count;
        if (asked > 300) stop.abort();
        return whole.evaluate(coalitions, signal);
      },
    };
    const resume = mkdtempSync(join(tmpdir(), "leverage-"));
    const options = { ...quiet, estimator: "leverage", evaluations: 702, memory: 5000 } as const;
    const error = await shapley(stopping, { ...options, resume, checkpointSeconds: 0, signal: stop.signal }).catch(
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ name: "Interrupted", partial: { complete: false } });
    const resumed = await shapley(whole, { ...options, resume });
    const { values, standardErrors } = await shapley(whole, { ...options, memory: 1e9 });
    expect(resumed.values).toEqual(values);
    expect(resumed.standardErrors).toEqual(standardErrors);
  });

  it("is said, and is no positive number of bytes where it is refused", async () => {
    const remarks: string[] = [];
    const small = await game(10, 7);
    const onRemark = (remark: string) => remarks.push(remark);
    await shapley(small, { estimator: "leverage", evaluations: 402, memory: 1000, onRemark });
    expect(remarks).toEqual([
      `differences of pairs take about 1 MB in a temporary file in ${tmpdir()}: more than \`memory\` has room for`,
    ]);
    for (const memory of [0, -1, Number.NaN]) {
      await expect(shapley(small, { memory })).rejects.toThrow("invalid memory; expected a positive number of bytes");
    }
  });

  it("is refused before anything is played where the disk has no room", async () => {
    let asked = 0;
    const outputs = 2 ** 30;
    const huge: Game = {
      units: Array.from({ length: 40 }, (_, unit) => `${unit}`),
      outputShape: [outputs],
      evaluate: () => {
        asked++;
        throw new Error("not to be played");
      },
    };
    await expect(shapley(huge, { ...quiet, estimator: "leverage", evaluations: 2e6 })).rejects.toThrow(
      /needs 8589934.6 GB on its disk, where .* are free/,
    );
    expect(asked).toBe(0);
  });

  it("is kept to by shapleyToDisk, whose modes are those of the rule whatever it is", async () => {
    const map = await gameFrom(
      9,
      (intact) => Float64Array.from({ length: 12 }, (_, o) => Math.sin(intact.size + o + intact.indices.length * o)),
      { outputShape: [4, 3] },
    );
    const options = { ...quiet, estimator: "leverage", evaluations: 302 } as const;
    const folder = mkdtempSync(join(tmpdir(), "leverage-"));
    const results: Float64Array[] = [];
    for (const memory of [1e9, 12_000, 6000]) {
      const plan = planToDisk(map, { ...options, memory });
      expect(plan.memory).toBeLessThanOrEqual(memory);
      const stored = await shapleyToDisk(map, join(folder, `${memory}.zarr`), { ...options, memory });
      results.push((await stored.slice(3)).values);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    const message = await shapleyToDisk(map, join(folder, "none.zarr"), { ...options, memory: 50 }).catch(
      (error: Error) => error.message,
    );
    const least = Number(/at least (\d+) bytes/.exec(message as string)?.[1]);
    expect(planToDisk(map, { ...options, memory: least }).rows).toBe(1);
    expect(() => planToDisk(map, { ...options, memory: least - 1 })).toThrow("invalid memory");
  });
});

describe("PairRows", () => {
  it("reads the same columns from memory and from a file, wherever rows were cut", () => {
    const rows = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6, 7, 8, 9), Float64Array.of(10, 11, 12)];
    const [kept, written] = [new PairRows(3, 1e6), new PairRows(3, 60)];
    for (const each of rows) {
      kept.append(each);
      written.append(each);
    }
    expect([kept.onDisk, written.onDisk]).toEqual([false, true]);
    for (const [from, to] of [
      [0, 3],
      [1, 2],
      [1, 3],
    ] as const) {
      expect(written.read(from, to)).toEqual(kept.read(from, to));
    }
    expect(kept.read(1, 2)).toEqual(Float64Array.of(2, 5, 8, 11));
    written.dispose();
    expect(() => written.read(0, 3)).toThrow("closed");
  });

  it("keeps all in memory where there are no files", () => {
    const builtin = vi.spyOn(process, "getBuiltinModule");
    Object.defineProperty(process, "getBuiltinModule", { value: undefined, configurable: true });
    try {
      const rows = new PairRows(1, 1);
      rows.append(Float64Array.of(1, 2));
      expect(rows.onDisk).toBe(false);
      expect(rows.read(0, 1)).toEqual(Float64Array.of(1, 2));
    } finally {
      builtin.mockRestore();
    }
  });
});
