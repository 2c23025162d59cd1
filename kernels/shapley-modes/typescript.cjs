// The TypeScript side of a cell: tslab's converter, with its hard-coded compiler options put right.
//
// tslab reads no tsconfig.json and resolves packages from the notebook's folder alone. Its converter takes TypeScript
// from `require("@tslab/typescript-for-tslab")`; so a copy of that module, with two functions wrapped, is put in its place
// before the converter is loaded. Nothing in node_modules is written to.
"use strict";

const Module = require("node:module");
const path = require("node:path");

/** Folder of the shapley-modes package. */
const packageRoot = path.resolve(__dirname, "../..");
const tslabRequire = Module.createRequire(require.resolve("tslab/package.json"));
const typescriptPath = tslabRequire.resolve("@tslab/typescript-for-tslab");
const original = require(typescriptPath);

/** Source maps of the module converted last: cell to ES module, ES module to the CommonJS that runs. */
let lastMaps;

const ts = {
  ...original,
  createWatchCompilerHost(rootFiles, options, sys, ...rest) {
    return withPackageResolution(original.createWatchCompilerHost(rootFiles, cellOptions(options), sys, ...rest));
  },
  transpileModule(source, request) {
    const inline = /\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(source);
    if (!inline) return original.transpileModule(source, request);
    const compilerOptions = { ...request.compilerOptions, sourceMap: true };
    const result = original.transpileModule(source.slice(0, inline.index), { ...request, compilerOptions });
    lastMaps = { toModule: Buffer.from(inline[1], "base64").toString("utf8"), toCommonJs: result.sourceMapText };
    return { ...result, outputText: result.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, "") };
  },
};
require.cache[typescriptPath].exports = ts;

const { createConverter, isCompleteCode } = require("tslab/dist/converter.js");
const { getCodeMetadata } = require("tslab/dist/metadata.js");

function cellOptions(options) {
  return {
    ...options,
    // Understands "exports" of packages, and `./helper.js` for a helper.ts, which Node10 does not.
    moduleResolution: original.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    // One copy of Node's types, whatever the notebook's folder holds: a predictable start.
    typeRoots: [path.join(path.dirname(tslabRequire.resolve("@types/node/package.json")), "..")],
    types: ["node"],
    inlineSourceMap: true,
  };
}

/**
 * Resolves a package as seen from the notebook's folder and, failing that, from this package, so that
 * `import { mean } from "mathjs"` works in a notebook anywhere. "shapley-modes" is always this package.
 */
function withPackageResolution(host) {
  const insidePackage = path.join(packageRoot, "__kernel__.ts");
  host.resolveModuleNameLiterals = (literals, containingFile, _redirect, options) =>
    literals.map(({ text }) => {
      const resolve = (from) => original.resolveModuleName(text, from, options, host);
      if (isOwnName(text)) return resolve(insidePackage);
      const found = resolve(containingFile);
      return found.resolvedModule || !isPackageName(text) ? found : resolve(insidePackage);
    });
  // Resolutions stay good while a file's text does; without this TypeScript would resolve everything again at each cell.
  host.hasInvalidatedResolutions = () => false;
  const { watchFile } = host;
  // Library files do not change while a kernel runs: watching them costs a timer each.
  host.watchFile = (file, ...rest) =>
    /\/node_modules\//.test(file) || file.startsWith(`${packageRoot.replaceAll("\\", "/")}/dist/`)
      ? { close() {} }
      : watchFile(file, ...rest);
  return host;
}

/** Whether a module specifier means this package. */
function isOwnName(specifier) {
  return specifier === "shapley-modes" || specifier.startsWith("shapley-modes/");
}

/** Whether a module specifier names a package, not a file. */
function isPackageName(specifier) {
  return !specifier.startsWith(".") && !path.isAbsolute(specifier);
}

/**
 * tslab's converter for cells, which also tells where each line of the compiled code comes from.
 *
 * @returns {{ converter: object, convert(declarations: string, code: string): object }} `convert` returns what tslab's
 *   does and `sourceLine(line, column)`: the cell's line (from 1) of a position (from 1) in the compiled code
 */
function createCellConverter() {
  const converter = createConverter({ isJS: false, isBrowser: false });
  return {
    converter,
    convert(declarations, code) {
      lastMaps = undefined;
      const converted = converter.convert(declarations, withoutAmbiguousNames(code));
      const hasToplevelAwait = converted.hasToplevelAwait || loopsWithAwait(code);
      return { ...converted, hasToplevelAwait, sourceLine: lineMapper(lastMaps) };
    },
  };
}

