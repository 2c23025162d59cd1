// Trains a generator of drawn faces for data/checkpoints/gan and writes its file (float16), its row in metrics.json and a sheet of
// 64 samples. Goes on from its state file where it was stopped. Needs `npm run build` first. A step of 16 images takes
// 0.1 to 0.2 s of one core, the default 6000 steps some 15 minutes.
//
//   node scripts/train-gan.mjs [--filters 16] [--images 96000] [--faces 12000] [--seed 1] [--scrambled] [--out FOLDER] [--state FILE]
//
// With --scrambled it learns from scrambled faces: a control with the spectrum of faces and nothing of their shapes.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawFaces } from "../dist/datasets/faces/drawn-faces.js";
import { scrambledImages } from "../dist/datasets/scrambled.js";
import { positiveInteger, validSeed } from "../dist/errors.js";
import { imageSheet } from "../dist/figures/image-sheet.js";
import { checkWritable, writeWhole } from "../dist/files.js";
import { pngOf } from "../dist/formats/png.js";
import { canonicalJson } from "../dist/json.js";
import { generatorFolder, listGenerators } from "../dist/networks/dcgan/checkpoints.js";
import { loadGenerator, saveGenerator } from "../dist/networks/dcgan/file.js";
import { generateImages } from "../dist/networks/dcgan/forward.js";
import { randomLatents } from "../dist/networks/dcgan/latents.js";
import { dcganRecipes } from "../dist/networks/dcgan/recipes.js";
import { trainDcgan } from "../dist/networks/dcgan/train.js";
import { packageVersion } from "../dist/package.js";

const { values } = parseArgs({
  options: {
    filters: { type: "string", default: "16" },
    images: { type: "string", default: "96000" },
    faces: { type: "string", default: "12000" },
    seed: { type: "string", default: "1" },
    scrambled: { type: "boolean", default: false },
    out: { type: "string", default: generatorFolder },
    state: { type: "string" },
  },
});
const filters = positiveInteger("filters", Number(values.filters));
const seed = validSeed(Number(values.seed));
const recipe = { ...dcganRecipes.small, filters, images: positiveInteger("images", Number(values.images)) };
const name = `${values.scrambled ? "scrambled" : "faces"}-${filters}`;
const state = values.state ?? join("results", "gan", `${name}.training.safetensors`);
const metricsPath = join(values.out, "metrics.json");
checkWritable(metricsPath);

const drawn = await drawFaces({ count: positiveInteger("faces", Number(values.faces)), seed });
const faces = values.scrambled ? await scrambledImages(drawn, { seed }) : drawn;
console.error(faces.name);
const { generator, curves, backend } = await trainDcgan(faces, {
  seed,
  recipe,
  resume: state,
  onStep: async ({ step, images, curves, generator }) => {
    const { real, fake } = curves.at(-1) ?? {};
    if (step % 50 === 0) console.error(`${images} images: real ${real.toFixed(3)}, fake ${fake.toFixed(3)}`);
    if (step % 500 === 0) await writeSheet(`${state}.png`, await generator());
  },
});

const file = `${name}.safetensors`;
const sha256 = saveGenerator(generator, join(values.out, file), { dtype: "F16" });
await writeSheet(join(values.out, `${name}.png`), await loadGenerator(join(values.out, file)));
const metrics = {
  backend,
  curves: curves.map(rounded),
  data: faces.name,
  dataSha256: faces.sha256,
  file,
  packageVersion,
  recipe,
  seed,
  sha256,
};
const generators = { ...listGenerators(values.out), [name]: metrics };
writeWhole(metricsPath, `${canonicalJson({ generators }, 1)}\n`);
console.error(`${join(values.out, file)}: sha256 ${sha256}`);

/** A sheet of 64 images of the latents of seed 1. */
async function writeSheet(path, generator) {
  const images = await generateImages(generator, randomLatents(generator, 64, { seed: 1 }));
  const sheet = imageSheet(images, 64, { columns: 16 });
  writeWhole(path, pngOf(sheet.pixels, sheet.width, sheet.height));
}

function rounded(point) {
  return Object.fromEntries(Object.entries(point).map(([key, value]) => [key, Number(value.toPrecision(5))]));
}
