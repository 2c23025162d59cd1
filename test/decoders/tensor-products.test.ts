import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { expertsGame } from "../../src/decoders/experts-game.js";
import { loadDecoder } from "../../src/decoders/load-decoder.js";
import { expertLesions } from "../../src/decoders/units.js";
import { shapley } from "../../src/engine/shapley.js";
import { MissingPartError } from "../../src/errors.js";
import { packageRoot } from "../../src/package.js";
import { type BackendName, backendNames, loadTensorflow } from "../../src/tensors/backend.js";
import { temporaryFolder } from "../helpers/folders.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** What loads here: wasm and cpu everywhere, TensorFlow's native library where it is installed. */
const loading: BackendName[] = [];
for (const name of backendNames) {
  const there = await loadTensorflow(name).then(
    () => true,
    (error) => {
      if (!(error instanceof MissingPartError)) throw error;
      return false;
    },
  );
  if (there) loading.push(name);
}

const sequences = [[1, 2, 3, 4, 5], [6], [7, 8, 9]];
const bound = 1e-4;

function apart(numbers: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(numbers.length).toBe(expected.length);
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - numbers[i])));
}

it("is tested on the backends that every machine has", () => {
  expect(loading).toEqual(expect.arrayContaining(["wasm", "cpu"]));
});

describe.each(loading)("a decoder whose products are made by the backend %s", (backend) => {
  it.each(["mixtral", "qwen2_moe", "olmoe", "llama"])("has the logits of the own kernel: %s", async (kind) => {
    const config = tinyConfig(kind, { num_hidden_layers: 2, ...(kind === "qwen2_moe" && { mlp_only_layers: [1] }) });
    const place = join(folder, `${backend}-${kind}`);
    writeCheckpoint(place, config, randomTensors(config, 4, "BF16"), { dtype: "BF16" });
    const own = await loadDecoder(place);
    const [there, onDisk] = [await loadDecoder(place, { backend }), await loadDecoder(place, { backend, memory: 2e6 })];
    const { experts, heads, shared, dense } = own.units;
    const lesioned = [heads[1], ...experts.slice(0, 3), ...shared.slice(0, 1), ...dense];
    for (const lesion of expertLesions) {
      const expected = await own.logits(sequences, { lesioned, lesion, all: true });
      for (const decoder of [there, onDisk]) {
        const logits = await decoder.logits(sequences, { lesioned, lesion, all: true });
        expected.forEach((row, s) => {
          expect(apart(logits[s], row)).toBeLessThan(bound);
        });
      }
    }
    const options = { newTokens: 3, stop: [] };
    expect(await there.generate(sequences, options)).toEqual(await own.generate(sequences, options));
  });

  it("plays the same game, says what computed, and is made again elsewhere with it", async () => {
    const place = join(folder, `${backend}-mixtral`);
    const tasks = [{ name: "one", questions: [{ prompt: [1, 2, 3], answer: [4, 5] }] }];
    const options = { units: ["L0/E0", "L0/E1", "L1/E2"], score: "log-probability", floor: -1000 } as const;
    const [own, there] = [
      expertsGame(await loadDecoder(place), tasks, options),
      expertsGame(await loadDecoder(place, { backend }), tasks, options),
    ];
    const [a, b] = [await shapley(own, { estimator: "exact" }), await shapley(there, { estimator: "exact" })];
    expect(apart(b.values, a.values)).toBeLessThan(bound);
    expect(String(there.provenance?.backend)).toContain(backend);
    expect(own.provenance).not.toHaveProperty("backend");
    expect(there.spec?.arguments).toMatchObject([{ backend }]);
  });
});

it("a backend that there is not is named before anything is read", async () => {
  await expect(loadDecoder(folder, { backend: "abacus" as BackendName })).rejects.toThrow(/tensor backend/);
});

// The numbers of an independent implementation, as reference.test.ts has them.
const reference = process.env.DECODER_REFERENCE_DIR ?? join(packageRoot, "..", "shared", "reference");
describe.runIf(existsSync(join(reference, "moe"))).each([
  ["mixtral/mixtral-f32-sharded", "float32"],
  ["mixtral/mixtral-bf16", "bfloat16"],
  ["moe/qwen3-moe", "float32"],
  ["moe/olmoe", "float32"],
] as const)("%s", (name, turns) => {
  it.each(loading)("has the logits of PyTorch on %s, intact and under every lesion", async (backend) => {
    const expected = JSON.parse(readFileSync(join(reference, name, "expected.json"), "utf8"));
    const decoder = await loadDecoder(join(reference, name), { turns, backend });
    const { input_ids: ids, attention_mask: mask } = expected as { input_ids: number[][]; attention_mask: number[][] };
    const asked = ids.map((own, s) => own.filter((_, i) => mask[s][i] === 1));
    (await decoder.logits(asked)).forEach((logits, s) => {
      expect(apart(logits, expected.logits_last[s])).toBeLessThan(bound);
    });
    for (const { kind = "silence", experts = [], heads = [], layers = [], logits_last } of expected.lesions) {
      const lesioned = [
        ...experts.map(([l, e]: number[]) => `L${l}/E${e}`),
        ...heads.map(([l, h]: number[]) => `L${l}/H${h}`),
        ...layers.map((l: number) => `L${l}`),
      ];
      const lesion = /reroute|router masked/.test(kind) ? "reroute" : "silence";
      (await decoder.logits(asked, { lesioned, lesion })).forEach((logits, s) => {
        expect(apart(logits, logits_last[s])).toBeLessThan(bound);
      });
    }
  });
});
