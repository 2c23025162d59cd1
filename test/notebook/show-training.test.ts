import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { drawFaces } from "../../src/datasets/faces/drawn-faces.js";
import { dcganRecipes } from "../../src/networks/dcgan/recipes.js";
import { trainDcgan } from "../../src/networks/dcgan/train.js";
import { plotlyMime } from "../../src/notebook/display/figure-facts.js";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { collectOutputs } from "../../src/notebook/run/outputs.js";
import type { Message } from "../../src/notebook/run/wire.js";
import { showTraining } from "../../src/notebook/tools/show-training.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { temporaryFolder } from "../helpers/folders.js";
import { execute } from "../helpers/notebooks.js";
import { chromium } from "../helpers/optional.js";

/** A training of 60 steps: one point of the curves after 50. */
const recipe = {
  ...dcganRecipes.small,
  layers: 3,
  filters: 4,
  latents: 8,
  discriminator: { ...dcganRecipes.small.discriminator, filters: 4 },
  batchSize: 4,
  images: 4 * 60,
};

describe("showTraining, in a notebook", () => {
  const place = temporaryFolder();
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startKernel(kernelSpec(), { cwd: place.folder });
    await execute(
      kernel,
      `import { loadTensorflow, showTraining } from "shapley-modes";
import { drawFaces } from "shapley-modes/faces";
import { trainDcgan } from "shapley-modes/generators";
await loadTensorflow("wasm");
const faces = await drawFaces({ count: 20, size: 16, seed: 2 });
const recipe = ${JSON.stringify(recipe)};`,
    );
  });
  afterAll(async () => {
    await kernel?.stop();
    place.remove();
  });

  /** Trains in a cell; its outputs as they stand at the end, and the messages by which figures came. */
  async function train(options: string) {
    const collector = collectOutputs(new Map());
    const figures: Message[] = [];
    const code = `await trainDcgan(faces, { seed: 0, recipe, onStep: showTraining(${options}) });`;
    const reply = await kernel.request("execute_request", { code, silent: false }, (message) => {
      collector.add(message);
      if (plotlyMime in ((message.content.data as object | undefined) ?? {})) figures.push(message);
    });
    expect(reply).toMatchObject({ status: "ok" });
    const shown = collector.outputs.filter((output) => plotlyMime in ((output as { data?: object }).data ?? {}));
    return { shown: shown as unknown as { data: Record<string, unknown> }[], figures };
  }

  it("one display is replaced as the training goes on; the last stays, with samples, curves and a picture", async () => {
    const { shown, figures } = await train("{ every: 0, samples: 5 }");
    expect(shown).toHaveLength(1);
    const [{ data }] = shown;
    const figure = data[plotlyMime] as { data: { type: string; name?: string; x?: number[] }[] };
    const names = ["Discriminator", "Generator", "D(x), real", "D(G), made", "image"];
    expect(figure.data.map(({ type, name }) => name ?? type)).toEqual(names);
    expect(figure.data[0].x).toEqual([200]);
    expect(data["text/plain"]).toContain("Above: 5 images of the generator");
    const updates = figures.length - 1;
    expect(updates).toBeGreaterThan(1);
    expect(figures.map(({ type }) => type)).toEqual(["display_data", ...Array(updates).fill("update_display_data")]);
    // Chromium draws the last one only.
    const pictures = figures.map(({ content }) => "image/png" in (content.data as object));
    expect(pictures).toEqual([...Array(updates).fill(false), chromium() !== undefined]);
  });

  it("is shown at most every so many seconds, and at the end", async () => {
    // And once more with its picture.
    expect((await train("{ every: 3600 }")).figures).toHaveLength(3);
  });

  it("interrupting the cell ends the training, and leaves no tensors of it behind", async () => {
    await execute(kernel, "const count = async () => (await loadTensorflow()).tf.memory().numTensors;");
    await execute(kernel, "const tensors = await count();");
    const code = `const long = { ...recipe, images: 4_000_000 };
await trainDcgan(faces, { seed: 0, recipe: long, onStep: showTraining({ every: 0 }) });`;
    let sent = false;
    const reply = await kernel.request("execute_request", { code, silent: false }, ({ type }) => {
      if (type === "update_display_data" && !sent) kernel.interrupt();
      sent ||= type === "update_display_data";
    });
    expect(reply).toMatchObject({ status: "error" });
    const { outputs } = await execute(kernel, "(await count()) - tensors");
    expect(outputs).toMatchObject([{ data: { "text/plain": "0" } }]);
  });
});

describe("showTraining, outside a notebook", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("prints a line for the first step and the last, and changes nothing of what is trained", async () => {
    await loadTensorflow("wasm");
    const faces = await drawFaces({ count: 20, size: 16, seed: 2 });
    const written: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const few = { ...recipe, images: 20 };
    const watched = await trainDcgan(faces, { seed: 0, recipe: few, onStep: showTraining({ every: 3600 }) });
    vi.restoreAllMocks();
    expect(written).toHaveLength(2);
    expect(written[0]).toMatch(
      /^training: 4 of 20 images; losses in nats: discriminator \d\.\d\d, generator \d\.\d\d\n$/,
    );
    expect(written[1]).toMatch(/^training: 20 of 20 images/);
    expect(await trainDcgan(faces, { seed: 0, recipe: few })).toEqual(watched);
  });

  it.each([[{ every: -1 }], [{ samples: 0 }], [{ seed: 0.5 }]])("refuses what is out of range: %o", (options) => {
    expect(() => showTraining(options)).toThrow(RangeError);
  });
});
