import { invalid } from "../../../errors.js";
import { loadTensorflow, type Tensorflow } from "../../../tensors/backend.js";
import type { LayersModel, SymbolicTensor, Tensor } from "../../../tensors/tensorflow.js";
import { Channels, type Layout } from "../../channels.js";
import { keptPlaces } from "../../kept-places.js";
import type { Narrowed } from "../../narrow.js";
import { goneChannels, stays as staysIn, withLesion } from "../../narrow-sites.js";
import type { NarrowSite, Network } from "../../network.js";
import type { Layer } from "../inner-layers.js";
import { tensorNames } from "../layer-names.js";
import type { TfjsOptions } from "../tfjs-network.js";
import { isPlaceByPlace, type LayerWeight, layerRules, type RuledLayer, type SeenLayer } from "./layer-rules.js";
import { savedLayers, writeLayers } from "./saved-layers.js";

/**
 * A LayersModel without channels, as `narrowGraph` does it for ONNX: what is constant is followed from the lesioned
 * layers on, and backwards what then nobody needs.
 *
 * @param network makes a network of the smaller model
 * @throws RangeError naming the layer that needs channels which should go, or one that would be left without any
 */
export async function narrowLayers(
  model: LayersModel,
  options: TfjsOptions,
  sites: readonly NarrowSite[],
  network: (model: LayersModel) => Promise<Network>,
): Promise<Narrowed<Network>> {
  const { tf } = await loadTensorflow(options.backend);
  const channels = new Channels();
  const found = await layoutsOf(tf, model, channels, sites);
  const gone = goneChannels(channels, found.layouts, sites);
  const stays = (layout: Layout) => staysIn(channels, layout, gone);
  for (const [name, layout] of found.layouts) {
    if (stays(layout).length === 0) throw invalid("keep", `at least one channel of ${name}, which would have none`, 0);
  }

  const topology = model.toJSON(undefined, false) as unknown as Topology;
  for (const { config } of layersIn(topology)) {
    const { output, size } = found.ruled.get(config.name)?.ruled ?? {};
    if (!output || !size) continue;
    const left = stays(output).length;
    if (size.at === undefined) config[size.key] = left;
    else (config[size.key] as number[])[size.at] = left;
  }
  const smaller = await tf.models.modelFromJSON(topology as never);
  // Layers of which nothing can go are as they were, whatever is in them.
  for (const layer of model.layers) {
    if (!found.ruled.has(layer.name)) smaller.getLayer(layer.name).setWeights(layer.getWeights());
  }
  for (const [name, { seen, ruled }] of found.ruled) {
    if (seen.weights.length === 0) continue;
    const narrow = seen.weights.map((weight, w) =>
      keptPlaces(
        weight.values,
        weight.shape,
        (ruled.weights?.[w] ?? []).map(({ axis, layout }) => ({ axis, kept: stays(layout) })),
      ),
    );
    addConstants(seen, ruled, narrow, stays);
    const tensors = narrow.map(({ values, shape }) => tf.tensor(values, [...shape]));
    smaller.getLayer(name).setWeights(tensors);
    tf.dispose(tensors);
  }
  const [before, after] = [await savedLayers(tf, model), await savedLayers(tf, smaller)];
  const sizeOf = ({ text, weights }: typeof before, { weights: variables }: LayersModel) => ({
    parameters: variables.reduce(
      (sum, { shape }) => sum + shape.reduce<number>((all, length) => all * (length ?? 1), 1),
      0,
    ),
    bytes: Buffer.byteLength(text("weights.bin")) + weights.byteLength,
  });
  return {
    network: await network(smaller),
    before: sizeOf(before, model),
    after: sizeOf(after, smaller),
    save: (path) => writeLayers(after, path),
  };
}

/** What a model's `toJSON` gives, as far as it is changed. */
interface Topology {
  readonly config: { readonly layers: readonly LayerJson[] } | readonly LayerJson[];
}
interface LayerJson {
  readonly config: Record<string, unknown> & { readonly name: string };
}

function layersIn({ config }: Topology): readonly LayerJson[] {
  return "layers" in config ? config.layers : config;
}

interface Found {
  readonly layouts: Map<string, Layout>;
  /** By the layer's name. */
  readonly ruled: Map<string, { readonly seen: SeenLayer; readonly ruled: RuledLayer }>;
}

