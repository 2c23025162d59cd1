import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { loadInputs } from "../../src/datasets/inputs.js";
import { labelledInputs } from "../../src/datasets/labelled-inputs.js";
import { shapley } from "../../src/engine/shapley.js";
import type { Lesion } from "../../src/lesion/lesion.js";
import { mlpGame } from "../../src/lesion/mlp-game.js";
import { type NetworkGameOptions, networkGame } from "../../src/lesion/network-game.js";
import type { ScoreContext } from "../../src/lesion/output-score.js";
import { patches, type UnitGroups } from "../../src/lesion/unit-groups.js";
import { checkpoint } from "../../src/networks/mlp/checkpoints.js";
import type { Network } from "../../src/networks/network.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { siteOf } from "../../src/networks/sites.js";
import { layersNetwork } from "../../src/networks/tfjs/models.js";
import { backendLabel, loadTensorflow, type Tensorflow } from "../../src/tensors/backend.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { mlpAsLayers } from "../networks/mlp-models.js";
import { mlpAsOnnx } from "../networks/onnx/build.js";

let tf: Tensorflow;
let linear: Network;
const weights = [2, -1, 0.5, 3];
const inputs = Float32Array.of(1, 2, 3, 4, -1, 0.5, 8, 0.25);

beforeAll(async () => {
  tf = (await loadTensorflow()).tf;
  const model = tf.sequential({ layers: [tf.layers.dense({ name: "sum", units: 1, inputShape: [4] })] });
  model.getLayer("sum").setWeights([tf.tensor2d(weights, [4, 1]), tf.tensor1d([7])]);
  linear = await layersNetwork(model);
});

