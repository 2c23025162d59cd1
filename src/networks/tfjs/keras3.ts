import { describe, invalid } from "../../errors.js";
import { inert, layerRules } from "./keras3-layers.js";
import { inboundNodes, portList } from "./keras3-nodes.js";

/** A stored object of Keras: a layer, a model, a policy of types. */
export interface Stored {
  readonly class_name?: unknown;
  readonly config?: unknown;
  readonly [key: string]: unknown;
}
type Config = Readonly<Record<string, unknown>>;

/**
 * Activations that TensorFlow.js computes as Keras 3 does, by Keras' names; Keras 3's hard_sigmoid is another than
 * TensorFlow.js'.
 */
const activations = new Map(
  [
    "linear elu selu relu relu6 sigmoid softplus softsign tanh softmax log_softmax gelu mish".split(" "),
    ["silu", "swish"],
  ]
    .flat()
    .map((name) => [name, name === "silu" ? "swish" : name]),
);

/** Whether a model was written by Keras 3: it says so, or has what only Keras 3 writes. */
export function isKeras3(topology: Stored): boolean {
  if (typeof topology.keras_version === "string" && /^[3-9]\./.test(topology.keras_version)) return true;
  return /"(batch_shape|build_input_shape)":|"(__keras_tensor__|DTypePolicy)"/.test(JSON.stringify(topology));
}

/**
 * A model of Keras 3 as TensorFlow.js reads it, which is the form of Keras 2: only what both compute alike.
 *
 * @throws RangeError that names the layer and the option, where TensorFlow.js would read over it or read it otherwise
 */
export function fromKeras3(model: Stored): Stored {
  const { class_name: kind, config } = model;
  if (kind === "Sequential") return { class_name: kind, config: sequential(configOf("Sequential", config)) };
  if (kind === "Functional" || kind === "Model") {
    return { class_name: "Functional", config: functional(configOf("Functional", config)) };
  }
  throw refused("a Sequential or Functional model", kind);
}

function sequential({ name, layers, build_input_shape: built, ...rest }: Config): Config {
  checkRest("Sequential", String(name), rest, ["trainable", "dtype"]);
  const inner = listOf("layers of a Sequential", layers).map((layer) => fromLayer(layer));
  const [first] = inner;
  const has = (key: string) => (first?.config as Config | undefined)?.[key] !== undefined;
  if (first && !has("batch_input_shape") && !has("layers") && Array.isArray(built)) {
    inner[0] = { ...first, config: { ...(first.config as Config), batch_input_shape: built } };
  }
  return { name, layers: inner };
}

function functional({ name, layers, input_layers: inputs, output_layers: outputs, ...rest }: Config): Config {
  checkRest("Functional", String(name), rest, ["trainable", "dtype"]);
  const stored = listOf("layers of a Functional model", layers);
  const isModel = ({ class_name: kind }: Stored) => kind === "Sequential" || kind === "Functional" || kind === "Model";
  const models = new Set(
    stored.filter(isModel).map(({ name: own, config }) => String(own ?? (config as Config)?.name)),
  );
  return {
    name,
    layers: stored.map((layer) => {
      const { name: own, inbound_nodes: nodes = [] } = layer;
      const read = fromLayer(layer);
      const called = (read.config as Config).name;
      return { ...read, name: own ?? called, inbound_nodes: inboundNodes(String(own ?? called), nodes, models) };
    }),
    input_layers: portList("input_layers", inputs, models),
    output_layers: portList("output_layers", outputs, models),
  };
}

function fromLayer(stored: unknown): Stored {
  const { class_name: kind, config, module, registered_name: registered } = configOf("layer", stored) as Stored;
  const given = configOf(`layer ${kind}`, config);
  const called = `${kind} ${given.name ?? ""}`.trim();
  const own =
    module === undefined || module === null || /^keras(\.src)?(\.layers|\.models)?(\.|$)/.test(String(module));
  if (!own || /\.ops(\.|$)/.test(String(module))) throw refused("layers of Keras alone", `${called} of ${module}`);
  if (typeof registered === "string" && registered.includes(">")) throw refused("layers of Keras alone", registered);
  if (kind === "Sequential" || kind === "Functional" || kind === "Model")
    return fromKeras3({ class_name: kind, config });
  if (kind === "InputLayer") return { class_name: kind, config: inputLayer(given) };
  const rule = layerRules.get(String(kind));
  if (!rule) throw refused("layers that TensorFlow.js computes as Keras 3 does", called);
  checkPolicy(called, given.dtype);
  const read: Record<string, unknown> = { name: given.name };
  for (const [key, value] of Object.entries(given)) {
    const only = rule.only?.[key];
    const name = rule.renamed?.[key] ?? key;
    if (only && !only.some((allowed) => same(allowed, value))) {
      throw refused(`${key} ${only.map((allowed) => JSON.stringify(allowed)).join(" or ")} of ${called}`, value);
    }
    if (key === "batch_input_shape" || key === "batch_shape") read.batch_input_shape = value;
    else if (/(^|_)activation$/.test(key)) read[key] = activation(called, value);
    else if (key === "layer" && kind === "Bidirectional") read[key] = withoutPrefix(fromLayer(value));
    else if (key === "layer" || key === "cell")
      read[key] = Array.isArray(value) ? value.map(fromLayer) : fromLayer(value);
    else if (key === "cells") read[key] = listOf(`cells of ${called}`, value).map(fromLayer);
    else if (key === "backward_layer") checkBackward(called, given.layer, value);
    else if (rule.read.includes(name)) read[name] = value;
    else if (!only && !inert.test(key) && key !== "dtype" && value !== null) {
      throw refused(`no ${key} of ${called}`, value);
    }
  }
  return { class_name: kind, config: { ...read, ...zeros(given) } };
}

