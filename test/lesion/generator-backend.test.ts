import { afterEach, expect, test, vi } from "vitest";
import { chooseBackend, usualBackend } from "../../src/lesion/generator-backend.js";
import { generatorGame } from "../../src/lesion/generator-game.js";
import * as tensors from "../../src/tensors/backend.js";
import { randomGenerator } from "../networks/dcgan/plain.js";
import { processorBackends } from "../tensors/processor.js";

vi.mock("../../src/tensors/backend.js", { spy: true });
afterEach(() => {
  vi.mocked(tensors.graphicsCardInUse).mockReset();
  vi.mocked(tensors.loadTensorflow).mockReset();
});

const backends = await processorBackends();

test.each(backends)(
  "the kernel computes where tensors are computed by something that is no graphics card (%s)",
  async (name) => {
    await tensors.loadTensorflow(name);
    expect(usualBackend()).toBe("kernel");
    const game = generatorGame(randomGenerator({ layers: 3, filters: 2, latents: 3 }, 2), { faces: 1 });
    expect(game.provenance).toMatchObject({ tensor_backend: "kernel" });
  },
);

test.each([
  [true, "tensors"],
  [false, "kernel"],
  [undefined, undefined],
])("the usual one where a graphics card computes tensors is %s: %s", (card, usual) => {
  vi.mocked(tensors.graphicsCardInUse).mockReturnValue(card);
  expect(usualBackend()).toBe(usual);
});

test.each([
  [true, { backend: "tensors", tensorBackend: "tfjs-node-gpu" }],
  [false, { backend: "kernel" }],
] as const)("what loading tells decides where nothing is named (on a graphics card: %s)", async (gpu, chosen) => {
  const loaded = { backend: "tfjs-node-gpu", gpu } as Awaited<ReturnType<typeof tensors.loadTensorflow>>;
  vi.mocked(tensors.loadTensorflow).mockResolvedValue(loaded);
  expect(await chooseBackend(undefined)).toEqual(chosen);
  expect(await chooseBackend("tensors")).toEqual({ backend: "tensors", tensorBackend: "tfjs-node-gpu" });
  expect(await chooseBackend("kernel")).toEqual({ backend: "kernel" });
  expect(await chooseBackend("onnx")).toEqual({ backend: "onnx" });
});
