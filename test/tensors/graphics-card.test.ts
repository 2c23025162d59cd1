import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomOrdering } from "../../src/coalitions/random.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { drawFaces } from "../../src/datasets/faces/drawn-faces.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import { type GeneratorGameOptions, generatorGame } from "../../src/lesion/generator-game.js";
import { networkGame } from "../../src/lesion/network-game.js";
import { generateImages } from "../../src/networks/dcgan/forward.js";
import { randomLatents } from "../../src/networks/dcgan/latents.js";
import { dcganRecipes } from "../../src/networks/dcgan/recipes.js";
import { channels } from "../../src/networks/dcgan/size.js";
import { trainDcgan } from "../../src/networks/dcgan/train.js";
import { checkpoint } from "../../src/networks/mlp/checkpoints.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { packageRoot } from "../../src/package.js";
import { type BackendName, describeBackends, loadTensorflow } from "../../src/tensors/backend.js";
import { randomGenerator } from "../networks/dcgan/plain.js";
import { mlpAsLayers } from "../networks/mlp-models.js";
import { mlpAsOnnx } from "../networks/onnx/build.js";

// No machine of the project's own has a graphics card: where there is one, or the native library alone, these run;
// elsewhere a line says so.
const native = (await describeBackends()).filter(({ name, available }) => available && name.startsWith("tfjs-node"));
const providers = ["cuda", "webgpu"].filter((provider) => {
  const script = join(packageRoot, "dist", "cli", "onnx-provider.js");
  const { stdout } = spawnSync(process.execPath, [script, provider], { encoding: "utf8" });
  return stdout.includes('"available":true');
});
for (const [part, found] of [
  ["tfjs-node-gpu or tfjs-node", native.length > 0],
  ["a graphics card under ONNX Runtime (cuda, webgpu)", providers.length > 0],
] as const) {
  if (!found) console.log(`left out: tests that need ${part}`);
}

const data = loadInputs("mnist-test:0-63");
const options = { orderings: 10, seed: 3 };
const network = () => checkpoint({ width: 10, regulariser: "l1", trial: 0 });

describe.skipIf(native.length === 0)("TensorFlow's native library", () => {
  it.each(native)(
    "gives the modes that WebAssembly gives, and says whether a graphics card computed ($name)",
    async ({ name, gpu }) => {
      const modesOn = async (backend: typeof name) => {
        const { tf } = await loadTensorflow(backend);
        const game = await networkGame(await layersNetwork(mlpAsLayers(tf, await network())), data, {
          sites: ["hidden"],
        });
        return shapley(game, options);
      };
      const [ours, theirs] = [await modesOn("wasm"), await modesOn(name)];
      theirs.values.forEach((value, i) => {
        expect(Math.abs(value - ours.values[i])).toBeLessThan(1e-4);
      });
      const label = name === "tfjs-node-gpu" && !gpu ? `${name} (on the processor)` : name;
      expect(theirs.provenance.game).toMatchObject({ tensor_backend: label });
    },
  );
});

describe.skipIf(native.length === 0)("a generator's game on TensorFlow's native library", () => {
  // A card may round products to the 11 bits of TensorFloat-32.
  const bound = (gpu: boolean) => (gpu ? 5e-3 : 1e-5);

  it.each(native)(
    "has the images that WebAssembly and the kernel make, lesioned or not ($name)",
    async ({ name, gpu }) => {
      const generator = randomGenerator({ layers: 4, filters: 3, latents: 6 }, 3);
      const units = channels(generator).reduce((a, b) => a + b, 0);
      const random = randomStream(1);
      const members = Array.from({ length: 8 }, (_, c) => randomOrdering(random, units).subarray(0, 3 * c));
      const imagesOn = async (options: GeneratorGameOptions) => {
        const game = generatorGame(generator, { faces: 3, ...options });
        const values = await game.evaluate(coalitionsOf(units, [...members, [...Array(units).keys()]]));
        game.dispose();
        return values;
      };
      const theirs = await imagesOn({ tensorBackend: name });
      for (const ours of [await imagesOn({ tensorBackend: "wasm" }), await imagesOn({ backend: "kernel" })]) {
        theirs.forEach((value, i) => {
          expect(Math.abs(value - ours[i])).toBeLessThan(bound(gpu));
        });
      }
    },
  );

  it.each(native)(
    "makes whole images as WebAssembly does, of two, three and four doublings ($name)",
    async ({ name, gpu }) => {
      for (const layers of [3, 4, 5]) {
        const generator = randomGenerator({ layers, filters: 4, latents: 8 }, layers);
        const imagesOn = async (backend: BackendName) => {
          await loadTensorflow(backend);
          return generateImages(generator, randomLatents(generator, 5, { seed: 1 }));
        };
        const [ours, theirs] = [await imagesOn("wasm"), await imagesOn(name)];
        theirs.forEach((value, i) => {
          expect(Math.abs(value - ours[i])).toBeLessThan(bound(gpu));
        });
      }
    },
  );

  it.each(native)("learns there what it learns on WebAssembly, step by step ($name)", async ({ name, gpu }) => {
    const faces = await drawFaces({ count: 8, size: 16, seed: 2 });
    const { small } = dcganRecipes;
    const discriminator = { ...small.discriminator, filters: 4 };
    const recipe = { ...small, layers: 3, filters: 4, latents: 8, discriminator, batchSize: 4, images: 4 * 3 };
    const weightsOn = async (backend: BackendName) => {
      await loadTensorflow(backend);
      const { generator } = await trainDcgan(faces, { seed: 0, recipe: { ...recipe, averaging: 0 } });
      return generator.parts.flatMap(({ weights }) => [...weights]);
    };
    const [ours, theirs] = [await weightsOn("wasm"), await weightsOn(name)];
    // Adam's first steps are of about one length whatever the gradient, so that rounding moves a weight whose gradient
    // is nearly 0.
    const apart = theirs.map((value, i) => Math.abs(value - ours[i])).sort((a, b) => a - b);
    expect(apart[Math.floor(0.95 * apart.length)]).toBeLessThan(gpu ? 1e-3 : 1e-5);
  });

  it.each(native.filter(({ gpu }) => gpu))(
    "is played there by default where a card computes ($name)",
    async ({ name }) => {
      await loadTensorflow(name);
      const game = generatorGame(randomGenerator({ layers: 3, filters: 2, latents: 3 }, 2), { faces: 2 });
      expect((await shapley(game, options)).provenance.game).toMatchObject({ tensor_backend: name });
    },
  );
});

describe.skipIf(providers.length === 0)("ONNX Runtime on a graphics card", () => {
  it.each(providers)("gives the modes that the processor gives (%s)", async (provider) => {
    const modesOn = async (name: string) => {
      const loaded = await loadOnnx(mlpAsOnnx(await network()), { providers: [name] });
      return shapley(await networkGame(loaded, data, { sites: ["hidden"] }), options);
    };
    const [ours, theirs] = [await modesOn("cpu"), await modesOn(provider)];
    theirs.values.forEach((value, i) => {
      expect(Math.abs(value - ours.values[i])).toBeLessThan(1e-3);
    });
    expect(theirs.provenance.game).toMatchObject({ tensor_backend: `onnxruntime-node (${provider})` });
  });
});
