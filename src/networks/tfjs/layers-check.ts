import { invalid } from "../../errors.js";
import type { Stored } from "./keras3.js";

type Config = Readonly<Record<string, unknown>>;

/**
 * Options that TensorFlow.js reads over whatever writes them, by the layer, and the values that mean what it does
 * without.
 */
const readOver: readonly (readonly [layers: RegExp, option: string, taken: readonly unknown[]])[] = [
  [/^(LSTM|GRU|SimpleRNN|RNN|ConvLSTM2D)$/, "time_major", [false]],
  [/^(Conv1D|Conv2D|Conv3D|SeparableConv2D)$/, "groups", [1]],
  [/^Conv[23]DTranspose$/, "output_padding", []],
  [/^(Conv[23]DTranspose|DepthwiseConv2D|ConvLSTM2D|ConvLSTM2DCell)$/, "dilation_rate", [1, [1], [1, 1], [1, 1, 1]]],
  [/^(Global)?(Max|Average)Pooling1D$/, "data_format", ["channels_last"]],
  [/^Global(Max|Average)Pooling/, "keepdims", [false]],
  [/^ReLU$/, "negative_slope", [0]],
  [/^ReLU$/, "threshold", [0]],
  [/^(GRU|GRUCell)$/, "reset_after", [false]],
  [/^UpSampling2D$/, "interpolation", ["nearest"]],
];

/** Layers that TensorFlow.js computes otherwise than Keras: where pixels lie, what is cropped, how rows are encoded. */
const notAsKeras = /^(Resizing|CenterCrop|CategoryEncoding)$/;

/**
 * Checks a stored LayersModel, and the models inside it, for what TensorFlow.js would read otherwise than it is meant,
 * or never come to an end with.
 *
 * @param byItself whether TensorFlow.js wrote it, so that it means what TensorFlow.js does
 * @throws RangeError naming the layer
 */
export function checkLayers(stored: unknown, byItself = false): void {
  if (stored === null || typeof stored !== "object") return;
  const { class_name: kind, config } = stored as Stored;
  if (typeof kind === "string" && config !== null && typeof config === "object") {
    const options = config as Config;
    if (!byItself && notAsKeras.test(kind)) {
      throw invalid(`layer ${options.name ?? ""}`, "one that TensorFlow.js computes as Keras does", kind);
    }
    for (const [layers, option, taken] of readOver) {
      const value = options[option];
      if (byItself || !layers.test(kind) || value === undefined || value === null) continue;
      if (taken.some((allowed) => JSON.stringify(allowed) === JSON.stringify(value))) continue;
      throw invalid(`${option} of ${kind} ${options.name ?? ""}`, "what TensorFlow.js does", JSON.stringify(value));
    }
    if (kind === "Functional" || kind === "Model") checkUses(options);
  }
  for (const inner of Object.values(stored)) checkLayers(inner, byItself);
}

/** A use of a layer: the outputs of other uses that it is called with. */
type Use = readonly (readonly [layer: string, use: number])[];

/**
 * Goes through the uses of a model's layers in the order in which TensorFlow.js makes them. It numbers them as they
 * come: where a layer's second use can be made before its first, each would be taken for the other.
 */
function checkUses({ layers }: Config): void {
  if (!Array.isArray(layers)) throw invalid("layers of the model", "a list", layers);
  const uses = new Map<string, Use[]>();
  // The making of a model inside the model counts as its first use; an input is used once, with nothing.
  const before = new Map<string, number>();
  for (const layer of layers as Stored[]) {
    const { class_name: kind, name, inbound_nodes: nodes } = (layer ?? {}) as Stored;
    if (typeof name !== "string" || uses.has(name)) throw invalid("name of a layer", "one for each layer", name);
    if (!Array.isArray(nodes)) throw invalid(`inbound_nodes of layer ${name}`, "a list of its uses", nodes);
    const isModel = /^(Functional|Model|Sequential)$/.test(String(kind));
    before.set(name, isModel || nodes.length === 0 ? 1 : 0);
    uses.set(
      name,
      nodes.map((node) => useOf(name, node)),
    );
  }
  const made = new Map(before);
  let waiting = [...uses].map(([name, own]) => ({ name, left: own.map((use, index) => ({ use, index })) }));
  waiting = waiting.filter(({ left }) => left.length > 0);
  while (waiting.length > 0) {
    let moved = false;
    for (const each of waiting) {
      const left = [];
      for (const { use, index } of each.left) {
        if (!use.every(([layer, number]) => number < (made.get(layer) ?? 0))) left.push({ use, index });
        else {
          const next = made.get(each.name) as number;
          if (index !== next - (before.get(each.name) as number)) {
            throw invalid(
              `uses of layer ${each.name}`,
              "an order in which TensorFlow.js can make them",
              `use ${index} before others`,
            );
          }
          made.set(each.name, next + 1);
          moved = true;
        }
      }
      each.left = left;
    }
    if (!moved) {
      const [{ name, left }] = waiting;
      throw invalid(
        `inbound_nodes of layer ${name}`,
        "outputs of other layers, none of which is computed from itself",
        left[0].use,
      );
    }
    waiting = waiting.filter(({ left }) => left.length > 0);
  }
}

function useOf(layer: string, node: unknown): Use {
  const rule = "a list of [layer, use, output]";
  if (!Array.isArray(node)) throw invalid(`inbound_nodes of layer ${layer}`, rule, node);
  return node.map((port: unknown) => {
    const [from, use, output] = Array.isArray(port) ? (port as unknown[]) : [];
    const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
    if (typeof from === "string" && isIndex(use) && isIndex(output)) return [from, use as number] as const;
    throw invalid(`inbound_nodes of layer ${layer}`, rule, port);
  });
}
