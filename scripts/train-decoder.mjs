// Trains a small decoder of bytes for data/checkpoints/experts: five languages, arithmetic and capitals, with experts in Mixtral's layout, or (--kind dense)
// without. Writes a folder that loadDecoder reads (float16) and a row of metrics.json. Goes on from its state file where it was stopped: a signal (Ctrl-C,
// SIGTERM) loses the steps since the last hundredth alone. Needs `npm run build` first. A step takes 0.2 s of one core, 5500 steps some 20 minutes.
//
//   node scripts/train-decoder.mjs [--kind experts|dense] [--seed 1] [--steps 5500] [--out FOLDER] [--state FILE] [--texts FOLDER]
//
// Texts are paragraphs of LibreOffice's help from five Debian packages (MPL-2.0), which it fetches with apt-get into --texts, or takes from there. Their
// checksums are in metrics.json; other versions of the packages have other texts, and make other networks.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadDecoder } from "../dist/decoders/load-decoder.js";
import { saveDecoder } from "../dist/decoders/training/save-decoder.js";
import { trainDecoder } from "../dist/decoders/training/train-decoder.js";
import { oneOf, positiveInteger, validSeed } from "../dist/errors.js";
import { examine } from "../dist/experiments/experts/exam.js";
import { helpTexts } from "../dist/experiments/experts/help-texts.js";
import { languageNames, languages } from "../dist/experiments/experts/languages.js";
import { byteVocabulary, decoderLessons } from "../dist/experiments/experts/lessons.js";
import { decoderRecipes } from "../dist/experiments/experts/recipes.js";
import { checkWritable, readRegular, sha256, writeWhole } from "../dist/files.js";
import { canonicalJson } from "../dist/json.js";
import { packageRoot } from "../dist/package.js";
import { packageVersion } from "../dist/version.js";

const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "experts" },
    seed: { type: "string", default: "1" },
    steps: { type: "string" },
    out: { type: "string", default: join(packageRoot, "data/checkpoints/experts") },
    state: { type: "string" },
    texts: { type: "string", default: join("results", "experts", "texts") },
  },
});
const kind = oneOf("kind", Object.keys(decoderRecipes), values.kind);
const seed = validSeed(Number(values.seed));
const recipe = {
  ...decoderRecipes[kind],
  steps: positiveInteger("steps", Number(values.steps ?? decoderRecipes[kind].steps)),
};
const name = `${kind}-${seed}`;
const state = values.state ?? join("results", "experts", `${name}.training.safetensors`);
const metricsPath = join(values.out, "metrics.json");
checkWritable(metricsPath);

const packages = fetchPackages(values.texts);
const texts = await helpTexts(join(values.texts, "unpacked"));
const corpus = Object.fromEntries(languageNames.map((language) => [language, accountOf(texts[language])]));
console.error(canonicalJson(corpus, 1));

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => stopped.abort(new Error(`stopped by ${signal}`)));
const { tensors, curves } = await trainDecoder(decoderLessons(texts), {
  seed,
  recipe,
  resume: state,
  signal: stopped.signal,
  onStep: ({ step, curves }) => {
    if (step % 50 === 0) console.error(canonicalJson(rounded(curves.at(-1)), 0));
  },
});

const folder = join(values.out, name);
const { shape, length } = recipe;
const checksum = saveDecoder(folder, shape, tensors, { positions: length, begin: byteVocabulary.begin });
const exam = await examine(await loadDecoder(folder), texts);
const metrics = {
  corpus,
  curves: curves.map(rounded),
  exam: rounded(exam),
  folder: name,
  packageVersion,
  packages,
  recipe: JSON.parse(JSON.stringify(recipe)),
  seed,
  sha256: checksum,
};
const others = existsSync(metricsPath) ? JSON.parse(readRegular(metricsPath).toString("utf8")).decoders : {};
writeWhole(metricsPath, `${canonicalJson({ decoders: { ...others, [name]: metrics } }, 1)}\n`);
console.error(canonicalJson(rounded(exam), 1));

/** Fetches and unpacks the packages of the languages where they are not there. @returns their checksums, by file */
function fetchPackages(to) {
  mkdirSync(to, { recursive: true });
  const files = () => readdirSync(to).filter((file) => file.endsWith(".deb"));
  for (const { package: wanted } of Object.values(languages)) {
    if (!files().some((file) => file.startsWith(`${wanted}_`))) run("apt-get", ["download", wanted], to);
  }
  if (!existsSync(join(to, "unpacked"))) for (const file of files()) run("dpkg", ["-x", file, "unpacked"], to);
  return Object.fromEntries(files().map((file) => [decodeURIComponent(file), sha256(readRegular(join(to, file)))]));
}

function run(program, args, cwd) {
  const { status, error } = spawnSync(program, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed`, { cause: error });
}

/** How much text there is, and its checksum. */
function accountOf({ training, heldOut }) {
  const bytes = new TextEncoder();
  const [trained, kept] = [training, heldOut].map((paragraphs) => bytes.encode(paragraphs.join("\n")));
  return {
    paragraphs: training.length,
    bytes: trained.length,
    heldOutParagraphs: heldOut.length,
    heldOutBytes: kept.length,
    sha256: sha256(trained, kept),
  };
}

function rounded(value) {
  if (typeof value === "number") return Number(value.toPrecision(5));
  if (Array.isArray(value)) return value.map(rounded);
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, own]) => [key, rounded(own)]))
    : value;
}