describe("networkGame", () => {
  it.each(["tf.LayersModel", ...(onnxRuntime ? ["ONNX", "ONNX of operator version 8"] : [])])(
    "gives the same modes as mlpGame for the same network as %s",
    async (kind) => {
      const mlp = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
      const data = loadInputs("mnist-test:0-63");
      const network =
        kind === "tf.LayersModel"
          ? await layersNetwork(mlpAsLayers(tf, mlp))
          : await loadOnnx(mlpAsOnnx(mlp, kind === "ONNX" ? 13 : 8));
      const cases = [
        ["zero", "hidden", "pre-activation"],
        ["mean", "hidden", "pre-activation"],
        ["mean", "leaky", "activation"],
      ] as const;
      for (const score of ["logits", "class-precision"] as const) {
        for (const [lesion, site, place] of cases) {
          const options = { orderings: 20, seed: 5 };
          const own = await shapley(await mlpGame(mlp, data, { score, lesion, place }), options);
          const game = await networkGame(network, data, { sites: { hidden: site }, lesion, score });
          const any = await shapley(game, options);
          expect(any.units).toEqual(own.units);
          expect(any.outputShape).toEqual(own.outputShape);
          let largest = 0;
          any.values.forEach((value, i) => {
            largest = Math.max(largest, Math.abs(value - own.values[i]));
          });
          expect(largest).toBeLessThan(1e-5);
          game.dispose();
        }
      }
    },
  );

  it("takes the first of equal logits as the prediction", async () => {
    const mlp = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
    const network = await layersNetwork(mlpAsLayers(tf, mlp));
    const data = loadInputs("mnist-test:0-31");
    const game = await networkGame(network, data, { sites: ["logits"], score: "class-accuracy" });
    const nothing = await game.evaluate(coalitionsOf(10, [[]]));
    expect([...nothing]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("gives a linear model's inputs their w (x - r), whatever replaces them", async () => {
    const other = Float32Array.of(0.5, -1, 2, 10);
    const pairs = Float32Array.of(...other, 4, 3, 2, 1);
    const mean = Float32Array.from(other, (value, i) => (value + pairs[4 + i]) / 2);
    const references = [
      { lesion: "zero", at: () => 0 },
      { lesion: { constant: 1.5 }, at: () => 1.5 },
      { lesion: "mean", at: (_: number, i: number) => (inputs[i] + inputs[4 + i]) / 2 },
      { lesion: { mean: pairs }, at: (_: number, i: number) => mean[i] },
      { lesion: { activation: other }, at: (_: number, i: number) => other[i] },
      { lesion: { activation: pairs }, at: (row: number, i: number) => pairs[4 * row + i] },
    ] as const;
    for (const { lesion, at } of references) {
      const game = await networkGame(linear, inputs, { sites: ["input"], lesion });
      const modes = await shapley(game, { estimator: "exact" });
      expect(game.outputShape).toEqual([2, 1]);
      for (const row of [0, 1]) {
        weights.forEach((w, i) => {
          // All numbers here are exact in single precision, so nothing is rounded.
          expect(modes.unit(`input/${i}`).values[row]).toBeCloseTo(w * (inputs[4 * row + i] - at(row, i)), 12);
        });
      }
      game.dispose();
    }
  });

  it("refuses a mean that is the only input itself, and takes one over a reference set", async () => {
    const [one, other] = [inputs.slice(0, 4), inputs.slice(4)];
    const mean = (lesion: Lesion, data = one) => networkGame(linear, data, { sites: ["input"], lesion });
    const twice = Float32Array.of(...one, ...one);
    for (const refused of [mean("mean"), mean({ mean: one }), mean({ mean: twice }), mean("mean", twice)]) {
      await expect(refused).rejects.toThrow("invalid lesion mean; expected two or more inputs that differ");
    }
    const modes = await shapley(await mean({ mean: other }), { estimator: "exact" });
    weights.forEach((w, i) => expect(modes.values[i]).toBeCloseTo(w * (one[i] - other[i]), 12));
    await expect(mean({ mean: inputs })).resolves.toBeDefined();
  });

  it("refuses names of labels, members and groups that could mean two things, listing both", async () => {
    const { layers } = tf;
    const input = tf.input({ shape: [2], name: "x" });
    const a = layers.dense({ units: 2, name: "a" }).apply(input) as SymbolicTensor;
    const b = layers.dense({ units: 2, name: "a/0" }).apply(a) as SymbolicTensor;
    const network = await layersNetwork(tf.model({ inputs: input, outputs: b }));
    const play = (sites: NetworkGameOptions["sites"], groups?: UnitGroups) =>
      networkGame(network, Float32Array.of(1, 2), { sites, ...(groups && { groups }) });
    await expect(play(["a", "a/0"], { g: ["a/0"] })).rejects.toThrow(
      'invalid unit in group g; expected a name that means one thing; this one is the site a/0, and unit 0 of the site a (labels tell them apart: sites: { label: name }); received "a/0"',
    );
    await expect(play({ first: "a", "first/1": "a/0" }, { g: ["first/1"] })).rejects.toThrow(
      "this one is the site first/1, and unit 1 of the site first",
    );
    await expect(play({ a: "a/0", "a/0": "a" })).rejects.toThrow(
      'invalid sites; expected labels that mean one thing; this one is the label of the site a/0, and the name of the site labelled a/0; received "a"',
    );
    await expect(play(["a"], { "a/1": ["a/0"] })).rejects.toThrow(
      'invalid group; expected a name that means one thing; this one is that of the unit a/1, and of other members; received "a/1"',
    );
    await expect(play(["a"], { a: ["a/0"] })).rejects.toThrow("is that of all units of the site a, and of other");
    expect((await play(["a", "a/0"])).units).toEqual(["a/0", "a/1", "a/0/0", "a/0/1"]);
    expect((await play(["a", "a/0"], { g: ["a", "a/0/1"] })).units).toEqual(["g"]);
    expect((await play({ p: "a", q: "a/0" }, { "p/0": ["p/0"], q: ["q"] })).units).toEqual(["p/0", "q"]);
    await expect(layersNetwork(tf.model({ inputs: input, outputs: b }), { axes: { "a/O": 0 } })).rejects.toThrow(
      'invalid name in axes; expected one of the network\'s 3 sites, such as the nearest: a, a/0, input; received "a/O"',
    );
  });

  it("refuses a site or output whose name two have", async () => {
    const [site] = linear.sites;
    const [output] = linear.outputs;
    const twice = { ...linear, sites: [site, { ...site, kind: "Dense", shape: [2] }] };
    await expect(networkGame(twice, inputs, { sites: ["input"] })).rejects.toThrow(
      'invalid site; expected a name that means one thing; this one is that of input [4] and of Dense [2]; received "input"',
    );
    const outputs = { ...linear, outputs: [output, { name: "sum", shape: [3] }] };
    await expect(networkGame(outputs, inputs, { sites: ["input"], output: "sum" })).rejects.toThrow(
      "invalid output; expected a name that means one thing; this one is that of [1] and of [3]",
    );
  });

  it.each([
    ["every pass", 1, undefined],
    ["what is computed once", 2, 1],
  ] as const)("refuses a network that gives equal inputs other outputs in %s", async (_, rows, mostRows) => {
    let passes = 0;
    const prepare: Network["prepare"] = async (...given) => {
      const prepared = await linear.prepare(...given);
      let once = 0;
      const run: typeof prepared.run = async (pass) => {
        passes++;
        const values = await prepared.run(pass);
        return values.map((value) => value + (mostRows ? once : passes) * 1e-5);
      };
      const anew = async () => {
        once++;
      };
      return { ...prepared, run, anew };
    };
    // Of a backend that computes the same to the bit; others may be off by their rounding.
    const network = { ...linear, backend: "cpu", prepare, mostRows };
    await expect(networkGame(network, inputs.slice(0, 4 * rows), { sites: ["input"] })).rejects.toThrow(
      /^invalid network; expected one that gives the same output for the same input whenever it is asked, intact; it draws random numbers, or keeps a state; received "outputs that differ by [\d.e-]+"$/,
    );
  });

  it("plays groups, and leaves units that are in none intact", async () => {
    const groups = patches([2, 2], [1, 2]);
    expect(groups).toEqual({ "patch 0,0": ["input/0", "input/1"], "patch 1,0": ["input/2", "input/3"] });
    const game = await networkGame(linear, inputs, { sites: ["input"], groups });
    expect(game.units).toEqual(["patch 0,0", "patch 1,0"]);
    expect([...(await game.evaluate(coalitionsOf(2, [[], [0], [1]])))]).toEqual([7, 7, 7, 4.5, 20.5, 11.75]);
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const one = await networkGame(linear, inputs, { sites: { x: "input" }, groups: { last: ["x/3"] } });
    expect(said.mock.calls.join()).toBe(
      "3 of 4 units are in no group: they stay intact and are no players; together(game, groups) has units outside groups as players\n",
    );
    said.mockRestore();
    expect([...(await one.evaluate(coalitionsOf(1, [[]])))]).toEqual([8.5, 8.5]);
    const layer = await networkGame(linear, inputs, { sites: { x: "input" }, groups: { everything: ["x"] } });
    expect([...(await layer.evaluate(coalitionsOf(1, [[], [0]])))]).toEqual([7, 7, 20.5, 9.25]);
  });

  it("takes a function of the output as the score, and its shape from what it returns", async () => {
    const seen: unknown[] = [];
    const score = (output: Float32Array, context: ScoreContext) => {
      seen.push(context);
      return [output[0] + output[1], [...output].length];
    };
    const game = await networkGame(linear, inputs, { sites: ["input"], score });
    expect(game.outputShape).toEqual([2]);
    expect([...(await game.evaluate(coalitionsOf(4, [[0], []])))]).toEqual([14, 2, 14, 2]);
    expect(seen[0]).toEqual({ inputs: 2, shape: [1], labels: undefined });
    let calls = 0;
    const fickle = await networkGame(linear, inputs, { sites: ["input"], score: () => (calls++ === 0 ? 1 : [1, 2]) });
    await expect(shapley(fickle, { estimator: "exact" })).rejects.toThrow("expected shape []");
  });

  it("gives the same values for any memory, and takes as many rows at once as fit", async () => {
    const coalitions = coalitionsOf(4, [[], [0], [1, 2], [0, 3], [0, 1, 2, 3]]);
    const wide = await networkGame(linear, inputs, { sites: ["input"] });
    const expected = await wide.evaluate(coalitions);
    expect(wide.rowsAtOnce).toBeGreaterThan(10);
    // Passes of one row, half of a coalition's inputs, and of two coalitions at a time.
    const lesions = [{ site: siteOf(linear, "input"), replacement: new Float32Array(4) }];
    const { bytes } = await linear.prepare({ count: 2, data: [inputs] }, lesions, "sum");
    for (const rows of [1, 5]) {
      const game = await networkGame(linear, inputs, { sites: ["input"], memory: bytes(rows) });
      expect(game.rowsAtOnce).toBe(rows);
      expect(await game.evaluate(coalitions)).toEqual(expected);
    }
    await expect(networkGame(linear, inputs, { sites: ["input"], memory: 8 })).rejects.toThrow(
      /^invalid memory; expected at least \d+ bytes, what one input takes in this network; received 8$/,
    );
  });

  it("keeps no tensor over a thousand passes, and none when it is let go", async () => {
    const before = tf.memory().numTensors;
    const game = await networkGame(linear, inputs, { sites: ["input"], lesion: "mean" });
    const kept = tf.memory();
    for (let pass = 0; pass < 1000; pass++) await game.evaluate(coalitionsOf(4, [[pass % 4], []]));
    expect(tf.memory().numTensors).toBe(kept.numTensors);
    expect(tf.memory().numBytes).toBe(kept.numBytes);
    game.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("leaves no tensor behind where it refuses or fails", async () => {
    const before = tf.memory().numTensors;
    await expect(networkGame(linear, inputs, { sites: ["input"], memory: 8 })).rejects.toThrow("invalid memory");
    const fails = () => {
      throw new Error("no score");
    };
    await expect(networkGame(linear, inputs, { sites: ["input"], score: fails })).rejects.toThrow("no score");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("states what is played", async () => {
    const game = await networkGame(linear, inputs, { sites: { x: "input" }, lesion: { constant: 2 } });
    expect(game.provenance).toEqual({
      groups: null,
      inputs: null,
      inputs_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      lesion: "constant",
      lesion_constant: 2,
      lesion_inputs_sha256: null,
      network: "tf.LayersModel",
      network_sha256: null,
      output: "sum",
      score: "output",
      sites: { x: "input" },
      tensor_backend: backendLabel(await loadTensorflow()),
    });
  });

  describe("where inputs of one pass depend on each other, lets them go through alone, and says so:", () => {
    /** What comes with all units intact and with none, for a network and these inputs, and the remarks. */
    const played = async (network: Network, site: string, lesion: Lesion = "zero") => {
      const remarks: string[] = [];
      const options = { sites: [site], lesion, onRemark: (remark: string) => remarks.push(remark) };
      const game = await networkGame(network, inputs, options);
      const values = await game.evaluate(coalitionsOf(4, [[0, 1, 2, 3], []]));
      expect(game.rowsAtOnce).toBe(1);
      game.dispose();
      return { values: Array.from(values), remarks };
    };
    const remark = expect.stringMatching(
      /^rows go through the network one at a time \(an input's output depends on the others that go through with it\): a coalition of 2 inputs takes [\d.e+-]+ ms$/,
    );

    it("in what is computed for each coalition", async () => {
      const prepare: Network["prepare"] = async (rows, lesions, output) => {
        const prepared = await linear.prepare(rows, lesions, output);
        const run: typeof prepared.run = async (pass) => {
          const values = await prepared.run(pass);
          return values.map((value) => value + values.length - 1);
        };
        return { ...prepared, run };
      };
      expect(await played({ ...linear, prepare }, "input")).toEqual({ values: [20.5, 9.25, 7, 7], remarks: [remark] });
    });

    it.each(["kept for all coalitions", "kept, and in what lesioned units hold"])("in what is %s", async (where) => {
      // x divided by the largest number of the whole batch, as dynamic quantisation has it; then the sum that is
      // lesioned.
      const input = tf.input({ shape: [4] });
      const divided = new (class extends tf.layers.Layer {
        override computeOutputShape(shape: number[]) {
          return shape;
        }
        override call(x: Tensor | Tensor[]) {
          const [rows] = [x].flat();
          return tf.div(rows, tf.max(rows)) as Tensor;
        }
        static className = "ByLargest";
      })({ name: "divided" }).apply(input) as SymbolicTensor;
      const out = tf.layers.dense({ name: "sum", units: 1 }).apply(divided) as SymbolicTensor;
      const model = tf.model({ inputs: input, outputs: out });
      model.getLayer("sum").setWeights([tf.tensor2d(weights, [4, 1]), tf.tensor1d([7])]);
      const network = await layersNetwork(model);
      const lesion = where.endsWith("hold") ? { activation: inputs } : "zero";
      const { values, remarks } = await played(network, "divided", lesion);
      const alone = [13.5 / 4, 2.25 / 8].map((value) => value + 7);
      const expected = [...alone, ...(where.endsWith("hold") ? alone : [7, 7])];
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 5);
      });
      expect(remarks).toEqual([remark]);
    });
  });

  it("names the input of whose class nothing is known, where the network puts out NaN for it", async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ name: "sum", units: 2, inputShape: [2] })] });
    model.getLayer("sum").setWeights([tf.tensor2d([1, 0, 0, 1], [2, 2]), tf.tensor1d([0, 0])]);
    const finite = await layersNetwork(model);
    const prepare: Network["prepare"] = async (...given) => {
      const prepared = await finite.prepare(...given);
      const run: typeof prepared.run = async (pass) =>
        (await prepared.run(pass)).map((value) => (value === 9 ? Number.NaN : value));
      return { ...prepared, run };
    };
    const network = { ...finite, prepare };
    const data = labelledInputs(Float32Array.of(1, 1, 9, 9), [0, 1], { shape: [2] });
    for (const score of ["accuracy", "class-precision", "logits"] as const) {
      const playing = async () => {
        const game = await networkGame(network, data, { sites: ["input"], score });
        await shapley(game, { estimator: "exact" });
      };
      await expect(playing(), score).rejects.toThrow(/the network put out NaN for class 0 of input 1/);
    }
  });

  it("says which passes would fit where memory runs out", async () => {
    const prepare: Network["prepare"] = async (rows, lesions, output) => {
      const prepared = await linear.prepare(rows, lesions, output);
      const run: typeof prepared.run = async (pass) => {
        if (pass.coalitions * (pass.to - pass.from) > 6) throw new RangeError("Array buffer allocation failed");
        return prepared.run(pass);
      };
      return { ...prepared, run };
    };
    const game = await networkGame({ ...linear, prepare }, inputs, { sites: ["input"] });
    await expect(game.evaluate(coalitionsOf(4, [[], [], [], []]))).rejects.toThrow(
      /^out of memory in a pass of 8 rows; memory: \d+ \(1 MB\) makes passes of 4 \(Array buffer allocation failed\)$/,
    );
  });

  it("says that fewer inputs would fit where memory runs out before the first pass, or in a pass of one row", async () => {
    const outOfMemory = new Error("Failed to allocate memory for requested buffer of size 8");
    const none: Network["prepare"] = () => Promise.reject(outOfMemory);
    await expect(networkGame({ ...linear, prepare: none }, inputs, { sites: ["input"] })).rejects.toThrow(
      /^out of memory for 2 inputs; what comes before the first lesioned site is kept for all of them; take fewer \(Failed/,
    );
    const prepare: Network["prepare"] = async (...given) => ({
      ...(await linear.prepare(...given)),
      bytes: (rows) => 100 * rows,
      run: () => Promise.reject(outOfMemory),
    });
    await expect(networkGame({ ...linear, prepare }, inputs, { sites: ["input"], memory: 100 })).rejects.toThrow(
      /^out of memory in a pass of 1 row; one row takes 100 bytes/,
    );
    const defect: Network["prepare"] = () => Promise.reject(new Error("a defect"));
    await expect(networkGame({ ...linear, prepare: defect }, inputs, { sites: ["input"] })).rejects.toThrow("a defect");
  });

  it("refuses options that do not fit, with one clear error each", async () => {
    const refused = async (options: Record<string, unknown>, message: string, data = inputs) =>
      expect(networkGame(linear, data, { sites: ["input"], ...options } as never)).rejects.toThrow(message);
    await refused({ sites: ["inptu"] }, 'such as the nearest: input, sum; received "inptu"');
    await refused({ sites: [] }, "invalid sites; expected at least one site");
    await refused({ sites: ["input", "input"] }, "invalid sites; expected every site once");
    await refused({ sites: 3 }, "invalid sites; expected a list of names of sites");
    await refused({ output: "other" }, 'invalid output; expected one of sum; received "other"');
    await refused({ lesion: "hammer" }, "invalid lesion; expected");
    await refused({ lesion: { constant: Number.NaN } }, "invalid lesion constant; expected a finite number");
    await refused(
      { lesion: { activation: new Float32Array(12) } },
      "expected one input, or 2, as many as the game has",
    );
    await refused({ lesion: { mean: new Float32Array(5) } }, "invalid lesion mean");
    await refused({ score: "guess" }, "invalid score; expected one of class-precision");
    await refused({ score: "accuracy" }, "expected labelled inputs");
    await refused({ groups: {} }, "invalid groups; expected at least one group");
    await refused({ groups: { a: [] } }, "invalid group a; expected at least one unit");
    await refused({ groups: { a: ["input/9"] } }, "invalid unit in group a; expected a unit of the lesioned sites");
    await refused({ groups: { a: ["input/1"], b: ["input"] } }, "expected one that is not in group a as well");
    await refused({}, "expected one or more rows of shape [4]", new Float32Array(5));
    await expect(networkGame(linear, loadInputs("mnist-test:0-3"), { sites: ["input"] })).rejects.toThrow(
      "invalid network; expected one that takes the 784 numbers of mnist-test:0-3; received [4]",
    );
  });
});

