import { randomStream } from "../../src/coalitions/random-streams.js";

/** A malformed input: its files by name, and the one to open. */
export interface FuzzCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const type = (name: string) => ({ type: name });

/** Small models of each kind that is read, and their weights. */
const models: Readonly<Record<string, { readonly model: Json; readonly weights: Uint8Array }>> = {
  layers: {
    model: {
      format: "layers-model",
      modelTopology: {
        class_name: "Sequential",
        config: {
          name: "small",
          layers: [
            {
              class_name: "Dense",
              config: { name: "hidden", units: 2, activation: "relu", use_bias: true, batch_input_shape: [null, 3] },
            },
            { class_name: "Dense", config: { name: "out", units: 1, activation: "linear", use_bias: true } },
          ],
        },
        keras_version: "tfjs-layers 4.22.0",
        backend: "tensor_flow.js",
      },
      weightsManifest: [
        {
          paths: ["w.bin"],
          weights: [
            { name: "hidden/kernel", shape: [3, 2], dtype: "float32" },
            { name: "hidden/bias", shape: [2], dtype: "float32" },
            { name: "out/kernel", shape: [2, 1], dtype: "float32" },
            { name: "out/bias", shape: [1], dtype: "float32" },
          ],
        },
      ],
    },
    weights: floats(1, 2, 3, 4, 5, 6, 0, 1, 1, -1, 0.5),
  },
  keras3: {
    model: {
      format: "layers-model",
      modelTopology: {
        keras_version: "3.15.1",
        backend: "tensorflow",
        model_config: {
          module: "keras.src.models.functional",
          class_name: "Functional",
          registered_name: "Functional",
          config: {
            name: "functional",
            trainable: true,
            layers: [
              {
                module: "keras.layers",
                class_name: "InputLayer",
                config: { batch_shape: [null, 3], dtype: "float32", sparse: false, ragged: false, name: "x" },
                registered_name: null,
                name: "x",
                inbound_nodes: [],
              },
              {
                module: "keras.layers",
                class_name: "Dense",
                config: {
                  name: "dense",
                  trainable: true,
                  dtype: {
                    module: "keras",
                    class_name: "DTypePolicy",
                    config: { name: "float32" },
                    registered_name: null,
                  },
                  units: 2,
                  activation: "relu",
                  use_bias: true,
                  kernel_initializer: { module: "keras.initializers", class_name: "Zeros", config: {} },
                  bias_initializer: { module: "keras.initializers", class_name: "Zeros", config: {} },
                  quantization_config: null,
                },
                registered_name: null,
                name: "dense",
                inbound_nodes: [
                  {
                    args: [
                      {
                        class_name: "__keras_tensor__",
                        config: { shape: [null, 3], dtype: "float32", keras_history: ["x", 0, 0] },
                      },
                    ],
                    kwargs: {},
                  },
                ],
              },
            ],
            input_layers: [["x", 0, 0]],
            output_layers: [["dense", 0, 0]],
          },
        },
      },
      weightsManifest: [
        {
          paths: ["w.bin"],
          weights: [
            { name: "dense/kernel", shape: [3, 2], dtype: "float32" },
            { name: "dense/bias", shape: [2], dtype: "float32" },
          ],
        },
      ],
    },
    weights: floats(1, 2, 3, 4, 5, 6, 0, 1),
  },
  graph: {
    model: {
      format: "graph-model",
      modelTopology: {
        node: [
          {
            name: "x",
            op: "Placeholder",
            attr: { dtype: type("DT_FLOAT"), shape: { shape: { dim: [{ size: "-1" }, { size: "3" }] } } },
          },
          { name: "W", op: "Const", attr: { dtype: type("DT_FLOAT") } },
          { name: "axis", op: "Const", attr: { dtype: type("DT_INT32") } },
          {
            name: "h",
            op: "MatMul",
            input: ["x", "W"],
            attr: { T: type("DT_FLOAT"), transpose_a: { b: false }, transpose_b: { b: false } },
          },
          { name: "sp", op: "Split", input: ["axis", "h"], attr: { T: type("DT_FLOAT"), num_split: { i: "2" } } },
          { name: "gt", op: "Greater", input: ["sp", "sp:1"], attr: { T: type("DT_FLOAT") } },
          { name: "y", op: "SelectV2", input: ["gt", "sp", "sp:1"], attr: { T: type("DT_FLOAT") } },
        ],
        library: {},
        versions: {},
      },
      signature: { inputs: { x: { name: "x:0" } }, outputs: { y: { name: "y:0" }, second: { name: "sp:1" } } },
      weightsManifest: [
        {
          paths: ["w.bin"],
          weights: [
            { name: "W", shape: [3, 2], dtype: "float32", quantization: { dtype: "uint8", scale: 0.1, min: -1 } },
            { name: "axis", shape: [], dtype: "int32" },
          ],
        },
      ],
    },
    weights: Uint8Array.of(1, 2, 3, 4, 5, 6, 1, 0, 0, 0),
  },
};

