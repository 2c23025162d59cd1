import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { estimators } from "../../src/estimators/registry.js";
import { lesionKinds } from "../../src/lesion/lesion.js";
import { scoreNames } from "../../src/lesion/scores.js";
import { loadModes } from "../../src/modes/save.js";
import { saveMlp } from "../../src/networks/mlp/file.js";
import { mlpFromParameters, parameterCount } from "../../src/networks/mlp/mlp.js";
import { packageRoot } from "../../src/package.js";
import { npyFile } from "../datasets/npy-writer.js";
import { runCommand } from "../helpers/command.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { call, global, module, text, torchFile } from "../networks/formats/torch-writer.js";

const main = join(packageRoot, "dist", "cli", "main.js");
const network = join(packageRoot, "data", "checkpoints", "mlp", "l2-50-0.safetensors");
const folder = mkdtempSync(join(tmpdir(), "cli-"));

/** The program in a process of its own. */
function program(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], { encoding: "utf8", cwd: folder });
  return { status, stdout, stderr };
}

/** The command line in this process. */
const shapleyModes = (...argv: string[]) => runCommand(folder, argv);

/** `analyse` with these options; those given win over the usual ones. */
function analyseOptions(given: Record<string, string>) {
  const options = { network, inputs: "mnist-test:0-1023", orderings: "8", out: join(folder, "modes.csv"), ...given };
  return ["analyse", ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
}
const analyse = (given: Record<string, string>) => shapleyModes(...analyseOptions(given));

describe("compare and merge", () => {
  it("lay results side by side, and make one of several", async () => {
    const [a, b] = ["1", "2"].map((seed) => join(folder, `seed-${seed}.${seed === "1" ? "npz" : "zarr"}`));
    for (const [out, seed] of [
      [a, "1"],
      [b, "2"],
    ])
      expect((await analyse({ out, seed })).status).toBe(0);
    const compared = await shapleyModes("compare", a, b, "--json");
    expect(JSON.parse(compared.stdout)).toMatchObject({
      shared_seed: false,
      rows: expect.objectContaining({
        length: 50,
        0: expect.objectContaining({
          z: expect.any(Number),
          confidence_interval_95: [expect.any(Number), expect.any(Number)],
        }),
      }),
    });
    expect((await shapleyModes("compare", a, b)).stdout).toContain("50 units: Pearson");
    const out = join(folder, "merged.tidy.csv");
    const merged = await shapleyModes("merge", a, b, "--out", out);
    expect([merged.status, merged.stdout]).toEqual([0, `${out}: 50 units, 2 runs, 16 orderings, 804 evaluations\n`]);
    const [one, other] = [loadModes(a), loadModes(b)];
    // The store is of float64: what is read is what was computed.
    loadModes(out).values.forEach((value, i) => {
      expect(value).toBeCloseTo((one.values[i] + other.values[i]) / 2, 15);
    });
    const again = await shapleyModes("merge", a, a, "--out", out);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("invalid seed of b")]);
    expect((await shapleyModes("merge", a, b, "--out", b)).stderr).toBe(
      `error: ${b}: is an input of this run, so it is not replaced; choose another name\n`,
    );
    expect((await shapleyModes("merge", a, "--out", out)).stderr).toContain("at least two results to merge");
  });
});

