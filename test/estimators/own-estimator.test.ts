import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { shapley as shapleyHere } from "../../src/core.js";
import {
  type Accumulator,
  additiveGame,
  coalitionsOf,
  type Estimate,
  type Estimator,
  interactionGame,
  type Plan,
  type Request,
  randomStream,
} from "../../src/games.js";
import { gameFrom, InterruptedError, shapley, shapleyToDisk } from "../../src/index.js";

const perChunk = 8;

/** Count, then sums, then sums of squares of contributions. */
class Sums implements Accumulator {
  constructor(
    readonly units: number,
    readonly outputs: number,
    readonly all: Float64Array = new Float64Array(1 + 2 * units * outputs),
  ) {}
  merge(later: Accumulator): void {
    const other = later.pack();
    for (let i = 0; i < this.all.length; i++) this.all[i] += other[i];
  }
  pack(): Float64Array {
    return this.all;
  }
  largestStandardError(): number {
    return Math.max(...this.estimate().standardErrors);
  }
  estimate(): Estimate {
    const { all, units } = this;
    const size = units * this.outputs;
    const values = Float64Array.from({ length: size }, (_, i) => all[1 + i] / all[0]);
    const standardErrors = values.map((mean, i) =>
      Math.sqrt(Math.max(0, all[1 + size + i] / all[0] - mean ** 2) / (all[0] - 1)),
    );
    return {
      values,
      standardErrors,
      meanStandardErrors: new Float64Array(units).fill(Number.NaN),
      provenance: { own: 1 },
    };
  }
}

/**
 * Plain Monte-Carlo over coalitions: for each unit a coalition of the others, its size uniform and its members uniform
 * among these, which is the distribution of those before it in an ordering.
 */
const monteCarlo: Estimator = {
  name: "monte-carlo",
  unitOfIndependence: "ordering",
  budget: "orderings",
  held: () => ({ sums: 2, chunk: 2, beside: 0 }),
  plan: ({ units, outputs, orderings, seed }: Request): Plan => ({
    chunks: Math.ceil(orderings / perChunk),
    reusable: Math.floor(orderings / perChunk),
    evaluations: 2 * units * orderings,
    extent: (chunks) => {
      const samples = Math.min(orderings, chunks * perChunk);
      return { orderings: samples, evaluations: 2 * units * samples };
    },
    unpack: (packed) => new Sums(units, outputs, packed),
    async runChunk(chunk, game, _ends, { signal, evaluated }) {
      const random = randomStream(seed, chunk);
      const below = (n: number) => Math.floor(((random.next() >>> 0) / 2 ** 32) * n);
      const sums = new Sums(units, outputs);
      for (let sample = chunk * perChunk; sample < Math.min(orderings, (chunk + 1) * perChunk); sample++) {
        signal?.throwIfAborted();
        const rows: number[][] = [];
        for (let unit = 0; unit < units; unit++) {
          const others = Array.from({ length: units }, (_, u) => u).filter((u) => u !== unit);
          const members = Array.from({ length: below(units) }, () => others.splice(below(others.length), 1)[0]);
          rows.push([...members, unit], members);
        }
        const values = await game.evaluate(coalitionsOf(units, rows), signal);
        for (let i = 0; i < units * outputs; i++) {
          const [unit, output] = [Math.floor(i / outputs), i % outputs];
          const contribution = values[2 * unit * outputs + output] - values[(2 * unit + 1) * outputs + output];
          sums.all[1 + i] += contribution;
          sums.all[1 + units * outputs + i] += contribution ** 2;
        }
        sums.all[0]++;
        evaluated(2 * units);
      }
      return sums;
    },
  }),
};

