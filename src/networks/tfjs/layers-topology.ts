import { invalid } from "../../errors.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { io, LayersModel } from "../../tensors/tensorflow.js";
import { fromKeras3, isKeras3, type Stored } from "./keras3.js";
import { setKeras3Weights } from "./keras3-weights.js";
import { checkLayers } from "./layers-check.js";

/**
 * A LayersModel from what is stored of it: as TensorFlow.js and Keras 2 write it, or Keras 3.
 *
 * @throws RangeError for what TensorFlow.js would read otherwise than it is meant, naming it
 */
export async function loadLayers(tf: Tensorflow, artifacts: io.ModelArtifacts): Promise<LayersModel> {
  const topology = artifacts.modelTopology as Stored;
  const model = (topology.model_config ?? topology) as Stored;
  if (!isKeras3(topology)) {
    checkLayers(model, /^tfjs-layers/.test(String(topology.keras_version)));
    return tf.loadLayersModel(tf.io.fromMemory(artifacts));
  }
  const converted = fromKeras3(model);
  checkLayers(converted);
  const loaded = await tf.models.modelFromJSON(converted as never);
  const { weightData, weightSpecs } = artifacts;
  if (!(weightData instanceof ArrayBuffer) || !weightSpecs) throw invalid("model", "weights", weightData);
  const weights = tf.io.decodeWeights(weightData, weightSpecs);
  setKeras3Weights(loaded, weights);
  tf.dispose(weights);
  return loaded;
}
