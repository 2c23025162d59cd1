// Trains the networks of data/checkpoints/mlp. Goes on where it stopped: a network whose metrics and file are there, and
// agree, is not trained again. Needs `npm run build` first.
//
//   node scripts/train-checkpoints.mjs [--widths 10,50,105,200] [--regularisers l1,l2,none] [--seeds 0,1,2] [--out FOLDER]
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadInputs } from "../dist/datasets/inputs.js";
import { oneOf, positiveInteger, validSeed } from "../dist/errors.js";
import { checkWritable, sha256, writeWhole } from "../dist/files.js";
import { canonicalJson } from "../dist/json.js";
import { checkpointFolder, checkpointKey, readRegister } from "../dist/networks/mlp/checkpoints.js";
import { loadMlp, saveMlp } from "../dist/networks/mlp/file.js";
import { accuracy } from "../dist/networks/mlp/forward.js";
import { regularisers } from "../dist/networks/mlp/regulariser.js";
import { trainMlp } from "../dist/networks/mlp/train.js";
import { packageVersion } from "../dist/package.js";

const { values } = parseArgs({
  options: {
    widths: { type: "string", default: "10,50,105,200" },
    regularisers: { type: "string", default: regularisers.join(",") },
    seeds: { type: "string", default: "0,1,2" },
    out: { type: "string", default: checkpointFolder },
  },
});
const widths = values.widths.split(",").map((text) => positiveInteger("widths", Number(text)));
const seeds = values.seeds.split(",").map((text) => validSeed(Number(text)));
const kinds = values.regularisers.split(",").map((text) => oneOf("regularisers", regularisers, text));
const metricsPath = join(values.out, "metrics.json");
checkWritable(metricsPath);

const recipe = {
  batchSize: 64,
  data: "mnist-train",
  dtype: "F16",
  epochs: 6,
  initialisation: "uniform between -1/sqrt(fan in) and 1/sqrt(fan in), weights and biases",
  l1: "1e-4 times the sum of absolute values of all parameters, added to the loss",
  l2: "1e-4 times each parameter, added to the gradient (not decoupled)",
  learningRate: 0.01,
  loss: "mean cross-entropy",
  negativeSlope: 0.01,
  optimiser: "Adam, betas 0.9 and 0.999, epsilon 1e-8",
  random: "xoroshiro128plus; weights after one jump, batch order after two",
  testData: "mnist-test",
};
const networks = { ...readRegister(values.out)?.networks };
const train = loadInputs(recipe.data);
const test = loadInputs(recipe.testData);

for (const seed of seeds) {
  for (const width of widths) {
    for (const regulariser of kinds) {
      const key = checkpointKey({ width, regulariser, trial: seed });
      const file = `${key}.safetensors`;
      const path = join(values.out, file);
      if (existsSync(path) && networks[key]?.sha256 === sha256(readFileSync(path))) continue;

      const started = performance.now();
      const { mlp, losses, backend } = await trainMlp(train, {
        hidden: width,
        regulariser,
        seed,
        epochs: recipe.epochs,
      });
      const digest = saveMlp(mlp, path, { dtype: recipe.dtype });
      networks[key] = {
        backend,
        epochs: recipe.epochs,
        file,
        finalTrainingLoss: losses.at(-1),
        packageVersion,
        regulariser,
        seed,
        sha256: digest,
        testAccuracy: await accuracy(await loadMlp(path), test),
        width,
      };
      writeWhole(metricsPath, `${canonicalJson({ recipe, networks }, 2)}\n`);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.error(
        `${key}: test accuracy ${networks[key].testAccuracy}, loss ${losses.at(-1).toFixed(4)}, ${seconds} s`,
      );
    }
  }
}
