import { describe, expect, test } from "vitest";
import { randomOrdering, uniformIndex } from "../../../src/coalitions/random.js";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { randomLatents } from "../../../src/networks/dcgan/latents.js";
import { generatorPasses } from "../../../src/networks/dcgan/passes.js";
import { mostBytes, passesMemory } from "../../../src/networks/dcgan/passes-memory.js";
import { channels } from "../../../src/networks/dcgan/size.js";
import { plainImages, randomGenerator } from "./plain.js";

const largest = (found: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(found.length).toBe(expected.length);
  let gap = 0;
  for (let i = 0; i < found.length; i++) gap = Math.max(gap, Math.abs(found[i] - expected[i]));
  return gap;
};

/** Single precision, sums of up to a few hundred products of size 1: 1e-5 is some 100 roundings. */
const tolerance = 1e-5;

describe.each([
  [{ layers: 2, filters: 3, latents: 2 }, 1],
  [{ layers: 3, filters: 2, latents: 4 }, 5],
  [{ layers: 4, filters: 3, latents: 6 }, 4],
  [{ layers: 4, filters: 2, latents: 3 }, 9],
])("generatorPasses of %o with %i images", (size, count) => {
  const generator = randomGenerator(size, 3);
  const latents = randomLatents(generator, count, { seed: 1 });
  const widths = channels(size);
  const units = widths.flatMap((width, l) => Array.from({ length: width }, (_, c) => [l, c] as const));
  const lists = (members: ReadonlySet<number>) =>
    widths.map((_, l) => units.filter(([layer], u) => layer === l && members.has(u)).map(([, c]) => c));
  const plain = (members: ReadonlySet<number>) =>
    plainImages(generator, latents, (l, c) => members.has(units.findIndex(([a, b]) => a === l && b === c)));

  test("paints what the definition gives for any set of intact channels, after any other", () => {
    const passes = generatorPasses(generator, latents);
    const random = randomStream(7);
    const sets = [new Set(units.keys()), new Set<number>()];
    for (let i = 0; i < 10; i++) {
      sets.push(new Set([...units.keys()].filter(() => uniformIndex(random, 3) > 0)));
      // one that differs from it in its last layers alone
      const from = widths.slice(0, -2).reduce((a, b) => a + b, 0);
      sets.push(new Set([...sets[sets.length - 1]].filter((u) => u < from || uniformIndex(random, 2) > 0)));
    }
    for (const members of sets) {
      passes.set(lists(members));
      expect(largest(passes.images, plain(members))).toBeLessThan(tolerance);
    }
  });

  test("paints the same when channels come back one by one, in any order", () => {
    const passes = generatorPasses(generator, latents);
    for (const seed of [0, 1, 2]) {
      passes.set(widths.map(() => []));
      expect(passes.images.every((value) => value === 0)).toBe(true);
      const back = new Set<number>();
      for (const u of randomOrdering(randomStream(seed), units.length)) {
        passes.add(...units[u]);
        back.add(u);
        if (back.size % 5 === 0 || back.size === units.length) {
          expect(largest(passes.images, plain(back))).toBeLessThan(tolerance);
        }
      }
    }
  });
});

test("passes that do not fit in 4 GB, or latents of another length, are refused", () => {
  const generator = randomGenerator({ layers: 5, filters: 8, latents: 10 });
  expect(() => generatorPasses(generator, new Float32Array(15))).toThrow("invalid latents; expected 10 numbers");
  const { bytes } = passesMemory(generator, 4);
  expect(passesMemory(generator, 3).bytes).toBeLessThanOrEqual(bytes); // lanes come in fours
  expect(passesMemory(generator, 20_000).bytes).toBeGreaterThan(mostBytes);
  expect(() => generatorPasses(generator, new Float32Array(200_000))).toThrow(
    /^invalid number of images; expected at most \d+, so few that their activations fit in WebAssembly's 4 GB; received 20000$/,
  );
});
