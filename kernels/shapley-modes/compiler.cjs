// Cells of TypeScript: what is wrong with one, what it runs as, and what it leaves declared.
"use strict";

const Module = require("node:module");
const path = require("node:path");
const { ts } = require("./typescript.cjs");
const { createProject } = require("./project.cjs");
const { parse, withoutExports, declaredNames, importedNames, lastExpression, isJsx } = require("./cell-source.cjs");
const { rewrite, own } = require("./rewriting.cjs");

/** Text after the cell's: what it declares is exported, so that TypeScript writes declarations of all of it. */
const exporting = (names) => `\nexport { ${names.join(", ")} };`;

/**
 * @param {string} folder where the notebook is
 * @param {(name: string) => boolean} known whether there is a variable of that name
 */
function createCompiler(folder, known) {
  const project = createProject(folder);

  /** Opens a cell in the project. */
  function open(syntax) {
    const names = declaredNames(syntax);
    const imported = importedNames(syntax);
    const all = [...new Set([...names.values, ...names.types, ...names.ambient, ...imported])];
    return { ...project.open(syntax.text + exporting(all)), names, imported, syntax };
  }

  /**
   * @param {string} code a cell
   * @returns {{ diagnostics: object[] } | object} what is wrong, or all that it takes to run the cell (see `compiled`)
   */
  function compile(code) {
    const { text, refused } = withoutExports(code);
    const syntax = parse(text);
    if (syntax.parseDiagnostics.length > 0)
      return { diagnostics: isJsx(code) ? [noJsx(syntax)] : syntax.parseDiagnostics.map((one) => told(one, syntax)) };
    if (refused.length > 0) return { diagnostics: refused.map((statement) => noExports(statement, syntax)) };
    const opened = open(syntax);
    const sources = project.ownSources(opened.program, opened.cell);
    const problems = [opened.cell, ...sources].flatMap((file) => [
      ...opened.program.getSyntacticDiagnostics(file),
      ...opened.program.getSemanticDiagnostics(file),
    ]);
    const diagnostics = problems
      .filter(
        ({ file, start, category }) =>
          file && category === ts.DiagnosticCategory.Error && (file !== opened.cell || start <= code.length),
      )
      .map((problem) => told(problem, opened.cell));
    if (diagnostics.length > 0) return { diagnostics };
    return { diagnostics, ...compiled(opened) };
  }

  function compiled({ program, checker, cell, names, imported, syntax }) {
    const imports = valueImports(cell, checker, syntax.end);
    let js;
    let map;
    let declarations;
    const end = lastExpression(syntax)?.end;
    const last = cell.statements.find((statement) => statement.end === end);
    const transformers = { before: [() => (file) => (file.fileName === cell.fileName ? runnable(file, last) : file)] };
    const take = (name, text) => {
      if (name.endsWith(".d.ts")) declarations = text;
      else if (name.endsWith(".map")) map = text;
      else js = text;
    };
    // The last argument: declarations are wanted although TypeScript may find that a type can not be named.
    program.emit(cell, take, undefined, undefined, transformers, true);
    const bound = new Set(imports.flatMap((one) => one.names.map(({ local }) => local)));
    const declared = new Set([...names.values, ...bound]);
    const rewritten = rewrite(withoutMapLink(js), { declared, merged: new Set(names.merged), known });
    return {
      ...rewritten,
      imports,
      declarations: declarations + reachingOut(names.values, declarations, cell, checker),
      /** Names with their meanings, as the project keeps them. */
      declared: [
        ...[...names.values, ...names.ambient, ...imported].map((name) => `value ${name}`),
        ...[...names.types, ...imported].map((name) => `type ${name}`),
      ],
      values: names.values,
      hasResult: last !== undefined,
      position: positionMapper(map, rewritten),
    };
  }

  return {
    project,
    compile,
    /** Opens a cell that is being written, whole or not. */
    open: (code) => open(parse(withoutExports(code).text)),
    /** Keeps what a cell declared. Where it failed, only what `isMade` says it came to. */
    declare({ declarations, declared, values }, isMade = (/** @type {string} */ _name) => true) {
      const missing = values.filter((name) => !isMade(name));
      const left = missing.length === 0 ? declarations : withoutValues(declarations, new Set(missing));
      project.declare(
        left,
        declared.filter((name) => !missing.includes(name.replace(/^\w+ /, ""))),
      );
    },
    close: project.close,
  };
}

/** Declarations of `var`s within blocks and loops, which TypeScript leaves out. */
function reachingOut(values, declarations, cell, checker) {
  const written = new Set(declaredNames(parse(declarations)).ambient);
  return values
    .filter((name) => !written.has(name))
    .map((name) => {
      const type = checker.getTypeOfSymbolAtLocation(cell.locals.get(name), cell);
      return `declare var ${name}: ${checker.typeToString(type, cell, ts.TypeFormatFlags.NoTruncation)};\n`;
    })
    .join("");
}

