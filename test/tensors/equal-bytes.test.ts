import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import type { Game } from "../../src/games/game.js";
import { gameFromFiles } from "../../src/lesion/game-from-files.js";
import { generatorGameFromFile } from "../../src/lesion/generator-game-from-file.js";
import { toNpz } from "../../src/modes/npz.js";
import { saveGenerator } from "../../src/networks/dcgan/file.js";
import { checkpoint, checkpointFolder } from "../../src/networks/mlp/checkpoints.js";
import { packageRoot } from "../../src/package.js";
import { type BackendName, describeBackends, loadTensorflow } from "../../src/tensors/backend.js";
import { randomGenerator } from "../networks/dcgan/plain.js";
import { mlpAsLayers } from "../networks/mlp-models.js";
import { saveLayers } from "../networks/tfjs/save-model.js";

// The promise of equal bytes is one for each backend: here it is held on all that this machine has.
const backends = (await describeBackends()).filter(({ available }) => available);
const left = ["tfjs-node-gpu", "tfjs-node"].filter((name) => !backends.some((found) => found.name === name));
if (left.length > 0) console.log(`left out: equal bytes on ${left.join(" and ")}, absent here`);

const folder = mkdtempSync(join(tmpdir(), "equal-bytes-"));
afterAll(() => rmSync(folder, { recursive: true }));
const generator = join(folder, "generator.safetensors");
let model: string;

beforeAll(async () => {
  saveGenerator(randomGenerator({ layers: 3, filters: 2, latents: 3 }, 2), generator);
  const { tf } = await loadTensorflow("cpu");
  model = await saveLayers(tf, mlpAsLayers(tf, await checkpoint({ width: 10, regulariser: "l1", trial: 0 })), folder);
});

const inputs = "mnist-test:0-31";
const games: Readonly<Record<string, (backend: BackendName) => Promise<Game>>> = {
  "an MLP": (backend) =>
    gameFromFiles({ network: join(checkpointFolder, "l1-10-0.safetensors"), inputs, score: "probabilities", backend }),
  "a LayersModel": (backend) => gameFromFiles({ network: model, inputs, sites: ["hidden"], lesion: "mean", backend }),
  "a generator": (tensorBackend) => generatorGameFromFile({ network: generator, faces: 2, tensorBackend }),
};
const options = { orderings: 12, seed: 2 };

/**
 * The bytes of a game's modes, played in another process, in which nothing has chosen a backend, from its spec as JSON.
 */
function bytesElsewhere(game: Game): Buffer {
  const code = `import { gameFromSpec, shapley } from ${JSON.stringify(pathToFileURL(join(packageRoot, "dist/index.js")))};
import { toNpz } from ${JSON.stringify(pathToFileURL(join(packageRoot, "dist/formats.js")))};
    const game = await gameFromSpec(${JSON.stringify(game.spec)});
    process.stdout.write(Buffer.from(toNpz(await shapley(game, ${JSON.stringify(options)}))).toString("base64"));`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", cwd: packageRoot });
  expect(run.status, run.stderr).toBe(0);
  return Buffer.from(run.stdout, "base64");
}

describe.each(backends)("on $name", ({ name: backend }) => {
  test.each(Object.keys(games))(
    "the modes of %s have the same bytes with 1, 2 and 3 workers, resumed, and again in another process",
    async (kind) => {
      const game = await games[kind](backend);
      const bytes = async (more: object) => Buffer.from(toNpz(await shapley(game, { ...options, ...more })));
      const alone = await bytes({});
      for (const workers of [2, 3]) expect(await bytes({ workers })).toEqual(alone);
      expect(bytesElsewhere(game)).toEqual(alone);
      const resume = join(folder, `${kind} ${backend}`);
      await shapley(game, { ...options, orderings: 5, resume, checkpointSeconds: 0 });
      expect(await bytes({ resume, checkpointSeconds: 0 })).toEqual(alone);
      game.dispose?.();
    },
  );
});

test.each(Object.keys(games))("a run of %s is not resumed on another backend", async (kind) => {
  const resume = join(folder, kind);
  const [first, second] = [await games[kind]("cpu"), await games[kind]("wasm")];
  await shapley(first, { ...options, resume });
  await expect(shapley(second, { ...options, resume })).rejects.toThrow(/tensor_backend|game/);
  first.dispose?.();
  second.dispose?.();
});

test("workers play a game that names no backend on the first thread's, and no other", async () => {
  await loadTensorflow("cpu");
  const module = pathToFileURL(join(packageRoot, "dist/generators.js")).href;
  const spec = {
    module,
    export: "generatorGameFromFile",
    arguments: [{ network: generator, faces: 2, backend: "tensors" }],
  };
  const game = await generatorGameFromFile({ network: generator, faces: 2, backend: "tensors" });
  const alone = await shapley(game, options);
  expect(alone.provenance.game).toMatchObject({ tensor_backend: "cpu" });
  const { forThreads: _, ...unnamed } = { ...game, spec };
  expect((await shapley(unnamed, { ...options, workers: 3 })).values).toEqual(alone.values);
  game.dispose();
});

test("a worker whose game computes on another backend ends the run", async () => {
  await loadTensorflow("wasm");
  const files = { network: join(checkpointFolder, "l1-10-0.safetensors"), inputs };
  const { forThreads: _, ...game } = await gameFromFiles({ ...files, backend: "wasm" });
  const { spec } = await gameFromFiles({ ...files, backend: "cpu" });
  await expect(shapley({ ...game, spec: spec as never }, { ...options, workers: 2 })).rejects.toThrow(
    "the game that gameFromFiles of shapley-modes makes in a worker computes on cpu, the one given on wasm",
  );
});
