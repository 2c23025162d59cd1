import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decoderGame } from "../../src/cli/decoder-options.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "../decoders/tiny-checkpoint.js";
import { temporaryFolder } from "../helpers/folders.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
const network = join(folder, "decoder");
mkdirSync(network);
const config = tinyConfig("mixtral", { num_hidden_layers: 2 });
writeCheckpoint(network, config, randomTensors(config, 4));

const questions = [{ prompt: [1, 2, 3], answer: [4, 5] }];
let files = 0;
const fileOf = (content: unknown) => {
  const path = join(folder, `tasks-${files++}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const given = (more: object = {}) =>
  ({
    network,
    shape: [],
    fixed: [],
    site: [],
    group: [],
    tasks: fileOf([{ name: "one", questions }]),
    ...more,
  }) as Parameters<typeof decoderGame>[0];

describe("the game of a language model from the command line", () => {
  it("has experts, heads, layers or named units as players", async () => {
    const { units, provenance } = await decoderGame(given());
    expect(units[0]).toBe("L0/E0");
    expect(provenance).toMatchObject({ lesion: "silence", score: "accuracy", tasks: ["one"] });
    expect((await decoderGame(given({ units: "heads" }))).units[1]).toBe("L0/H1");
    expect((await decoderGame(given({ units: "layers" }))).units).toEqual(["L0", "L1"]);
    expect((await decoderGame(given({ units: "L1/E2, L0/H0" }))).units).toEqual(["L1/E2", "L0/H0"]);
    const rerouted = await decoderGame(given({ lesion: "reroute", score: "log-probability" }));
    expect(rerouted.provenance).toMatchObject({ lesion: "reroute", score: "log-probability" });
  });

  it("has contrasts of the file as outputs behind the tasks", async () => {
    const tasks = [
      { name: "one", questions },
      { name: "two", questions },
    ];
    const path = fileOf({ tasks, contrasts: [{ name: "one less two", plus: ["one"], minus: ["two"] }] });
    expect((await decoderGame({ ...given(), tasks: path })).outputShape).toEqual([3]);
  });

  it("leaves weights on the disk with --memory, and multiplies by a backend of TensorFlow.js with --backend", async () => {
    const streamed = await decoderGame(given({ memory: "50MB", score: "log-probability" }));
    expect(streamed.walk).toBeUndefined();
    expect(streamed.spec?.arguments).toMatchObject([{ memory: 50e6 }]);
    expect((await decoderGame(given({ backend: "cpu" }))).provenance).toMatchObject({ backend: "cpu" });
    const refused = (more: object) => expect(decoderGame(given(more))).rejects;
    await refused({ memory: "much" }).toThrow(/invalid memory; expected a size such as 500MB or 2GB/);
    await refused({ memory: "1KB" }).toThrow(/invalid memory; expected at least \d+ bytes, since the largest part/);
    await refused({ memory: "50MB", score: "decoded-accuracy" }).toThrow(/where weights stay on the disk/);
    await refused({ backend: "cuda" }).toThrow(/invalid backend; expected one of tfjs-node-gpu, tfjs-node, wasm, cpu/);
  });

  it("refuses what says nothing of a language model, units that there are not, and tasks that can not be asked", async () => {
    const refused = (more: object) => expect(decoderGame(given(more))).rejects;
    await refused({ inputs: "rows.npy" }).toThrow(/invalid inputs; expected none with --tasks; received "rows.npy"/);
    await refused({ site: ["conv"] }).toThrow(/invalid site; expected none with --tasks/);
    await refused({ lesion: "zero" }).toThrow(/invalid lesion; expected one of silence, reroute, renormalise/);
    await refused({ score: "output" }).toThrow(/invalid score; expected one of accuracy/);
    await refused({ units: "neurons" }).toThrow(/invalid units; expected experts, heads, layers/);
    await refused({ units: "L1/E99" }).toThrow(/such as the nearest: L1, L1\/E0/);
    await refused({ network: join(folder, "nowhere") }).toThrow(/no such folder/);
    await expect(decoderGame({ ...given(), tasks: fileOf([{ name: "one", questions: [] }]) })).rejects.toThrow(
      /invalid questions of task one; expected at least one question/,
    );
    const long = [{ prompt: Array.from({ length: 5000 }, () => 1), answer: [1] }];
    await expect(decoderGame({ ...given(), tasks: fileOf([{ name: "one", questions: long }]) })).rejects.toThrow(
      /invalid length of question 0 of task one; expected at most \d+ tokens/,
    );
  });
});
