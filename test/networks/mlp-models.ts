import type { LayersModel } from "@tensorflow/tfjs";
import type { Mlp } from "../../src/networks/mlp/mlp.js";
import type { Tensorflow } from "../../src/tensors/backend.js";

/** The same network as a LayersModel: layers `hidden` and `logits`, a LeakyReLU between them. */
export function mlpAsLayers(tf: Tensorflow, mlp: Mlp): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: mlp.hidden, inputShape: [mlp.inputs] }),
      tf.layers.leakyReLU({ name: "leaky", alpha: mlp.negativeSlope }),
      tf.layers.dense({ name: "logits", units: mlp.outputs }),
    ],
  });
  setMlpWeights(tf, model, mlp);
  return model;
}

/** Puts an MLP's weights into the layers `hidden` and `logits` of a model. */
export function setMlpWeights(tf: Tensorflow, model: LayersModel, mlp: Mlp): void {
  const matrix = (weights: Float32Array, rows: number) =>
    tf.tidy(() => tf.transpose(tf.tensor2d(weights, [rows, weights.length / rows])));
  const weights = {
    hidden: [matrix(mlp.hiddenWeights, mlp.hidden), tf.tensor1d(mlp.hiddenBiases)],
    logits: [matrix(mlp.outputWeights, mlp.outputs), tf.tensor1d(mlp.outputBiases)],
  };
  for (const [layer, tensors] of Object.entries(weights)) {
    model.getLayer(layer).setWeights(tensors);
    tf.dispose(tensors);
  }
}