describe("analyse", () => {
  it("writes modes and a summary, with the same bytes in another process", () => {
    const files = ["a", "b"].map((name) => {
      const out = join(folder, `${name}.npz`);
      const summary = join(folder, `${name}.json`);
      const { status, stdout } = program(...analyseOptions({ out, summary, seed: "0" }));
      expect(status).toBe(0);
      expect(stdout).toContain("50 units x [10], 402 evaluations");
      return [readFileSync(out), readFileSync(summary)];
    });
    expect(files[0]).toEqual(files[1]);
    const summary = JSON.parse(files[0][1].toString());
    expect(summary).toMatchObject({ units: 50, output_shape: [10], provenance: { seed: 0, orderings: 8 } });
    expect(summary.efficiency_gap).toBeLessThan(1e-12);
    expect(loadModes(join(folder, "a.npz")).provenance).toEqual(summary.provenance);
  });

  it("writes the same bytes with two workers", () => {
    const files = ["1", "2"].map((workers) => {
      const out = join(folder, `workers-${workers}.npz`);
      const { status, stderr } = program(...analyseOptions({ out, workers, orderings: "50" }));
      expect(status).toBe(0);
      expect(stderr).not.toContain("one worker is used");
      return readFileSync(out);
    });
    expect(files[1]).toEqual(files[0]);
  });

  it("never replaces its own inputs, also through links, and writes nothing where it would", async () => {
    const own = mkdtempSync(join(tmpdir(), "cli-inputs-"));
    const at = (name: string) => join(own, name);
    copyFileSync(network, at("net.safetensors"));
    const rows = Float32Array.from({ length: 2 * 784 }, (_, i) => (i % 7) / 7);
    writeFileSync(at("rows.npz"), zipSync({ "x.npy": npyFile("<f4", [2, 784], rows) }));
    symlinkSync("net.safetensors", at("summary.json"));
    linkSync(at("rows.npz"), at("hard.npz"));
    const given = { network: at("net.safetensors"), inputs: at("rows.npz"), score: "logits", out: at("modes.npz") };
    for (const outputs of [
      { out: at("rows.npz") },
      { out: at("hard.npz") },
      { out: join(own, "..", basename(own), "rows.npz") },
      { summary: at("net.safetensors") },
      { summary: at("summary.json") },
    ]) {
      const { status, stderr } = await analyse({ ...given, ...outputs });
      expect(status).toBe(1);
      expect(stderr).toMatch(/is an input of this run.*, so it is not replaced; choose another name\n$/);
    }
    expect(readFileSync(at("net.safetensors"))).toEqual(readFileSync(network));
    expect(readdirSync(own).sort()).toEqual(["hard.npz", "net.safetensors", "rows.npz", "summary.json"]);
    symlinkSync("far.npz", at("modes.npz"));
    expect((await analyse(given)).status).toBe(0);
    expect(loadModes(at("far.npz")).units).toHaveLength(50);
    expect(lstatSync(at("modes.npz")).isSymbolicLink()).toBe(true);
  });

  it("chooses the estimator where neither it nor orderings are asked for", async () => {
    const out = join(folder, "chosen.npz");
    const small = ["--network", network.replace("50-0", "10-0"), "--inputs", "mnist-test:0-63", "--out", out];
    const { status, stdout } = await shapleyModes("analyse", ...small);
    expect(status).toBe(0);
    expect(stdout).toContain("1024 evaluations (exact)");
    expect(loadModes(out).provenance.estimator_chosen_because).toContain("1024 coalitions");
    const { stderr } = await shapleyModes("analyse", ...small, "--estimator", "best");
    expect(stderr).toBe(
      'error: invalid estimator; expected one of auto, permutation, antithetic, leverage, exact; received "best"\n',
    );
  });

  it("takes every lesion, place, score and estimator by name", async () => {
    const files = { mean: "mnist-train:0-63", activation: "mnist-train:5-5", background: "mnist-train:0-1" };
    const lesions = lesionKinds.map((kind) => (kind === "constant" ? "constant:0.5" : kind));
    const all = { lesion: lesions, place: ["pre-activation", "activation"], estimator: Object.keys(estimators) };
    for (const [i, score] of scoreNames.entries()) {
      const [lesion, place, estimator] = Object.values(all).map((names) => names[i % names.length]);
      const given = lesion in files ? `${lesion}:${files[lesion as keyof typeof files]}` : lesion;
      const out = join(folder, "options.npz");
      const small = { network: network.replace("50-0", "10-0"), inputs: "mnist-test:0-63", orderings: "64" };
      const { status, stderr } = await analyse({ ...small, score, lesion: given, place, estimator, out });
      expect({ status, stderr }, `${score}, ${given}, ${place}, ${estimator}`).toMatchObject({ status: 0 });
      const { provenance } = loadModes(out);
      // What a background replaces is the same before and after the activation: there is no place to tell.
      const told = lesion === "background" ? { score } : { score, lesion_place: place };
      expect(provenance).toMatchObject({ estimator, game: told });
      expect(JSON.stringify((provenance.game as { lesion: unknown }).lesion)).toContain(lesion.split(":")[0]);
    }
    for (const names of Object.values(all)) expect(scoreNames.length).toBeGreaterThanOrEqual(names.length);
  });

  const truncated = join(folder, "truncated.pt");
  const whole = torchFile(module("torch.nn.modules.container.Sequential"), { 0: new Array(500).fill(1) });
  writeFileSync(truncated, whole.subarray(0, whole.length / 2));
  const cut = join(folder, "cut.safetensors");
  writeFileSync(cut, readFileSync(network).subarray(0, 5000));

  const hostile = join(folder, "hostile.pt");
  writeFileSync(hostile, torchFile(call(global("os", "system"), text(`touch ${join(folder, "executed")}`))));
  const narrow = join(folder, "narrow.safetensors");
  const size = { inputs: 100, hidden: 3, outputs: 10 };
  saveMlp(mlpFromParameters(size, new Float32Array(parameterCount(size))), narrow);

  it.each([
    [{ orderings: "0" }, "invalid orderings; expected a positive integer; received 0"],
    [{ orderings: "-3" }, "invalid orderings; expected a positive integer; received -3"],
    [{ orderings: "many" }, 'invalid orderings; expected a positive integer; received "many"'],
    [{ seed: "1.5" }, "invalid seed; expected an integer from 0 to 4294967295; received 1.5"],
    [{ workers: "0" }, "invalid workers; expected a positive integer; received 0"],
    [{ workers: "all" }, 'invalid workers; expected a positive integer; received "all"'],
    [{ score: "charm" }, "invalid score; expected one of class-precision, class-accuracy"],
    [{ lesion: "axe" }, "invalid lesion; expected one of zero, mean, constant:VALUE"],
    [{ estimator: "guess" }, "invalid estimator; expected one of auto, permutation, antithetic, leverage, exact"],
    [{ estimator: "antithetic", orderings: "3" }, "invalid orderings; expected an even number"],
    [
      { estimator: "exact" },
      "invalid units; expected at most 24 for the exact estimator, which plays all 2^units coalitions, here about 1e15: too many, though it keeps nothing but the modes in memory; leverage plays a part of them; received 50",
    ],
    [{ inputs: "mnist-test:0-10000" }, "invalid inputs; expected images 0 to 9999 of mnist-test"],
    [{ inputs: "mnist-test:9-3" }, "invalid inputs"],
    [
      { inputs: "cats" },
      "invalid inputs; expected a .npy or .npz file that numpy saved, or a name such as mnist-test:0-1023",
    ],
    [{ network: "absent.pt" }, "absent.pt: no such file"],
    [{ network: hostile }, "hostile.pt: "],
    [{ network: narrow }, "invalid network; expected 784 inputs, as mnist-test:0-1023 has; received 100"],
    [{ network: truncated }, "truncated.pt: "],
    [{ network: cut }, "cut.safetensors: "],
    [
      { out: join(folder, "same.csv"), summary: join(folder, "same.csv") },
      "invalid summary; expected another file than --out",
    ],
    [{ resume: network }, "can not be written"],
    [{ out: "modes.txt" }, 'expected a name ending in .npz, .zarr, .tidy.csv or .csv; received "modes.txt"'],
    [{ out: "/proc/modes.csv" }, "/proc/modes.csv: can not be written"],
    [{ summary: "/proc/summary.json" }, "/proc/summary.json: can not be written"],
  ])("%j is one clear error, and no file is touched", async (options, message) => {
    const out = "out" in options ? options.out : join(folder, "untouched.csv");
    const before = readdirSync(folder);
    const { status, stdout, stderr } = await analyse({ ...options, out });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n").length).toBe(1);
    expect(readdirSync(folder)).toEqual(before);
    expect([out, join(folder, "executed")].filter((path) => existsSync(resolve(folder, path)))).toEqual([]);
  });

  it("ends the program with 1, and with one line on stderr alone", () => {
    expect(program(...analyseOptions({ orderings: "0" }))).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: invalid orderings; expected a positive integer; received 0\n",
    });
  });

  it.each(["1", "2"])("stopped by Ctrl-C ends with 130 and leaves nothing behind (workers: %s)", async (workers) => {
    const out = join(folder, "stopped.npz");
    const argv = [
      "analyse",
      "--network",
      network,
      "--inputs",
      "mnist-test:0-1023",
      "--orderings",
      "1000000",
      "--workers",
      workers,
      "--out",
      out,
    ];
    const child = spawn(process.execPath, [main, ...argv], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (text) => {
      const before = stderr.includes("evaluations");
      stderr += text;
      if (!before && stderr.includes("evaluations")) child.kill("SIGINT");
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted");
    expect(readdirSync(folder).filter((name) => name.includes("stopped") || name.endsWith(".part"))).toEqual([]);
  });
});