/** Whether code ends in an assignment, `seed = 3;`: its value is no result that anybody asked to see. */
function endsInAssignment(code) {
  const last = original.createSourceFile("cell.ts", code, original.ScriptTarget.Latest).statements.at(-1);
  if (!last || !original.isExpressionStatement(last) || !original.isBinaryExpression(last.expression)) return false;
  const { kind } = last.expression.operatorToken;
  return kind >= original.SyntaxKind.FirstAssignment && kind <= original.SyntaxKind.LastAssignment;
}

/** Whether a cell has a `for await` outside of any function, which tslab does not count as an await. */
function loopsWithAwait(code) {
  const visit = (node) =>
    !original.isFunctionLike(node) &&
    ((original.isForOfStatement(node) && node.awaitModifier !== undefined) ||
      Boolean(original.forEachChild(node, visit)));
  return visit(original.createSourceFile("cell.ts", code, original.ScriptTarget.Latest));
}

/**
 * The cell with `{ seed }` written as `{ "seed": seed }`, and `const { values: all } = ...` as `const { "values": all } = ...`:
 * tslab finds the variables of earlier cells by their identifiers, takes the one in a shorthand for a property's name, and a
 * property's name in a pattern for a variable where the property's type comes from an earlier cell. Lines stay where they are.
 */
function withoutAmbiguousNames(code) {
  const cell = original.createSourceFile("cell.ts", code, original.ScriptTarget.Latest, true);
  const edits = [];
  const visit = (node) => {
    if (original.isShorthandPropertyAssignment(node)) edits.push([node.name, `"${node.name.text}": ${node.name.text}`]);
    else if (original.isBindingElement(node) || (original.isPropertyAssignment(node) && isPattern(node.parent))) {
      const name = original.isBindingElement(node) ? node.propertyName : node.name;
      if (name && original.isIdentifier(name)) edits.push([name, `"${name.text}"`]);
    }
    original.forEachChild(node, visit);
  };
  visit(cell);
  edits.sort(([a], [b]) => a.pos - b.pos);
  return edits.reduceRight(
    (text, [name, written]) => text.slice(0, name.getStart(cell)) + written + text.slice(name.end),
    code,
  );
}

/** Whether an object or list in braces or brackets is what is assigned to: `({ a: b } = ...)`, `for ({ a: b } of ...)`. */
function isPattern(node) {
  const { parent } = node;
  if (original.isBinaryExpression(parent)) {
    return parent.operatorToken.kind === original.SyntaxKind.EqualsToken && parent.left === node;
  }
  if (original.isForOfStatement(parent)) return parent.initializer === node;
  const within = [
    original.isParenthesizedExpression,
    original.isArrayLiteralExpression,
    original.isObjectLiteralExpression,
    original.isPropertyAssignment,
    original.isSpreadElement,
  ];
  return within.some((is) => is(parent)) && isPattern(parent);
}

/**
 * The declarations that hold where a cell failed on its way: without those of variables that were not made yet.
 *
 * @param {string} declarations with those of the cell, as the text of a .d.ts file
 * @param {(name: string) => boolean} isMade
 */
function declaredSoFar(declarations, isMade) {
  const file = original.createSourceFile("declarations.d.ts", declarations, original.ScriptTarget.Latest);
  const names = (name) =>
    original.isIdentifier(name) ? [name.text] : name.elements.flatMap((part) => names(part.name));
  const holds = (statement) =>
    !original.isVariableStatement(statement) ||
    statement.declarationList.declarations.some(({ name }) => names(name).some(isMade));
  return file.statements
    .filter(holds)
    .map((statement) => statement.getFullText(file))
    .join("");
}

function lineMapper(maps) {
  let mapped;
  return (line, column) => {
    if (!maps) return undefined;
    mapped ??= [maps.toCommonJs, maps.toModule].map((text) => new Module.SourceMap(JSON.parse(text)));
    const between = mapped[0].findEntry(line - 1, column - 1);
    const source = mapped[1].findEntry(between.originalLine ?? -1, between.originalColumn ?? -1);
    // tslab puts one line, `export {};`, before the cell: its zero-based lines are the cell's, counted from 1.
    return source.originalLine > 0 ? source.originalLine : undefined;
  };
}

module.exports = {
  createCellConverter,
  declaredSoFar,
  endsInAssignment,
  getCodeMetadata,
  isCompleteCode,
  isOwnName,
  isPackageName,
  packageRoot,
};
