import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomOrdering } from "../../src/coalitions/random.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import type { LogitParts } from "../../src/lesion/logit-walk.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { largestShare, softmaxParts, widestRange } from "../../src/lesion/softmax-parts.js";
import { plainSoftmaxWalk } from "../../src/lesion/softmax-walk.js";
import { wasmSoftmaxWalk } from "../../src/lesion/wasm-softmax-walk.js";
import { toNpz } from "../../src/modes/npz.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { atOnce } from "../../src/pace.js";
import { fc } from "../helpers/properties.js";

/** @param spread of base, differences and weights */
function randomParts(units: number, inputs: number, classes: number, spread: number, seed: number): LogitParts {
  const random = randomStream(seed);
  const numbers = (length: number) => Float32Array.from({ length }, () => (spread * random.next()) / 2 ** 31);
  const labels = Uint16Array.from({ length: inputs }, () => (random.next() >>> 0) % classes);
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const shape = { units, inputs, classes, labels, counts };
  return { ...shape, base: numbers(classes), differences: numbers(units * inputs), weights: numbers(units * classes) };
}

const someClasses = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(300));
const someInputs = fc.integer({ min: 1, max: 70 });
const anyParts = fc
  .tuple(fc.integer({ min: 1, max: 9 }), someInputs, someClasses, fc.constantFrom(0.1, 1, 4, 7, 30), fc.nat())
  .map((numbers) => randomParts(...numbers));

/** Logits of a coalition, by input, in float64. */
function logitsOf({ inputs, classes, base, differences, weights }: LogitParts, intact: Iterable<number>): number[][] {
  const units = [...intact];
  return Array.from({ length: inputs }, (_, b) =>
    Array.from({ length: classes }, (_, k) =>
      units.reduce((sum, u) => sum + weights[u * classes + k] * differences[u * inputs + b], base[k]),
    ),
  );
}