describe("patches", () => {
  it("puts every number of an image into one patch, all channels together, less at the edges", () => {
    const groups = patches([3, 5, 2], 2);
    expect(Object.keys(groups)).toEqual(["patch 0,0", "patch 0,1", "patch 0,2", "patch 1,0", "patch 1,1", "patch 1,2"]);
    expect(groups["patch 1,2"]).toEqual(["input/28", "input/29"]);
    expect(groups["patch 0,0"].length).toBe(8);
    expect(new Set(Object.values(groups).flat()).size).toBe(30);
    const first = patches([2, 3, 5], 2, { channelsFirst: true, site: "x" });
    expect(first["patch 1,2"]).toEqual(["x/14", "x/29"]);
  });

  it("refuses shapes and sizes that are none", () => {
    expect(() => patches([3, 32, 32], 8)).toThrow(
      "invalid channelsFirst; expected true or false for the shape [3, 32, 32]",
    );
    expect(Object.keys(patches([3, 32, 32], 8, { channelsFirst: true }))).toHaveLength(16);
    expect(Object.keys(patches([3, 32, 32], 8, { channelsFirst: false }))).toHaveLength(4);
    expect(() => patches([4], 2)).toThrow("invalid shape; expected [height, width]");
    expect(() => patches([4, 4], 0)).toThrow("invalid size; expected a positive integer, or two; received 0");
  });
});
