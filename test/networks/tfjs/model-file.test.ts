import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { FileError } from "../../../src/errors.js";
import { loadTfjs } from "../../../src/networks/tfjs/load.js";
import { readModelFile } from "../../../src/networks/tfjs/model-file.js";

const root = mkdtempSync(join(tmpdir(), "tfjs-file-"));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, "model");
const path = join(folder, "model.json");
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, "w.bin"), weights);
  writeFileSync(join(root, "secret.bin"), weights);
});

const weights = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
const spec = { name: "out/kernel", shape: [3, 1], dtype: "float32" };
const bias = { name: "out/bias", shape: [1], dtype: "float32" };
const topology = {
  class_name: "Sequential",
  config: {
    name: "s",
    layers: [{ class_name: "Dense", config: { name: "out", units: 1, batch_input_shape: [null, 3] } }],
  },
};

/** Writes a model with a weights manifest. */
function write(weightsManifest: unknown, more: object = {}): void {
  writeFileSync(path, JSON.stringify({ format: "layers-model", modelTopology: topology, weightsManifest, ...more }));
}
const group = (changes: object) => [{ paths: ["w.bin"], weights: [spec, bias], ...changes }];
const withSpec = (changes: object) => group({ weights: [{ ...spec, ...changes }, bias] });

/** One line of a FileError. */
function refusal(): string {
  try {
    readModelFile(path);
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect((error as Error).message).not.toMatch(/\n/);
    return (error as Error).message;
  }
  throw new Error("was read");
}

