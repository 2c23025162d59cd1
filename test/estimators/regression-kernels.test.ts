import { describe, expect, it } from "vitest";
import { complementPairs } from "../../src/coalitions/complement-pairs.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import { designOf } from "../../src/estimators/regression/design.js";
import { backwards, factorise, forwards, gramOf } from "../../src/estimators/regression/linear.js";
import { addProduct, matrix, plainProduct, transposed } from "../../src/estimators/regression/products.js";
import { screenTriples } from "../../src/estimators/regression/screen-triples.js";
import {
  addSignProducts,
  plainSignProduct,
  signColumns,
  signWords,
} from "../../src/estimators/regression/sign-products.js";
import { plainScorer } from "../../src/estimators/regression/triple-scorers.js";
import { gameFrom } from "../../src/games/from-function.js";
import { atOnce } from "../../src/pace.js";
import { processorTime } from "../helpers/processor-time.js";
import { fc } from "../helpers/properties.js";

const random = randomStream(11);
const numbers = (length: number) => Float64Array.from({ length }, () => random.next() / 2 ** 31);

describe("addProduct", () => {
  it("gives the bits of the plain loop, whatever the shape, the strides and the sign", () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(
        size,
        fc.oneof(size, fc.integer({ min: 500, max: 600 })),
        size,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom<1 | -1>(1, -1),
        (m, k, n, turnA, turnB, sign) => {
          const a = turnA ? transposed(matrix(numbers(m * k), m)) : matrix(numbers(m * k), k);
          const b = turnB ? transposed(matrix(numbers(k * n), k)) : matrix(numbers(k * n), n);
          const start = numbers(m * (n + 3));
          const [plain, kernel] = [start.slice(), start.slice()];
          plainProduct([m, k, n], a, b, matrix(plain, n + 3), sign);
          atOnce(addProduct([m, k, n], a, b, matrix(kernel, n + 3), sign));
          expect(kernel).toEqual(plain);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("takes every third row and column", () => {
    const [m, k, n] = [40, 50, 30];
    const a = { data: numbers(9 * m * k), at: 2, row: 9 * k, column: 3 };
    const [plain, kernel] = [new Float64Array(m * n), new Float64Array(m * n)];
    const b = matrix(numbers(k * n), n);
    plainProduct([m, k, n], a, b, matrix(plain, n));
    atOnce(addProduct([m, k, n], a, b, matrix(kernel, n)));
    expect(kernel).toEqual(plain);
  });
});

describe("factorise", () => {
  it("solves equations of any size, and leaves columns out that depend on others", () => {
    for (const size of [1, 5, 33, 150]) {
      const rows = numbers(2 * size * size);
      const last = size - 1;
      // The last column is twice the first.
      if (size > 1) for (let s = 0; s < 2 * size; s++) rows[s * size + last] = 2 * rows[s * size];
      const weights = numbers(2 * size).map(Math.abs);
      const gram = atOnce(gramOf(matrix(rows, size), 2 * size, size, weights));
      const factor = atOnce(factorise(gram, size));
      expect(factor.inverseDiagonal[last]).toEqual(size > 1 ? 0 : expect.any(Number));
      const solution = numbers(size * 2);
      if (size > 1) solution.fill(0, last * 2);
      const right = new Float64Array(size * 2);
      plainProduct([size, size, 2], matrix(gram, size), matrix(solution, 2), matrix(right, 2));
      atOnce(forwards(factor, right, 2));
      atOnce(backwards(factor, right, 2));
      right.forEach((value, i) => expect(value).toBeCloseTo(solution[i], 6));
    }
  });
});

describe("addSignProducts", () => {
  it("gives the bits of the plain loop, and the sums over the pairs of products of signs", () => {
    const design = designOf(complementPairs(13, 900, 4));
    const { units, pairs, x, weights } = design;
    const [fold, folds] = [1, 3];
    const words = signWords(design, fold, folds);
    const triples = Uint32Array.from([0, 1, 2, 3, 7, 12, 0, 5, 9, 1, 8, 11, 2, 4, 6]);
    const each = Array.from({ length: units }, (_, unit) => unit);
    const [a, b] = [signColumns(words, triples, 3), signColumns(words, each, 1)];
    const products = new Float64Array(5 * units);
    atOnce(addSignProducts(words, a, b, words.weights, { data: products, at: 0, row: units }));
    for (let i = 0; i < 5; i++) {
      for (let u = 0; u < units; u++) {
        expect(products[i * units + u]).toBe(plainSignProduct(words, a, i, b, u, words.weights));
        let sum = 0;
        for (let s = 0; s < pairs; s++) {
          if (s % folds === fold) continue;
          const [p, q, r] = triples.subarray(3 * i, 3 * i + 3);
          const row = s * units;
          sum += weights[s] * x[row + p] * x[row + q] * x[row + r] * x[row + u];
        }
        expect(products[i * units + u]).toBeCloseTo(sum, 9);
      }
    }
  });
});

describe("screenTriples", () => {
  it.each([3, 8, 11])("gives the bits of the plain loops, %i units", (units) => {
    const design = designOf(complementPairs(units, 70, 3));
    const residuals = numbers(design.pairs * 3);
    const kernel = atOnce(screenTriples(design, residuals, 3, 4));
    expect(kernel).toEqual(atOnce(screenTriples(design, residuals, 3, 4, plainScorer)));
  });
});

describe("a fit of leverage", () => {
  it("ends within a second of an abort, whose partial result is a briefer estimate of all evaluations", async () => {
    const outputs = 12;
    const game = await gameFrom(
      90,
      ({ indices }) => {
        const sum = indices.reduce((total, unit) => total + Math.sin(unit), 0);
        return Array.from({ length: outputs }, (_, o) => Math.tanh(sum + o / 10));
      },
      { outputShape: [outputs] },
    );
    const stop = new AbortController();
    let spent: (() => number) | undefined;
    const run = shapley(game, {
      estimator: "leverage",
      evaluations: 8000,
      signal: stop.signal,
      onProgress: ({ evaluations, total }) => {
        if (spent || evaluations < total) return;
        // All is evaluated: what is left is the fit.
        spent = processorTime();
        setTimeout(() => {
          spent = processorTime();
          stop.abort();
        }, 200);
      },
    });
    const error = await run.then(
      () => undefined,
      (reason) => reason,
    );
    if (error === undefined) return; // done before it was stopped
    expect(spent?.()).toBeLessThan(2500);
    expect(error.partial.provenance.terms_left_out.triples).toMatch(/brief|many|part/);
  });
});
