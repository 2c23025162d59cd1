// Trains the convolution network of data/checkpoints/cnn on MNIST and writes it as a TensorFlow.js model, with its row in metrics.json. Needs
// `npm run build` first, and TensorFlow.js. A minute of one core.
//
//   node scripts/train-cnn.mjs [--images 20000] [--epochs 2] [--seed 1] [--out FOLDER]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomOrdering } from "../dist/coalitions/random.js";
import { trainingStreams } from "../dist/coalitions/random-streams.js";
import { loadInputs } from "../dist/datasets/inputs.js";
import { positiveInteger, validSeed } from "../dist/errors.js";
import { checkWritable, sha256, writeWhole } from "../dist/files.js";
import { canonicalJson } from "../dist/json.js";
import { packageRoot } from "../dist/package.js";
import { loadTensorflow } from "../dist/tensors/backend.js";
import { packageVersion } from "../dist/version.js";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "20000" },
    epochs: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: join(packageRoot, "data", "checkpoints", "cnn") },
  },
});
const count = positiveInteger("images", Number(values.images));
const epochs = positiveInteger("epochs", Number(values.epochs));
const seed = validSeed(Number(values.seed));
const batchSize = 50;
const learningRate = 0.002;
mkdirSync(values.out, { recursive: true });
const metricsPath = join(values.out, "metrics.json");
checkWritable(metricsPath);

const { tf, backend } = await loadTensorflow();
const side = 28;
const initial = (number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed: seed * 10 + number }) });
const relu = { activation: "relu" };
const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ name: "conv1", filters: 8, kernelSize: 5, inputShape: [side, side, 1], ...relu, ...initial(0) }),
    tf.layers.maxPooling2d({ name: "pool1", poolSize: 2 }),
    tf.layers.conv2d({ name: "conv2", filters: 16, kernelSize: 3, ...relu, ...initial(1) }),
    tf.layers.maxPooling2d({ name: "pool2", poolSize: 2 }),
    tf.layers.flatten({ name: "flat" }),
    tf.layers.dense({ name: "dense1", units: 16, ...relu, ...initial(2) }),
    tf.layers.dense({ name: "dense2", units: 10, ...initial(3) }),
  ],
});
const optimiser = tf.train.adam(learningRate);
const train = loadInputs(`mnist-train:0-${count - 1}`);
const test = loadInputs("mnist-test");
const random = trainingStreams(seed)(0);
const area = side * side;
const imagesOf = ({ inputs }, rows) => {
  const data = new Float32Array(rows.length * area);
  for (let i = 0; i < rows.length; i++) data.set(inputs.subarray(rows[i] * area, (rows[i] + 1) * area), i * area);
  return tf.tensor4d(data, [rows.length, side, side, 1]);
};
let loss = Number.NaN;
for (let epoch = 0; epoch < epochs; epoch++) {
  const order = randomOrdering(random, count);
  for (let first = 0; first + batchSize <= count; first += batchSize) {
    const rows = order.subarray(first, first + batchSize);
    const labels = Int32Array.from(rows, (row) => train.labels[row]);
    const last = tf.tidy(() => {
      const [x, y] = [imagesOf(train, rows), tf.oneHot(tf.tensor1d(labels, "int32"), 10)];
      return optimiser.minimize(() => tf.losses.softmaxCrossEntropy(y, model.apply(x, { training: true })), true);
    });
    loss = last.dataSync()[0];
    last.dispose();
    await new Promise((resolve) => setImmediate(resolve));
  }
  console.error(`epoch ${epoch + 1} of ${epochs}: loss ${loss.toFixed(4)}`);
}
let right = 0;
for (let first = 0; first < test.count; first += 500) {
  const rows = Array.from({ length: 500 }, (_, i) => first + i);
  const said = tf.tidy(() => tf.argMax(model.apply(imagesOf(test, rows)), 1).dataSync());
  for (let i = 0; i < rows.length; i++) if (said[i] === test.labels[rows[i]]) right++;
}
const { modelTopology, weightSpecs, weightData } = await new Promise((resolve) => {
  model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
});
const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
writeWhole(join(values.out, "weights.bin"), weights);
const manifest = {
  format: "layers-model",
  modelTopology,
  weightsManifest: [{ paths: ["weights.bin"], weights: weightSpecs }],
};
writeWhole(join(values.out, "model.json"), `${JSON.stringify(manifest)}\n`);
const metrics = {
  backend,
  batchSize,
  data: `mnist-train:0-${count - 1}`,
  epochs,
  finalTrainingLoss: loss,
  learningRate,
  loss: "mean cross-entropy",
  optimiser: "Adam, betas 0.9 and 0.999, epsilon 1e-8",
  packageVersion,
  random: "xoroshiro128plus; batch order after one jump; weights by TensorFlow.js, seeds 10 s to 10 s + 3",
  seed,
  sha256: sha256(weights),
  testAccuracy: right / test.count,
};
writeWhole(metricsPath, `${canonicalJson(metrics, 2)}\n`);
console.error(`test accuracy ${metrics.testAccuracy}`);