/** The layouts of a model's tensors, by the names of sites. */
async function layoutsOf(
  tf: Tensorflow,
  model: LayersModel,
  channels: Channels,
  sites: readonly NarrowSite[],
): Promise<Found> {
  const names = tensorNames(model, "");
  const bySymbol = new Map<number, Layout>();
  const found: Found = { layouts: new Map(), ruled: new Map() };
  const known = (name: string, layout: Layout): Layout => {
    const lesion = sites.find(({ site }) => site.name === name);
    const lesioned = lesion ? withLesion(layout, lesion) : layout;
    found.layouts.set(name, lesioned);
    return lesioned;
  };
  for (const layer of model.layers as Layer[]) {
    const nodes = layer.inboundNodes as unknown as {
      inputTensors: SymbolicTensor[];
      outputTensors: SymbolicTensor[];
    }[];
    const called = `${layer.getClassName()} ${layer.name}`;
    const [{ inputTensors, outputTensors }] = nodes;
    const seen: SeenLayer = {
      layer,
      called,
      channels,
      inputs: inputTensors.map(({ id }) => bySymbol.get(id)),
      shapes: inputTensors.map(({ shape }) => shape),
      output: outputTensors[0].shape,
      weights: await Promise.all(layer.getWeights().map(weightOf)),
      evaluated: (inputs) =>
        evaluatedOn(tf, (x) => layer.apply(x, { training: false }) as Tensor, inputTensors, inputs),
    };
    const once = nodes.length === 1 && outputTensors.length === 1;
    const ruled = once ? layerRules.get(layer.getClassName())?.(seen) : undefined;
    if (!ruled?.output) {
      for (const node of nodes) {
        for (const { id } of node.inputTensors) {
          const layout = bySymbol.get(id);
          if (layout) channels.pin(layout, `${called} takes them, and nothing can go through it`);
        }
      }
      if (ruled) found.ruled.set(layer.name, { seen, ruled });
      continue;
    }
    found.ruled.set(layer.name, { seen, ruled });
    const name = names.of(outputTensors[0]);
    let layout = ruled.output;
    const { activation } = layer;
    if (seen.weights.length > 0 && activation && activation.getClassName() !== "linear") {
      layout = known(`${name}:before`, layout);
      if (!isPlaceByPlace(layer)) {
        channels.pin(layout, `the ${activation.getClassName()} of ${called} needs them`);
        continue;
      }
      const apply = (x: Tensor | Tensor[]) => activation.apply(x) as Tensor;
      layout = { ...layout, constants: evaluatedOn(tf, apply, outputTensors, [layout]) };
    }
    bySymbol.set(outputTensors[0].id, known(name, layout));
  }
  for (const { id } of model.outputs) {
    const layout = bySymbol.get(id);
    if (layout) channels.pin(layout, "they are an output of the network");
  }
  return found;
}

async function weightOf(tensor: Tensor): Promise<LayerWeight> {
  return { shape: tensor.shape, values: (await tensor.data()) as Float32Array };
}

/** What a function of tensors that works place by place makes of constants; NaN where one of them is none. */
function evaluatedOn(
  tf: Tensorflow,
  apply: (x: Tensor | Tensor[]) => Tensor,
  symbols: readonly SymbolicTensor[],
  layouts: readonly Layout[],
): Float32Array {
  const { length } = layouts[0].constants;
  const values = tf.tidy(() => {
    const tensors = layouts.map(({ axis, constants }, i) => {
      const shape = symbols[i].shape.map((_, a) => (a === axis ? length : 1));
      return tf.tensor(
        constants.map((value) => (Number.isNaN(value) ? 0 : value)),
        shape,
      );
    });
    return apply(tensors.length === 1 ? tensors[0] : tensors).dataSync() as Float32Array;
  });
  return values.map((value, c) => (layouts.some(({ constants }) => Number.isNaN(constants[c])) ? Number.NaN : value));
}

/** Adds what constants that go come to, to a layer's biases. */
function addConstants(
  { inputs: [input] }: SeenLayer,
  { biasOf, output }: RuledLayer,
  narrow: readonly { values: Float32Array }[],
  stays: (layout: Layout) => readonly number[],
): void {
  if (!biasOf || !input || !output || narrow.length < 2) return;
  const kept = new Set(stays(input));
  input.constants.forEach((constant, place) => {
    if (kept.has(place) || constant === 0) return;
    stays(output).forEach((o, b) => {
      narrow[1].values[b] += constant * biasOf(place, o);
    });
  });
}