/** What takes a value's place; `undefined` takes it away. */
const odd: readonly (Json | undefined)[] = [
  undefined,
  null,
  true,
  5,
  0,
  -1,
  1.5,
  2 ** 40,
  2 ** 53,
  -(2 ** 31),
  "",
  "text",
  "../w.bin",
  "/dev/zero",
  "__proto__",
  "constructor",
  "toString",
  "y",
  "x:9",
  "^x",
  "line\nbreak",
  "x".repeat(100_000),
  [],
  {},
  [5],
  [null],
  [[]],
  { constructor: 5 },
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
];

/** The places of a tree, each as the way to it. */
function placesOf(value: Json, way: readonly string[] = []): (readonly string[])[] {
  if (value === null || typeof value !== "object") return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...way, key]))];
}

function withValue(root: Json, way: readonly string[], value: Json | undefined): Json | undefined {
  const [key, ...rest] = way;
  if (key === undefined) return value;
  const copy = (Array.isArray(root) ? [...root] : { ...(root as object) }) as { [key: string]: Json };
  const inner = withValue(copy[key], rest, value);
  if (inner !== undefined) copy[key] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

/**
 * Malformed TensorFlow.js models, the same for the same seed: of every kind of model every value with something odd in
 * its place, in turn; values of one place in another; text cut off or with other bytes; weights too short, too long and
 * random.
 *
 * @param count how many; after the 2000 or so of the first kind, the others come in turn without end
 */
export function* tfjsCases(seed: number, count: number): Generator<FuzzCase> {
  const random = randomStream(seed);
  const below = (limit: number) => (random.next() >>> 0) % limit;
  for (let n = 0; n < count; n++) {
    const kinds = Object.keys(models);
    const kind = kinds[below(kinds.length)];
    const { model, weights } = models[kind];
    const text = JSON.stringify(model);
    const places = placesOf(model);
    const way = places[below(places.length)];
    const file = (content: string | Uint8Array, bytes: Uint8Array = weights) => ({
      "model.json": content,
      "w.bin": bytes,
    });
    const at = `${kind} ${way.join(".") || "root"}`;
    const what = below(10);
    if (what < 6) {
      const o = below(odd.length);
      const changed = withValue(model, way, odd[o]);
      yield { name: `${n}: ${at} = odd ${o}`, files: file(JSON.stringify(changed) ?? "") };
    } else if (what === 6) {
      const from = places[below(places.length)];
      const moved = from.reduce<Json>((value, key) => (value as { [key: string]: Json })[key], model);
      yield {
        name: `${n}: ${at} = ${from.join(".")}`,
        files: file(JSON.stringify(withValue(model, way, moved)) ?? ""),
      };
    } else if (what === 7) {
      const end = below(text.length);
      yield { name: `${n}: ${kind} cut at ${end}`, files: file(text.slice(0, end)) };
    } else if (what === 8) {
      const bytes = new TextEncoder().encode(text);
      for (let flips = 1 + below(4); flips > 0; flips--) bytes[below(bytes.length)] = below(256);
      yield { name: `${n}: ${kind} other bytes`, files: file(bytes) };
    } else {
      const bytes = Uint8Array.from({ length: below(2 * weights.length + 2) }, () => below(256));
      yield { name: `${n}: ${kind} weights of ${bytes.length} bytes`, files: file(text, bytes) };
    }
  }
}
