// From the JavaScript that TypeScript makes of a cell to the JavaScript that runs: names of the notebook's variables are written so
// that every cell means the same variable (variables.cjs), and `import(...)` and `import.meta` become the notebook's.
//
// All that is put in stays on its line, so a line of the one is the same line of the other.
"use strict";

const { ts } = require("./typescript.cjs");
const { boundNames } = require("./cell-source.cjs");

/** What stands before a name that the kernel puts into a cell: a letter that nobody types. */
const mark = "ː";
/** What the kernel calls its own helpers; no variable's name can be one of them. */
const own = Object.fromEntries(
  ["import", "meta", "made", "value", "caught", "first", "over", "never"].map((name) => [
    name,
    `${mark}${mark}${name}`,
  ]),
);

/**
 * @param {string} js what TypeScript made of a cell
 * @param {object} names
 * @param {Set<string>} names.declared names that the cell declares at its top level, imports included
 * @param {Set<string>} names.merged those of enums and namespaces
 * @param {(name: string) => boolean} names.known whether earlier cells declared a name
 * @returns {{ code: string, variables: string[], functions: string[], hoisted: string[], awaits: boolean, column(line: number, column: number): number }}
 *   `variables` are the names that the code wants the variables of, each under its name with the mark before it; `functions` are there
 *   from the beginning, and `hoisted` (of `var`) too; `column` leads back to the column before the rewriting, both from 0
 */
