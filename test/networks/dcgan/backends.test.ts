import { describe, expect, test } from "vitest";
import { randomOrdering, uniformIndex } from "../../../src/coalitions/random.js";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { generateImages } from "../../../src/networks/dcgan/forward.js";
import { randomLatents } from "../../../src/networks/dcgan/latents.js";
import { generatorOnnx } from "../../../src/networks/dcgan/onnx-export.js";
import { onnxPasses } from "../../../src/networks/dcgan/onnx-passes.js";
import { generatorPasses } from "../../../src/networks/dcgan/passes.js";
import { channels } from "../../../src/networks/dcgan/size.js";
import { tensorPasses } from "../../../src/networks/dcgan/tensor-passes.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { readModel } from "../../../src/networks/onnx/messages.js";
import { loadRuntime } from "../../../src/networks/onnx/runtime.js";
import { siteOf } from "../../../src/networks/sites.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { loadOnProcessor } from "../../tensors/processor.js";
import { plainImages, randomGenerator, roundingBound } from "./plain.js";

const largest = (found: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(found.length).toBe(expected.length);
  let gap = 0;
  for (let i = 0; i < found.length; i++) gap = Math.max(gap, Math.abs(found[i] - expected[i]));
  return gap;
};

const count = 3;
// In most generators of this size some filter is silent on three latents; in this one none is.
const generator = randomGenerator({ layers: 4, filters: 3, latents: 6 }, 21);
const latents = randomLatents(generator, count, { seed: 1 });
const bound = roundingBound(generator, latents);
const widths = channels(generator);
const units = widths.flatMap((width, l) => Array.from({ length: width }, (_, c) => [l, c] as const));
const lists = (members: ReadonlySet<number>) =>
  widths.map((_, l) => units.filter(([layer], u) => layer === l && members.has(u)).map(([, c]) => c));
/** All, none, and sets of which each second one differs from the one before in its last layers alone. */
const sets = [new Set(units.keys()), new Set<number>()];
const random = randomStream(7);
for (let i = 0; i < 6; i++) {
  sets.push(new Set([...units.keys()].filter(() => uniformIndex(random, 3) > 0)));
  const from = widths.slice(0, -2).reduce((a, b) => a + b, 0);
  sets.push(new Set([...sets[sets.length - 1]].filter((u) => u < from || uniformIndex(random, 2) > 0)));
}

test("the bound on rounding holds, and is passed by every unit's lesion, so that a wrong sum would be seen", () => {
  const passes = generatorPasses(generator, latents);
  passes.set(lists(sets[0]));
  const intact = passes.images.slice();
  expect(largest(intact, plainImages(generator, latents))).toBeLessThan(bound);
  for (const u of units.keys()) {
    passes.set(lists(new Set([...sets[0]].filter((other) => other !== u))));
    expect(largest(passes.images, intact)).toBeGreaterThan(2 * bound);
  }
});

describe.each([
  ["tensors", tensorPasses, true],
  ["ONNX Runtime", onnxPasses, onnxRuntime],
] as const)("passes on %s", (_name, open, there) => {
  test.skipIf(!there)("paint what the kernel paints, for any set of channels after any other", async () => {
    await loadOnProcessor();
    const [kernel, passes] = [generatorPasses(generator, latents), await open(generator, latents)];
    for (const members of sets) {
      kernel.set(lists(members));
      await passes.set(lists(members));
      expect(largest(passes.images, kernel.images)).toBeLessThan(2 * bound);
    }
    passes.dispose();
  });

  test.skipIf(!there)("paint what the kernel paints when channels come back one by one", async () => {
    const [kernel, passes] = [generatorPasses(generator, latents), await open(generator, latents)];
    for (const seed of [0, 1]) {
      kernel.set(widths.map(() => []));
      await passes.set(widths.map(() => []));
      for (const u of randomOrdering(randomStream(seed), units.length)) {
        kernel.add(...units[u]);
        await passes.add(...units[u]);
        expect(largest(passes.images, kernel.images)).toBeLessThan(2 * bound);
      }
    }
    passes.dispose();
  });
});

test("passes on tensors give back the memory they took", async () => {
  const { tf } = await loadOnProcessor();
  const before = tf.memory();
  const passes = await tensorPasses(generator, latents);
  await passes.set(lists(sets[0]));
  const held = tf.memory();
  for (let i = 0; i < 3; i++) for (const members of sets) await passes.set(lists(members));
  expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([held.numTensors, held.numBytes]);
  passes.dispose();
  expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([before.numTensors, before.numBytes]);
});

describe.skipIf(!onnxRuntime)("generatorOnnx", () => {
  test("makes the images that the tensor backend makes", async () => {
    const network = await loadOnnx(await generatorOnnx(generator));
    const images = siteOf(network, "images");
    const [found] = await network.activations({ count, data: [latents] }, [images]);
    expect(largest(found, await generateImages(generator, latents))).toBeLessThan(2 * bound);
    expect(network.sites.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["layer1", "layer2", "layer3", "images"]),
    );
  });

  test("lesions by masks, one for all images or one for each", async () => {
    const runtime = await loadRuntime("the generator", {});
    const session = await runtime.session(readModel(await generatorOnnx(generator, { masks: true })));
    const cut = (image: number) => new Set([...units.keys()].filter((u) => u % 3 !== image));
    for (const rows of [1, count]) {
      const feeds = { latents: runtime.tensor("float32", latents, [count, generator.latents]) };
      widths.forEach((width, l) => {
        const mask = Array.from({ length: rows }, (_, n) =>
          Array.from({ length: width }, (_, c) =>
            Number(cut(n).has(units.findIndex(([layer, channel]) => layer === l && channel === c))),
          ),
        ).flat();
        Object.assign(feeds, {
          [`layer${l + 1}/mask`]: runtime.tensor("float32", Float32Array.from(mask), [rows, width, 1, 1]),
        });
      });
      const { images } = await session.run(feeds);
      for (let n = 0; n < count; n++) {
        const members = cut(rows === 1 ? 0 : n);
        const expected = plainImages(generator, latents.slice(n * 6, (n + 1) * 6), (l, c) =>
          members.has(units.findIndex(([layer, channel]) => layer === l && channel === c)),
        );
        const size = expected.length;
        expect(largest(images.data.slice(n * size, (n + 1) * size) as Float32Array, expected)).toBeLessThan(bound);
      }
    }
    session.dispose();
  });
});