function logProbability(logits: readonly number[], k: number): number {
  const largest = Math.max(...logits);
  return logits[k] - largest - Math.log(logits.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

/**
 * Widest range of an input's logits in all coalitions with these units, the largest absolute value of one, and the
 * largest change by a unit.
 */
function extent({ units, inputs, classes, base, differences, weights }: LogitParts, always: readonly number[]) {
  let [range, largest, change] = [0, 0, 0];
  for (let b = 0; b < inputs; b++) {
    const lows = Array.from(base);
    const highs = Array.from(base);
    for (let u = 0; u < units; u++) {
      for (let k = 0; k < classes; k++) {
        const share = weights[u * classes + k] * differences[u * inputs + b];
        if (!always.includes(u)) change = Math.max(change, Math.abs(share));
        if (share < 0 || always.includes(u)) lows[k] += share;
        if (share > 0 || always.includes(u)) highs[k] += share;
      }
    }
    range = Math.max(range, Math.max(...highs) - Math.min(...lows));
    largest = Math.max(largest, ...lows.map(Math.abs), ...highs.map(Math.abs));
  }
  return { range, largest, change };
}

/** What float64 leaves, by softmax-walk.ts. */
const rest = ({ units, inputs, classes }: LogitParts, largest: number) =>
  2 ** -51 * (units + inputs + classes + 4) * (1 + largest);

/** The bound of softmax-walk.ts, where ln p is this in exact arithmetic. */
const bound = (parts: LogitParts, largest: number, intact: number, logarithm: number) =>
  -Math.expm1(logarithm) * intact * 2 ** -23 * 1.001 + rest(parts, largest); // p is between that of both

const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

function bothWalks(parts: LogitParts, always: readonly number[], perInput: boolean, wanted?: number) {
  const terms = softmaxParts(parts, always, perInput, wanted);
  return terms && [atOnce(wasmSoftmaxWalk(terms)), atOnce(plainSoftmaxWalk(terms))];
}

describe("the walk of a softmax", () => {
  it("has, after every return of a unit, the cross-entropy of that coalition within its bound, the same bits in WebAssembly and in TypeScript", () => {
    let walked = 0;
    fc.assert(
      fc.property(anyParts, fc.nat(), fc.boolean(), (parts, seed, keeps) => {
        const { units } = parts;
        const ordering = Array.from(randomOrdering(randomStream(seed), units));
        const always = keeps ? ordering.splice(0, Math.floor(units / 2)) : [];
        const walks = bothWalks(parts, always, false);
        const { range, largest, change } = extent(parts, always);
        expect(walks === undefined).toBe(range > widestRange || change > largestShare);
        if (!walks) return;
        walked++;
        const intact = [...always];
        const [a, b] = [0, 1].map(() => new Float64Array(1));
        for (let again = 0; again < 2; again++) {
          intact.length = always.length;
          for (const walk of walks) walk.reset();
          for (const unit of [-1, ...ordering]) {
            if (unit >= 0) {
              for (const walk of walks) walk.add(unit);
              intact.push(unit);
            }
            walks[0].write(a);
            walks[1].write(b);
            expect(a).toEqual(b);
            const exact = logitsOf(parts, intact).map((row, i) => logProbability(row, parts.labels?.[i] ?? -1));
            const most = mean(exact.map((value) => bound(parts, largest, intact.length - always.length, value)));
            expect(Math.abs(a[0] + mean(exact))).toBeLessThanOrEqual(most);
          }
        }
      }),
      { numRuns: 150 },
    );
    expect(walked).toBeGreaterThan(60);
  });

  it("has every input's log-probability of its class, or of one class, within the bound, the same bits in both", () => {
    fc.assert(
      fc.property(anyParts, fc.nat(), fc.boolean(), (parts, seed, own) => {
        const { units, inputs, classes, labels } = parts;
        const wanted = own ? undefined : seed % classes;
        const walks = bothWalks(parts, [], true, wanted);
        if (!walks) return;
        const [a, b] = [0, 1].map(() => new Float64Array(inputs));
        const intact: number[] = [];
        for (const walk of walks) walk.reset();
        for (const unit of [-1, ...randomOrdering(randomStream(seed), units)]) {
          if (unit >= 0) {
            for (const walk of walks) walk.add(unit);
            intact.push(unit);
          }
          walks[0].write(a);
          walks[1].write(b);
          expect(a).toEqual(b);
          const exact = logitsOf(parts, intact).map((row, i) => logProbability(row, wanted ?? labels?.[i] ?? -1));
          const { largest } = extent(parts, []);
          exact.forEach((value, i) => {
            expect(Math.abs(a[i] - value)).toBeLessThanOrEqual(bound(parts, largest, intact.length, value) + 2 ** -23);
          });
          expect(Math.max(...a)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("keeps its precision at the widest range, where terms leave what float32 holds and come back", () => {
    // Four units raise the logit of class 0 by 85 each, four others lower it again.
    const parts: LogitParts = {
      ...{ units: 8, inputs: 3, classes: 2, labels: Uint8Array.of(0, 1, 0), counts: Int32Array.of(2, 1) },
      base: Float32Array.of(0, 0),
      differences: Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? 1 : -1)),
      weights: Float32Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 85 : 0)),
    };
    const walks = bothWalks(parts, [], false);
    expect(walks).toBeDefined();
    for (const walk of walks ?? []) {
      const value = new Float64Array(1);
      for (const [units, expected] of [
        [[0, 1, 2, 3], 340 / 3],
        [[0, 1, 2, 3, 4, 5, 6, 7], Math.LN2],
        [[4, 5, 6, 7], 680 / 3],
        [[4, 5, 6, 7, 0, 1, 2, 3], Math.LN2],
      ] as const) {
        walk.reset();
        for (const unit of units) walk.add(unit);
        walk.write(value);
        expect(Math.abs(value[0] - expected)).toBeLessThan(8 * 2 ** -23 + rest(parts, 340));
      }
    }
    /** Units that all raise the logit of class 0. */
    const raised = (units: number, by: number) => {
      const weights = Float32Array.from({ length: 2 * units }, (_, i) => (i % 2 === 0 ? by : 0));
      return { ...parts, units, differences: new Float32Array(3 * units).fill(1), weights };
    };
    expect(softmaxParts(raised(8, 87), [], false)).toBeDefined(); // a range of 696
    expect(softmaxParts(raised(9, 78), [], false)).toBeUndefined(); // of 702
    expect(softmaxParts(raised(1, 88), [], false)).toBeUndefined();
    expect(softmaxParts(raised(1, 88), [0], false)).toBeDefined();
  });

  it("multiplies the sums of more inputs than float64 holds products of", () => {
    const parts = randomParts(2, 9001, 3, 2, 5);
    const walks = bothWalks(parts, [], false) ?? [];
    expect(walks.length).toBe(2);
    const values = walks.map((walk) => {
      const value = new Float64Array(1);
      walk.reset();
      walk.add(1);
      walk.write(value);
      return value[0];
    });
    const exact = logitsOf(parts, [1]).map((row, i) => logProbability(row, parts.labels?.[i] ?? -1));
    const { largest } = extent(parts, []);
    expect(values[0]).toBe(values[1]);
    expect(Math.abs(values[0] + mean(exact))).toBeLessThan(mean(exact.map((value) => bound(parts, largest, 1, value))));
  });

  it("is left out where its factors take more than 64 MiB", () => {
    expect(softmaxParts(randomParts(55, 1000, 300, 0.1, 1), [], false)).toBeDefined();
    expect(softmaxParts(randomParts(56, 1000, 300, 0.1, 1), [], false)).toBeUndefined();
  });
});

describe("a game of the softmax of a network with one hidden layer", () => {
  /** @param scale of the outgoing weights: 200 is too much for terms */
  function network(classes: number, scale: number) {
    const random = randomStream(7);
    const numbers = (length: number, most: number) =>
      Float32Array.from({ length }, () => (most * random.next()) / 2 ** 31);
    const hidden = { weights: numbers(11 * 5, 1), biases: numbers(11, 1) };
    return mlpNetwork([hidden, { weights: numbers(classes * 11, scale), biases: numbers(classes, 1) }], 0.1);
  }
  function data(classes: number, count: number) {
    const random = randomStream(8);
    const inputs = Float32Array.from({ length: count * 5 }, () => (3 * random.next()) / 2 ** 31);
    const labels = Uint16Array.from({ length: count }, () => (random.next() >>> 0) % classes);
    return { name: "made up", inputs, labels, count, features: 5, classes, sha256: "0" };
  }

  it.each([
    ["10 classes", 10, 37, 2],
    ["one class", 1, 9, 2],
    ["300 classes", 300, 16, 2],
    ["one input", 10, 1, 2],
    ["logits too far apart for terms", 10, 37, 200],
  ])(
    "walks to what it evaluates, with groups and without, whatever the lesion (%s)",
    async (_, classes, count, scale) => {
      const { largest } = { largest: scale * 11 * 16 };
      // Of float32 logits, added up from 12 numbers, and of their softmax.
      const near = 2 * 12 * 2 ** -24 * largest + 2e-6;
      for (const score of ["cross-entropy", "log-probability", "log-probability:0"] as const) {
        for (const lesion of count > 1 ? (["zero", "mean", { constant: 0.5 }] as const) : (["zero"] as const)) {
          for (const groups of [
            undefined,
            { a: ["hidden/0", "hidden/3"], b: ["hidden/2"], c: ["hidden/7", "hidden/8"] },
          ]) {
            const game = await mlpGame(network(classes, scale), data(classes, count), {
              score,
              lesion,
              ...(groups && { groups }),
            });
            const ordering = randomOrdering(randomStream(1), game.units.length);
            const walked: Float64Array[] = [];
            await game.walk?.(ordering, (_rank, values) => walked.push(Float64Array.from(values)));
            for (let rank = 0; rank < ordering.length; rank++) {
              const direct = await game.evaluate(coalitionsOf(game.units.length, [ordering.subarray(0, rank + 1)]));
              expect(walked[rank].length).toBe(direct.length);
              direct.forEach((value, i) => expect(Math.abs(value - walked[rank][i])).toBeLessThan(near));
            }
          }
        }
      }
    },
  );

  it.each(["cross-entropy", "log-probability"] as const)(
    "gives the same bytes of %s for 1 and 2 workers",
    async (score) => {
      const game = await mlpGame(network(10, 2), data(10, 37), { score });
      const files = [];
      for (const workers of [1, 2]) {
        const remarks: string[] = [];
        const modes = await shapley(game, { orderings: 30, seed: 2, workers, onRemark: (text) => remarks.push(text) });
        expect(remarks).toEqual([]);
        files.push(Buffer.from(toNpz(modes)).toString("base64"));
      }
      expect(files[1]).toBe(files[0]);
    },
  );
});