function rewrite(js, { declared, merged, known }) {
  const file = ts.createSourceFile("cell.ts", js, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  ts.bindSourceFile(file, {});
  const variables = new Set();
  const hoisted = new Set();
  const functions = [];
  const edits = [];
  let awaits = false;

  const insert = (at, text) => edits.push({ from: at, to: at, text });
  const replace = (node, text) => edits.push({ from: node.getStart(file), to: node.end, text });
  const variable = (name) => {
    variables.add(name);
    return `${mark}${name}.v`;
  };

  /** Whether a name is one of the notebook's variables where it stands. */
  function isVariable(node) {
    const name = node.text;
    for (let from = node, at = node.parent; at; from = at, at = at.parent) {
      if (ts.isSourceFile(at)) return declared.has(name) || (!at.locals?.has(name) && known(name));
      if (isLocal(name, at, from)) return false;
      // A function's own name, and a class's name within the class.
      if ((ts.isFunctionExpression(at) || ts.isClassLike(at)) && at.name?.text === name) return false;
    }
    return false;
  }

  /** Visits a value that is assigned. One without a name takes that of the variable, which a property's value does not. */
  function assigned(value, name) {
    let inner = value;
    while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
    const anonymous =
      ts.isArrowFunction(inner) || ((ts.isFunctionExpression(inner) || ts.isClassExpression(inner)) && !inner.name);
    if (!anonymous || name === "__proto__") return visit(value);
    insert(value.getStart(file), `({ ${name}: `);
    visit(value);
    insert(value.end, ` }).${name}`);
  }

  /** Turns the name or pattern of a declaration into what is assigned to. */
  function target(name) {
    if (ts.isIdentifier(name)) {
      replace(name, variable(name.text));
      return;
    }
    for (const element of name.elements) {
      if (ts.isOmittedExpression(element)) continue;
      if (element.propertyName) {
        visitName(element.propertyName);
        target(element.name);
      } else if (ts.isObjectBindingPattern(name) && !element.dotDotDotToken) {
        replace(element.name, `${element.name.text}: ${variable(element.name.text)}`);
      } else target(element.name);
      if (element.initializer) visit(element.initializer);
    }
  }

  function declaration({ name, initializer }) {
    const pattern = !ts.isIdentifier(name);
    if (pattern) insert(name.getStart(file), "(");
    target(name);
    if (initializer) {
      if (!pattern) return assigned(initializer, name.text);
      visit(initializer);
      insert(initializer.end, ")");
    } else insert(name.end, " = undefined");
  }

  /** `let a = 1, b;` as assignments. Where there is nothing to assign (`var a;`) nothing is left. */
  function declarations(list) {
    const lexical = (list.flags & ts.NodeFlags.BlockScoped) !== 0;
    const names = list.declarations.flatMap(({ name }) => boundNames(name));
    if (!lexical) for (const name of names) hoisted.add(name);
    if (!lexical && list.declarations.every(({ initializer }) => !initializer)) return false;
    const first = list.declarations[0].getStart(file);
    edits.push({
      from: list.getStart(file),
      to: first,
      text: js.slice(list.getStart(file), first).replace(/[^\r\n]/g, ""),
    });
    for (const each of list.declarations) {
      if (each.initializer || lexical) declaration(each);
      else replace(each, "undefined");
      if (each.initializer || lexical) insert(each.end, `, ${madeCall(boundNames(each.name))}`);
    }
    return true;
  }

  const madeCall = (names) => `${own.made}(${names.map((name) => JSON.stringify(name)).join(", ")})`;

  /** `var Level;`, which TypeScript writes before an enum or a namespace: what follows must not add to an older one. */
  function begunAnew({ declarations: [{ name }] }) {
    return ts.isIdentifier(name) && merged.has(name.text)
      ? `${variable(name.text)} = undefined, ${madeCall([name.text])}`
      : "";
  }

  const isOurs = (list) =>
    list.declarations.some(({ name }) => boundNames(name).some((one) => declared.has(one) && isTop(list, one)));

  /** Whether a declaration's name is one of the top level: not that of a block or function around it. */
  function isTop(node, name) {
    for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) if (at.locals?.has(name)) return false;
    return true;
  }

  function visitName(node) {
    if (ts.isComputedPropertyName(node)) visit(node.expression);
  }

  function visit(node) {
    if (ts.isIdentifier(node)) {
      if (isVariable(node)) replace(node, isCallee(node) ? `(0, ${variable(node.text)})` : variable(node.text));
    } else if (ts.isVariableStatement(node) && isOurs(node.declarationList)) {
      if (!declarations(node.declarationList)) replace(node.declarationList, begunAnew(node.declarationList));
    } else if (ts.isVariableDeclarationList(node) && isOurs(node)) {
      // The head of a loop: `for (var i = 0; ...)`, `for (var x of ...)`.
      if (!ts.isForStatement(node.parent)) loopVariable(node);
      else if (declarations(node) === false) replace(node, "");
    } else if (ts.isFunctionDeclaration(node) && node.parent === file && node.name && declared.has(node.name.text)) {
      functions.push(node.name.text);
      children(node, node.name);
    } else if (ts.isClassDeclaration(node) && node.parent === file && node.name && declared.has(node.name.text)) {
      const { text } = node.name;
      children(node, node.name);
      insert(node.end, ` ${variable(text)} = ${text}; ${madeCall([text])};`);
    } else if (ts.isShorthandPropertyAssignment(node)) {
      if (isVariable(node.name)) insert(node.name.end, `: ${variable(node.name.text)}`);
      if (node.objectAssignmentInitializer) visit(node.objectAssignmentInitializer);
    } else if (ts.isPropertyAccessExpression(node)) visit(node.expression);
    else if (ts.isExportDeclaration(node)) replace(node, "");
    else if (ts.isMetaProperty(node)) {
      if (node.keywordToken === ts.SyntaxKind.ImportKeyword) replace(node, own.meta);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      replace(node.expression, own.import);
      for (const argument of node.arguments) visit(argument);
    } else if (ts.isCatchClause(node)) {
      const name = node.variableDeclaration?.name;
      if (name && ts.isIdentifier(name)) insert(node.block.getStart(file) + 1, ` ${own.caught}(${name.text});`);
      children(node);
    } else if (ts.isLabeledStatement(node)) visit(node.statement);
    else if (ts.isBreakOrContinueStatement(node)) return;
    else if (ts.isBindingElement(node)) {
      if (node.propertyName) visitName(node.propertyName);
      if (!ts.isIdentifier(node.name)) visit(node.name);
      if (node.initializer) visit(node.initializer);
    } else if (isNaming(node)) {
      visit(node.left);
      assigned(node.right, node.left.text);
    } else {
      const waits = isAwait(node) && !isWithinFunction(node);
      awaits ||= waits;
      if (waits) guard(node);
      children(node, namesItself(node) ? node.name : undefined);
      if (waits && ts.isAwaitExpression(node)) insert(node.end, `, ${stop})`);
    }
  }

  /** A cell that was given up does not go on after what it waited for: it waits for ever. */
  const stop = `${own.over}() && await ${own.never}`;
  function guard(node) {
    if (ts.isAwaitExpression(node)) insert(node.getStart(file), `${own.first}(`);
    else if (ts.isBlock(node.statement)) insert(node.statement.getStart(file) + 1, ` ${stop};`);
  }

  /** Visits the parts of a node; its name, where it is only a name, is none of them. */
  function children(node, name) {
    ts.forEachChild(node, (child) => {
      if (child !== name) visit(child);
      else visitName(child);
    });
  }

  function loopVariable(list) {
    const { name } = list.declarations[0];
    for (const one of boundNames(name)) hoisted.add(one);
    edits.push({ from: list.getStart(file), to: name.getStart(file), text: "" });
    target(name);
  }

  /** Whether something is assigned to a variable, which gives a function its name. */
  const isNaming = (node) =>
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isIdentifier(node.left) &&
    isVariable(node.left);

  const isAwait = (node) =>
    ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);

  children(file);
  edits.sort((a, b) => a.from - b.from || a.to - b.to);
  return { ...applied(js, edits), variables: [...variables, ...functions], functions, hoisted: [...hoisted], awaits };
}