describe("an estimator of one's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "own-estimator-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is exact where every contribution is the same", async () => {
    const game = additiveGame([3, -1, 0.5]);
    const modes = await shapley(game, { estimator: monteCarlo, orderings: 20 });
    modes.values.forEach((value, i) => {
      expect(value).toBeCloseTo([3, -1, 0.5][i], 12);
    });
    expect(modes.provenance).toMatchObject({
      estimator: "monte-carlo",
      orderings: 20,
      evaluations: 2 + 2 * 3 * 20,
      standard_error_over: "ordering",
      own: 1,
    });
  });

  it("comes to the exact values to within five of its standard errors", async () => {
    const game = interactionGame(6, { seed: 3 });
    const exact = await shapley(game, { estimator: "exact" });
    const own = await shapley(game, { estimator: monteCarlo, orderings: 2000, seed: 5 });
    own.values.forEach((value, i) => {
      expect(Math.abs(value - exact.values[i])).toBeLessThan(5 * own.standardErrors![i] + 1e-12);
    });
  });

  it("gives the same bytes again, in the core, in parts on disk, and where a run is stopped and goes on", async () => {
    const game = await gameFrom(5, (intact) => [intact.size ** 2, intact.has(0) && intact.has(1) ? 1 : 0]);
    const options = { estimator: monteCarlo, orderings: 60, seed: 2 };
    const whole = await shapley(game, options);
    expect((await shapleyHere(game, options)).values).toEqual(whole.values);
    const stored = await shapleyToDisk(game, join(folder, "modes.zarr"), options);
    expect((await stored.slice(1)).output().values).toEqual(Float64Array.from(whole.output(1).values, Math.fround)); // stored in float32

    const resume = join(folder, "run");
    const stop = new AbortController();
    let asked = 0;
    const slow = {
      ...game,
      evaluate(...given: Parameters<typeof game.evaluate>) {
        if (++asked === 20) stop.abort();
        return game.evaluate(...given);
      },
    };
    const stopped = shapley(slow, { ...options, resume, checkpointSeconds: 0, signal: stop.signal });
    await expect(stopped).rejects.toThrow(InterruptedError);
    expect((await shapley(game, { ...options, resume })).values).toEqual(whole.values);
    const edited: Estimator = { ...monteCarlo, plan: (request, played) => monteCarlo.plan(request, played) };
    await expect(shapley(game, { ...options, estimator: edited, resume })).rejects.toThrow(RangeError);
  });

  it("takes a budget in evaluations", async () => {
    const modes = await shapley(additiveGame([1, 2]), { estimator: monteCarlo, evaluations: 43 });
    expect(modes.provenance).toMatchObject({ orderings: 10, evaluations: 42 });
  });

  it("is played here where workers are asked for, and says so", async () => {
    const sendable = { ...additiveGame([1, 2]), forThreads: () => ({ module: "none", export: "none", arguments: [] }) };
    const remarks: string[] = [];
    const modes = await shapley(sendable, {
      estimator: monteCarlo,
      orderings: 10,
      workers: 2,
      onRemark: (remark) => remarks.push(remark),
    });
    expect(modes.values[1]).toBeCloseTo(2, 12);
    expect(remarks).toEqual(["one worker is used: an estimator of one's own can not be sent to worker threads"]);
  });

  it.each<[unknown, string]>([
    [{}, "invalid estimator; expected one of its names, or an Estimator: name, unitOfIndependence, budget, held, plan"],
    [7, "invalid estimator; expected one of permutation, antithetic, leverage, exact, auto"],
    [
      { ...monteCarlo, name: "exact" },
      'expected one that is not empty and none of permutation, antithetic, leverage, exact; received "exact"',
    ],
    [{ ...monteCarlo, name: "" }, "invalid name of the estimator"],
    [
      { ...monteCarlo, budget: "time" },
      'invalid budget of the estimator; expected one of orderings, evaluations, none; received "time"',
    ],
    [{ ...monteCarlo, plan: () => ({}) }, "invalid extent of the plan of monte-carlo; expected a function"],
    [{ ...monteCarlo, plan: () => undefined }, "invalid extent of the plan of monte-carlo; expected a function"],
    [withPlan({ chunks: 0 }), "invalid chunks of the plan of monte-carlo; expected a positive integer; received 0"],
    [
      withPlan({ reusable: 99 }),
      "invalid reusable of the plan of monte-carlo; expected an integer from 0 to 2; received 99",
    ],
    [withPlan({ evaluations: Number.NaN }), "invalid evaluations of the plan of monte-carlo"],
    [
      withPlan({ runChunk: async () => ({}) as Accumulator }),
      "invalid merge of the sums of monte-carlo; expected a function",
    ],
  ])("%o is refused: %s", async (estimator, message) => {
    const run = shapley(additiveGame([1, 2]), { estimator: estimator as Estimator, orderings: 16 });
    await expect(run).rejects.toThrow(message);
  });

  it("its values are looked at: too few of them are an error", async () => {
    const short: Estimator = {
      ...withPlan({}),
      plan: (request, game) => monteCarlo.plan({ ...request, units: request.units - 1 }, game),
    };
    await expect(shapley(additiveGame([1, 2]), { estimator: short, orderings: 8 })).rejects.toThrow();
  });
});

/** The estimator with some of its plan replaced. */
function withPlan(change: Partial<Plan>): Estimator {
  return { ...monteCarlo, plan: (request, game) => ({ ...monteCarlo.plan(request, game), ...change }) };
}
