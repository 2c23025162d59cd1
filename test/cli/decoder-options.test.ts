import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decoderGame, mixedContrasts } from "../../src/cli/decoder-options.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "../decoders/tiny-checkpoint.js";
import { runCommand } from "../helpers/command.js";
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

const command = (...argv: string[]) => runCommand(folder, argv);

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

  it("has a remark on contrasts of logarithms and shares", () => {
    const tasks = [
      { name: "a", questions, score: "log-probability" as const },
      { name: "b", questions },
    ];
    const contrasts = [{ name: "c", plus: ["a"], minus: ["b"] }];
    expect(mixedContrasts(tasks, contrasts)).toEqual([
      "contrast c is a difference of unlike scores (log-probability, accuracy): its size says little",
    ]);
    expect(mixedContrasts(tasks, contrasts, "log-probability")).toEqual([]);
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
      /tasks-\d+.json: invalid tasks\[0\].questions; expected at least one question/,
    );
    const long = [{ prompt: Array.from({ length: 5000 }, () => 1), answer: [1] }];
    await expect(decoderGame({ ...given(), tasks: fileOf([{ name: "one", questions: long }]) })).rejects.toThrow(
      /invalid length of question 0 of task one; expected at most \d+ tokens/,
    );
  });
});

describe("a language model as a job", () => {
  it.each([
    ["experts", "2", ["--lesion", "reroute", "--orderings", "8"]],
    [
      "heads",
      "1",
      ["--score", "log-probability", "--memory", "50MB", "--evaluations", "40", "--estimator", "leverage"],
    ],
    ["layers", "1", ["--estimator", "exact"]],
  ])("has the bytes of analyse, in chunks: %s", async (units, chunks, more) => {
    const tasks = fileOf([{ name: "one", questions }]);
    const options = ["--network", network, "--tasks", tasks, "--units", units, ...more];
    const [whole, parts, job] = [".npz", "-parts.npz", "-job"].map((end) => join(folder, `${units}${end}`));
    const ran = async (...argv: string[]) => expect(await command(...argv)).toMatchObject({ status: 0, stderr: "" });
    expect(await command("analyse", ...options, "--out", whole)).toMatchObject({ status: 0 });
    await ran("job", "plan", ...options, "--chunks", chunks, "--folder", job);
    const { files } = JSON.parse(readFileSync(join(job, "plan.json"), "utf8"));
    expect(files.map(({ path }: { path: string }) => path)).toEqual([join(network, "config.json")]);
    for (const index of units === "layers" ? ["0"] : ["1", "0"])
      await command("job", "chunk", "--folder", job, "--index", index);
    await command("job", "reduce", "--folder", job, "--out", parts);
    expect(readFileSync(parts).equals(readFileSync(whole))).toBe(true);
  });

  it("is planned with the options of analyse, and no others", async () => {
    const job = ["--folder", join(folder, "refused")];
    const refused = async (message: RegExp, ...argv: string[]) =>
      expect((await command("job", "plan", ...argv, ...job)).stderr).toMatch(message);
    await refused(/^error: invalid units; expected none without --tasks/, "--network", network, "--units", "heads");
    await refused(/^error: invalid tasks; expected none beside --game/, "--game", "./a.mjs#a", "--tasks", "t.json");
    await refused(/language model: ask it with --tasks/, "--network", network, "--inputs", "mnist-test:0-1");
  });
});

describe("a language model's folder", () => {
  it("has its units listed, in a table and for programs", async () => {
    const { status, stdout } = await command("sites", "--network", network);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^language model: mixtral, 2 layers; .*\nunits +number +names\nexperts +\d+ +L0\/E0 to L1\/E\d+\n/,
    );
    const { units } = JSON.parse((await command("sites", "--network", network, "--json")).stdout);
    expect(units.layers).toEqual(["L0", "L1"]);
  });

  it.each([
    ["exact", ["--units", "layers"], /L\S+ {2}-?[\d.e-]+\n/, false],
    ["permutation", ["--units", "heads", "--orderings", "6"], /L\S+ {2}-?[\d.e-]+\n/, true],
  ] as const)("with contrasts has means without errors, and says why: %s", async (estimator, more, line, said) => {
    const tasks = fileOf({
      tasks: [
        { name: "one", questions },
        { name: "two", questions },
      ],
      contrasts: [{ name: "less", plus: ["one"], minus: ["two"] }],
    });
    const options = ["--network", network, "--tasks", tasks, "--score", "log-probability", "--estimator", estimator];
    const { status, stdout } = await command(
      "analyse",
      ...options,
      ...more,
      "--out",
      join(folder, `means-${estimator}.npz`),
    );
    expect(status).toBe(0);
    expect(stdout).not.toContain("?");
    expect(stdout).toMatch(line);
    expect(stdout.includes("standard errors of means over the tasks alone are not kept")).toBe(said);
  });

  it("whose tokenizer refuses a question says so in one line", async () => {
    const bytes = join(folder, "bytes");
    mkdirSync(bytes);
    const settings = tinyConfig("mixtral", { vocab_size: 260, bos_token_id: 256 });
    writeCheckpoint(bytes, settings, randomTensors(settings, 4));
    const tasks = fileOf([{ name: "a", chat: true, questions: [{ prompt: "x", answer: "y" }] }]);
    const { status, stderr } = await command(
      ...["analyse", "--network", bytes, "--tasks", tasks, "--orderings", "1", "--out", join(folder, "c.npz")],
    );
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([
      `error: invalid question 0 of task a: invalid checkpoint; expected one with a chat template, in tokenizer_config.json or chat_template.jinja; received ${JSON.stringify(bytes)}`,
    ]);
  });
});