describe("the files of a TensorFlow.js model", () => {
  it("are read where all is as stated", async () => {
    write(group({}));
    const network = await loadTfjs(path);
    expect(network.outputs).toEqual([{ name: "out", shape: [1] }]);
    symlinkSync("w.bin", join(folder, "link.bin"));
    write(group({ paths: ["link.bin"] }));
    expect(readModelFile(path).artifacts.weightSpecs?.length).toBe(2);
    mkdirSync(join(folder, "deeper"));
    symlinkSync("../w.bin", join(folder, "deeper", "x..bin"));
    write(group({ paths: ["deeper/x..bin"] }));
    expect(readModelFile(path).sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("are read where they are links side by side, as in a cache of downloaded models", () => {
    write(group({}));
    const links = join(root, "links");
    mkdirSync(links);
    for (const name of ["model.json", "w.bin"]) symlinkSync(join(folder, name), join(links, name));
    expect(readModelFile(join(links, "model.json")).artifacts.weightSpecs?.length).toBe(2);
  });

  it.each([
    ["paths missing", group({ paths: undefined }), "paths that are no list of file names: undefined"],
    ["paths null", group({ paths: null }), "paths that are no list of file names: null"],
    ["paths a number", group({ paths: 5 }), "paths that are no list of file names: 5"],
    ["paths an object", group({ paths: {} }), "paths that are no list of file names: Object"],
    ["paths of numbers", group({ paths: [5] }), "paths that are no list of file names: [5]"],
    ["a path of two lines", group({ paths: ["a\nb"] }), "paths that are no list of file names"],
    ["a path beside the folder", group({ paths: ["../secret.bin"] }), "names a file outside of its folder"],
    ["a path through the folder", group({ paths: ["x/../../secret.bin"] }), "names a file outside of its folder"],
    ["an absolute path", group({ paths: ["/etc/hostname"] }), "names a file outside of its folder"],
    ["a device", group({ paths: ["/dev/zero"] }), "names a file outside of its folder"],
    ["the folder", group({ paths: ["."] }), "is no regular file"],
    ["a path that is not there", group({ paths: ["absent.bin"] }), "absent.bin: no such file"],
    ["a file twice", group({ paths: ["w.bin", "./w.bin"] }), "names a weight file twice"],
    ["weights missing", group({ weights: undefined }), "weights that are no list: undefined"],
    ["weights null", group({ weights: null }), "weights that are no list: null"],
    ["weights of numbers", group({ weights: [5] }), "an entry that is not an object: 5"],
    ["a manifest that is an object", {}, "its weightsManifest is no list: Object"],
    ["a manifest of numbers", [5], "its weightsManifest holds what is no group: 5"],
    ["a manifest of null", null, "its weightsManifest is no list: null"],
    ["a name that is none", withSpec({ name: 5 }), "a name that is not a name: 5"],
    [
      "a shape missing",
      withSpec({ shape: undefined }),
      'a shape, of "out/kernel", that is not a list of sizes: undefined',
    ],
    ["a shape null", withSpec({ shape: null }), "that is not a list of sizes: null"],
    ["a shape of text", withSpec({ shape: "3" }), 'that is not a list of sizes: "3"'],
    ["a size of text", withSpec({ shape: ["3", 1] }), "that is not a list of sizes"],
    ["a size below 0", withSpec({ shape: [-3, -1] }), "that is not a list of sizes: [-3, -1]"],
    ["half a size", withSpec({ shape: [1.5, 2] }), "that is not a list of sizes"],
    ["a size of 2^53", withSpec({ shape: [2 ** 53] }), "that is not a list of sizes"],
    ["sizes beyond any file", withSpec({ shape: [2 ** 40, 2 ** 40] }), "are more than any file holds"],
    [
      "sizes beyond this file",
      withSpec({ shape: [2 ** 40] }),
      "its weight files hold 16 bytes; 4398046511108 were expected",
    ],
    ["an unknown type", withSpec({ dtype: "float64" }), 'a dtype, of "out/kernel", that is not one of'],
    ["a type of a method's name", withSpec({ dtype: "toString" }), "that is not one of float32"],
    ["fewer bytes", group({ weights: [spec] }), "its weight files hold 16 bytes; 12 were expected"],
    ["more bytes", withSpec({ shape: [4, 1] }), "its weight files hold 16 bytes; 20 were expected"],
    [
      "two weights of one name",
      group({ weights: [{ ...spec }, { ...bias, name: spec.name }] }),
      "has two weights of one name",
    ],
    [
      "8 bits for 4 bytes",
      withSpec({ quantization: { dtype: "uint8", scale: 1, min: 0 } }),
      "hold 16 bytes; 7 were expected",
    ],
    ["no scale", withSpec({ quantization: { dtype: "uint16", min: 0 } }), "scale, of"],
    [
      "a scale of null",
      withSpec({ quantization: { dtype: "uint8", scale: null, min: 0 } }),
      "that is not a finite number: null",
    ],
    [
      "a min of text",
      withSpec({ quantization: { dtype: "uint8", scale: 1, min: "0" } }),
      'that is not a finite number: "0"',
    ],
    [
      "an unknown quantization",
      withSpec({ quantization: { dtype: "int4", scale: 1, min: 0 } }),
      "that is not one for float32",
    ],
    [
      "half whole numbers",
      withSpec({ dtype: "int32", quantization: { dtype: "float16" } }),
      "that is not one for int32",
    ],
    ["a quantization that is none", withSpec({ quantization: 5 }), "that is not an object: 5"],
    ["strings beyond the end", withSpec({ dtype: "string", shape: [2] }), "go beyond their files' end"],
  ] as const)("are refused in one line: %s", (_, manifest, message) => {
    write(manifest);
    expect(refusal()).toContain(message);
  });

  it("are refused where a link leads out of the folder, and where they are pipes, at once", () => {
    symlinkSync(join(root, "secret.bin"), join(folder, "out.bin"));
    write(group({ paths: ["out.bin"] }));
    expect(refusal()).toContain("is a link to a file outside of the model's folder");
    symlinkSync("/dev/zero", join(folder, "zero.bin"));
    write(group({ paths: ["zero.bin"] }));
    expect(refusal()).toContain("is a link to a file outside of the model's folder");
    execFileSync("mkfifo", [join(folder, "pipe.bin")]);
    write(group({ paths: ["pipe.bin"] }));
    expect(refusal()).toContain("pipe.bin: is no regular file");
    rmSync(path);
    execFileSync("mkfifo", [path]);
    expect(refusal()).toContain("model.json: is no regular file");
  });

  it.each([
    ["nothing", "", "is not a TensorFlow.js model.json"],
    ["junk of many lines", "{\n".repeat(200_000), "is not a TensorFlow.js model.json"],
    ["20 MB of junk", "x".repeat(20_000_000), "is not a TensorFlow.js model.json"],
    ["null", "null", "it has no modelTopology"],
    ["a list", "[1]", "it has no modelTopology"],
    ["a topology of null", '{"modelTopology":null}', "it has no modelTopology"],
    ["a topology of text", '{"modelTopology":"x"}', 'its modelTopology is "x"'],
    ["a key of objects' own", '{"modelTopology":{"__proto__":{"a":1}}}', "has a key called __proto__"],
    [
      "a hundred thousand levels",
      `{"modelTopology":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`,
      "levels deep",
    ],
  ])("are refused in one line: a model.json of %s", (_, text, message) => {
    writeFileSync(path, text);
    expect(refusal()).toContain(message);
  });

  it("hold strings of any length, which nothing need read", async () => {
    const texts = Buffer.concat([
      Buffer.from(Uint32Array.of(3).buffer),
      Buffer.from("abc"),
      Buffer.from(Uint32Array.of(0).buffer),
    ]);
    writeFileSync(join(folder, "w.bin"), Buffer.concat([texts, weights]));
    write(group({ weights: [{ name: "texts", shape: [2], dtype: "string" }, spec, bias] }));
    expect(readModelFile(path).artifacts.weightSpecs?.length).toBe(3);
    writeFileSync(join(folder, "w.bin"), Buffer.concat([texts, weights, Buffer.alloc(1)]));
    expect(refusal()).toContain("its weight files hold 28 bytes; 27 were expected");
  });
});

describe("layers that do not hold together", () => {
  const layer = (name: string, inbound: unknown) => ({
    class_name: "Dense",
    config: { name, units: 3 },
    name,
    inbound_nodes: inbound,
  });
  const input = {
    class_name: "InputLayer",
    config: { name: "x", batch_input_shape: [null, 3] },
    name: "x",
    inbound_nodes: [],
  };
  function functional(layers: unknown, output = "a"): void {
    const config = { name: "m", layers, input_layers: [["x", 0, 0]], output_layers: [[output, 0, 0]] };
    write([], { modelTopology: { class_name: "Model", config } });
  }
  it.each([
    [
      "from each other",
      [input, layer("a", [[["b", 0, 0, {}]]]), layer("b", [[["a", 0, 0, {}]]])],
      "none of which is computed from itself",
    ],
    ["from what is not there", [input, layer("a", [[["c", 0, 0, {}]]])], "none of which is computed from itself"],
    ["from a use that is not there", [input, layer("a", [[["x", 7, 0, {}]]])], "none of which is computed from itself"],
    ["from nothing that can be", [input, layer("a", [[5]])], "expected a list of [layer, use, output]; received 5"],
    ["by no list", [input, layer("a", 5)], "expected a list of its uses; received 5"],
    ["under one name", [input, layer("a", [[["x", 0, 0, {}]]]), layer("a", [])], "expected one for each layer"],
    ["of no list", { x: input }, "invalid layers of the model; expected a list"],
  ])("are refused, and keep nobody waiting: computed %s", async (_, layers, message) => {
    functional(layers);
    await expect(loadTfjs(path)).rejects.toThrow(message);
  });

  it("are refused where TensorFlow.js would take one use of a layer for another", async () => {
    // The first use of s is of b, which is made later than its second use, of x.
    functional([input, layer("s", [[["b", 0, 0, {}]], [["x", 0, 0, {}]]]), layer("b", [[["x", 0, 0, {}]]])], "s");
    await expect(loadTfjs(path)).rejects.toThrow(
      "invalid uses of layer s; expected an order in which TensorFlow.js can make them",
    );
  });

  it("are told by name where TensorFlow.js does not know them", async () => {
    functional([input, { ...layer("a", [[["x", 0, 0, {}]]]), class_name: "MyLambda" }]);
    await expect(loadTfjs(path)).rejects.toThrow(/model.json: can not be used as a model \(Unknown layer: MyLambda/);
  });
});
