// Makes the site: the pages of docs/, the reference from the doc comments of all entry points, the executed notebooks as pages.
// `npm run docs`, then open site/index.html. Everything is made in a fresh folder, which then takes site's place. Types in public
// signatures that no entry point exports, links that lead nowhere and addresses that a page would load are errors.
//
// `--if-stale` makes it only where it is older than what it is made from.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import temml from "temml";
import { Application } from "typedoc";
import { brokenLinks, pagesIn } from "./site-links.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const site = join(root, "site");
// What users import, as in package.json.
const entries = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).exports)
  .filter((place) => place !== "./package.json")
  .map((place) => (place === "." ? "index" : place.slice(2)));
const pages = [
  "docs/guide.md",
  "docs/install.md",
  "docs/reproduce.md",
  "docs/networks.md",
  "docs/lesions-and-scores.md",
  "docs/decoders.md",
  "docs/mixtral-true-size.md",
  "docs/interactions.md",
  "docs/tests-and-intervals.md",
  "docs/how-good.md",
  "docs/observed-lesions.md",
  "docs/smaller-networks.md",
  "docs/simulations.md",
  "docs/running.md",
  "docs/cluster.md",
  "docs/thousands-of-outputs.md",
  "docs/notebooks.md",
  "docs/live-pages.md",
  "docs/figures.md",
  "docs/command-line.md",
  "docs/msapy-and-shap.md",
  "docs/ports.md",
  "docs/estimators.md",
  "docs/performance.md",
  "docs/promises.md",
  "docs/architecture.md",
  "docs/glossary.md",
  "environment.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
];
/** Titles of pages that do not say theirs. */
const titles = {
  environment: "Environment",
  CHANGELOG: "Changelog",
  CONTRIBUTING: "Contributing",
  "docs/estimators": "Estimators",
};
const notebooks = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));

try {
  if (!process.argv.includes("--if-stale") || isStale()) await make();
} catch (error) {
  process.stderr.write(`no site: ${error.message}\n`);
  process.exitCode = 1;
}

async function make() {
  run("scripts/build.mjs", "--if-stale");
  const fresh = join(root, `site.${process.pid}.building`);
  try {
    await reference(fresh);
    mkdirSync(join(fresh, "notebooks"));
    for (const name of notebooks) {
      run("dist/cli/main.js", "notebook", "html", join("notebooks", name), "--out", notebookPage(fresh, name));
    }
    linkNotebooks(fresh);
    const broken = brokenLinks(fresh);
    if (broken.length > 0) throw new Error(`links that lead nowhere, or out while a page opens:\n${broken.join("\n")}`);
    rmSync(site, { recursive: true, force: true });
    renameSync(fresh, site);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The pages and the reference. @throws Error where typedoc warns: of a type that is not exported, of a link */
async function reference(out) {
  const { addFormulas, formulaMaker } = await import("../dist/notebook/page/prose.js");
  const app = await Application.bootstrap({
    name: "shapley-modes",
    entryPoints: entries.map((name) => join(root, "src", `${name}.ts`)),
    projectDocuments: pages.map((page) => join(root, page)),
    readme: join(root, "README.md"),
    tsconfig: join(root, "tsconfig.json"),
    customCss: join(root, "docs", "site.css"),
    markdownItLoader: (markdown) => addFormulas(markdown, formulaMaker(temml)),
    out,
    includeVersion: true,
    hideGenerator: true,
    disableSources: true,
    disableGit: true,
    excludeInternal: true,
    sort: ["kind", "alphabetical-ignoring-documents"],
    kindSortOrder: ["Document", "Project", "Module", "Function", "Variable", "Class", "Interface", "TypeAlias"],
    sortEntryPoints: false,
    navigation: { includeCategories: false, includeGroups: false, excludeReferences: true },
    validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
    logLevel: "Warn",
  });
  const project = await app.convert();
  if (!project) throw new Error("the sources do not compile");
  for (const page of project.documents ?? []) page.name = titles[page.name] ?? page.name;
  app.validate(project);
  await app.generateOutputs(project);
  const found = app.logger.errorCount + app.logger.warningCount + app.logger.validationWarningCount;
  if (found > 0) throw new Error(`${found} warnings of typedoc, above`);
}

function notebookPage(folder, name) {
  return join(folder, "notebooks", name.replace(/\.ipynb$/, ".html"));
}

/** Links to notebooks, which typedoc takes along as files, lead to their pages. */
function linkNotebooks(folder) {
  for (const page of pagesIn(folder)) {
    if (dirname(page) === join(folder, "notebooks")) continue;
    const text = readFileSync(page, "utf8");
    const linked = text.replace(/(href="[^"]*?)media\/([\w-]+)\.ipynb"/g, '$1notebooks/$2.html"');
    if (linked !== text) writeFileSync(page, linked);
  }
  const media = join(folder, "media");
  const taken = existsSync(media) ? readdirSync(media).filter((name) => name.endsWith(".ipynb")) : [];
  for (const name of taken) rmSync(join(media, name));
}

function isStale() {
  const made = statSync(join(site, "index.html"), { throwIfNoEntry: false });
  const from = [
    "src",
    "docs",
    "notebooks",
    "scripts",
    "README.md",
    "environment.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "package.json",
  ];
  return !made || Math.max(...from.map((name) => newest(join(root, name)))) > made.mtimeMs;
}

function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(script, ...given) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...given], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`${script} ${given.join(" ")} failed`);
}
