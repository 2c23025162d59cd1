// The `@example`s of doc comments as programs: what they use is imported, and what they take for granted is made before
// them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import * as analysis from "../../src/analysis.js";
import * as decoders from "../../src/decoders.js";
import * as experiments from "../../src/experiments.js";
import * as faces from "../../src/faces.js";
import * as figures from "../../src/figures.js";
import * as formats from "../../src/formats.js";
import * as games from "../../src/games.js";
import * as generators from "../../src/generators.js";
import * as index from "../../src/index.js";
import * as jobs from "../../src/jobs.js";
import { packageRoot } from "../../src/package.js";
import * as pages from "../../src/pages.js";
import * as render from "../../src/render.js";
import * as widgets from "../../src/widgets.js";
import type { Program } from "./programs.js";

/** From where a name is imported: the first of these that has it. */
const entries = {
  "shapley-modes": index,
  "shapley-modes/analysis": analysis,
  "shapley-modes/figures": figures,
  "shapley-modes/formats": formats,
  "shapley-modes/games": games,
  "shapley-modes/faces": faces,
  "shapley-modes/generators": generators,
  "shapley-modes/decoders": decoders,
  "shapley-modes/experiments": experiments,
  "shapley-modes/jobs": jobs,
  "shapley-modes/pages": pages,
  "shapley-modes/render": render,
  "shapley-modes/widgets": widgets,
};

/** What examples that begin in the middle have before them; what needs another comes after it. */
const before: Readonly<Record<string, string>> = {
  writeFileSync: 'import { writeFileSync } from "node:fs";',
  game: `const game = await gameFrom(
    ["layer1/filter0", "layer2/filter3", "layer2/filter7", "layer5/filter0"],
    (intact) => Float64Array.from({ length: 3 * 3 * 8 * 8 }, (_, i) => intact.size * ((i * (intact.has(0) ? 5 : 3)) % 7)),
    { outputShape: [3, 3, 8, 8] },
  );`,
  modes: "const modes = await shapley(game, { orderings: 50 });",
  figure: 'const figure = contributionBarsFigure({ units: ["a", "b"], values: [1, 2] });',
  signal: "const { signal } = new AbortController();",
  seed: "const seed = 1;",
  generator: "const generator = await generatorCheckpoint();",
  network: 'const network = await loadOnnx("network.onnx");',
  networks: 'const networks = [await checkpoint({ width: 10, regulariser: "l1", trial: 0 })];',
  inputs: 'const inputs = loadInputs("mnist-test:0-9");',
  image: "const image = new Float32Array(3 * 224 * 224);",
  otherImages: "const otherImages = new Float32Array(2 * 3 * 224 * 224);",
  images: "const images = new Float32Array(2 * 3 * 64 * 64);",
  faces: "const faces = await drawFaces({ count: 2 });",
  hairIn:
    "const hairIn = (least: number) => Float32Array.from({ length: 3 * 64 }, (_, i) => ((i * 7) % 10 > 10 * least ? 1 : 0));",
  masks: `const masks = { count: 3, size: 8, masks: { hair: hairIn(0.5), background: hairIn(0.3), mouth: hairIn(0.7) } };`,
  other: "const other = game;",
  otherMasks: "const otherMasks = masks;",
  page: 'const page = await lesionPage(await gameFrom(["a", "b"], (intact) => intact.size));',
  advance: "const advance = (_step: unknown): void => {};",
};

