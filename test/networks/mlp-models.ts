import type { LayersModel } from "@tensorflow/tfjs";
import type { Mlp } from "../../src/networks/mlp/mlp.js";
import type { Tensorflow } from "../../src/tensors/backend.js";

/** The same network as a LayersModel: layers `hidden` and `logits`, a LeakyReLU between them. */
export function mlpAsLayers(tf: Tensorflow, mlp: Mlp): LayersModel {
  const [hidden, output] = mlp.layers;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: hidden.outputs, inputShape: [hidden.inputs] }),
      tf.layers.leakyReLU({ name: "leaky", alpha: mlp.negativeSlopes[0] }),
      tf.layers.dense({ name: "logits", units: output.outputs }),
    ],
  });
  setMlpWeights(tf, model, mlp);
  return model;
}

/** Puts an MLP's weights into the layers `hidden` and `logits` of a model. */
export function setMlpWeights(tf: Tensorflow, model: LayersModel, mlp: Mlp): void {
  for (const [l, { inputs, outputs, weights, biases }] of mlp.layers.entries()) {
    const matrix = tf.tidy(() => tf.transpose(tf.tensor2d(weights, [outputs, inputs])));
    const tensors = [matrix, tf.tensor1d(biases)];
    model.getLayer(["hidden", "logits"][l]).setWeights(tensors);
    tf.dispose(tensors);
  }
}
