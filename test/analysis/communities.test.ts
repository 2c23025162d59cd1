import { describe, expect, test } from "vitest";
import { communities } from "../../src/analysis/communities.js";
import { pearson } from "../../src/analysis/correlation.js";
import { louvainMethod } from "../../src/analysis/louvain-run.js";
import {
  adjustedRand,
  coAssignment,
  groupSizes,
  meanAdjustedRand,
  modularity,
  partitionOf,
} from "../../src/analysis/partitions.js";
import { unitCorrelation } from "../../src/analysis/unit-correlation.js";
import { shuffle } from "../../src/coalitions/random.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { normalNumbers } from "../../src/networks/dcgan/parameters.js";
import { fc } from "../helpers/properties.js";

/** Units whose modes are the pattern of their group with noise of their own; names say the group. */
function planted(groups: readonly number[], outputs: number, noise: number, seed = 1): ShapleyModes {
  const random = randomStream(seed);
  const patterns = Array.from({ length: Math.max(...groups) + 1 }, () => normalNumbers(random, outputs));
  const values = groups.flatMap((group, u) => {
    const own = normalNumbers(random, outputs);
    return Array.from(patterns[group], (x, o) => (u + 1) * (x + noise * own[o]) + u);
  });
  return new ShapleyModes({
    units: groups.map((group, u) => `g${group}/u${u}`),
    outputShape: [outputs],
    values: Float64Array.from(values),
  });
}

const names = (modes: ShapleyModes, group: number) => modes.units.filter((unit) => unit.startsWith(`g${group}/`));
/**
 * Groups of these sizes, their units in no order; none has a third of all pairs, which resolution 3 would take apart.
 */
const groups = shuffle(
  randomStream(5),
  [6, 9, 8, 7, 5, 4, 10].flatMap((size, g) => Array.from({ length: size }, () => g)),
);