/** Examples that are checked by the compiler alone, and why. */
export const typesOnly: Readonly<Record<string, string>> = {
  heads: "reads a file of one's own",
  findEdits: "needs modes of faces and their masks: minutes",
  lesionSpecificity: "needs faces and their masks",
  scrambledImages: "draws a thousand faces",
  atlasAgreement: "compares hundreds of faces",
  loadFaceAtlas: "compares hundreds of faces",
  drawFaces: "draws a hundred faces",
  showTraining: "trains a network",
  watchJob: "waits for a job",
  shapleyToDisk: "plays a generator for minutes",
  generatorGame: "reads a file of one's own, and plays for minutes",
  mlpGame: "reads a file of one's own",
  loadArray: "reads a file of one's own",
  openModes: "reads a store of one's own",
  gameFromSpec: "its module is a sketch",
  networkGame: "a network for images of another size than the test's",
  sites: "a network for images of another size than the test's",
  communities: "names the fourth of the communities of a large network",
  saveFigure: "needs Chromium: test/figures/doc-examples.test.ts runs it there",
  saveModesGif: "test/figures/doc-examples.test.ts runs what makes figures",
  planJob: "its module is a sketch",
  loadPublishedExperts: "reads what docs/reproduce.md fetches",
  paperTasks: "asks a checkpoint of Mixtral",
  toDataFrame: "danfojs' own types are those of its frames",
};

/** An `@example`, and what it is an example of. */
export interface Example extends Program {
  readonly of: string;
}

/** All examples of the doc comments of `src/`. */
export function examplesOf(folder = join(packageRoot, "src")): Example[] {
  const files = readdirSync(folder, { encoding: "utf8", recursive: true }).filter((file) => file.endsWith(".ts"));
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return [...text.matchAll(/^ *\* @example\n((?: *\* .*\n)+?) *\*\/\n *([^\n]*)/gm)].flatMap(([, lines, below]) => {
      const of = /^(?:export )?(?:abstract )?(?:async )?(?:function |class |const )?(\w+)/.exec(below)?.[1] ?? below;
      if (!isPublic(of) && !below.startsWith("async ") && !below.startsWith("on")) return [];
      const name = `${file.replaceAll("\\", "/")}: ${of}`;
      return [{ name, of, code: completed(lines.replace(/^ *\* /gm, "")), runs: !(of in typesOnly) }];
    });
  });
}

function isPublic(name: string): boolean {
  return entryOf(name) !== undefined || name === "shapleyHere";
}

function entryOf(name: string): string | undefined {
  return Object.entries(entries).find(([, values]) => name in values)?.[0];
}

/** A program that declares all that it uses. */
function completed(example: string): string {
  const made = new Set<string>();
  for (;;) {
    const code = [
      ...Object.keys(before)
        .filter((name) => made.has(name))
        .map((name) => before[name]),
      example,
    ].join("\n");
    const { used, declared } = namesIn(code);
    const missing = [...used].filter((name) => !declared.has(name));
    const makeable = missing.filter((name) => name in before);
    if (makeable.length === 0) return `${importsOf(missing)}${code}`;
    for (const name of makeable) made.add(name);
  }
}

function importsOf(names: readonly string[]): string {
  return Object.keys(entries)
    .map((entry) => ({ entry, some: names.filter((name) => entryOf(name) === entry) }))
    .filter(({ some }) => some.length > 0)
    .map(({ entry, some }) => `import { ${some.join(", ")} } from "${entry}";\n`)
    .join("");
}

/** The names that a program reads, and those that it declares, at whatever depth. */
function namesIn(code: string): { used: Set<string>; declared: Set<string> } {
  const used = new Set<string>();
  const declared = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      if (isDeclaration(parent) && parent.name === node) declared.add(node.text);
      else if (!isOnlyAName(node, parent)) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("example.ts", code, ts.ScriptTarget.ES2022, true));
  return { used, declared };
}

function isDeclaration(node: ts.Node): node is ts.Node & { name: ts.Node } {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isBindingElement(node) ||
    ts.isParameter(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isImportSpecifier(node)
  );
}

/** Whether a name is that of a property. */
function isOnlyAName(node: ts.Identifier, parent: ts.Node): boolean {
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isBindingElement(parent) && parent.propertyName === node) ||
    ts.isImportSpecifier(parent)
  );
}