/** Whether a scope has a name of its own, seen from a part of it: from a parameter's default nothing of the body, from a computed name nothing. */
function isLocal(name, scope, part) {
  const symbol = scope.locals?.get(name);
  if (!symbol || !ts.isFunctionLike(scope)) return symbol !== undefined;
  if (part === scope.name) return false;
  return (
    !ts.isParameter(part) || symbol.declarations.some((one) => ts.findAncestor(one, ts.isParameter)?.parent === scope)
  );
}

/** Whether a node's `name` only names it: no reference. */
function namesItself(node) {
  return ts.isVariableDeclaration(node)
    ? ts.isIdentifier(node.name)
    : ts.isParameter(node)
      ? ts.isIdentifier(node.name)
      : ts.isFunctionLike(node) ||
        ts.isClassLike(node) ||
        ts.isPropertyAssignment(node) ||
        ts.isPropertyDeclaration(node);
}

/** Whether a name is called: `f()`, `(f)()`, f`...`. A property that is called gets its object as `this`; a variable does not. */
function isCallee(node) {
  let inner = node;
  while (ts.isParenthesizedExpression(inner.parent)) inner = inner.parent;
  const { parent } = inner;
  return (
    (ts.isCallExpression(parent) && parent.expression === inner) ||
    (ts.isTaggedTemplateExpression(parent) && parent.tag === inner)
  );
}

function isWithinFunction(node) {
  for (let from = node, at = node.parent; at; from = at, at = at.parent) {
    // A computed name is worked out where the function is made.
    if ((ts.isFunctionLike(at) && from !== at.name) || ts.isClassStaticBlockDeclaration(at)) return true;
  }
  return false;
}

/** A text with edits, in order of place, and the way back from its columns. */
function applied(text, edits) {
  let code = "";
  let at = 0;
  /** Where both texts run in parallel from, and, where something else was put, the one place that it stands for. */
  const anchors = [{ to: 0, from: 0, isPut: false }];
  for (const { from, to, text: put } of edits) {
    code += text.slice(at, from);
    anchors.push({ to: code.length, from, isPut: true });
    code += put;
    at = to;
    // V8 says that a call is where its callee ends: that is still the callee's place.
    anchors.push({ to: code.length + (put ? 1 : 0), from: to + (put ? 1 : 0), isPut: false });
  }
  code += text.slice(at);
  const starts = (of) => [0, ...Array.from(of.matchAll(/\n/g), ({ index }) => index + 1)];
  const [before, after] = [starts(text), starts(code)];
  return {
    code,
    column(line, column) {
      const offset = (after[line] ?? 0) + Math.max(0, column);
      const { to, from, isPut } = anchors.findLast((anchor) => anchor.to <= offset) ?? anchors[0];
      return Math.max(0, from + (isPut ? 0 : offset - to) - (before[line] ?? 0));
    },
  };
}

module.exports = { rewrite, mark, own };
