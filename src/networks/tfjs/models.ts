import { wrongKind } from "../../errors.js";
import { knownOptions } from "../../options.js";
import { loadTensorflow } from "../../tensors/backend.js";
import type { GraphModel, LayersModel } from "../../tensors/tensorflow.js";
import type { Network } from "../network.js";
import { modelGraph } from "./graph-model.js";
import { layersGraph } from "./layers-graph.js";
import { narrowLayers } from "./narrow/narrow-layers.js";
import { type TfjsOptions, tfjsNetwork, tfjsOptionNames } from "./tfjs-network.js";

/**
 * A tf.LayersModel (a Sequential one, too) as a network whose sites are the outputs of its layers, by their names, and
 * `layer:before`, what a layer's activation is applied to; `layer@0`, `layer@1`, ... of a layer that is used several
 * times, `layer:0`, `layer:1`, ... of one with several outputs. Units are channels or neurons: the last axis, the first
 * for `channelsFirst`. The model is used as it is, without training behaviour (no dropout), and stays the caller's to
 * dispose. Stateful recurrent layers begin every row with zeros.
 *
 * @throws RangeError where a size of the input is open and not given; for layers that mask time steps, and what
 *   TensorFlow.js does not compute as it is meant
 */
export async function layersNetwork(model: LayersModel, options: TfjsOptions = {}): Promise<Network> {
  knownOptions("layersNetwork", options, tfjsOptionNames);
  if (!Array.isArray(model?.layers)) throw wrongKind("model", "a tf.LayersModel", model);
  const { tf } = await loadTensorflow(options.backend);
  const network = await tfjsNetwork("tf.LayersModel", layersGraph(tf, model), options);
  const { sha256: _ofThisOne, ...again } = options;
  return {
    ...network,
    narrow: (sites) => narrowLayers(model, options, sites, (smaller) => layersNetwork(smaller, again)),
  };
}

/**
 * A tf.GraphModel as a network whose sites are the outputs of its nodes, by their names in the stored graph (`node:0`,
 * `node:1`, ... of a node with several). Units are along the last axis, or where a node says NCHW the first. A node
 * that was fused with its activation is lesioned after it.
 *
 * @throws RangeError where a size of the input is open and not given; where an output depends on control flow, lists,
 *   text, lookup tables, or what TensorFlow.js computes otherwise than TensorFlow, naming the node
 */
export async function graphNetwork(model: GraphModel, options: TfjsOptions = {}): Promise<Network> {
  knownOptions("graphNetwork", options, tfjsOptionNames);
  if (typeof model?.execute !== "function") throw wrongKind("model", "a tf.GraphModel", model);
  const { tf } = await loadTensorflow(options.backend);
  return tfjsNetwork("tf.GraphModel", modelGraph(tf, model), options);
}
