import { describe, expect, it } from "vitest";
import { randomOrdering } from "../../src/coalitions/random.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { type LogitParts, plainLogitWalk } from "../../src/lesion/logit-walk.js";
import { wasmLogitWalk } from "../../src/lesion/wasm-logit-walk.js";
import { fc } from "../helpers/properties.js";

/** Parts with random numbers; few decimals, so that equal logits happen. */
function randomParts(units: number, inputs: number, classes: number, seed: number): LogitParts {
  const random = randomStream(seed);
  const numbers = (length: number) => Float32Array.from({ length }, () => (random.next() % 64) / 16);
  const labels = Uint8Array.from({ length: inputs }, () => (random.next() >>> 0) % classes);
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  return {
    units,
    base: numbers(classes),
    differences: numbers(units * inputs).map((x) => x * 1.1),
    weights: numbers(units * classes).map((x) => x * 0.7),
    inputs,
    labels,
    classes,
    counts,
  };
}

const anyParts = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 12 }), fc.nat())
  .map(([units, inputs, classes, seed]) => randomParts(units, inputs, classes, seed));

describe.each([
  ["plain", plainLogitWalk],
  ["wasm", wasmLogitWalk],
])("the %s walk", (_, walkOf) => {
  it("has, after every return of a unit, the logits of that coalition and counts its first largest ones", () => {
    fc.assert(
      fc.property(anyParts, fc.nat(), (parts, seed) => {
        const { units, classes, inputs, labels, base, differences, weights } = parts;
        const walk = walkOf(parts);
        const logits = Array.from({ length: inputs }, () => Array.from(base));
        walk.reset();
        for (const unit of [-1, ...randomOrdering(randomStream(seed), units)]) {
          if (unit >= 0) walk.add(unit);
          const predicted = new Int32Array(classes);
          const correct = new Int32Array(classes);
          for (let b = 0; b < inputs; b++) {
            for (let k = 0; k < classes; k++) {
              if (unit >= 0) {
                const product = Math.fround(weights[unit * classes + k] * differences[unit * inputs + b]);
                logits[b][k] = Math.fround(logits[b][k] + product);
              }
              expect(walk.logits[k * walk.stride + b]).toBe(logits[b][k]);
            }
            const prediction = logits[b].indexOf(Math.max(...logits[b]));
            predicted[prediction]++;
            if (prediction === labels?.[b]) correct[prediction]++;
          }
          expect(Array.from(walk.predicted)).toEqual(Array.from(predicted));
          expect(Array.from(walk.correct)).toEqual(Array.from(correct));
        }
      }),
    );
  });

  it("forgets everything at a reset", () => {
    const walk = walkOf(randomParts(3, 33, 4, 1));
    walk.reset();
    const fresh = [Array.from(walk.logits), Array.from(walk.predicted), Array.from(walk.correct)];
    walk.add(2);
    walk.add(0);
    walk.reset();
    expect([Array.from(walk.logits), Array.from(walk.predicted), Array.from(walk.correct)]).toEqual(fresh);
  });
});

describe("the wasm walk", () => {
  it("leaves more than 255 classes to the plain walk and still counts right", () => {
    const parts = randomParts(2, 20, 256, 3);
    const [wasm, plain] = [wasmLogitWalk(parts), plainLogitWalk(parts)];
    for (const walk of [wasm, plain]) {
      walk.reset();
      walk.add(1);
    }
    expect(Array.from(wasm.predicted)).toEqual(Array.from(plain.predicted));
  });

  it("counts more inputs of one class than its 8-bit counters hold", () => {
    const parts = randomParts(1, 10_007, 3, 1);
    parts.base.set([0, 100, 0]); // so that class 1 is always predicted
    const walk = wasmLogitWalk(parts);
    walk.reset();
    walk.add(0);
    expect(Array.from(walk.predicted)).toEqual([0, 10_007, 0]);
    expect(Array.from(walk.correct)).toEqual([0, parts.counts[1], 0]);
  });

  it("keeps rows that would be a multiple of 4 kB long apart, and counts the inputs alone", () => {
    for (const inputs of [1009, 1024, 2048]) {
      const parts = randomParts(3, inputs, 4, 2);
      const [wasm, plain] = [wasmLogitWalk(parts), plainLogitWalk(parts)];
      expect(wasm.stride % 1024).not.toBe(0);
      for (const walk of [wasm, plain]) {
        walk.set([2, 0]);
        walk.add(1);
      }
      expect([wasm.predicted, wasm.correct]).toEqual([plain.predicted, plain.correct]);
      for (let k = 0; k < 4; k++) {
        const row = wasm.logits.slice(k * wasm.stride, k * wasm.stride + inputs);
        expect(row).toEqual(plain.logits.slice(k * inputs, (k + 1) * inputs));
      }
    }
  });

  it("keeps two games apart", () => {
    const [a, b] = [wasmLogitWalk(randomParts(3, 40, 5, 1)), wasmLogitWalk(randomParts(3, 40, 5, 2))];
    a.reset();
    const before = Array.from(a.logits);
    b.reset();
    b.add(1);
    expect(Array.from(a.logits)).toEqual(before);
  });
});