/** The cell without its imports, which are bound before it runs, and with what it ends in handed over. */
function runnable(file, last) {
  const { factory } = ts;
  const statements = file.statements
    .filter((statement) => !ts.isImportDeclaration(statement))
    .map((statement) => {
      if (statement !== last) return statement;
      const call = factory.createCallExpression(factory.createIdentifier(own.value), undefined, [statement.expression]);
      return ts.setTextRange(
        factory.updateExpressionStatement(statement, ts.setTextRange(call, statement.expression)),
        statement,
      );
    });
  return factory.updateSourceFile(file, ts.setTextRange(factory.createNodeArray(statements), file.statements));
}

/** What exists when a module runs; a const enum is written out by TypeScript. */
const atRunTime = ts.SymbolFlags.Value & ~ts.SymbolFlags.ConstEnum;

/**
 * The imports of a cell that there is something to load for.
 *
 * @returns {{ specifier: string, attributes?: object, names: { local: string, imported: string }[] }[]} `imported` is "*" for all
 */
function valueImports(cell, checker, end) {
  const isValue = (node) => {
    const symbol = checker.getSymbolAtLocation(node);
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return !target || checker.isUnknownSymbol(target) || (target.flags & atRunTime) !== 0;
  };
  return cell.statements
    .filter((statement) => ts.isImportDeclaration(statement) && statement.end <= end)
    .flatMap(({ importClause: clause, moduleSpecifier, attributes }) => {
      const given = { specifier: moduleSpecifier.text, attributes: attributesOf(attributes) };
      if (!clause) return [{ ...given, names: [] }];
      if (clause.isTypeOnly) return [];
      const names = [];
      if (clause.name && isValue(clause.name)) names.push({ local: clause.name.text, imported: "default" });
      const { namedBindings } = clause;
      if (namedBindings && ts.isNamespaceImport(namedBindings))
        names.push({ local: namedBindings.name.text, imported: "*" });
      for (const element of namedBindings?.elements ?? []) {
        if (element.isTypeOnly || !isValue(element.name)) continue;
        names.push({ local: element.name.text, imported: (element.propertyName ?? element.name).text });
      }
      return names.length > 0 ? [{ ...given, names }] : [];
    });
}

function attributesOf(attributes) {
  return attributes && Object.fromEntries(attributes.elements.map(({ name, value }) => [name.text, value.text]));
}

/** Declarations without those of some values; types of the same name stay, but for classes and enums, which were not made either. */
function withoutValues(declarations, names) {
  const file = parse(declarations);
  const kept = file.statements.map((statement) => {
    if (ts.isVariableStatement(statement)) {
      const parts = statement.declarationList.declarations
        .filter(({ name }) => !names.has(name.text))
        .map((one) => one.getText(file));
      const keyword = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
      return parts.length > 0 ? `declare ${keyword} ${parts.join(", ")};` : "";
    }
    if (ts.isExportDeclaration(statement) && statement.exportClause && !statement.moduleSpecifier) {
      const parts = statement.exportClause.elements
        .filter(({ name }) => !names.has(name.text))
        .map((one) => one.getText(file));
      return `export { ${parts.join(", ")} };`;
    }
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    return !isType && statement.name && names.has(statement.name.text) ? "" : statement.getFullText(file);
  });
  return kept.filter(Boolean).join("\n");
}

function withoutMapLink(js) {
  return js.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
}

/** From a position in the code that runs to the cell's, lines and columns from 1; undefined where nothing of the cell is there. */
function positionMapper(text, { code, column }) {
  const lines = code.split("\n").length;
  let map;
  return (line, at) => {
    if (line > lines) return undefined;
    map ??= new Module.SourceMap(JSON.parse(text));
    const { originalLine, originalColumn } = map.findEntry(line - 1, column(line - 1, at - 1));
    return originalLine === undefined ? undefined : [originalLine + 1, originalColumn + 1];
  };
}

/** A diagnostic as tracebacks show it: lines and characters from 0, the file where it is not the cell. */
function told({ file, start, length, messageText, code, category }, cell) {
  const position = (offset) => ({ offset, ...file.getLineAndCharacterOfPosition(offset) });
  const fileName = file.fileName === cell.fileName ? undefined : path.relative(process.cwd(), file.fileName);
  return {
    start: position(start),
    end: position(start + length),
    messageText: ts.flattenDiagnosticMessageText(messageText, "\n"),
    code,
    category,
    fileName,
  };
}

function noExports(statement, cell) {
  const messageText =
    'A cell exports nothing, and later cells see all that it declares. Write import { name } from "module".';
  const start = statement.getStart(cell);
  return told({ file: cell, start, length: statement.end - start, messageText, code: 1233, category: 1 }, cell);
}

function noJsx(cell) {
  const [{ start, length }] = cell.parseDiagnostics;
  const messageText =
    "Cells are TypeScript without JSX. Write the calls that it stands for, or put it into a .tsx file and import that.";
  return told({ file: cell, start, length, messageText, code: 17004, category: 1 }, cell);
}

module.exports = { createCompiler };
