import { expect, test } from "vitest";
import { usualBackend } from "../../src/lesion/generator-backend.js";
import { generatorGame } from "../../src/lesion/generator-game.js";
import { loadTensorflow } from "../../src/tensors/backend.js";
import { randomGenerator } from "../networks/dcgan/plain.js";
import { processorBackends } from "../tensors/processor.js";

const backends = await processorBackends();

test.each(backends)(
  "the kernel computes where tensors are computed by something that is no graphics card (%s)",
  async (name) => {
    await loadTensorflow(name);
    expect(usualBackend()).toBe("kernel");
    const game = generatorGame(randomGenerator({ layers: 3, filters: 2, latents: 3 }, 2), { faces: 1 });
    expect(game.provenance).toMatchObject({ tensor_backend: "kernel" });
  },
);
