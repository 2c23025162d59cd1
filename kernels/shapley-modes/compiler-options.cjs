// How cells, and the files they import, are checked: as the nearest tsconfig.json says.
"use strict";

const path = require("node:path");
const { ts } = require("./typescript.cjs");

/** Folder of Node's types, one copy of them whatever the notebook's folder holds: a predictable start. */
const typeRoot = path.dirname(path.dirname(require.resolve("@types/node/package.json")));

/** Without a tsconfig.json: lax, for exploring. */
const lax = { lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.esnext.decorators.d.ts"] };

/** What cells need, whatever a tsconfig.json says. It is about files that are compiled, and cells are not. */
const cells = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  // Understands "exports" of packages, and `./helper.js` for a helper.ts.
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  allowJs: true,
  skipLibCheck: true,
  declaration: true,
  sourceMap: true,
  newLine: ts.NewLineKind.LineFeed,
  rootDir: path.parse(process.cwd()).root,
  outDir: path.join(path.parse(process.cwd()).root, "__compiled__"),
  // In a notebook what is not used in a cell is used in the next one, and the end of a loop may never come.
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  noEmit: false,
  noEmitOnError: false,
  removeComments: false,
};
const dropped = [
  ..."composite incremental tsBuildInfoFile declarationDir declarationMap emitDeclarationOnly inlineSourceMap inlineSources".split(
    " ",
  ),
  ..."isolatedDeclarations importHelpers noEmitHelpers stripInternal noResolve noLib outFile plugins sourceRoot mapRoot customConditions rewriteRelativeImportExtensions".split(
    " ",
  ),
];

/**
 * @param {string} folder where the notebook is
 * @returns {{ options: object, file?: string, problem?: string }} options of the compiler, the tsconfig.json they come from, and what is
 *   wrong with that file, in one line
 */
function compilerOptions(folder) {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  const problems = [];
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => problems.push(problem) };
  const parsed = file ? ts.getParsedCommandLineOfConfigFile(file, {}, host) : undefined;
  // What files there are is of no interest here ("No inputs were found").
  problems.push(...(parsed?.errors ?? []).filter(({ code }) => code !== 18003 && code !== 18002));
  const own = Object.fromEntries(Object.entries(parsed?.options ?? {}).filter(([name]) => !dropped.includes(name)));
  /** @type {import("typescript").CompilerOptions} */
  const options = { ...(file ? {} : lax), ...own, ...cells };
  options.lib ??= lax.lib;
  options.jsx ??= ts.JsxEmit.ReactJSX;
  // What fields of classes mean follows the target that was asked for.
  if (file) options.useDefineForClassFields ??= (own.target ?? ts.ScriptTarget.ES5) >= ts.ScriptTarget.ES2022;
  options.types = [...new Set(["node", ...(own.types ?? [])])];
  options.typeRoots = [...(own.typeRoots ?? []), typeRoot];
  const [first] = problems;
  const problem = first && `${file}: ${ts.flattenDiagnosticMessageText(first.messageText, " ")}`;
  return { options, file, problem };
}

module.exports = { compilerOptions };
