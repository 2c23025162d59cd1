import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { type LogitParts, plainLogitWalk } from "../../src/lesion/logit-walk.js";
import { scoreOf } from "../../src/lesion/scores.js";
import { wasmLogitWalk } from "../../src/lesion/wasm-logit-walk.js";
import { fc } from "../helpers/properties.js";

/** @param spread of the logits */
function randomParts(units: number, inputs: number, classes: number, spread: number, seed: number): LogitParts {
  const random = randomStream(seed);
  const numbers = (length: number) => Float32Array.from({ length }, () => (spread * random.next()) / 2 ** 31);
  const labels = Uint8Array.from({ length: inputs }, () => (random.next() >>> 0) % classes);
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const shape = { units, inputs, classes, labels, counts };
  return { ...shape, base: numbers(classes), differences: numbers(units * inputs), weights: numbers(units * classes) };
}

const anyParts = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 150 }),
    fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(255)),
    fc.constantFrom(0.1, 1, 4, 30),
    fc.nat(),
  )
  .map((numbers) => randomParts(...numbers));

describe("the softmax of a walk", () => {
  it("has the same bits in WebAssembly and in TypeScript, and is within its bound of that in float64", () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const { units, inputs, classes } = parts;
        const [kernel, plain] = [wasmLogitWalk(parts), plainLogitWalk(parts)];
        const every = Array.from({ length: units }, (_, unit) => unit);
        for (const walk of [kernel, plain]) walk.set(every);
        const sums = 6e-8 * classes; // what adding up in float32 may round
        for (const [name, size, bound] of [
          ["probabilities", inputs * classes, 1e-6 + sums],
          ["log-probability", inputs, 2e-6 + sums],
          ["log-probability:0", inputs, 2e-6 + sums],
          ["cross-entropy", 1, 2e-6 + sums],
        ] as const) {
          const { write } = scoreOf(name);
          const [a, b, exact] = [0, 1, 2].map(() => new Float64Array(size));
          write(kernel, parts, a);
          write(plain, parts, b);
          expect(a).toEqual(b);
          const { logits, stride, predicted, correct } = plain;
          write({ logits, stride, predicted, correct }, parts, exact);
          a.forEach((value, i) => expect(Math.abs(value - exact[i])).toBeLessThan(bound));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("set", () => {
  it("gives the bits of units that come back one by one in that order", () => {
    fc.assert(
      fc.property(anyParts, fc.nat(), (parts, seed) => {
        const random = randomStream(seed);
        const some = Array.from({ length: parts.units }, (_, unit) => unit).filter(() => random.next() > 0);
        const [kernel, plain] = [wasmLogitWalk(parts), plainLogitWalk(parts)];
        kernel.add(0);
        kernel.set(some);
        plain.reset();
        for (const unit of some) plain.add(unit);
        expect(kernel.predicted).toEqual(plain.predicted);
        expect(kernel.correct).toEqual(plain.correct);
        for (let k = 0; k < parts.classes; k++) {
          const row = k * kernel.stride;
          const own = plain.logits.subarray(k * parts.inputs, (k + 1) * parts.inputs);
          expect(kernel.logits.slice(row, row + parts.inputs)).toEqual(own.slice());
        }
      }),
    );
  });
});
