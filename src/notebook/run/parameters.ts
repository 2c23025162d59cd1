import type * as TypeScript from "typescript";
import { invalid } from "../../errors.js";
import type { Json } from "../../json.js";
import { cellTypescript } from "./kernel-parts.js";
import type { Cell, Notebook } from "./nbformat.js";

/** A variable of a notebook's parameters cell. */
export interface Parameter {
  readonly name: string;
  /** What it can be set to: `other` is any JSON value. */
  readonly kind: "number" | "boolean" | "string" | "other";
  /** The strings or numbers allowed, where its type is a union of literals. */
  readonly choices?: readonly (string | number)[];
  /** The notebook's own value, as it is written there; `""` without one. */
  readonly initial: string;
}

/** Values for a notebook's parameters, by name. */
export type ParameterValues = Readonly<Record<string, Json>>;

/**
 * The parameters that a notebook declares: the `let` variables of the cell tagged `parameters`; none without such a
 * cell.
 */
export function declaredParameters(notebook: Notebook): Parameter[] {
  const cell = notebook.cells.find((candidate) => hasTag(candidate, "parameters"));
  if (!cell) return [];
  const ts = cellTypescript();
  const file = ts.createSourceFile("parameters.ts", cell.source, ts.ScriptTarget.Latest, true);
  const lists = file.statements.filter(ts.isVariableStatement).map((statement) => statement.declarationList);
  return lists
    .filter((list) => !(list.flags & ts.NodeFlags.Const))
    .flatMap((list) => list.declarations.flatMap((declaration) => parameterOf(ts, declaration)));
}

/**
 * Values from `name=value` words, as `--set` takes them. The kind of the declared variable says how a value is read:
 * `seed=1` a number, `live=true` a boolean, `profile=smoke` a string, anything else JSON. Throws RangeError for a word
 * without `=`, a name that the notebook does not declare, and a value of the wrong kind.
 */
export function parameterValues(notebook: Notebook, assignments: readonly string[]): ParameterValues {
  const texts = assignments.map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw invalid("parameter", "name=value", word);
    return { name: word.slice(0, at), text: word.slice(at + 1) };
  });
  const declared = declaredParameters(notebook);
  const values = texts.map(({ name, text }) => [name, valueFromText(find(declared, name), text)]);
  return Object.fromEntries(values) as ParameterValues;
}

/**
 * The notebook with values for its parameters: after the parameters cell comes one tagged `injected-parameters`, as
 * papermill writes it, that assigns them. An injected cell of an earlier run is replaced; without values it is dropped.
 * Throws RangeError for a name that is not declared and a value of the wrong kind.
 */
export function injectParameters(notebook: Notebook, values: ParameterValues): Notebook {
  const declared = declaredParameters(notebook);
  const entries = Object.entries(values);
  for (const [name, value] of entries) checkValue(find(declared, name), value, value);
  const cells = notebook.cells.filter((cell) => !hasTag(cell, "injected-parameters"));
  if (entries.length === 0) return { ...notebook, cells };
  const injected: Cell = {
    cell_type: "code",
    ...(notebook.nbformat_minor >= 5 ? { id: "injected-parameters" } : {}),
    metadata: { tags: ["injected-parameters"] },
    execution_count: null,
    outputs: [],
    source: ["// Set for this run", ...entries.map(([name, value]) => `${name} = ${JSON.stringify(value)};`)].join(
      "\n",
    ),
  };
  const at = cells.findIndex((cell) => hasTag(cell, "parameters"));
  return { ...notebook, cells: [...cells.slice(0, at + 1), injected, ...cells.slice(at + 1)] };
}

/** Whether a cell carries a tag. */
export function hasTag(cell: Cell, tag: string): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes(tag);
}

function find(declared: readonly Parameter[], name: string): Parameter {
  const parameter = declared.find((candidate) => candidate.name === name);
  if (parameter) return parameter;
  const names = declared.map((candidate) => candidate.name).join(", ");
  throw invalid("parameter", names ? `one of ${names}` : "none, the notebook declares no parameters", name);
}

function valueFromText(parameter: Parameter, text: string): Json {
  const value = parameter.kind === "string" ? text : jsonOrText(text);
  checkValue(parameter, value, text);
  return value;
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function checkValue({ name, kind, choices }: Parameter, value: Json, received: unknown): void {
  if (choices && !choices.includes(value as string | number)) {
    throw invalid(name, `one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}`, received);
  }
  if (kind !== "other" && typeof value !== kind) throw invalid(name, `a ${kind}`, received);
}

type Ts = typeof TypeScript;

function parameterOf(ts: Ts, declaration: TypeScript.VariableDeclaration): Parameter[] {
  if (!ts.isIdentifier(declaration.name)) return [];
  const name = declaration.name.text;
  const initial = declaration.initializer?.getText() ?? "";
  if (declaration.type) return [{ name, ...kindOfType(ts, declaration.type), initial }];
  return [{ name, kind: kindOfValue(ts, declaration.initializer), initial }];
}

function kindOfType(ts: Ts, type: TypeScript.TypeNode): Pick<Parameter, "kind" | "choices"> {
  const parts = ts.isUnionTypeNode(type) ? [...type.types] : [type];
  const literals = parts.map((part) => (ts.isLiteralTypeNode(part) ? part.literal : undefined));
  if (literals.every((literal) => literal && ts.isStringLiteral(literal))) {
    return { kind: "string", choices: literals.map((literal) => (literal as TypeScript.StringLiteral).text) };
  }
  if (literals.every((literal) => literal && ts.isNumericLiteral(literal))) {
    return { kind: "number", choices: literals.map((literal) => Number((literal as TypeScript.NumericLiteral).text)) };
  }
  if (type.kind === ts.SyntaxKind.NumberKeyword) return { kind: "number" };
  if (type.kind === ts.SyntaxKind.StringKeyword) return { kind: "string" };
  if (type.kind === ts.SyntaxKind.BooleanKeyword) return { kind: "boolean" };
  return { kind: "other" };
}

function kindOfValue(ts: Ts, value: TypeScript.Expression | undefined): Parameter["kind"] {
  if (!value) return "other";
  if (ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) return kindOfType(ts, value.type).kind;
  if (ts.isPrefixUnaryExpression(value)) return kindOfValue(ts, value.operand);
  if (ts.isNumericLiteral(value)) return "number";
  if (ts.isStringLiteralLike(value)) return "string";
  const { TrueKeyword, FalseKeyword } = ts.SyntaxKind;
  return value.kind === TrueKeyword || value.kind === FalseKeyword ? "boolean" : "other";
}