describe("analyse --resume", () => {
  /** Runs `analyse`, stops it by Ctrl-C at its first progress where asked to, and tells how it ended. */
  async function analyseThere(name: string, resume: string | undefined, stop: boolean) {
    const options = ["--network", network, "--inputs", "mnist-test:0-1023", "--orderings", "30000", "--out", name];
    const argv = ["analyse", ...options, ...(resume === undefined ? [] : ["--resume", resume])];
    const child = spawn(process.execPath, [main, ...argv], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (text) => {
      const before = stderr.includes("evaluations");
      stderr += text;
      if (stop && !before && stderr.includes("evaluations")) child.kill("SIGINT");
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    return { status, stderr };
  }

  it("saves at Ctrl-C, says how to go on, and then gives the bytes of a run that nobody stopped", async () => {
    const stopped = await analyseThere("resumed.npz", "run", true);
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toMatch(
      /interrupted after [1-9]\d* of 30000 orderings; the same command goes on from there\n$/,
    );
    expect(existsSync(join(folder, "resumed.npz"))).toBe(false);
    const resumed = await analyseThere("resumed.npz", "run", false);
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toMatch(/going on from run: [1-9]\d* of 30000 orderings are there/);
    expect((await analyseThere("undisturbed.npz", undefined, false)).status).toBe(0);
    expect(readFileSync(join(folder, "resumed.npz"))).toEqual(readFileSync(join(folder, "undisturbed.npz")));
  });

  it("without it, Ctrl-C says what would have helped", async () => {
    const { stderr } = await analyseThere("stopped.npz", undefined, true);
    expect(stderr).toMatch(
      /interrupted after .* orderings; with --resume FOLDER it could go on where it was stopped\n$/,
    );
  });

  it("the folder of another run is one clear error, and no file is touched", async () => {
    const out = join(folder, "untouched.npz");
    expect((await analyse({ out: join(folder, "first.npz"), resume: "seeds", seed: "1" })).status).toBe(0);
    const { status, stderr } = await analyse({ out, resume: "seeds", seed: "2" });
    expect(status).toBe(1);
    expect(stderr).toContain(
      "invalid resume; expected the folder of a run with the same game and options (seed: 1 there",
    );
    expect(existsSync(out)).toBe(false);
  });
});

describe("the command", () => {
  it("says what is wrong with a command or option that does not exist, and ends with an error", async () => {
    expect(program("analyze")).toMatchObject({ status: 1, stderr: expect.stringContaining("unknown command") });
    expect(await shapleyModes("doctor", "--loud")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--loud"),
    });
    expect((await shapleyModes("reproduce", "cats")).stderr).toContain(
      "invalid experiment; expected one of mlp, gan, experts, own, observed, cnn, all",
    );
    expect((await shapleyModes("reproduce", "mlp", "--network", "x")).stderr).toContain(
      "invalid experiment; expected gan, for",
    );
    expect((await shapleyModes("reproduce", "gan", "--network", "nothing.pt")).stderr).toContain("no such file");
    expect((await shapleyModes("reproduce", "gan", "--images", ".")).stderr).toContain(
      "invalid images; expected the profile",
    );
    expect((await shapleyModes("reproduce", "mlp", "--profile", "huge")).stderr).toContain(
      "invalid profile; expected one of",
    );
    expect((await shapleyModes("reproduce", "mlp", "--out", "/proc/results")).stderr).toContain("can not be written");
  });

  it("doctor finds everything that is needed", () => {
    const { status, stdout } = program("doctor", "--json");
    expect(status).toBe(0);
    const { findings } = JSON.parse(stdout) as { findings: { part: string; state: string }[] };
    const parts = findings.map(({ part }) => part);
    for (const part of ["tensors: tfjs-node-gpu", "networks: ONNX Runtime"]) expect(parts).toContain(part);
    if (onnxRuntime) expect(parts).toContain("networks: ONNX Runtime, cuda");
    for (const part of ["Node", "tensors: wasm", "MNIST", "checkpoints"]) {
      expect(findings.find((finding) => finding.part === part)).toMatchObject({ state: "ok" });
    }
  });

  it("kernel install puts the kernel where Jupyter looks", async () => {
    expect(program("kernel", "install", "--prefix", join(folder, "env")).status).toBe(0);
    const spec = join(folder, "env", "share", "jupyter", "kernels", "shapley-modes", "kernel.json");
    const { argv, language } = JSON.parse(readFileSync(spec, "utf8"));
    expect(language).toBe("typescript");
    for (const path of argv.filter((part: string) => part.startsWith("/"))) expect(existsSync(path)).toBe(true);
    expect((await shapleyModes("kernel", "install", "--prefix", "/proc/env")).stderr).toContain("can not be written");
  });
});
