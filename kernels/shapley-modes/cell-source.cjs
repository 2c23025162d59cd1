// What the text of a cell says before TypeScript has looked at its types: the names it declares, its imports, its last expression.
"use strict";

const { ts } = require("./typescript.cjs");

const parse = (text, kind = ts.ScriptKind.TS) =>
  ts.createSourceFile("cell.ts", text, ts.ScriptTarget.Latest, true, kind);

/** `export` of a statement says nothing in a cell, whose names later cells see anyway: blanked, so that every position stays. */
function withoutExports(code) {
  const cell = parse(code);
  const gone = [];
  const refused = [];
  for (const statement of cell.statements) {
    if (ts.isExportDeclaration(statement)) {
      if (statement.moduleSpecifier) refused.push(statement);
      else gone.push(statement);
    } else if (ts.isExportAssignment(statement)) {
      if (statement.isExportEquals) refused.push(statement);
      else gone.push({ getStart: () => statement.getStart(cell), end: statement.expression.pos, isDefault: true });
    } else {
      const isExport = ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword;
      const named = !ts.canHaveModifiers(statement) || statement.name || ts.isVariableStatement(statement);
      const exports = (statement.modifiers ?? []).filter(isExport);
      if (named) gone.push(...exports);
      else if (exports.length > 0) refused.push(statement);
    }
  }
  let text = code;
  for (const node of gone) {
    const from = node.getStart(cell);
    let blank = text.slice(from, node.end).replace(/[^\r\n]/g, " ");
    // `export default { a: 1 }` is an object still, and no part of the line before.
    if (node.isDefault) blank = blank.replace(/^ {3}/, ";0,");
    text = text.slice(0, from) + blank + text.slice(node.end);
  }
  return { text, refused };
}

/**
 * Names that a cell declares at its top level.
 *
 * @returns {{ values: string[], types: string[], ambient: string[], merged: string[] }} `values` exist when it runs; of these `merged` (enums,
 *   namespaces) begin anew at each declaration; `types` name types, be it also; `ambient` values are only said to exist
 */
function declaredNames(cell) {
  const values = new Set();
  const types = new Set();
  const ambient = new Set();
  const merged = new Set();

  function variables({ declarations }, into = values) {
    for (const { name } of declarations) for (const one of boundNames(name)) into.add(one);
  }

  /** `var` reaches out of blocks and loops. */
  function hoisted(node) {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0) variables(node);
    ts.forEachChild(node, hoisted);
  }

  for (const statement of cell.statements) {
    const runs = (ts.getCombinedModifierFlags(statement) & ts.ModifierFlags.Ambient) === 0;
    const into = runs ? values : ambient;
    if (ts.isVariableStatement(statement)) {
      variables(statement.declarationList, into);
    } else if (ts.isFunctionDeclaration(statement)) {
      if (statement.name) into.add(statement.name.text);
    } else if (ts.isClassDeclaration(statement)) {
      if (!statement.name) continue;
      into.add(statement.name.text);
      types.add(statement.name.text);
    } else if (
      ts.isEnumDeclaration(statement) ||
      (ts.isModuleDeclaration(statement) && ts.isIdentifier(statement.name))
    ) {
      if (statement.flags & ts.NodeFlags.GlobalAugmentation) continue;
      into.add(statement.name.text);
      types.add(statement.name.text);
      if (runs) merged.add(statement.name.text);
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      types.add(statement.name.text);
    } else if (ts.isImportEqualsDeclaration(statement)) {
      values.add(statement.name.text);
      types.add(statement.name.text);
    }
    if (runs) hoisted(statement);
  }
  return { values: [...values], types: [...types], ambient: [...ambient], merged: [...merged] };
}

/** Names in a pattern, or the one name that it is. */
function boundNames(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

/** Every name that the imports of a cell bind. */
function importedNames(cell) {
  return cell.statements.filter(ts.isImportDeclaration).flatMap(({ importClause }) => {
    if (!importClause) return [];
    const { name, namedBindings } = importClause;
    const within = !namedBindings ? [] : ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements;
    return [...(name ? [name.text] : []), ...within.map((element) => element.name.text)];
  });
}

/** Calls whose value nobody asks to see: a timer's handle, whether a text was written at once. */
const quiet = new Set(["setTimeout", "setInterval", "setImmediate", "process.stdout.write", "process.stderr.write"]);

/** The expression that a cell ends in and whose value it shows; not that of an assignment, `seed = 3;`. */
function lastExpression(cell) {
  const last = cell.statements.at(-1);
  if (!last || !ts.isExpressionStatement(last)) return undefined;
  const { expression } = last;
  if (ts.isCallExpression(expression) && quiet.has(expression.expression.getText(cell))) return undefined;
  const { FirstAssignment, LastAssignment } = ts.SyntaxKind;
  const kind = ts.isBinaryExpression(expression) ? expression.operatorToken.kind : undefined;
  return kind >= FirstAssignment && kind <= LastAssignment ? undefined : last;
}

/** Whether a text that is no TypeScript would be, with JSX. */
function isJsx(code) {
  const cell = parse(code, ts.ScriptKind.TSX);
  const visit = (node) =>
    ts.isJsxElement(node) || ts.isJsxFragment(node) || ts.isJsxSelfClosingElement(node) || ts.forEachChild(node, visit);
  return cell.parseDiagnostics.length === 0 && Boolean(visit(cell));
}

module.exports = { parse, withoutExports, declaredNames, boundNames, importedNames, lastExpression, isJsx };
