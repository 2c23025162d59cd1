// Each type that a published signature names can be imported by that name, from one of the entry points at least.
import { readFileSync } from "node:fs";
import { join, sep } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { packageRoot } from "../src/package.js";

const dist = join(packageRoot, "dist");
const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { exports: object };
const entries = Object.keys(exports)
  .filter((place) => place !== "./package.json")
  .map((place) => join(dist, `${place === "." ? "index" : place.slice(2)}.d.ts`));
const program = ts.createProgram(entries, {
  module: ts.ModuleKind.NodeNext,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
});
const checker = program.getTypeChecker();

/** Stand for types of TensorFlow.js, which is where they are imported from. */
const ofTensorflow = "tensors/tensorflow.d.ts";

/** What a name stands for, wherever it was exported from. */
const meant = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

const exported = new Set(
  entries.flatMap((entry) => {
    const file = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
    return checker.getExportsOfModule(file).map(meant);
  }),
);

/** What nobody outside calls: private, or `@internal` in its doc comment. */
function isHidden(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  const isPrivate = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) ?? false;
  return isPrivate || ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "internal");
}

/** The name of a type that a node is, where it is one. */
function typeName(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  return ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
}

/** Types of this package below a declaration that no entry point exports, as `NAME (FILE)`. */
function unexported(node: ts.Node): string[] {
  if (isHidden(node)) return [];
  const below: string[] = [];
  ts.forEachChild(node, (child) => void below.push(...unexported(child)));
  const name = typeName(node);
  const found = name && checker.getSymbolAtLocation(name);
  if (!found || exported.has(meant(found))) return below;
  const [declaration] = meant(found).declarations ?? [];
  const path = declaration?.getSourceFile().fileName.split("/").join(sep) ?? "";
  if (!path.startsWith(dist + sep) || ts.isTypeParameterDeclaration(declaration)) return below;
  const file = path.slice(dist.length + 1).replaceAll(sep, "/");
  return file === ofTensorflow ? below : [...below, `${meant(found).name} (${file})`];
}

it("every type in a public signature is exported", () => {
  expect(exported.size).toBeGreaterThan(800);
  const missing = [...exported].flatMap((symbol) =>
    (symbol.declarations ?? []).flatMap((declaration) =>
      unexported(declaration).map((type) => `${symbol.name}: ${type}`),
    ),
  );
  expect(missing).toEqual([]);
});
