// Trains the convolution networks of data/checkpoints/residual on drawn shapes and writes them as ONNX files (rounded to float16), with their rows and
// curves in metrics.json. Goes on where it stopped: a network whose metrics and file are there, and agree, is not trained again. Needs
// `npm run build` first. A step of 16 images takes 0.09 s of one core, a network some two and a half minutes.
//
//   node scripts/train-residual.mjs [--regularisers l1,l2,none] [--seeds 0] [--images 4000] [--epochs 6] [--weight-decay 0.01] [--out FOLDER]
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawShapes, shapeInputs } from "../dist/datasets/shapes/drawn-shapes.js";
import { notNegative, oneOf, positiveInteger, validSeed } from "../dist/errors.js";
import { cnnAccuracies } from "../dist/experiments/cnn/game.js";
import { checkWritable, sha256, writeWhole } from "../dist/files.js";
import { canonicalJson } from "../dist/json.js";
import { loadNetwork } from "../dist/networks/load-network.js";
import { regularisers } from "../dist/networks/mlp/regulariser.js";
import { listResiduals, residualFolder, residualKey } from "../dist/networks/residual/checkpoints.js";
import { residualOnnx } from "../dist/networks/residual/onnx-export.js";
import { inHalfPrecision } from "../dist/networks/residual/residual.js";
import { smallResidual } from "../dist/networks/residual/shape.js";
import { trainResidual } from "../dist/networks/residual/train.js";
import { packageVersion } from "../dist/version.js";

const { values } = parseArgs({
  options: {
    regularisers: { type: "string", default: regularisers.join(",") },
    seeds: { type: "string", default: "0" },
    images: { type: "string", default: "4000" },
    epochs: { type: "string", default: "6" },
    "weight-decay": { type: "string", default: "0.01" },
    out: { type: "string", default: residualFolder },
  },
});
const kinds = values.regularisers.split(",").map((text) => oneOf("regularisers", regularisers, text));
const seeds = values.seeds.split(",").map((text) => validSeed(Number(text)));
const epochs = positiveInteger("epochs", Number(values.epochs));
const weightDecay = notNegative("weight-decay", Number(values["weight-decay"]));
mkdirSync(values.out, { recursive: true });
const metricsPath = join(values.out, "metrics.json");
checkWritable(metricsPath);

const train = shapeInputs(drawShapes({ count: positiveInteger("images", Number(values.images)), seed: 1 }));
const test = shapeInputs(drawShapes({ count: 2000, seed: 2 }));
const recipe = {
  batchSize: 16,
  data: train.name,
  dtype: "float32, rounded to float16",
  epochs,
  initialisation: "uniform between -1/sqrt(fan in) and 1/sqrt(fan in); BatchNorm scales 1, shifts 0",
  l1: "1e-4 times the sum of absolute values of all parameters, added to the loss",
  l2: "1e-4 times each parameter, added to the gradient (not decoupled; besides the decay)",
  learningRate: "1e-3, along a cosine to 1e-5",
  loss: "mean cross-entropy",
  optimiser: `AdamW, betas 0.9 and 0.999, epsilon 1e-8, decoupled weight decay ${weightDecay} of all parameters`,
  random: "xoroshiro128+ from splitmix64; weights from stream 0, the order of an epoch's images from a stream each",
  shape: JSON.parse(JSON.stringify(smallResidual)),
  testData: test.name,
  trainSha256: train.sha256,
};

for (const seed of seeds) {
  for (const regulariser of kinds) {
    const key = residualKey({ regulariser, trial: seed });
    const file = `${key}.onnx`;
    const path = join(values.out, file);
    if (existsSync(path) && listResiduals(values.out)[key]?.sha256 === sha256(readFileSync(path))) continue;

    const started = process.cpuUsage();
    let sum = 0;
    const curve = [];
    const { network, losses, backend } = await trainResidual(train, {
      regulariser,
      seed,
      epochs,
      weightDecay,
      batchSize: recipe.batchSize,
      onStep: ({ step, steps, loss }) => {
        sum += loss / 50;
        if (step % 50 !== 0) return;
        curve.push({ step, loss: Number(sum.toPrecision(5)) });
        console.error(`${key}: step ${step} of ${steps}, loss ${sum.toFixed(3)}`);
        sum = 0;
      },
    });
    writeWhole(path, residualOnnx(inHalfPrecision(network)));
    const { user, system } = process.cpuUsage(started);
    const metrics = {
      backend,
      curve,
      epochs,
      file,
      finalTrainingLoss: losses.at(-1),
      packageVersion,
      processorSeconds: Math.round((user + system) / 1e6),
      regulariser,
      seed,
      sha256: sha256(readFileSync(path)),
      testAccuracy: (await cnnAccuracies(await loadNetwork(path), test))[0],
    };
    // Others may have been trained meanwhile.
    const networks = { ...listResiduals(values.out), [key]: metrics };
    writeWhole(metricsPath, `${canonicalJson({ recipe, networks }, 1)}\n`);
    console.error(`${key}: test accuracy ${metrics.testAccuracy}, loss ${losses.at(-1).toFixed(4)}`);
  }
}