describe("communities", () => {
  test("are planted groups, largest first, and all runs agree on them", async () => {
    const modes = planted(groups, 600, 0.4);
    const found = await communities(modes, { runs: 20, seed: 0 });
    const bySize = [6, 1, 2, 3, 0, 4, 5];
    expect(found.members).toEqual(bySize.map((group) => names(modes, group)));
    expect(modes.units.map((unit) => found.communityOf.get(unit))).toEqual(
      groups.map((group) => bySize.indexOf(group)),
    );
    expect(found).toMatchObject({ agreement: 1, rounds: 0, constant: [], resolution: 3 });
    expect(found.nullModularity.count).toBe(20);
    expect(found.modularity).toBeGreaterThan(found.nullModularity.mean + 10 * found.nullModularity.sd);
  });

  test("have the modularity of the definition at their resolution", async () => {
    const modes = planted(groups, 200, 1);
    for (const resolution of [1, 2.5]) {
      const found = await communities(modes, { runs: 10, resolution });
      let [inside, total] = [0, 0];
      const degree = groups.map(() => 0);
      const r = groups.map((_, a) => groups.map((_, b) => pearson(modes.unit(a).values, modes.unit(b).values)));
      const same = (a: number, b: number) =>
        found.communityOf.get(modes.units[a]) === found.communityOf.get(modes.units[b]);
      groups.forEach((_, a) => {
        groups.forEach((_, b) => {
          if (a !== b) degree[a] += Math.max(0, r[a][b]);
        });
      });
      for (const d of degree) total += d;
      groups.forEach((_, a) => {
        groups.forEach((_, b) => {
          if (!same(a, b)) return;
          inside += (a === b ? 0 : Math.max(0, r[a][b])) - (resolution * degree[a] * degree[b]) / total;
        });
      });
      expect(found.modularity).toBeCloseTo(inside / total, 10);
    }
  });

  test("of runs that disagree are a consensus as good as the runs, at any resolution", async () => {
    const modes = planted(groups, 40, 2.5, 3);
    const weights = unitCorrelation(modes).map((r, i) => (i % (modes.units.length + 1) === 0 ? 0 : Math.max(0, r)));
    const louvain = await louvainMethod(modes.units.length);
    for (const resolution of [1, 2, 3]) {
      const found = await communities(modes, { runs: 40, resolution });
      expect(found.agreement).toBeLessThan(1);
      expect(found.rounds).toBeGreaterThan(0);
      const runs = Array.from({ length: 40 }, (_, s) =>
        modularity(weights, louvain(weights, resolution, randomStream(s)), resolution),
      );
      expect(found.modularity).toBeGreaterThan(Math.min(...runs) - 0.01);
    }
  });

  test("are the same for the same seed, and do not depend on size or offset of the modes", async () => {
    const modes = planted(groups, 40, 2.5, 3);
    const once = await communities(modes, { runs: 15, seed: 7 });
    expect(await communities(modes, { runs: 15, seed: 7 })).toEqual(once);
    const { units, outputShape, values } = modes;
    // by a power of 2, so that rounding stays the same
    const scaled = new ShapleyModes({
      units,
      outputShape,
      values: values.map((x, i) => x * 2 ** (Math.floor(i / 40) % 5)),
    });
    expect((await communities(scaled, { runs: 15, seed: 7 })).members).toEqual(once.members);
  });

  test("tell negative correlation apart from positive", async () => {
    const pattern = [1, 2, 3, 5, 8];
    const values = [1, -1, 2, -2, 3, -3].flatMap((factor) => pattern.map((x) => factor * x));
    const modes = new ShapleyModes({ units: [..."abcdef"], outputShape: [5], values: Float64Array.from(values) });
    const { members } = await communities(modes, { runs: 5, resolution: 1 });
    expect(members).toEqual([
      ["a", "c", "e"],
      ["b", "d", "f"],
    ]);
  });

  test("leave out constant units, listed apart, and units that were not asked for", async () => {
    const modes = planted([0, 0, 1, 1, 2, 2], 100, 0.1);
    modes.values.fill(0.1, 0, 100); // u0
    modes.values.fill(0, 300, 400); // u3
    const found = await communities(modes, { runs: 5, units: modes.units.slice(0, 4) });
    expect(found.constant).toEqual(["g0/u0", "g1/u3"]);
    expect([...found.communityOf.keys()].sort()).toEqual(["g0/u1", "g1/u2"]);
    const dead = new ShapleyModes({ units: ["a", "b"], outputShape: [3], values: new Float64Array(6) });
    expect(await communities(dead)).toMatchObject({ members: [], constant: ["a", "b"], modularity: 0 });
  });

  test("refuse bad options, and stop for a signal", async () => {
    const modes = planted([0, 0, 1], 10, 0.1);
    await expect(communities(modes, { units: ["nobody"] })).rejects.toThrow("invalid unit;");
    await expect(communities(modes, { units: [0] })).rejects.toThrow("at least two units");
    await expect(communities(modes, { runs: 0 })).rejects.toThrow("invalid runs");
    await expect(communities(modes, { resolution: -1 })).rejects.toThrow("invalid resolution");
    await expect(communities(modes, { resolution: Number.POSITIVE_INFINITY })).rejects.toThrow("invalid resolution");
    await expect(communities(modes, { seed: 0.5 })).rejects.toThrow("invalid seed");
    const reason = new Error("enough");
    await expect(communities(planted(groups, 600, 0.4), { runs: 1e6, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});

test("correlation of units is Pearson's r of every pair, whatever the blocks, NaN for constant units", () => {
  for (const [units, outputs] of [
    [1, 5],
    [5, 256],
    [4, 700],
  ]) {
    const modes = planted(
      Array.from({ length: units }, (_, u) => u % 2),
      outputs,
      1,
    );
    modes.values.fill(0.3, 0, outputs);
    const r = unitCorrelation(modes);
    for (let a = 0; a < units; a++) {
      for (let b = 0; b < units; b++) {
        if (a === 0 || b === 0) expect(r[a * units + b]).toBeNaN();
        else expect(r[a * units + b]).toBeCloseTo(pearson(modes.unit(a).values, modes.unit(b).values), 12);
      }
    }
  }
});

describe("partitions", () => {
  const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 30 });

  test("are numbered by first appearance, so that names of groups do not matter", () => {
    expect([...partitionOf([7, 3, 7, 0])]).toEqual([0, 1, 0, 2]);
    fc.assert(
      fc.property(labels, (list) => {
        const partition = partitionOf(list);
        expect(partitionOf(list.map((label) => 9 - label))).toEqual(partition);
        expect(groupSizes(partition).reduce((a, b) => a + b, 0)).toBe(list.length);
      }),
    );
  });

  test("have an adjusted Rand index of Hubert and Arabie: symmetric, 1 for equal ones, 0 on average by chance", () => {
    // a worked example: pairs together in both 2, in a 3 + 1, in b 1 + 3, of 15
    const [a, b] = [partitionOf([0, 0, 0, 1, 1, 2]), partitionOf([0, 0, 1, 1, 1, 2])];
    expect(adjustedRand(a, b)).toBeCloseTo((2 - 16 / 15) / (4 - 16 / 15), 12);
    fc.assert(
      fc.property(labels, (list) => {
        const partition = partitionOf(list);
        expect(adjustedRand(partition, partition)).toBe(1);
        const other = partitionOf([...list].reverse());
        expect(adjustedRand(partition, other)).toBeCloseTo(adjustedRand(other, partition), 12);
      }),
    );
    const random = randomStream(1);
    const items = Array.from({ length: 12 }, (_, i) => i % 3);
    let sum = 0;
    for (let i = 0; i < 4000; i++) sum += adjustedRand(partitionOf(items), partitionOf(shuffle(random, [...items])));
    expect(Math.abs(sum / 4000)).toBeLessThan(0.01); // standard deviation about .13: 5 standard errors
    expect(meanAdjustedRand([a])).toBe(1);
    expect(meanAdjustedRand([a, a, b])).toBeCloseTo((1 + 2 * adjustedRand(a, b)) / 3, 12);
  });

  test("have shares of being together, 0 with oneself", () => {
    expect([...coAssignment([partitionOf([0, 0, 1]), partitionOf([0, 1, 1])])]).toEqual([
      0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0,
    ]);
  });

  test("have the known modularity of two cliques joined by nothing", () => {
    const weights = new Float64Array(36);
    for (let a = 0; a < 6; a++) for (let b = 0; b < 6; b++) if (a % 2 === b % 2 && a !== b) weights[a * 6 + b] = 3;
    expect(modularity(weights, partitionOf([0, 1, 0, 1, 0, 1]), 1)).toBeCloseTo(0.5, 12);
    expect(modularity(weights, partitionOf([0, 0, 0, 0, 0, 0]), 1)).toBeCloseTo(0, 12);
    expect(modularity(weights, partitionOf([0, 1, 2, 3, 4, 5]), 2)).toBeCloseTo(-2 / 6, 12);
    expect(modularity(new Float64Array(4), partitionOf([0, 1]), 1)).toBe(0);
  });
});

test("a run of Louvain never ends below the modularity of single units, at any resolution", async () => {
  const louvain = await louvainMethod(12);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0.2, max: 4, noNaN: true }), (seed, resolution) => {
      const random = randomStream(seed);
      const weights = new Float64Array(144);
      for (let a = 0; a < 12; a++) {
        const row = normalNumbers(random, a);
        row.forEach((x, b) => {
          weights[a * 12 + b] = weights[b * 12 + a] = Math.max(0, x);
        });
      }
      const found = louvain(weights, resolution, random);
      const single = partitionOf([...found.keys()]);
      expect(modularity(weights, found, resolution)).toBeGreaterThanOrEqual(
        modularity(weights, single, resolution) - 1e-9,
      );
    }),
  );
});