/** Keras 3 writes a forward layer's name as it became; TensorFlow.js puts `forward_` in front of it. */
function withoutPrefix({ config, ...rest }: Stored): Stored {
  const name = String((config as Config).name).replace(/^forward_/, "");
  return { ...rest, config: { ...(config as Config), name } };
}

/** Weights are loaded: what they were before need not be computed. */
function zeros(given: Config): Config {
  const names = Object.keys(given).filter((key) => key.endsWith("_initializer"));
  return Object.fromEntries(names.map((key) => [key, { class_name: "Zeros", config: {} }]));
}

function inputLayer({ name, dtype, batch_shape: shape, batch_input_shape: other, ...rest }: Config): Config {
  checkRest("InputLayer", String(name), rest, []);
  const sizes = shape ?? other;
  if (!Array.isArray(sizes) || sizes.length === 0) throw refused(`sizes of the input ${name}`, sizes);
  const type = typeof dtype === "string" ? dtype : ((dtype as Stored | undefined)?.config as Config | undefined)?.name;
  return { name, dtype: type ?? "float32", batch_input_shape: sizes, sparse: false };
}

function activation(called: string, value: unknown): unknown {
  const { class_name: kind, config } = (value ?? {}) as Stored;
  const name = value === null ? "linear" : kind === "function" ? config : value;
  const known = activations.get(name as string);
  if (known === undefined)
    throw refused(`an activation of ${called} that TensorFlow.js computes as Keras 3 does`, kind ?? name);
  return known;
}

/** TensorFlow.js makes the backward layer from the forward one. */
function checkBackward(called: string, forward: unknown, backward: unknown): void {
  if (backward === null) return;
  const told = (layer: unknown, turned: boolean) => {
    const { class_name: kind, config } = fromLayer(layer);
    const { name, go_backwards: back, ...rest } = config as Config;
    return JSON.stringify([kind, (back === true) !== turned, rest]);
  };
  if (told(forward, false) !== told(backward, true)) {
    throw refused(`a backward_layer of ${called} that is the layer turned round`, "another");
  }
}

function checkPolicy(called: string, dtype: unknown): void {
  const { class_name: kind, config } = (typeof dtype === "object" ? (dtype ?? {}) : {}) as Stored;
  const name =
    typeof dtype === "string" || dtype === undefined || dtype === null
      ? (dtype ?? "float32")
      : (config as Config)?.name;
  const plain = kind === undefined || kind === "DTypePolicy";
  if (!plain || name !== "float32") throw refused(`the dtype float32 of ${called}`, plain ? name : kind);
}

function checkRest(kind: string, name: string, rest: Config, read: readonly string[]): void {
  for (const [key, value] of Object.entries(rest)) {
    if (read.includes(key) || inert.test(key) || value === null || value === false) continue;
    throw refused(`no ${key} of ${kind} ${name}`, value);
  }
  if (read.includes("dtype")) checkPolicy(`${kind} ${name}`, rest.dtype);
}

function configOf(what: string, value: unknown): Config {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw refused(`an object for the ${what}`, value);
  return value as Config;
}

function listOf(what: string, value: unknown): Stored[] {
  if (!Array.isArray(value)) throw refused(`a list of ${what}`, value);
  return value.map((entry) => configOf(what, entry) as Stored);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What is thrown for a part of a Keras 3 model that can not be read exactly. */
export function refused(rule: string, received: unknown): RangeError {
  const shown = typeof received === "string" ? received : describe(received);
  return invalid("Keras 3 model", rule, shown);
}
